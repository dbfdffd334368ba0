package rego

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// bundle holds the files that are the same in every bundle, but for the name of their package.
//
//go:embed bundle/*.rego
var bundle embed.FS

// placeholder is the package of those files.
const placeholder = "package bulkhead.policy\n"

// copy writes a file of the bundle under the policy's package, with more behind it.
func (e *emitter) copy(name, more string) error {
	body, err := bundle.ReadFile("bundle/" + name)
	if err != nil {
		return err
	}
	before, after, ok := strings.Cut(string(body), placeholder)
	if !ok {
		return fmt.Errorf("bundle/%s is not of the %s", name, strings.TrimSpace(placeholder))
	}
	e.add(name, before+e.head+after+more, nil)
	return nil
}

// Emit writes the bundle: a manifest, main.rego, what is read of the input, the index of subjects, and a file for each
// control that restricts something.
func (Target) Emit(p *policy.Policy) ([]target.Artifact, error) {
	e := emitter{policy: p, head: "package " + packageName(p.Name) + "\n", files: map[string]bool{}}
	e.manifest()
	e.add("main.rego", e.main(), nil)
	kinds := podKindsOf(p)
	for _, name := range append([]string{"shape.rego", "reviews.rego", "malformed.rego"}, kinds.files()...) {
		if err := e.copy(name, ""); err != nil {
			return nil, err
		}
	}
	e.add("index.rego", e.index(kinds), e.undeclaredOrigins())
	for _, c := range control.Controls() {
		rules, ok := controls[c.ID]
		if ok && c.Scope != control.OfPolicy && c.Known(p.Platform.SinceKubernetes) {
			e.control(c, onPlatform(c.ID, rules, p.Platform))
		}
	}
	e.add("fields.rego", e.head+"\n"+fieldsOf(), nil)
	if e.files[imageFile] {
		e.add(imageFile, e.head+"\n"+imageFunctions, nil)
	}
	if e.files[exemptFile] {
		e.add(exemptFile, e.head+"\n"+exemptFunctions, nil)
	}
	e.nodes()
	return e.artifacts, e.kubelets()
}

// fieldsOf is what the table of fields prints.
var fieldsOf = sync.OnceValue(podrule.RegoFields)

type emitter struct {
	policy    *policy.Policy
	head      string
	artifacts []target.Artifact
	files     map[string]bool // what controls need besides their own file
}

func (e *emitter) add(name, body string, origins []target.SourceMapping) {
	e.artifacts = append(e.artifacts, target.Artifact{Path: "rego/" + name, Body: []byte(body), Mappings: origins})
}

// manifest names the roots, so that bundles of several policies are told apart. A root cannot be quoted: it is a path.
func (e *emitter) manifest() {
	body, err := json.MarshalIndent(map[string]any{
		"roots":        []string{"bulkhead/" + e.policy.Name, "main"},
		"rego_version": 1,
		"metadata":     map[string]string{"policy": e.policy.Name, "version": e.policy.Version},
	}, "", "  ")
	if err != nil {
		panic("rego: a manifest is plain data: " + err.Error())
	}
	e.add(".manifest", string(body)+"\n", nil)
}

// main repeats the policy's rules where conftest looks for them.
func (e *emitter) main() string {
	name := "data." + packageName(e.policy.Name)
	var b strings.Builder
	b.WriteString("# " + comment(e.policy.Notice()) + "\n# What it refuses stands here, where conftest looks for it.\npackage main\n")
	for _, rule := range []string{"deny", "warn", "checked"} {
		fmt.Fprintf(&b, "\n%s contains %s if some %s in %s.%s\n", rule, "element", "element", name, rule)
	}
	return b.String()
}

// control writes the file of one control, if it restricts anybody.
func (e *emitter) control(c *control.Control, rules check) {
	h := hold(e.policy, c, rules)
	if !h.restricts() {
		return
	}
	var b strings.Builder
	b.WriteString(e.head + "\n")
	b.WriteString(h.table())
	b.WriteString(h.origins()) // in front: what follows METADATA is read as YAML
	b.WriteString(metadata(c))
	for i, r := range rules.rules {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(h.verdicts(rules, r))
	}
	if exempt := h.exceptionsTable(); exempt != "" {
		b.WriteString("\n" + exempt)
		e.files[imageFile], e.files[exemptFile] = true, true
	}
	if rules.functions != "" {
		b.WriteString("\n" + rules.functions)
	}
	b.WriteString(e.foreignProfile(c, h))
	e.files[rules.file] = true
	e.add(string(c.ID)+".rego", b.String(), h.artifactOrigins())
}

// metadata is the annotation of a control's first rule, in OPA's format.
func metadata(c *control.Control) string {
	return fmt.Sprintf("# METADATA\n# title: %s\n# description: %s\n# custom:\n#   control: %s\n", quote(c.Title), quote(c.Reason), c.ID)
}

// verdict is what becomes of whoever breaks a rule.
type verdict struct {
	set   string   // deny or warn
	whom  []string // conditions on what is gone through, which stands for %s
	found []string // conditions on what was found
	// exempt says that containers of some images are spared, and excepted that it is about these.
	exempt, excepted bool
}

// verdicts writes a rule for those whom it refuses, and for those whose violations are only reported.
func (h held) verdicts(c check, r rule) string {
	warned, all := h.warned()
	switch {
	case all:
		return h.rule(verdict{set: "warn"}, c, r)
	case len(warned) == 0:
		return h.refusals(c, r, nil)
	}
	within := "%s.subject in " + set(warned)
	return h.refusals(c, r, []string{"not " + within}) + "\n" + h.rule(verdict{set: "warn", whom: []string{within}}, c, r)
}

// refusals writes a rule that refuses, but for what runs in containers of images that an exception names.
func (h held) refusals(c check, r rule, whom []string) string {
	if len(h.exceptions) == 0 || variableOf(r.over) != "c" {
		return h.rule(verdict{set: "deny", whom: whom}, c, r)
	}
	const by = "exceptions_for(c, %s)"
	return h.rule(verdict{set: "deny", whom: whom, found: []string{"count(" + fmt.Sprintf(by, h.exceptionsName()) + ") == 0"}, exempt: true}, c, r) + "\n" +
		h.rule(verdict{set: "warn", whom: whom, found: []string{"some exception in " + fmt.Sprintf(by, h.exceptionsName())}, excepted: true}, c, r)
}

// rule writes one rule.
func (h held) rule(v verdict, c check, r rule) string {
	over := variableOf(r.over)
	place := r.at
	if place == "" {
		place = over
	}
	lines := []string{fmt.Sprintf("some %s in %s", over, r.over)}
	for _, condition := range v.whom {
		lines = append(lines, fmt.Sprintf(condition, over))
	}
	lines = append(lines, h.lookup(c.variable, over+".subject", r.reads(c.variable))...)
	lines = append(append(lines, r.where...), v.found...)
	id := quote(string(h.control.ID))
	args := []string{place, id, r.keys, strings.ReplaceAll(r.problem, "this_control", id)}
	function := c.violation(r)
	if v.exempt && function == lasting {
		function, args = "lasting_by_image", append(args, h.exceptionsName())
	}
	found := function + "(" + strings.Join(args, ", ") + ")"
	if v.excepted {
		found = "object.union(" + found + `, {"exception": exception})`
	}
	return fmt.Sprintf("%s contains %s if {\n\t%s\n}\n", v.set, found, strings.Join(lines, "\n\t"))
}

// artifactOrigins tells for each subject which statement stands behind the file.
func (h held) artifactOrigins() []target.SourceMapping {
	var out []target.SourceMapping
	for _, s := range h.subjects {
		if s.value != "" {
			out = append(out, target.SourceMapping{Subject: s.id, Control: control.Ref{ID: h.control.ID}, Container: s.id, Range: s.setting.Range})
		}
	}
	return out
}

// Since which minor version of Kubernetes 1 fields mean something. Before, what they
// say changes nothing: spec.os exempts nobody from what is Linux's (Pod Security
// 1.25), hostUsers does nothing (alpha in 1.25), and annotations choose the seccomp
// and the AppArmor profile.
var (
	windowsExempt  = podrule.SinceOS
	userNamespaces = podrule.SinceUserNamespaces
	seccompField   = podrule.SinceSeccompField
	apparmorField  = podrule.SinceAppArmorField
)

// platform writes what its version of Kubernetes knows.
func (e *emitter) platform() string {
	version := cmp.Or(platform.Kubernetes.Of(e.policy.Platform), "the newest")
	since := e.policy.Platform.SinceKubernetes
	return fmt.Sprintf("# The platform's Kubernetes: %s.\nexempts_windows := %t\n\nknows_user_namespaces := %t\n\nhas_seccomp_field := %t\n\nhas_apparmor_field := %t\n\nhas_recursive_read_only := %t\n\nhas_pod_limits := %t\n\n",
		comment(version), since(windowsExempt), since(userNamespaces), since(seccompField), since(apparmorField), since(podrule.SinceRecursiveReadOnly), since(podrule.SincePodLimits))
}

// index writes who is who: kinds with pods, namespaces, workloads by their labels, and containers with values of their own.
func (e *emitter) index(kinds podKinds) string {
	var b strings.Builder
	b.WriteString("# Who is who: which kinds hold pods, which namespaces the policy holds, which\n# workload a pod is, and which containers have values of their own.\n")
	b.WriteString(e.head + "\n")
	b.WriteString(e.platform())
	b.WriteString(kinds.tables())
	b.WriteString(e.namespaces())
	b.WriteString(e.workloads())
	b.WriteString(e.containers())
	b.WriteString(e.undeclared())
	return b.String()
}

// namespaces decides which objects are held. One without a namespace belongs to the policy's only one.
func (e *emitter) namespaces() string {
	var names []string
	for _, n := range e.policy.Namespaces {
		names = append(names, n.Key)
	}
	if len(names) == 0 {
		return "# The policy names no namespaces: it holds what it is asked about.\nheld(_)\n\n"
	}
	slices.Sort(names)
	if len(names) == 1 {
		return fmt.Sprintf("held(namespace) if namespace in %s\n\n# Without a namespace, an object is taken for one of the policy's only one.\nheld(\"\")\n\n", set(names))
	}
	return fmt.Sprintf(`held(namespace) if namespace in %s

deny contains unreadable(o.path, "metadata.namespace", "it names no namespace, and the policy holds several") if {
	some o in objects
	places_of(o)
	namespace_of(o.object) == ""
}

`, set(names))
}

// workloads writes one function for each set of label keys, so that a pod is found by its labels and not by asking
// every workload.
func (e *emitter) workloads() string {
	byKeys := map[string][]*policy.Workload{}
	for _, w := range e.policy.Workloads {
		keys := strings.Join(slices.Sorted(maps.Keys(w.Match)), "\x00")
		if w.OS == "windows" {
			keys = "windows\x00\x00" + keys
		}
		byKeys[keys] = append(byKeys[keys], w)
	}
	var b strings.Builder
	b.WriteString("# The workload that a pod with these labels is, or * for one that none describes.\nworkload_of(labels, os) := name if {\n\tname := described(labels, os)\n} else := \"*\"\n\n")
	for i, keys := range slices.Sorted(maps.Keys(byKeys)) {
		group := byKeys[keys]
		labels := slices.Sorted(maps.Keys(group[0].Match))
		table := fmt.Sprintf("workloads_%d", i+1)
		reference := table
		for _, l := range labels {
			reference += "[labels" + selector(l) + "]"
		}
		os := "_"
		if group[0].OS == "windows" {
			os = `"windows"`
		}
		fmt.Fprintf(&b, "described(labels, %s) := %s\n\n%s := %s\n\n", os, reference, table, nest(group, labels, "\t"))
	}
	if len(byKeys) == 0 {
		b.WriteString("described(_, _) := \"*\"\n\n")
	}
	fmt.Fprintf(&b, "describes_workloads := %t\n\n", len(byKeys) > 0)
	return b.String()
}

// nest writes workloads as objects within objects, one for each label.
func nest(group []*policy.Workload, labels []string, indent string) string {
	if len(labels) == 0 {
		return quote(group[0].Name)
	}
	byValue := map[string][]*policy.Workload{}
	for _, w := range group {
		byValue[w.Match[labels[0]]] = append(byValue[w.Match[labels[0]]], w)
	}
	var b strings.Builder
	b.WriteString("{\n")
	for _, value := range slices.Sorted(maps.Keys(byValue)) {
		inner := byValue[value]
		if len(labels) == 1 {
			fmt.Fprintf(&b, "%s# %s\n", indent, comment(at(inner[0].Range)))
		}
		fmt.Fprintf(&b, "%s%s: %s,\n", indent, quote(value), nest(inner, labels[1:], indent+"\t"))
	}
	b.WriteString(indent[1:] + "}")
	return b.String()
}

// containers writes the names that have values of their own.
func (e *emitter) containers() string {
	byWorkload := map[string][]*policy.Container{}
	var order []string
	for c := range e.policy.Subjects() {
		if c.Name == policy.AnyContainer {
			continue
		}
		workload, _, _ := strings.Cut(c.ID(), "/")
		if byWorkload[workload] == nil {
			order = append(order, workload)
		}
		byWorkload[workload] = append(byWorkload[workload], c)
	}
	if len(order) == 0 {
		return "named_containers := {}\n\n"
	}
	var b strings.Builder
	b.WriteString("named_containers := {\n")
	for _, w := range order {
		fmt.Fprintf(&b, "\t%s: {\n", quote(w))
		for _, c := range byWorkload[w] {
			fmt.Fprintf(&b, "\t\t# %s\n\t\t%s: %s,\n", comment(at(c.Range)), quote(c.Name), quote(c.ID()))
		}
		b.WriteString("\t},\n")
	}
	b.WriteString("}\n\n")
	return b.String()
}
