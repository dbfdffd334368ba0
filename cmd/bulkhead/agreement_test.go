package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/rego"
	"github.com/bulkhead-policy/bulkhead/targets/terraform"
	"github.com/bulkhead-policy/bulkhead/testdata/frozen"
)

// agreementVariable says how many random pods are judged: make nightly asks for 20,000.
const agreementVariable = "AGREEMENT_PODS"

const usualAgreement = 2000

// finding is what is compared: a control, the container that violates it ("" for the pod), and whether it is only a warning.
type finding struct {
	control   control.ID
	container string
	warning   bool
}

type findings map[finding]bool

func (f findings) String() string {
	var out []string
	for one := range f {
		out = append(out, fmt.Sprintf("%s of %q (warning %v)", one.control, one.container, one.warning))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// difference is one that is known: between whom, of which controls, in which pods, and why.
type difference struct {
	between  string
	controls []control.ID
	pods     *regexp.Regexp // of the specification as JSON
	reason   string
}

// differences lists all. Anything else is a mistake, and so is one that does not occur. The pods of a smaller number are
// among those of a larger one, so that what occurs in the usual number of pods occurs in every larger one.
var differences = []difference{
	{
		"frozen", []control.ID{control.RootInUserNS}, regexp.MustCompile(`"runAsUser":("|-|0\.|[0-9]{10})`),
		"A runAsUser that is no user number (a text, a fraction, negative, above 4294967295) is refused now. The API server refuses it as well.",
	},
	{
		"frozen", []control.ID{control.SeccompProfile, control.AppArmorProfile}, regexp.MustCompile(`"(seccomp|appArmor)Profile":\{\}`),
		"An empty profile is not one that is unset: Pod Security admission denies it, and a kubelet takes it in place of the pod's.",
	},
	{
		"frozen", []control.ID{control.ImagesDenied}, regexp.MustCompile(`:0443/`),
		"A port in another spelling is the same registry: clients dial it alike.",
	},
	{
		"frozen", []control.ID{control.Memory}, regexp.MustCompile(`"memory":"([.+]|1e3|1073741824000m)`),
		"All that resource.ParseQuantity takes are amounts.",
	},
	{
		"frozen", []control.ID{control.HostPaths, control.FilesystemWrite}, regexp.MustCompile(`"readOnly":true`),
		"What is mounted below a folder of the node stays writable in a mount that is read-only, but not recursively.",
	},
	{
		"frozen", []control.ID{control.Memory}, regexp.MustCompile(`"memory":"513Mi"`),
		"The limits of a pod hold for containers that have none, since Kubernetes 1.34.",
	},
	{
		"Eval, manifest", texts, textual,
		"A Terraform configuration may write numbers, true and false as texts, and the provider turns them into what the API takes.",
	},
	{
		"Eval, typed", texts, textual,
		"A resource of the provider has texts where Kubernetes has numbers, such as run_as_user.",
	},
	{
		"by hand, typed", []control.ID{control.Hugepages}, regexp.MustCompile(`"requests":`),
		"The provider fills in requests. Without a limit, Kubernetes takes no request of huge pages.",
	},
	{
		"by hand, without containers, typed", []control.ID{control.Hugepages}, regexp.MustCompile(`"requests":`),
		"The provider fills in requests. Without a limit, Kubernetes takes no request of huge pages.",
	},
	{
		"by hand, without containers, manifest", []control.ID{control.Hugepages}, regexp.MustCompile(`"ephemeralContainers":`),
		"The API server takes no resources of ephemeral containers. Rego leaves them out, and the module does not.",
	},
	{
		"by hand, manifest", []control.ID{control.Hugepages}, regexp.MustCompile(`"ephemeralContainers":`),
		"The API server takes no resources of ephemeral containers. Rego leaves them out, and the module does not.",
	},
}

var (
	texts   = []control.ID{control.RunAsNonRoot, control.RootInUserNS, control.Users, control.Groups, control.FSGroup, control.ReadOnlyRoot}
	textual = regexp.MustCompile(`"(runAsNonRoot|runAsUser|runAsGroup|fsGroup|readOnlyRootFilesystem)":"`)
)

func (d difference) explains(between string, id control.ID, spec []byte) bool {
	return d.between == between && slices.Contains(d.controls, id) && d.pods.Match(spec)
}

// TestAgreement judges random pods by everything that knows what the controls mean: the Rego bundle that an early
// compiler emitted (testdata/frozen), today's, the Terraform module, for a resource of the provider and for
// kubernetes_manifest, and the rules as data (podrule.Rule.Eval). Each names the same controls in the same containers.
// The pod of a number is always the same.
func TestAgreement(t *testing.T) {
	all, err := frozen.Policies()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 26 {
		t.Fatalf("%d frozen policies", len(all))
	}
	pods := usualAgreement
	if text := os.Getenv(agreementVariable); text != "" {
		if pods, err = strconv.Atoi(text); err != nil || pods < len(all) {
			t.Fatalf("%s is a number of pods, not %q", agreementVariable, text)
		}
	}
	judges := make([]*agreement, len(all))
	t.Run("policies", func(t *testing.T) {
		for i, p := range all {
			t.Run(p.Name, func(t *testing.T) {
				t.Parallel()
				program, diags := p.Load(version)
				if diags.HasErrors() {
					t.Fatal(diags)
				}
				judges[i] = newAgreement(t, program.Policy, p)
				judges[i].run(t, uint64(i), pods/len(all))
			})
		}
	})
	if !slices.Contains(judges, nil) && pods >= usualAgreement {
		occurring(t, judges)
	}
}

// occurring fails for differences that no pod shows: they are no longer there.
func occurring(t *testing.T, judges []*agreement) {
	for i, d := range differences {
		for _, id := range d.controls {
			if !slices.ContainsFunc(judges, func(a *agreement) bool { return a.occurred[occurrence{i, id}] }) {
				t.Errorf("%s, of %s: no pod differs so; take it out of the list: %s", d.between, id, d.reason)
			}
		}
	}
}

// occurrence is a difference, by its index, of one of its controls.
type occurrence struct {
	difference int
	control    control.ID
}

// agreement are the judges of one policy.
type agreement struct {
	policy        *policy.Policy
	frozen, today target.Judge
	module        target.Judge
	artifacts     []target.Artifact
	skipped       map[string]int
	occurred      map[occurrence]bool
}

func newAgreement(t *testing.T, p *policy.Policy, of frozen.Policy) *agreement {
	emitted, err := rego.Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	module, err := terraform.Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	environment := target.Environment{Platform: p.Platform, Now: frozen.Now}
	load := func(tg target.Judger, artifacts []target.Artifact) target.Judge {
		j, err := tg.Load(environment, artifacts)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	return &agreement{p, load(rego.Target{}, of.Bundle), load(rego.Target{}, emitted), load(terraform.Target{}, module), module, map[string]int{}, map[occurrence]bool{}}
}

func (a *agreement) run(t *testing.T, seed uint64, pods int) {
	var namespaces []string
	for _, n := range a.policy.Namespaces {
		namespaces = append(namespaces, n.Key)
	}
	violations := 0
	for n := range pods {
		body, err := json.Marshal(frozen.Pod(rand.New(rand.NewPCG(uint64(n), seed)), namespaces...))
		if err != nil {
			t.Fatal(err)
		}
		var pod map[string]any
		if err := json.Unmarshal(body, &pod); err != nil {
			t.Fatal(err)
		}
		violations += a.compare(t, n, body, pod)
	}
	if violations == 0 && a.policy.Name != "preset-privileged" {
		t.Error("no pod violates anything, so that nothing was compared")
	}
	t.Logf("%d violations; skipped: %v", violations, a.skipped)
}

func (a *agreement) compare(t *testing.T, n int, body []byte, pod map[string]any) int {
	spec, _ := pod["spec"].(map[string]any)
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	explained := false
	known := func(between string, id control.ID) bool {
		i := slices.IndexFunc(differences, func(d difference) bool { return d.explains(between, id, text) })
		explained = explained || i >= 0
		if i >= 0 {
			a.skipped[differences[i].reason]++
			a.occurred[occurrence{i, id}] = true
		}
		return i >= 0
	}
	outcome, want, readable := a.manifest(t, a.frozen, body)
	now, today, _ := a.manifest(t, a.today, body)
	report := func(between string, got, want findings) {
		for one := range got {
			if !want[one] && !known(between, one.control) {
				t.Errorf("pod %d, %s: %s of %q (warning %v) is one too many\n%s", n, between, one.control, one.container, one.warning, body)
			}
		}
		for one := range want {
			if !got[one] && !known(between, one.control) {
				t.Errorf("pod %d, %s: %s of %q (warning %v) is missing\n%s", n, between, one.control, one.container, one.warning, body)
			}
		}
	}
	report("frozen", today, want)
	if outcome != now && !explained {
		t.Errorf("pod %d: %v, the frozen bundle %v\n%s", n, now, outcome, body)
	}
	switch {
	case now == target.Inapplicable:
		a.skipped["not of the policy"]++
		return 0
	case !readable:
		a.skipped["a manifest that cannot be read"]++
		return len(want)
	}
	subject := a.subjectOf(pod)
	if subject.workload == nil {
		a.skipped["refused as undeclared"]++
		if plan, ok := planFor("manifest", pod); !ok || !a.plan(t, plan)[finding{control: control.Undeclared}] || !want[finding{control: control.Undeclared}] {
			t.Errorf("pod %d: not refused as undeclared\n%s", n, body)
		}
		return len(want)
	}
	inRego, inModule := a.evaluate(subject, spec)
	report("Eval", ruled(today), inRego)
	byHand := a.overridden(subject, spec, unruled(today))
	for _, form := range []string{"manifest", "typed"} {
		plan, ok := planFor(form, pod)
		if !ok {
			a.skipped["no "+form+" resource"]++
			continue
		}
		got := a.plan(t, plan)
		report("Eval, "+form, ruled(got), inModule)
		report("by hand, "+form, unruled(got), byHand)
		report("by hand, without containers, "+form, withoutContainers(unruled(got)), withoutContainers(byHand))
	}
	return len(want)
}

// ruled are the findings of controls whose rules are data.
func ruled(all findings) findings {
	return only(all, func(c *control.Control) bool { return len(c.Rules) > 0 })
}

func unruled(all findings) findings {
	return only(all, func(c *control.Control) bool { return len(c.Rules) == 0 })
}

func only(all findings, keep func(*control.Control) bool) findings {
	out := findings{}
	for f := range all {
		if c, ok := control.Lookup(f.control); ok && keep(c) {
			out[f] = true
		}
	}
	return out
}

func withoutContainers(all findings) findings {
	out := findings{}
	for f := range all {
		f.container = ""
		out[f] = true
	}
	return out
}

func (a *agreement) manifest(t *testing.T, j target.Judge, body []byte) (target.Outcome, findings, bool) {
	docs, err := input.Read("pod.json", body, input.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	v, err := j.Judge(context.Background(), attempt.Manifest{Document: docs[0]})
	if err != nil {
		t.Fatal(err)
	}
	out, readable := findings{}, true
	for _, f := range v.Findings {
		readable = readable && (f.Control != "" || v.Outcome == target.Inapplicable)
		if f.Control != "" {
			out[finding{control.ID(f.Control), f.Container, f.Warning}] = true
		}
	}
	return v.Outcome, out, readable
}

func (a *agreement) plan(t *testing.T, plan []byte) findings {
	v, err := a.module.Judge(context.Background(), attempt.Plan{File: "plan.json", Body: plan})
	if err != nil {
		t.Fatalf("%v\n%s", err, plan)
	}
	if v.Outcome != target.Allow && v.Outcome != target.Deny {
		t.Fatalf("%v: %+v\n%s", v.Outcome, v.Findings, plan)
	}
	return a.controls(v)
}

// controls gives the findings of the module by the controls that they come from.
func (a *agreement) controls(v target.Verdict) findings {
	out := findings{}
	for _, f := range v.Findings {
		for _, artifact := range a.artifacts {
			for _, o := range artifact.Mappings {
				if artifact.Path == f.Artifact && o.Location == f.Location {
					c, _ := control.Lookup(o.Control.ID)
					container := f.Container
					if c.Scope != control.OfContainer {
						container = ""
					}
					out[finding{o.Control.ID, container, f.Warning}] = true
				}
			}
		}
	}
	return out
}

// subject is the workload that a pod belongs to, with the facts of its rules.
type subject struct {
	workload *policy.Workload
	facts    podrule.Facts
}

func (a *agreement) subjectOf(pod map[string]any) subject {
	labels, _ := at(pod, "metadata.labels").(map[string]any)
	os, _ := at(pod, "spec.os.name").(string)
	since := a.policy.Platform.SinceKubernetes
	s := subject{workload: a.policy.Undeclared, facts: podrule.Facts{
		OwnUsers:  since(podrule.SinceUserNamespaces) && at(pod, "spec.hostUsers") == false,
		Windows:   since(podrule.SinceOS) && os == "windows",
		PodLimits: since(podrule.SincePodLimits),
	}}
	for _, w := range a.policy.Workloads {
		matches := w.OS != "windows" || os == "windows"
		for key, value := range w.Match {
			matches = matches && labels[key] == value
		}
		if matches {
			s.workload, s.facts.Windows = w, false
		}
	}
	return s
}

// at follows a dotted path.
func at(object any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		fields, _ := object.(map[string]any)
		object = fields[key]
	}
	return object
}

// evaluate gives what the rules as data find: as Rego tells of it, and as the module does. They differ where a pod states
// something wrong that each container states otherwise: Rego names the pod, by what holds for it, and the module each
// container, by what holds for that one.
func (a *agreement) evaluate(s subject, spec map[string]any) (inRego, inModule findings) {
	inRego, inModule = findings{}, findings{}
	for _, c := range control.Controls() {
		if c.ID == control.SeccompProfile && !a.policy.Platform.SinceKubernetes(podrule.SinceSeccompField) {
			continue
		}
		for _, r := range c.Rules {
			a.rule(s, c, r, spec, inRego, inModule)
		}
	}
	return inRego, inModule
}

func (a *agreement) rule(s subject, c *control.Control, r podrule.Rule, spec map[string]any, inRego, inModule findings) {
	pod := s.workload.Container(policy.AnyContainer).Get(c.ID)
	if r.Over.Level() == podrule.Pod {
		if c.Restricts(pod.Value) && len(r.Eval(c.Encoded(pod.Value), s.facts, spec, nil)) > 0 {
			f := finding{c.ID, "", pod.Warn != nil}
			inRego[f], inModule[f] = true, true
		}
		return
	}
	inherited := false
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		containers, _ := spec[list].([]any)
		for _, item := range containers {
			container, _ := item.(map[string]any)
			inherited = inherited || !states(container, r.Field)
			name, _ := container["name"].(string)
			setting := s.workload.Container(name).Get(c.ID)
			if !c.Restricts(setting.Value) {
				continue
			}
			facts := s.facts
			facts.Ephemeral = list == "ephemeralContainers"
			f := finding{c.ID, name, setting.Warn != nil || exempt(setting, container)}
			if v := c.Encoded(setting.Value); len(r.Eval(v, facts, spec, container)) > 0 {
				inRego[f], inModule[f] = true, true
			} else if len(r.Eval(v, facts, spec, nil)) > 0 {
				inModule[f] = true
			}
		}
	}
	if !inherited && c.Restricts(pod.Value) && len(r.Eval(c.Encoded(pod.Value), s.facts, spec, nil)) > 0 {
		inRego[finding{c.ID, "", pod.Warn != nil}] = true
	}
}

// states reports whether a container states a field itself. Where the object of the field has to state it, an empty object
// stands in place of the pod's too.
func states(container map[string]any, field string) bool {
	if i := strings.LastIndex(field, "."); i >= 0 && slices.ContainsFunc(podrule.Fields(), func(f *podrule.Field) bool { return f.Path == field && f.Required }) {
		field = field[:i]
	}
	return at(container, field) != nil
}

// appArmorOfPods is the part of privileges.apparmor, whose rules are no data, that is about what a pod states itself.
var appArmorOfPods = podrule.Rule{Over: podrule.Containers, Field: "securityContext.appArmorProfile.type", Shape: podrule.Member, Message: "%v"}

// overridden gives what Rego finds by hand as the module does: it judges an AppArmor profile that the pod states in each
// container, by what holds for that one, as evaluate tells of rules that are data.
func (a *agreement) overridden(s subject, spec map[string]any, inRego findings) findings {
	c, _ := control.Lookup(control.AppArmorProfile)
	out := maps.Clone(inRego)
	delete(out, finding{c.ID, "", false})
	delete(out, finding{c.ID, "", true})
	for _, list := range []string{"initContainers", "containers", "ephemeralContainers"} {
		containers, _ := spec[list].([]any)
		for _, item := range containers {
			container, _ := item.(map[string]any)
			name, _ := container["name"].(string)
			setting := s.workload.Container(name).Get(c.ID)
			if c.Restricts(setting.Value) && len(appArmorOfPods.Eval(c.Encoded(setting.Value), s.facts, spec, nil)) > 0 {
				out[finding{c.ID, name, setting.Warn != nil || exempt(setting, container)}] = true
			}
		}
	}
	return out
}

// exempt reports whether an exception speaks of a container's image.
func exempt(s policy.Setting, container map[string]any) bool {
	text, _ := container["image"].(string)
	ref, err := image.ParseReference(text)
	return err == nil && slices.ContainsFunc(s.Exempt, func(e *policy.Exception) bool {
		return slices.ContainsFunc(control.ImageExpressions(e.Images).Patterns, func(p string) bool { return regexp.MustCompile(p).MatchString(ref.Name()) })
	})
}

// planFor writes a plan with the pod; false where the provider has no such pod.
func planFor(form string, pod map[string]any) ([]byte, bool) {
	kind, values, ok := resourceFor(form, pod)
	return planOf(kind, values, map[string]any{}), ok
}

// resourceFor gives the type and the values of a resource with the pod.
func resourceFor(form string, pod map[string]any) (kind string, values map[string]any, ok bool) {
	if form == "manifest" {
		return "kubernetes_manifest", map[string]any{"manifest": pod}, true
	}
	spec, _ := pod["spec"].(map[string]any)
	return "kubernetes_pod_v1", map[string]any{"metadata": []any{pod["metadata"]}, "spec": block(spec)}, spec["ephemeralContainers"] == nil
}

// planOf writes a plan with one resource, of which some is known only after apply.
func planOf(kind string, values, unknown map[string]any) []byte {
	text, err := json.Marshal(map[string]any{
		"format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "errored": false,
		"planned_values": map[string]any{"root_module": map[string]any{"resources": []any{map[string]any{
			"address": kind + ".r", "mode": "managed", "type": kind, "name": "r", "values": values,
		}}}},
		"resource_changes": []any{map[string]any{
			"address": kind + ".r", "mode": "managed", "type": kind, "name": "r",
			"change": map[string]any{"actions": []string{"create"}, "after": values, "after_unknown": unknown},
		}},
	})
	if err != nil {
		panic("plans are plain data: " + err.Error())
	}
	return text
}

var upper = regexp.MustCompile(`([a-z])([A-Z]+)`)

// singular are lists that the provider writes as blocks of one name.
var singular = map[string]string{
	"containers": "container", "initContainers": "init_container", "volumes": "volume", "volumeMounts": "volume_mount", "volumeDevices": "volume_device", "ports": "port", "sysctls": "sysctl",
}

// block writes an object as the provider does: as a list of one, with names in snake case.
func block(object map[string]any) []any {
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name := cmp.Or(singular[key], strings.ToLower(upper.ReplaceAllString(key, "${1}_$2")))
		switch v := object[key].(type) {
		case map[string]any:
			out[name] = block(v)
			if key == "limits" || key == "requests" {
				out[name] = v
			}
		case []any:
			items := []any{}
			for _, item := range v {
				if inner, ok := item.(map[string]any); ok {
					items = append(items, block(inner)[0])
				} else {
					items = append(items, item)
				}
			}
			out[name] = items
		default:
			out[name] = v
		}
	}
	return []any{out}
}
