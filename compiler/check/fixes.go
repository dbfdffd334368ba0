package check

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/edit"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// fixes are the changes that may fix a finding of a document, the best first,
// each of one or more steps.
func (c *Checker) fixes(name string, text []byte, f Finding) [][]edit.Step {
	ref, _ := control.ParseRef(f.Control)
	ctrl, ok := control.Lookup(ref.ID)
	if !ok {
		return nil
	}
	if field := ctrl.Fix.Field; field != "" && (len(f.Path) == 0 || f.Path[len(f.Path)-1] != field) {
		return nil
	}
	one := func(op edit.Op) [][]edit.Step {
		return [][]edit.Step{{{Op: op, Path: f.Path, Value: ctrl.Fix.Value}}}
	}
	switch ctrl.Fix.Kind {
	case control.FixSet:
		return one(edit.Set)
	case control.FixRemove:
		return one(edit.Remove)
	case control.FixAppend:
		return one(edit.Append)
	case control.FixProfile:
		return append(c.named(name, text, f, true), inherit(f)...)
	case control.FixCompiledProfile:
		return c.named(name, text, f, false)
	case control.FixMembership:
		return c.join(name, text, f)
	}
	return nil
}

// named makes a container name the profile that is compiled for it: where the
// finding is, which may be its pod's statement, or else in the container. Containers
// of undeclared pods share one profile, which suits them only if declaredOnly is false.
func (c *Checker) named(name string, text []byte, f Finding, declaredOnly bool) [][]edit.Step {
	subject := c.subject(f)
	if subject == nil || declaredOnly && !subject.Declared() {
		return nil
	}
	var out [][]edit.Step
	for _, l := range control.Profiles() {
		own := profile.Localhost(c.policy, l.ID, subject)
		if own == "" {
			continue
		}
		if last := len(f.Path) - 1; last >= 0 && strings.HasPrefix(f.Path[last], l.Profile.Annotation) {
			out = append(out, []edit.Step{{Op: edit.Set, Path: f.Path, Value: edit.Quote("localhost/" + own)}})
		}
		at := slices.Index(f.Path, l.Profile.Field)
		if at < 0 {
			continue
		}
		places := [][]string{f.Path[:at+1]}
		if container, alone := c.containerAt(name, text, f, l.ID); container != nil {
			places = append(places, append(container, "securityContext", l.Profile.Field))
			if !alone { // what the pod states is for others too, who have to name others
				slices.Reverse(places)
			}
		}
		for _, place := range places {
			out = append(out, []edit.Step{set(place, "type", "Localhost"), set(place, "localhostProfile", own)})
		}
	}
	return out
}

// join makes an object one of the policy's that bears the name of a workload, by
// labels that its pods lack or by the namespace that was meant. Labels that say
// something else are for people to change: what selects those pods changes too.
func (c *Checker) join(name string, text []byte, f Finding) [][]edit.Step {
	object, ok := c.objectOf(name, text, f)
	if !ok || len(f.Path) == 0 {
		return nil
	}
	if f.Path[len(f.Path)-1] == "namespace" {
		meant := closestNamespaces(c.policy, object.Namespace)
		if len(meant) != 1 {
			return nil
		}
		return [][]edit.Step{{{Op: edit.Set, Path: f.Path, Value: edit.Quote(meant[0])}}}
	}
	within := f.Path[len(object.Path):]
	labels := object.Labels(within)
	w, ok := workloadByName(c.policy, object.Name, labels)
	if !ok {
		return nil
	}
	place := slices.Concat(object.Path, object.PodAt(within).Path, []string{"metadata", "labels"})
	var steps []edit.Step
	for _, key := range slices.Sorted(maps.Keys(w.Match)) {
		if _, has := labels[key]; !has {
			steps = append(steps, set(place, key, w.Match[key]))
		}
	}
	return [][]edit.Step{steps}
}

// inherit makes a container, or its pod, name the runtime's profile.
func inherit(f Finding) [][]edit.Step {
	for _, l := range control.Profiles() {
		if at := slices.Index(f.Path, l.Profile.Field); at >= 0 {
			return [][]edit.Step{{set(f.Path[:at+1], "type", "RuntimeDefault")}}
		}
	}
	return nil
}

func set(at []string, field, value string) edit.Step {
	return edit.Step{Op: edit.Set, Path: append(slices.Clone(at), field), Value: edit.Quote(value)}
}

// subject is the container of the policy whose value a finding breaks; nil of none.
func (c *Checker) subject(f Finding) *policy.Container {
	for s := range c.policy.Subjects() {
		if s.ID() == f.Subject {
			return s
		}
	}
	return nil
}

// containerAt is the path to the container that a finding is about, which may have
// been found in its pod; nil of none. It is alone if all containers of the pod have
// one profile.
func (c *Checker) containerAt(name string, text []byte, f Finding, layer control.ID) (path []string, alone bool) {
	object, ok := c.objectOf(name, text, f)
	if !ok {
		return nil, false
	}
	subject := c.subject(f)
	profiles := map[string]bool{}
	pod := object.PodAt(f.Path[len(object.Path):])
	for _, kind := range []string{"initContainers", "containers", "ephemeralContainers"} {
		list := pod.Node.At("spec", kind)
		if list == nil {
			continue
		}
		for i := range list.Items {
			called := object.NameOf(kind, list.Items, i)
			profiles[profile.Localhost(c.policy, layer, subject.Workload.Container(called))] = true
			if called == f.Container {
				path = slices.Concat(object.Path, pod.Path, []string{"spec", kind, strconv.Itoa(i)})
			}
		}
	}
	return path, len(profiles) == 1
}

// objectOf is the object of a document that a finding is about.
func (c *Checker) objectOf(name string, text []byte, f Finding) (input.Object, bool) {
	chunks, err := input.Split(name, text, c.limits)
	if err != nil || len(chunks) != 1 {
		return input.Object{}, false
	}
	docs, err := chunks[0].Documents()
	if err != nil || len(docs) != 1 {
		return input.Object{}, false
	}
	objects, _ := docs[0].Objects(c.podPaths)
	for _, o := range objects {
		if len(o.Path) <= len(f.Path) && slices.Equal(o.Path, f.Path[:len(o.Path)]) {
			return o, true
		}
	}
	return input.Object{}, false
}

// Written is what --fix would write for a finding of a manifest that it cannot
// change, as paths and values; nil where people decide.
func (c *Checker) Written(f Finding) []string {
	all := c.fixes(f.File, nil, f)
	if f.Resource.Kind == "" || len(all) == 0 {
		return nil
	}
	var out []string
	for _, s := range all[0] {
		at := strings.Join(s.Path, ".")
		switch s.Op {
		case edit.Set:
			out = append(out, at+": "+s.Value)
		case edit.Append:
			out = append(out, at+": [..., "+s.Value+"]")
		case edit.Remove:
			out = append(out, "nothing at "+at)
		}
	}
	return out
}
