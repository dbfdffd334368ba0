package rego

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/rego/evaluator"
)

// manifestControl marks violations that no control of the catalogue stands behind: objects that cannot be read.
const manifestControl = "manifest"

// Load parses and compiles the .rego files among the artifacts, ours or not. They must define main.deny. Rules may not
// reach outside: functions that ask the network or the machine, or that answer at random, are unknown to them.
func (Target) Load(environment target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	j := &judge{now: environment.Now, podPaths: environment.Platform.PodTemplatePaths(), files: map[string]string{}, capabilities: closed()}
	var err error
	if j.modules, err = parse(artifacts, j.capabilities); err != nil {
		return nil, err
	}
	for _, a := range artifacts {
		if m := j.modules[a.Path]; m != nil {
			for _, annotation := range m.Annotations {
				if c, ok := annotation.Custom["control"].(string); ok {
					j.files[c] = a.Path
				}
			}
		}
	}
	return j, j.prepare()
}

// parse reads the .rego files, several at a time.
func parse(artifacts []target.Artifact, capabilities *ast.Capabilities) (map[string]*ast.Module, error) {
	modules, errs := make([]*ast.Module, len(artifacts)), make([]error, len(artifacts))
	var group sync.WaitGroup
	for i, a := range artifacts {
		if path.Ext(a.Path) == ".rego" {
			group.Go(func() {
				modules[i], errs[i] = ast.ParseModuleWithOpts(a.Path, string(a.Body), ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true, Capabilities: capabilities})
			})
		}
	}
	group.Wait()
	out := map[string]*ast.Module{}
	for i, a := range artifacts {
		if errs[i] != nil {
			return nil, fmt.Errorf("%s: not Rego that can be read: %w", a.Path, errs[i])
		}
		if modules[i] != nil {
			out[a.Path] = modules[i]
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no .rego file is among the artifacts")
	}
	return out, nil
}

// compile lets OPA check the modules and resolve what their names mean, leaving out stages that only its own evaluation
// needs.
func (j *judge) compile(leftOut ...ast.StageID) (*ast.Compiler, error) {
	compiler := ast.NewCompiler().WithCapabilities(j.capabilities).WithSkipStages(leftOut...)
	if compiler.Compile(j.modules); compiler.Failed() {
		return nil, fmt.Errorf("the rules do not compile: %w", compiler.Errors)
	}
	return compiler, nil
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
	modules      map[string]*ast.Module
	capabilities *ast.Capabilities
	now          time.Time
	files        map[string]string // where the rules of a control stand
	checks       bool              // the rules say what they read
	// podPaths tell why the rules did not read an object; which objects they read, they say themselves.
	podPaths input.PodTemplatePaths
	// fast runs the same rules; nil where they hold what only OPA knows.
	fast    *evaluator.Program
	entries []string // the rules that it gives the values of
	left    error    // why there is none
	// query is what OPA evaluates, made when it is first asked: its indexes cost a fifth of loading.
	query func() (rego.PreparedEvalQuery, error)
}

func (j *judge) prepare() error {
	compiler, err := j.compile(ast.StageBuildRuleIndices, ast.StageBuildComprehensionIndices, ast.StageBuildRequiredCapabilities)
	if err != nil {
		return err
	}
	defined := func(name string) bool { return compiler.GetRulesExact(ast.MustParseRef("data.main."+name)) != nil }
	if !defined("deny") {
		return errors.New("no file has rules main.deny, so that nothing could be refused")
	}
	j.checks = defined("checked")
	var rules []string
	for _, name := range []string{"deny", "warn", "checked"} {
		if defined(name) {
			j.entries = append(j.entries, name)
			rules = append(rules, "data.main."+name)
		}
	}
	j.query = sync.OnceValues(j.whole)
	if j.fast, j.left = evaluator.New(compiler, rules...); j.left != nil {
		_, err = j.query()
	}
	return err
}

// whole prepares OPA's own evaluation.
func (j *judge) whole() (rego.PreparedEvalQuery, error) {
	compiler, err := j.compile()
	if err != nil {
		return rego.PreparedEvalQuery{}, err
	}
	return rego.New(rego.Compiler(compiler), rego.Query("data.main"), rego.StrictBuiltinErrors(false)).PrepareForEval(context.Background())
}

// Judge asks the rules about every object of a manifest. One that is refused makes the whole refused; one that the rules
// do not read is not allowed by them, but not applicable.
func (j *judge) Judge(ctx context.Context, a attempt.Attempt) (target.Verdict, error) {
	m, ok := a.(attempt.Manifest)
	if !ok {
		return target.Verdict{Outcome: target.Inapplicable, Findings: []target.Finding{{Message: fmt.Sprintf("Rego does not judge a %s", a.Kind())}}}, nil
	}
	objects, skipped := m.Document.Objects(j.podPaths)
	v := target.Verdict{Outcome: target.Inapplicable}
	var none []target.Finding // what is no object
	for _, s := range skipped {
		none = append(none, target.Finding{Message: s.Reason, Warning: true})
	}
	for _, o := range objects {
		one, err := j.object(ctx, o, m.Namespace)
		if err != nil {
			return target.Verdict{}, err
		}
		if one.Outcome == target.Inapplicable {
			v.Skipped = append(v.Skipped, one.Findings...)
			continue
		}
		v.Findings = append(v.Findings, one.Findings...)
		v.Outcome = target.Stricter(v.Outcome, one.Outcome)
	}
	if v.Outcome == target.Inapplicable {
		v.Findings = slices.Concat(none, v.Skipped) // why nothing was read; beside what was read it is no finding
	}
	return v, nil
}

func (j *judge) object(ctx context.Context, o input.Object, namespace string) (target.Verdict, error) {
	if j.fast != nil {
		if main, err := j.quick(ctx, o, namespace); !errors.Is(err, evaluator.ErrLeft) {
			return j.verdict(o, main), err
		}
	}
	main, err := j.slow(ctx, o, namespace)
	return j.verdict(o, main), err
}

// answers are what the rules of main say of an object.
type answers struct{ deny, warn, checked *evaluator.Value }

// quick asks the evaluator.
func (j *judge) quick(ctx context.Context, o input.Object, namespace string) (answers, error) {
	found, err := j.fast.Eval(ctx, evaluated(o, namespace))
	if err != nil {
		return answers{}, err
	}
	out := map[string]*evaluator.Value{}
	for i, name := range j.entries {
		out[name] = found[i]
	}
	return answers{out["deny"], out["warn"], out["checked"]}, nil
}

// slow asks OPA.
func (j *judge) slow(ctx context.Context, o input.Object, namespace string) (answers, error) {
	options := []rego.EvalOption{rego.EvalParsedInput(objectValue(o, namespace))}
	if !j.now.IsZero() {
		options = append(options, rego.EvalTime(j.now))
	}
	query, err := j.query()
	if err != nil {
		return answers{}, err
	}
	results, err := query.Eval(ctx, options...)
	if err != nil {
		return answers{}, fmt.Errorf("evaluate the rules for %s %s: %w", o.Kind, o.Name, err)
	}
	if len(results) == 0 {
		return answers{}, errors.New("the rules gave no result")
	}
	main, ok := results[0].Expressions[0].Value.(map[string]any)
	if !ok {
		return answers{}, errors.New("main is not a package of rules")
	}
	return answers{plainOf(main["deny"]), plainOf(main["warn"]), plainOf(main["checked"])}, nil
}

func (j *judge) verdict(o input.Object, main answers) target.Verdict {
	read := subjectsOf(o, main.checked)
	subjects := bySubject(read)
	deny := j.findings(o, main.deny, subjects)
	warn := j.findings(o, main.warn, subjects)
	for i := range warn {
		warn[i].Warning = true
	}
	v := target.Verdict{Outcome: target.Allow, Findings: append(deny, warn...)}
	switch {
	case len(deny) > 0:
		v.Outcome = target.Deny
	case j.checks && len(read) == 0:
		v.Outcome = target.Inapplicable
		v.Findings = append(v.Findings, target.Finding{Message: unread(o), Path: slices.Clone(o.Path), Warning: true})
	}
	return v
}

// unread says why the rules did not read an object.
func unread(o input.Object) string {
	class, reason := o.Class()
	switch {
	case class == input.UnsupportedClass:
		return reason
	case class != input.MalformedClass && !class.Namespaced():
		return o.NoControl()
	}
	return "the policy does not apply to its namespace"
}

// findings reads what a rule such as deny gives: a list of violations, or of texts as foreign rules have them.
func (j *judge) findings(o input.Object, value *evaluator.Value, subjects subjects) []target.Finding {
	elements := value.Items()
	if kind := value.Kind(); kind != evaluator.Invalid && kind != evaluator.Array && kind != evaluator.Set {
		elements = []*evaluator.Value{value}
	}
	var out []target.Finding
	for _, e := range elements {
		out = append(out, j.finding(o, e, subjects))
	}
	return out
}

func (j *judge) finding(o input.Object, element *evaluator.Value, subjects subjects) target.Finding {
	if element.Kind() != evaluator.Object {
		return target.Finding{Artifact: "rego/main.rego", Message: element.String(), Path: slices.Clone(o.Path)}
	}
	in := within(o, texts(element.Get("in")))
	container := element.Get("container").Text()
	f := target.Finding{
		Message: element.Get("msg").Text(), Control: element.Get("control").Text(), Container: container, Field: element.Get("field").Text(),
		Exception: element.Get("exception").Text(),
		Path:      append(slices.Clone(o.Path), in...), Subject: subjects.at(in, container),
	}
	f.Artifact = j.file(f.Control)
	if f.Control == manifestControl {
		f.Control = ""
	}
	if f.Message == "" {
		f.Message = element.String()
	}
	return f
}

// within gives a path of the rules from the object: of what a review asks about they give the way from the review.
func within(o input.Object, in []string) []string {
	if asked := []string{"request", "object"}; o.Review != nil && len(in) >= len(asked) && slices.Equal(in[:len(asked)], asked) {
		return in[len(asked):]
	}
	return in
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

func subjectsOf(o input.Object, value *evaluator.Value) []checked {
	var out []checked
	for _, e := range value.Items() {
		if e.Kind() == evaluator.Object {
			out = append(out, checked{within(o, texts(e.Get("in"))), e.Get("subject").Text(), e.Get("container").Text()})
		}
	}
	return out
}

// subjects finds whom a violation concerns. An object may hold very many pods, and have as many violations.
type subjects struct{ pods, containers map[string]string }

func bySubject(all []checked) subjects {
	s := subjects{map[string]string{}, map[string]string{}}
	for _, c := range all {
		if c.container == "" {
			s.pods[placeKey(c.in)] = c.subject
			continue
		}
		pod := c.in[:max(len(c.in)-3, 0)] // spec, kind and index are left out
		s.containers[placeKey(append(slices.Clip(pod), c.container))] = c.subject
	}
	return s
}

// at finds the container of that name, if it has values of its own, or the pod that holds the place.
func (s subjects) at(in []string, container string) string {
	for n := len(in); n >= 0 && container != ""; n-- {
		if subject, ok := s.containers[placeKey(append(slices.Clip(in[:n]), container))]; ok {
			return subject
		}
	}
	for n := len(in); n >= 0; n-- {
		if subject, ok := s.pods[placeKey(in[:n])]; ok {
			return subject
		}
	}
	return ""
}

func placeKey(path []string) string { return strings.Join(path, "\x00") }

// texts writes a path's keys and indexes as texts.
func texts(v *evaluator.Value) []string {
	out := make([]string, len(v.Items()))
	for i, e := range v.Items() {
		out[i] = e.String()
	}
	return out
}
