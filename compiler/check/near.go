package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// OfUndeclared reports whether a finding is that no workload describes a pod, or that
// one was meant to.
func (f Finding) OfUndeclared() bool { return f.Control == string(control.Undeclared) }

// nearMisses warns of objects that have the name of a workload and are not the
// workload, for want of its labels or by a typo in the namespace. That they were
// meant to be is a guess, which the artifacts do not make.
func (c *Checker) nearMisses(r *Result, objects []input.Object) {
	if len(c.policy.Workloads) == 0 && len(c.policy.Namespaces) == 0 {
		return
	}
	ctrl, undeclared := c.policy.UndeclaredSetting()
	for _, o := range objects {
		pods := o.Pods()
		if len(pods) == 0 || isUpdate(o) {
			continue
		}
		path, problem := []string{"metadata", "namespace"}, c.inDefault(o)
		if len(pods) > 1 { // the name says too little
			pods = nil
		} else if where := c.misplaced(o, pods[0]); where != "" {
			problem = where
		}
		if pods != nil && problem == "" && !ctrl.Restricts(undeclared.Value) { // or else the refusal says so
			if w := c.meant(o, pods[0]); w != nil {
				path = slices.Concat(pods[0].Path, []string{"metadata", "labels"})
				problem = fmt.Sprintf("it has the name of the workload %s and not its labels, %s, so that it is held to the ceilings only", w.Name, asYAML(w.Match))
			}
		}
		if problem == "" {
			continue
		}
		f := Finding{
			Control: string(ctrl.ID), Severity: Warning, Message: fmt.Sprintf("%s %s: %s", o.Kind, o.Name, problem),
			Resource: c.placed(o).resource, File: o.Document.File, Path: slices.Concat(o.Path, path), Policy: undeclared.Range,
		}
		f.Line, f.Column, _ = o.Document.Position(f.Path...)
		r.Findings = append(r.Findings, f)
	}
}

// isUpdate reports whether a review asks about a change of an object: its name and
// namespace were so before.
func isUpdate(o input.Object) bool {
	return o.Review.At("request", "operation").Text() == "UPDATE"
}

// holds reports whether an object is in a namespace of the policy. A policy that
// names none holds all.
func (c *Checker) holds(o input.Object) bool {
	namespace := cmp.Or(o.Namespace, c.namespace)
	return len(c.policy.Namespaces) == 0 || slices.ContainsFunc(c.policy.Namespaces, func(n control.Item) bool { return n.Key == namespace })
}

// misplaced says in which namespace an object belongs that has a workload's name and
// labels; "" where it is in one of the policy's, or none is near.
func (c *Checker) misplaced(o input.Object, pod input.Pod) string {
	if c.holds(o) {
		return ""
	}
	if w := c.workload(o, pod); w == nil || w.Name != o.Name {
		return ""
	}
	namespace := cmp.Or(o.Namespace, c.namespace)
	closest := closestNamespaces(c.policy, namespace)
	if len(closest) == 0 {
		return ""
	}
	return fmt.Sprintf("it has the name and the labels of the workload %s, and the policy does not hold the namespace %s: write %s", o.Name, namespace, strings.Join(closest, " or "))
}

// inDefault says that an object is in the namespace default, and the policy does not
// hold it; "" where not. Objects get there when nobody chooses a namespace, and
// nothing of them is checked.
func (c *Checker) inDefault(o input.Object) string {
	if cmp.Or(o.Namespace, c.namespace) != "default" || c.holds(o) {
		return ""
	}
	return target.OtherNamespace("default", c.namespaces()) + ", so that nothing of it is checked"
}

// workload finds the workload that a pod is; nil where none describes it.
func (c *Checker) workload(o input.Object, pod input.Pod) *policy.Workload {
	labels, os := o.Labels(pod.Path), pod.Node.At("spec", "os", "name").Text()
	for _, w := range c.policy.Workloads {
		if matches(w.Match, labels) && (w.OS != "windows" || os == "windows") {
			return w
		}
	}
	return nil
}

// meant finds the workload of an object's name, if its pod is in a namespace of the
// policy and no workload, and either lacks labels of that workload or has others
// than the object itself. Labels of the object alone prove little: tools put the
// same ones on all objects of an application.
func (c *Checker) meant(o input.Object, pod input.Pod) *policy.Workload {
	if !c.holds(o) || c.workload(o, pod) != nil {
		return nil
	}
	if w, ok := workloadByName(c.policy, o.Name, o.Labels(pod.Path)); ok {
		return w
	}
	w, ok := c.policy.Workload(o.Name)
	if !ok || w.OS == "windows" {
		return nil
	}
	own := o.Node.At("metadata", "labels")
	for key, value := range w.Match {
		if own.Get(key).Text() != value {
			return nil
		}
	}
	return w
}

// missingLabels continues what is said of an undeclared pod, at a path of the
// document, whose object has the name of a workload.
func (c *Checker) missingLabels(objects map[string]placed, path []string) string {
	for n := range len(path) + 1 {
		o, ok := objects[pathKey(path[:n])]
		if !ok {
			continue
		}
		if pods := o.Pods(); len(pods) == 1 {
			if w := c.meant(o.Object, pods[0]); w != nil {
				return fmt.Sprintf("; those of the workload %s, of which it has the name, are %s", w.Name, asYAML(w.Match))
			}
		}
		break // an object holds no other
	}
	return ""
}

// asYAML is how labels are written in a manifest. Values may look like numbers.
func asYAML(labels map[string]string) string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, k+": "+strconv.Quote(labels[k]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}
