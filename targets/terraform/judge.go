package terraform

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// Kinds are plans.
func (Target) Kinds() []attempt.Kind { return []attempt.Kind{attempt.KindPlan} }

// Load reads a module, ours or not. A module without conditions is an error: it
// would let everything pass.
func (Target) Load(environment target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	var files []module.File
	for _, a := range artifacts {
		files = append(files, module.File{Path: a.Path, Body: a.Body})
	}
	m, err := module.Read(files)
	if err != nil {
		return nil, err
	}
	if len(m.Conditions) == 0 {
		return nil, errors.New("a module without a precondition or check: it would let everything pass")
	}
	j := &judge{module: m, podPaths: environment.Platform.PodTemplatePaths()}
	j.scope = sync.OnceValues(func() (scope, error) { return scopeOf(m) })
	return j, nil
}

// judge answers for one module.
type judge struct {
	module   *module.Module
	podPaths input.PodTemplatePaths // tell why a resource is passed over
	scope    func() (scope, error)
}

// Judge holds a plan to the module. Fails is Deny; what is not known before
// apply, or not modelled, is Undecided; a plan of which no condition looks at
// anything is not applicable.
func (j *judge) Judge(ctx context.Context, a attempt.Attempt) (target.Verdict, error) {
	plan, ok := a.(attempt.Plan)
	if !ok {
		return target.Verdict{Outcome: target.Inapplicable}, nil
	}
	read, err := module.ReadPlan(input.Unwrapped(plan.Body))
	if err != nil {
		if plan.File != "" {
			err = &input.Error{File: plan.File, Problem: err.Error()} // which names the file once
		}
		return target.Verdict{}, err
	}
	scope, err := j.scope()
	if err != nil {
		return target.Verdict{}, err
	}
	s, err := sort(read, scope, j.podPaths)
	if err != nil {
		return target.Verdict{}, err
	}
	if len(s.subjects) == 0 {
		return s.inapplicable("the plan has no resource with a pod, and none that states a cluster's version"), nil
	}
	if len(j.module.Unread) > 0 {
		return target.Verdict{Findings: j.unread(), Skipped: s.skipped}, nil
	}
	return j.verdict(ctx, s)
}

// inapplicable is the verdict on a plan of which no condition looks at anything.
func (s *sorted) inapplicable(why string) target.Verdict {
	return target.Verdict{Outcome: target.Inapplicable, Findings: append(slices.Clone(s.skipped), target.Finding{Message: why, Warning: true}), Skipped: s.skipped}
}

// unread tells of what the module holds and this package does not model.
func (j *judge) unread() []target.Finding {
	var findings []target.Finding
	for _, u := range j.module.Unread {
		findings = append(findings, target.Finding{Artifact: u.Range.Filename, Location: line(u.Range.Start.Line), Message: u.Reason, Undecided: true})
	}
	return findings
}

func line(n int) string { return fmt.Sprintf("line %d", n) }

// verdict evaluates the module over everything, and what does not hold over
// each resource by itself, to tell which it is.
func (j *judge) verdict(ctx context.Context, s *sorted) (target.Verdict, error) {
	results, err := j.module.Evaluate(ctx, inputs(s.subjects))
	if err != nil {
		return target.Verdict{}, err
	}
	open := map[*module.Condition]module.Result{}
	var conditions []*module.Condition
	for _, r := range results {
		if r.Outcome != module.Holds {
			open[r.Condition] = r
			conditions = append(conditions, r.Condition)
		}
	}
	out := &outcome{}
	if len(conditions) > 0 {
		if err := j.attribute(ctx, s.subjects, conditions, out); err != nil {
			return target.Verdict{}, err
		}
	}
	for _, c := range conditions {
		if !out.told[c] { // it is no single resource's doing
			out.add(open[c], finding(open[c]))
		}
	}
	if err := j.podless(ctx, s, out); err != nil {
		return target.Verdict{}, err
	}
	if s.outside(out) == len(s.subjects) && len(s.doubts) == 0 {
		return s.inapplicable("the policy does not apply to the namespaces of the plan's pods"), nil
	}
	for _, d := range s.doubts {
		out.undecided = append(out.undecided, target.Finding{Message: d, Undecided: true})
	}
	v := out.verdict()
	v.Findings, v.Skipped = append(v.Findings, s.warned...), s.skipped
	return v, nil
}

// podless refuses resources of which the module reads no pod, which it cannot tell
// beside others of which it does.
func (j *judge) podless(ctx context.Context, s *sorted, out *outcome) error {
	if len(s.scope.wanting) == 0 || len(s.subjects) == 1 {
		return nil // the module itself says so
	}
	for _, subject := range s.subjects {
		if subject.version {
			continue
		}
		results, err := j.module.Evaluate(ctx, inputs([]subjectOfPlan{subject}), s.scope.wanting...)
		if err != nil {
			return err
		}
		for _, r := range results {
			if r.Outcome == module.Fails && !out.told[r.Condition] {
				f := finding(r)
				f.Path, f.Message = subject.path, subject.address+" has no pod where its type has one, so that nothing of it is checked"
				out.denied = append(out.denied, f)
			}
		}
	}
	return nil
}

// outside lists the pods in namespaces that the policy does not hold as skipped, and
// gives their number. One of which a condition speaks all the same is not among them.
func (s *sorted) outside(out *outcome) int {
	if s.scope.namespaces == nil {
		return 0
	}
	n := 0
	found := slices.Concat(out.denied, out.undecided, out.warned)
	for _, subject := range s.subjects {
		namespace, known := namespaceOf(subject)
		if !known || slices.Contains(s.scope.namespaces, namespace) || slices.ContainsFunc(found, func(f target.Finding) bool {
			return len(f.Path) >= len(subject.path) && slices.Equal(f.Path[:len(subject.path)], subject.path)
		}) {
			continue
		}
		n++
		why := subject.address + ": " + target.OtherNamespace(namespace, s.scope.namespaces)
		s.skipped = append(s.skipped, target.Finding{Path: subject.path, Message: why, Warning: true, Undecided: true})
		if namespace == "default" {
			s.warned = append(s.warned, target.Finding{Control: string(control.Undeclared), Path: subject.path, Message: why + ", so that nothing of it is checked", Warning: true})
		}
	}
	return n
}

// namespaceOf is the namespace that a resource with a pod states; not known where it
// states none, which the provider or the policy decides.
func namespaceOf(s subjectOfPlan) (string, bool) {
	if s.version {
		return "", false
	}
	metadata := attributeOf(s.value, "metadata")
	if manifest := attributeOf(s.value, "manifest"); !manifest.IsKnown() || !manifest.IsNull() {
		metadata = attributeOf(manifest, "metadata")
	}
	if metadata.IsKnown() && !metadata.IsNull() && metadata.Type().IsTupleType() && metadata.LengthInt() > 0 {
		metadata = metadata.Index(cty.Zero)
	}
	v := attributeOf(metadata, "namespace")
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.String || v.AsString() == "" {
		return "", false
	}
	return v.AsString(), true
}

// outcome collects findings by what they come to.
type outcome struct {
	denied, undecided, warned []target.Finding
	told                      map[*module.Condition]bool
}

func (o *outcome) add(r module.Result, f target.Finding) {
	if o.told == nil {
		o.told = map[*module.Condition]bool{}
	}
	o.told[r.Condition] = true
	switch {
	case !r.Kind.Stops():
		f.Warning = true
		o.warned = append(o.warned, f)
	case r.Outcome == module.Fails:
		o.denied = append(o.denied, f)
	default:
		f.Undecided = true
		o.undecided = append(o.undecided, f)
	}
}

// verdict keeps every finding: what is not known of one resource stays so beside
// what is refused of another.
func (o *outcome) verdict() target.Verdict {
	v := target.Verdict{Outcome: target.Allow, Findings: slices.Concat(o.denied, o.undecided, o.warned)}
	if len(o.undecided) > 0 {
		v.Outcome = target.Stricter(v.Outcome, target.Undecided)
	}
	if len(o.denied) > 0 {
		v.Outcome = target.Stricter(v.Outcome, target.Deny)
	}
	return v
}

// finding tells of a condition that does not hold.
func finding(r module.Result) target.Finding {
	message := r.Message
	if message == "" {
		message = "the condition does not hold"
	}
	return target.Finding{Artifact: r.Range.Filename, Location: line(r.Range.Start.Line), Message: message}
}

// inputs gives the module's variables their values.
func inputs(subjects []subjectOfPlan) module.Inputs {
	resources := []cty.Value{}
	versions := map[string]cty.Value{}
	for _, s := range subjects {
		if s.version {
			versions[s.address] = s.value
		} else {
			resources = append(resources, s.value)
		}
	}
	return module.Inputs{"resources": cty.TupleVal(resources), "kubernetes_versions": cty.ObjectVal(versions)}
}

// sorted is a plan's resources by what the module makes of them.
type sorted struct {
	subjects []subjectOfPlan
	skipped  []target.Finding
	warned   []target.Finding
	doubts   []string
	scope    scope
	podPaths input.PodTemplatePaths
}

// subjectOfPlan is a resource with a pod, or the version that one states.
type subjectOfPlan struct {
	address string
	path    []string
	value   cty.Value
	version bool
}

func sort(plan *module.Plan, scope scope, podPaths input.PodTemplatePaths) (*sorted, error) {
	s := &sorted{doubts: slices.Clone(plan.Doubts), scope: scope, podPaths: podPaths}
	var others typeCounts
	for i := range plan.Resources {
		r := &plan.Resources[i]
		attribute, cluster := versionAttributes[r.Type]
		switch {
		case slices.Contains(pods.types, r.Type) || r.Type == "kubernetes_manifest":
			if err := s.pod(r); err != nil {
				return nil, err
			}
		case cluster:
			if err := s.cluster(r, attribute); err != nil {
				return nil, err
			}
		case unread(r) != "":
			s.skip(r, unread(r), true)
		case input.IsAdditionType(r.Type): // no pod, and judged together with other objects
		case strings.HasPrefix(r.Type, "kubernetes_"):
			if err := s.other(r, &others); err != nil {
				return nil, err
			}
		default:
			others.add(r)
		}
	}
	s.skipped = append(s.skipped, others.skipped()...)
	return s, nil
}

// skip lists a resource that is not read. Pods says that it makes some, or may.
func (s *sorted) skip(r *module.Resource, why string, pods bool) {
	s.skipped = append(s.skipped, target.Finding{Path: r.Path, Message: r.Address + " is not read: " + why, Warning: true, Undecided: pods})
}

func (s *sorted) pod(r *module.Resource) error {
	v, err := r.Value()
	if err != nil {
		return err
	}
	if r.Type == "kubernetes_manifest" {
		if why, pods := s.unreadManifest(v); why != "" {
			s.skip(r, why, pods)
			return nil
		}
	}
	s.add(r, v)
	return nil
}

// unreadManifest says why the module reads no pod of a kubernetes_manifest; "" where it reads one, or may. Makes says that the object
// makes pods, or may.
func (s *sorted) unreadManifest(v cty.Value) (why string, makes bool) {
	kind, knownKind := textOf(v, "kind")
	version, knownVersion := textOf(v, "apiVersion")
	if !knownKind || !knownVersion {
		return "", false
	}
	at, ok := pods.of(version, kind)
	switch installs := input.Installs(version, kind); {
	case ok && at.refers(attributeOf(v, "manifest")):
		field := strings.Join(at.refField, ".")
		return fmt.Sprintf("the %s has no pod of its own: it runs those of the object that %s names, so check that one", kind, field), true
	case ok:
		return "", false
	case installs != "":
		return installs, true
	case s.podPaths.Has(version, kind):
		return fmt.Sprintf("the module reads no pods of the kind %q of %q; check the object as a manifest", kind, version), true
	}
	return fmt.Sprintf("objects of the kind %q of %q hold no pod that the module reads", kind, version), hasContainers(v)
}

// refers reports whether an object names another one in place of a pod, as the condition of static/pods.tf does. What is not known is
// the module's to say.
func (k kindsAt) refers(object cty.Value) bool {
	at := func(path []string) cty.Value {
		v := object
		for _, step := range path {
			v = attributeOf(v, step)
		}
		return v
	}
	if k.refField == nil {
		return false
	}
	ref, spec := at(k.refField), at(append(slices.Clone(k.path), "spec"))
	return (!ref.IsKnown() || !ref.IsNull()) && spec.IsKnown() && spec.IsNull()
}

// other holds a resource of a type that this package does not know to the
// policy where it is made like one with a pod: the module goes by the shape too.
func (s *sorted) other(r *module.Resource, others *typeCounts) error {
	v, err := r.Value()
	if err != nil {
		return err
	}
	if podShaped(attributeOf(v, "spec")) {
		s.add(r, v)
	} else {
		others.add(r)
	}
	return nil
}

// add adds a resource with a pod. The module passes over a spec that is not
// written as a block is, which beside another pod would be a pass.
func (s *sorted) add(r *module.Resource, v cty.Value) {
	if !s.scope.pods {
		s.skip(r, "no control of the policy applies to pods", true)
		return
	}
	s.told(r)
	if spec := attributeOf(v, "spec"); spec.IsKnown() && !spec.IsNull() && !spec.Type().IsTupleType() && !spec.Type().IsListType() {
		s.doubts = append(s.doubts, r.Address+": spec is not a list of one block, as the kubernetes provider writes it, so that no pod is read")
	}
	s.subjects = append(s.subjects, subjectOfPlan{address: r.Address, path: r.Path, value: v})
}

// podShaped reports whether the block spec may hold a pod, as static/pods.tf
// finds one. What is not known may.
func podShaped(spec cty.Value) bool {
	switch {
	case !spec.IsKnown():
		return true
	case spec.IsNull() || !spec.CanIterateElements():
		return false
	}
	if spec.Type().IsTupleType() || spec.Type().IsListType() {
		if spec.LengthInt() == 0 {
			return false
		}
		spec = spec.Index(cty.Zero)
	}
	for _, name := range []string{"container", "template", "job_template"} {
		if inner := attributeOf(spec, name); !inner.IsKnown() || !inner.IsNull() {
			return true
		}
	}
	return false
}

func (s *sorted) cluster(r *module.Resource, attribute string) error {
	v, err := r.Value()
	if err != nil {
		return err
	}
	version := attributeOf(v, attribute)
	switch {
	case !s.scope.versions:
		s.skip(r, fmt.Sprintf("the policy states no %s", control.KubernetesVersion), false)
		return nil
	case version.IsKnown() && version.IsNull():
		s.skip(r, "it states no "+attribute, false)
		return nil
	}
	s.told(r)
	s.subjects = append(s.subjects, subjectOfPlan{address: r.Address, path: append(slices.Clone(r.Path), "values", attribute), value: version, version: true})
	return nil
}

// told notes a resource of which the plan does not say what is unknown.
func (s *sorted) told(r *module.Resource) {
	if !r.Told {
		s.doubts = append(s.doubts, r.Address+": resource_changes has no entry that says what of it is known only after apply")
	}
}

// textOf is an attribute of the object that a kubernetes_manifest carries; ""
// where it has none.
func textOf(v cty.Value, name string) (text string, known bool) {
	k := attributeOf(attributeOf(v, "manifest"), name)
	if !k.IsKnown() {
		return "", false
	}
	if k.IsNull() || k.Type() != cty.String {
		return "", true
	}
	return k.AsString(), true
}

// attributeOf is an attribute of an object, null where it has none, and unknown
// where the object is.
func attributeOf(v cty.Value, name string) cty.Value {
	switch {
	case !v.IsKnown():
		return cty.DynamicVal
	case v.IsNull() || !v.Type().IsObjectType() || !v.Type().HasAttribute(name):
		return cty.NullVal(cty.DynamicPseudoType)
	}
	return v.GetAttr(name)
}
