package rego

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// manifestControl marks violations that no control of the catalogue stands behind: objects that cannot be read.
const manifestControl = "manifest"

// Load parses and compiles the .rego files among the artifacts, ours or not. They must define main.deny. Rules may not
// reach outside: functions that ask the network or the machine, or that answer at random, are unknown to them.
func (Target) Load(conditions target.Conditions, artifacts []target.Artifact) (target.Judge, error) {
	modules := map[string]*ast.Module{}
	files := map[string]string{}
	capabilities := closed()
	for _, a := range artifacts {
		if path.Ext(a.Path) != ".rego" {
			continue
		}
		m, err := ast.ParseModuleWithOpts(a.Path, string(a.Body), ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true, Capabilities: capabilities})
		if err != nil {
			return nil, fmt.Errorf("%s: not Rego that can be read: %w", a.Path, err)
		}
		modules[a.Path] = m
		for _, annotation := range m.Annotations {
			if c, ok := annotation.Custom["control"].(string); ok {
				files[c] = a.Path
			}
		}
	}
	if len(modules) == 0 {
		return nil, errors.New("no .rego file is among the artifacts")
	}
	compiler := ast.NewCompiler().WithCapabilities(capabilities)
	if compiler.Compile(modules); compiler.Failed() {
		return nil, fmt.Errorf("the rules do not compile: %w", compiler.Errors)
	}
	j := &judge{files: files, compiler: compiler, now: conditions.Now}
	return j, j.prepare()
}

// closed are OPA's capabilities without those that reach out of the evaluation or are not the same each time.
func closed() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(slices.Clone(c.Builtins), func(b *ast.Builtin) bool {
		switch b.Name {
		case "http.send", "net.lookup_ip_addr", "opa.runtime", "rand.intn", "uuid.rfc4122":
			return true
		}
		return false
	})
	return c
}

type judge struct {
	compiler *ast.Compiler
	query    rego.PreparedEvalQuery
	now      time.Time
	files    map[string]string // where the rules of a control stand
	checks   bool              // the rules say what they read
}

func (j *judge) prepare() error {
	if j.compiler.GetRulesExact(ast.MustParseRef("data.main.deny")) == nil {
		return errors.New("no file has rules main.deny, so that nothing could be refused")
	}
	j.checks = j.compiler.GetRulesExact(ast.MustParseRef("data.main.checked")) != nil
	var err error
	j.query, err = rego.New(rego.Compiler(j.compiler), rego.Query("data.main"), rego.StrictBuiltinErrors(false)).PrepareForEval(context.Background())
	return err
}

// Judge asks the rules about every object of a manifest. One that is refused makes the whole refused; one that the rules
// do not read is not allowed by them, but not applicable.
func (j *judge) Judge(ctx context.Context, a attempt.Attempt) (target.Verdict, error) {
	m, ok := a.(attempt.Manifest)
	if !ok {
		return target.Verdict{Outcome: target.Inapplicable, Findings: []target.Finding{{Message: fmt.Sprintf("Rego does not judge a %s", a.Kind())}}}, nil
	}
	objects, skipped := m.Document.Objects()
	v := target.Verdict{Outcome: target.Inapplicable}
	var unread []target.Finding
	for _, s := range skipped {
		unread = append(unread, target.Finding{Message: s.Reason, Warning: true})
	}
	for _, o := range objects {
		one, err := j.object(ctx, o, m.Namespace)
		if err != nil {
			return target.Verdict{}, err
		}
		if one.Outcome == target.Inapplicable {
			unread = append(unread, one.Findings...)
			continue
		}
		v.Findings = append(v.Findings, one.Findings...)
		v.Outcome = worse(v.Outcome, one.Outcome)
	}
	if v.Outcome == target.Inapplicable {
		v.Findings = unread // why nothing was read; beside what was read it is no finding
	}
	return v, nil
}

// worse gives the outcome of two objects together.
func worse(a, b target.Outcome) target.Outcome {
	for _, o := range []target.Outcome{target.Deny, target.Undecided, target.Allow} {
		if a == o || b == o {
			return o
		}
	}
	return target.Inapplicable
}

func (j *judge) object(ctx context.Context, o input.Object, namespace string) (target.Verdict, error) {
	options := []rego.EvalOption{rego.EvalParsedInput(objectValue(o, namespace))}
	if !j.now.IsZero() {
		options = append(options, rego.EvalTime(j.now))
	}
	results, err := j.query.Eval(ctx, options...)
	if err != nil {
		return target.Verdict{}, fmt.Errorf("evaluate the rules for %s %s: %w", o.Kind, o.Name, err)
	}
	if len(results) == 0 {
		return target.Verdict{}, errors.New("the rules gave no result")
	}
	main, ok := results[0].Expressions[0].Value.(map[string]any)
	if !ok {
		return target.Verdict{}, errors.New("main is not a package of rules")
	}
	return j.verdict(o, main), nil
}

func (j *judge) verdict(o input.Object, main map[string]any) target.Verdict {
	subjects := subjectsOf(main["checked"])
	deny := j.findings(o, main["deny"], subjects)
	warn := j.findings(o, main["warn"], subjects)
	for i := range warn {
		warn[i].Warning = true
	}
	v := target.Verdict{Outcome: target.Allow, Findings: append(deny, warn...)}
	switch {
	case len(deny) > 0:
		v.Outcome = target.Deny
	case j.checks && len(subjects) == 0:
		v.Outcome = target.Inapplicable
		v.Findings = append(v.Findings, target.Finding{Message: unread(o), Path: slices.Clone(o.Path), Warning: true})
	}
	return v
}

// unread says why the rules did not read an object.
func unread(o input.Object) string {
	if class, reason := o.Class(); class == input.Unread {
		return reason
	} else if class == input.IsNode {
		return "the policy asks nothing of nodes"
	}
	return "the policy does not hold its namespace"
}

// findings reads what a rule such as deny gives: a list of violations, or of texts as foreign rules have them.
func (j *judge) findings(o input.Object, value any, subjects []checked) []target.Finding {
	elements, ok := value.([]any)
	if !ok {
		if value == nil {
			return nil
		}
		elements = []any{value}
	}
	var out []target.Finding
	for _, e := range elements {
		out = append(out, j.finding(o, e, subjects))
	}
	return out
}

func (j *judge) finding(o input.Object, element any, subjects []checked) target.Finding {
	object, ok := element.(map[string]any)
	if !ok {
		return target.Finding{Artifact: "rego/main.rego", Message: fmt.Sprint(element), Path: slices.Clone(o.Path)}
	}
	in := texts(object["in"])
	f := target.Finding{
		Message: text(object["msg"]), Control: text(object["control"]), Container: text(object["container"]), Field: text(object["field"]),
		Path: append(slices.Clone(o.Path), in...), Subject: subjectAt(subjects, in, text(object["container"])),
	}
	f.Artifact = j.file(f.Control)
	if f.Control == manifestControl {
		f.Control = ""
	}
	if f.Message == "" {
		f.Message = fmt.Sprint(element)
	}
	return f
}

// file finds where the rules of a control stand. Those of a labelled block stand with the control's.
func (j *judge) file(control string) string {
	for ; control != ""; control = control[:max(strings.LastIndexByte(control, '.'), 0)] {
		if f, ok := j.files[control]; ok {
			return f
		}
	}
	return "rego/main.rego"
}

// checked is something that the rules read, and whom they held it to be.
type checked struct {
	in        []string
	subject   string
	container string // its name, where it has values of its own
}

func subjectsOf(value any) []checked {
	elements, _ := value.([]any)
	var out []checked
	for _, e := range elements {
		if object, ok := e.(map[string]any); ok {
			out = append(out, checked{texts(object["in"]), text(object["subject"]), text(object["container"])})
		}
	}
	return out
}

// subjectAt finds whom a violation concerns: the container of that name, if it has values of its own, or the pod that
// holds the place.
func subjectAt(subjects []checked, in []string, container string) string {
	pod := ""
	for _, c := range subjects {
		within := c.in
		if c.container != "" {
			within = within[:max(len(within)-3, 0)] // its pod: spec, kind and index are left out
		}
		if len(within) > len(in) || !slices.Equal(within, in[:len(within)]) {
			continue
		}
		if c.container == "" {
			pod = c.subject
		} else if c.container == container {
			return c.subject
		}
	}
	return pod
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// texts writes a path's keys and indexes as texts.
func texts(v any) []string {
	elements, _ := v.([]any)
	out := make([]string, len(elements))
	for i, e := range elements {
		out[i] = fmt.Sprint(e)
	}
	return out
}
