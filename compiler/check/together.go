package check

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// fileResult is what came of a file before all have been read: what of it is judged together with the others waits.
type fileResult struct {
	Result
	additions []addition
	name      string
	body      []byte // nil where nothing waits
}

func (r *fileResult) add(next fileResult) {
	r.Result.add(next.Result)
	r.additions = append(r.additions, next.additions...)
}

// addition is an object of a document that is judged together with others.
type addition struct {
	input.Addition
	document *input.Document
}

// joined are the artifacts of a target that objects of others add up with.
type joined struct {
	loaded
	target target.Joiner
}

// joinersOf finds those targets of a build whose artifacts refuse something.
func joinersOf(b *target.Build, environment target.Environment) []joined {
	var out []joined
	for _, t := range b.Targets {
		if j, ok := t.(target.Joiner); ok && (len(b.Artifacts[t.Info().Name]) > 0 || len(b.Policy.Namespaces) == 0) {
			out = append(out, joined{load(b, j, environment), j})
		}
	}
	return out
}

// additionOf keeps an object for the stage of the whole run, or lists it as skipped where it undoes what the policy says and nothing
// judges it. It reports whether it did either.
func (c *Checker) additionOf(r *fileResult, a input.Addition, d *input.Document) bool {
	line, _, _ := d.Position(a.Path...)
	skip := func(reason string, matters bool) bool {
		r.Skipped = append(r.Skipped, input.Skipped{File: d.File, Line: line, Reason: reason, Pods: matters})
		return true
	}
	switch {
	case a.Kind == "StorageClass":
		makes := "makes volumes of folders of the node, and which ones nothing here shows"
		if a.Unknown != "" {
			makes = "may make volumes of folders of the node: its provisioner is known only after apply"
		}
		return len(c.mounts()) > 0 && skip(fmt.Sprintf("%s %s: check what may claim them (--exclude leaves the file out)", a, makes), true)
	case a.Class == input.PersistentVolumeClass:
		if len(c.mounts()) == 0 || len(c.judges[attempt.KindManifest])+len(c.judges[attempt.KindPlan]) == 0 || pathOf(a) == nil && a.Unknown == "" {
			return false
		}
		if claim := a.Node.At("spec", "claimRef", "namespace").Text(); claim != "" && !c.holdsNamespace(claim) {
			return skip(fmt.Sprintf("%s: %s", a, target.OtherNamespace(claim, c.namespaces())), false)
		}
	case len(c.joiners) == 0:
		return false
	case a.Namespace != "" && !c.holdsNamespace(a.Namespace):
		return skip(fmt.Sprintf("%s: %s", a, target.OtherNamespace(a.Namespace, c.namespaces())), false)
	case a.Class == input.BypassClass:
		return skip(fmt.Sprintf("%s (%s) changes which connections are allowed, and nothing here judges it: write what it allows as a flow of the policy (--exclude leaves the file out)", a, a.APIVersion), true)
	}
	r.additions = append(r.additions, addition{a, d})
	return true
}

// holdsNamespace reports whether the policy applies to a namespace.
func (c *Checker) holdsNamespace(name string) bool {
	return len(c.policy.Namespaces) == 0 || slices.Contains(c.namespaces(), name)
}

// together judges what waits, once all files have been read. Policies of a network add up across files.
func (c *Checker) together(ctx context.Context, files []*fileResult) {
	for _, j := range c.joiners {
		c.beside(ctx, j, files)
	}
	for _, f := range files {
		for _, a := range f.additions {
			if a.Class == input.PersistentVolumeClass {
				c.volume(ctx, f, a)
			}
		}
		if f.body != nil {
			c.finish(&f.Result, f.name, f.body)
		}
	}
}

// waiting is an object that is judged in a namespace, and the file that it is of.
type waiting struct {
	file *fileResult
	addition
	namespace string
}

// same reports whether both are one object, in two namespaces.
func (w waiting) same(other waiting) bool {
	return w.document == other.document && slices.Equal(w.Path, other.Path)
}

// beside judges objects of others together with the artifacts of a target.
func (c *Checker) beside(ctx context.Context, j joined, files []*fileResult) {
	var all []waiting
	for _, f := range files {
		for _, a := range f.additions {
			for _, namespace := range c.namespacesOf(a) {
				if a.Class == input.NetworkPolicyClass {
					all = append(all, waiting{f, a, namespace})
				}
			}
		}
	}
	if len(all) == 0 {
		return
	}
	answers, err := c.joinedWith(ctx, &j, all)
	if err != nil {
		all[0].file.Problems = append(all[0].file.Problems, fmt.Errorf("%s: %w", j.name, err))
		return
	}
	for i, w := range all {
		switch line, _, _ := w.document.Position(w.Path...); {
		case answers == nil:
			w.file.Skipped = append(w.file.Skipped, input.Skipped{File: w.document.File, Line: line, Reason: fmt.Sprintf("%s (%s): no control applies", w.Kind, w.APIVersion)})
		case answers[i].Err != nil:
			if i == 0 || !all[i-1].same(w) { // one is enough: it is the same in each namespace
				w.file.Checked++
				w.file.Findings = append(w.file.Findings, c.unreadable(j.loaded, w.addition, answers[i].Err))
			}
		default:
			w.file.Checked++
			w.file.Findings = append(w.file.Findings, c.openings(j.loaded, answers[i].Openings, w.addition)...)
		}
	}
}

// joinedWith asks a target about objects; nil where its artifacts refuse nothing. A policy without namespaces holds whatever it is
// asked about: its artifacts are made for the namespaces of the objects.
func (c *Checker) joinedWith(ctx context.Context, j *joined, all []waiting) ([]target.Joined, error) {
	objects := make([]target.Artifact, len(all))
	asked := *c.policy
	for i, w := range all {
		objects[i] = target.Artifact{Path: w.document.File, Body: w.inNamespace()}
		if len(c.policy.Namespaces) == 0 && !slices.ContainsFunc(asked.Namespaces, func(it control.Item) bool { return it.Key == w.namespace }) {
			asked.Namespaces = append(asked.Namespaces, control.Item{Key: w.namespace})
		}
	}
	if len(c.policy.Namespaces) == 0 {
		var err error
		if j.artifacts, err = target.Emit(j.target, &asked); err != nil || len(j.artifacts) == 0 {
			return nil, err
		}
	}
	return j.target.Join(ctx, c.environment, j.artifacts, objects)
}

// first is the first control that the artifacts enforce; "" of none.
func (l loaded) first() control.ID {
	for _, a := range l.artifacts {
		for _, m := range a.Mappings {
			return m.Control.ID
		}
	}
	return ""
}

// mostNamed is how many of the ranges that an object opens are named.
const mostNamed = 3

// openings are the findings about an object: of each control one at each place. What is known only after apply may open more.
func (c *Checker) openings(l loaded, list []target.Opening, a addition) []Finding {
	var out []Finding
	var ranges [][]string
	for _, opening := range list {
		one := c.opening(l, opening.Finding, a)
		i := slices.IndexFunc(out, func(f Finding) bool {
			return f.Control == one.Control && slices.Equal(f.Path, one.Path) && f.Undecided == one.Undecided && f.Message == one.Message
		})
		if i < 0 {
			i = len(out)
			out, ranges = append(out, one), append(ranges, nil)
		}
		if opening.Range != "" {
			ranges[i] = append(ranges[i], opening.Range)
		}
	}
	for i, named := range ranges {
		if n := len(named) - mostNamed; n > 0 {
			named = append(named[:mostNamed], fmt.Sprintf("and %d more", n))
		}
		out[i].Message = strings.TrimSpace(out[i].Message + " " + strings.Join(named, ", "))
	}
	if a.Unknown != "" && len(out) == 0 {
		out = append(out, c.unknown(a, nil, l.first()))
	}
	return out
}

// namespacesOf are those that an object may be in: all of the policy's where it states none and none is given.
func (c *Checker) namespacesOf(a addition) []string {
	if namespace := cmp.Or(a.Namespace, c.namespace); namespace != "" {
		return []string{namespace}
	}
	return c.namespaces()
}

// generated stands for what the API server appends to metadata.generateName. It draws other characters, so that no name is met by chance.
const generated = "00000"

// inNamespace writes the object in the namespace, with the type that a list may state for its items, and with a name where the API
// server makes one.
func (w waiting) inNamespace() []byte {
	var object map[string]json.RawMessage
	if json.Unmarshal(w.Node.JSON(), &object) != nil || object == nil {
		return w.Node.JSON() // which its reader refuses
	}
	setText(object, "apiVersion", w.APIVersion)
	setText(object, "kind", w.Kind)
	var metadata map[string]json.RawMessage
	if json.Unmarshal(object["metadata"], &metadata) == nil && metadata != nil {
		setText(metadata, "namespace", w.namespace)
		if prefix := w.Node.At("metadata", "generateName").Text(); prefix != "" && w.Node.At("metadata", "name").Text() == "" {
			setText(metadata, "name", prefix+generated)
		}
		object["metadata"], _ = json.Marshal(metadata) // of what was read as JSON
	}
	body, err := json.Marshal(object)
	if err != nil {
		return w.Node.JSON()
	}
	return body
}

// setText sets a member of an object to a text; "" leaves it as it is.
func setText(object map[string]json.RawMessage, name, text string) {
	if quoted, err := json.Marshal(text); err == nil && text != "" {
		object[name] = quoted
	}
}

// opening places what an object opens: in the input, and at the statement of the policy that it undoes.
func (c *Checker) opening(l loaded, f target.Finding, a addition) Finding {
	out := c.placedIn(a, f.Path)
	out.Message, out.Undecided = f.Message, f.Undecided
	if origins := target.Attribute(l.artifacts, f); len(origins) > 0 {
		out.Control, out.Policy, out.Subject = origins[0].Control.String(), origins[0].Range, origins[0].Container
	}
	return out
}

// placedIn is a finding at a place in an object.
func (c *Checker) placedIn(a addition, path []string) Finding {
	out := Finding{Severity: Error, File: a.document.File, Path: a.At(path), Resource: Resource{Kind: a.Kind, Namespace: a.Namespace, Name: a.Name}}
	if a.Class == input.NetworkPolicyClass && a.Resource == nil {
		out.Resource.Namespace = cmp.Or(a.Namespace, c.namespace)
	}
	if a.Address != "" {
		out.Resource = Resource{}
	}
	out.Line, out.Column, _ = a.document.Position(out.Path...)
	return out
}

func (c *Checker) unknown(a addition, path []string, id control.ID) Finding {
	out := c.placedIn(a, path)
	out.Control, out.Undecided = string(id), true
	out.Message = fmt.Sprintf("%s %s, so that it cannot be judged", a, cmp.Or(a.Unknown, "states no path"))
	return out
}

// unreadable is the finding of an object that the target cannot read: clusters of another version may, so that what it opens is not known.
func (c *Checker) unreadable(l loaded, a addition, why error) Finding {
	out := c.placedIn(a, nil)
	out.Control, out.Undecided = string(l.first()), true
	out.Message = fmt.Sprintf("%s cannot be judged, and may open what the policy refuses: %s: correct it, or leave its file out with --exclude", a, why)
	return out
}

// mount is a control of volumes, in a container that it restricts.
type mount struct {
	control   *control.Control
	container *policy.Container
}

// mounts lists the controls that restrict which paths of nodes volumes may be, each in one container of each setting: of those that
// differ in value or in the exception. None is for images: volumes are of the whole pod.
func (c *Checker) mounts() []mount {
	type setting struct {
		id    control.ID
		value string
		warn  *policy.Exception
	}
	var out []mount
	seen := map[setting]bool{}
	for _, ctrl := range control.Controls() {
		if !ctrl.OfVolumes {
			continue
		}
		for container := range c.policy.Subjects() {
			s := container.Get(ctrl.ID)
			key := setting{ctrl.ID, ctrl.Show(s.Value), s.Warn}
			if ctrl.Restricts(s.Value) && !seen[key] {
				seen[key] = true
				out = append(out, mount{ctrl, container})
			}
		}
	}
	return out
}

// pathOf is where a volume is a path of the node; nil where it is none.
func pathOf(a input.Addition) []string {
	for _, kind := range []string{"hostPath", "local"} {
		if v := a.Node.At("spec", kind); v != nil && v.Kind != input.Null {
			return []string{"spec", kind, "path"}
		}
	}
	return nil
}

// volume judges a volume by a pod that would mount its path: whoever claims the volume reaches the path. Any pod of the policy may.
func (c *Checker) volume(ctx context.Context, r *fileResult, a addition) {
	at := pathOf(a.Addition)
	path := a.Node.At(at...)
	if path == nil || path.Kind != input.String || a.Unknown != "" && path.Text() == "" {
		r.Findings = append(r.Findings, c.unknown(a, at, c.mounts()[0].control.ID))
		r.Checked++
		return
	}
	namespace := cmp.Or(a.Node.At("spec", "claimRef", "namespace").Text(), c.namespace)
	if namespace == "" {
		namespace = c.namespaces()[0]
	}
	var strictest *Finding
	judged := false
	for _, m := range c.mounts() {
		found, ok, err := c.mountable(ctx, m, namespace, path.Text())
		if err != nil {
			r.Problems = append(r.Problems, fmt.Errorf("%s: %w", a.document.File, err))
			return
		}
		judged = judged || ok
		strictest = stricter(strictest, found)
		if strictest != nil && strictest.Severity == Error {
			break // one is enough: a claim says nothing of the pods that use it
		}
	}
	if strictest != nil {
		out := c.placedIn(a, at)
		out.Control, out.Severity, out.Policy, out.Subject, out.Suppressed = strictest.Control, strictest.Severity, strictest.Policy, strictest.Subject, strictest.Suppressed
		out.Undecided = strictest.Undecided
		out.Message = "pods that claim this volume mount a path of the node: " + strings.TrimPrefix(strictest.Message, "Pod "+claims+": ")
		r.Findings = append(r.Findings, out)
	}
	if judged {
		r.Checked++
	}
}

// stricter is the finding that refuses more, the first of equals: an error rather than a warning rather than none.
func stricter(a, b *Finding) *Finding {
	if a == nil || b != nil && a.Severity == Warning && b.Severity == Error {
		return b
	}
	return a
}

// mountable asks the judges about a container that mounts a path of the node, and gives the finding about that.
func (c *Checker) mountable(ctx context.Context, m mount, namespace, path string) (*Finding, bool, error) {
	pod, err := podWith(m.container, namespace, path)
	if err != nil {
		return nil, false, err
	}
	kind := attempt.KindManifest
	if len(c.judges[kind]) == 0 {
		kind = attempt.KindPlan
		if pod, err = planWith(pod); err != nil {
			return nil, false, err
		}
	}
	docs, err := input.Read("volume", pod, c.limits)
	if err != nil {
		return nil, false, err
	}
	var read []input.Object
	if kind == attempt.KindManifest {
		read, _ = docs[0].Objects(c.podPaths)
	}
	for _, l := range c.judges[kind] {
		var try attempt.Attempt = attempt.Manifest{Document: docs[0], Namespace: namespace}
		if kind == attempt.KindPlan {
			try = attempt.Plan{Body: pod}
		}
		got, err := c.ask(ctx, l, try, docs[0], read)
		if err != nil {
			return nil, false, err
		}
		var found *Finding
		for _, f := range got.findings {
			if f.Control == string(m.control.ID) {
				found = stricter(found, &f)
			}
		}
		if found != nil {
			return found, true, nil
		}
		if got.outcome != target.Inapplicable {
			return nil, true, nil
		}
	}
	return nil, false, nil
}

// claims is the name of the pod that stands for those that claim a volume.
const claims = "claims"

// podWith is a pod in which a container mounts a path of the node.
func podWith(of *policy.Container, namespace, path string) ([]byte, error) {
	name := of.Name
	if name == policy.AnyContainer {
		name = claims
	}
	return json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": claims, "namespace": namespace, "labels": of.Workload.Match},
		"spec": map[string]any{
			"containers": []any{map[string]any{"name": name, "image": claims, "volumeMounts": []any{map[string]any{"name": "volume", "mountPath": "/volume"}}}},
			"volumes":    []any{map[string]any{"name": "volume", "hostPath": map[string]any{"path": path}}},
		},
	})
}

// planWith is a plan with one object.
func planWith(object []byte) ([]byte, error) {
	values := map[string]any{"manifest": json.RawMessage(object)}
	const address = "kubernetes_manifest." + claims
	return json.Marshal(map[string]any{
		"format_version": "1.2", "terraform_version": "1.9.0",
		"planned_values": map[string]any{"root_module": map[string]any{"resources": []any{map[string]any{
			"address": address, "mode": "managed", "type": "kubernetes_manifest", "name": claims, "values": values,
		}}}},
		"resource_changes": []any{map[string]any{
			"address": address, "mode": "managed", "type": "kubernetes_manifest", "name": claims,
			"change": map[string]any{"actions": []string{"create"}, "after": values, "after_unknown": map[string]any{}},
		}},
	})
}

// withoutAdditions leaves out what is listed of resources that are judged together with others.
func withoutAdditions(skipped []target.Finding, kept []input.Addition) []target.Finding {
	return slices.DeleteFunc(slices.Clone(skipped), func(f target.Finding) bool {
		return !f.Undecided && slices.ContainsFunc(kept, func(a input.Addition) bool { // a list may hold pods as well
			return slices.Equal(a.Resource, f.Path) && strings.HasPrefix(f.Message, a.Address+" ")
		})
	})
}
