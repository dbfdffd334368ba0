package rego

import (
	"regexp"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// kind is where a profile comes from: by its name in policies, in the field and in the annotation.
type kind struct{ key, field, annotation string }

var localhost = kind{control.ProfileLocalhost, "Localhost", "localhost/"}

// preferred is the first kind of profile that is allowed, as a pod would rather have them; zero where none is.
func preferred(allowed control.Value) kind {
	for _, k := range []kind{{control.ProfileRuntimeDefault, "RuntimeDefault", "runtime/default"}, localhost, {control.ProfileUnconfined, "Unconfined", "unconfined"}} {
		if allowed.Has(k.key) {
			return k
		}
	}
	return kind{}
}

// must reports whether a container has to name the profile that is compiled for it, were it only to be reported.
func (l layer) must(p *policy.Policy, c *policy.Container) bool {
	return c.Get(control.CompiledProfiles).Bool && profile.Localhost(p, l.control, c) != ""
}

// states writes a profile as the platform's version of Kubernetes reads it: by a field, or by the container's annotation.
func (l layer) states(s situation, k kind, file string) tree {
	if !s.policy.Platform.SinceKubernetes(l.since) {
		return annotated(l.annotationOf(exampleName(s.container)), k.annotation+file)
	}
	profile := tree{"type": k.field}
	if file != "" {
		profile["localhostProfile"] = file
	}
	return inSecurity(tree{l.field: profile})
}

func annotated(key, value string) tree {
	return tree{"metadata": tree{"annotations": tree{key: value}}}
}

// annotationOf is the name of the annotation that a container of that name has.
func (l layer) annotationOf(container string) string {
	if l.control == control.SeccompProfile {
		return "container.seccomp.security.alpha.kubernetes.io/" + container
	}
	return "container.apparmor.security.beta.kubernetes.io/" + container
}

// profileKept states the profile that a container has to name, or one that it may; false where there is none. It is the
// container's own where it names the container.
func (l layer) profileKept(s situation) (stated tree, own, ok bool) {
	allowed, file := s.container.Get(l.control).Value, ""
	k := preferred(allowed)
	switch {
	case l.must(s.policy, s.container):
		k, file = localhost, profile.Localhost(s.policy, l.control, s.container)
	case !s.restricts(l.control):
		return nil, false, true
	case k == kind{}:
		return nil, false, allowed.Has(control.ProfileUnset)
	case k == localhost:
		file = l.file(s.policy, s.container)
	}
	return l.states(s, k, file), file != "" || !s.policy.Platform.SinceKubernetes(l.since), true
}

// otherProfiles name profiles of a kind that is not allowed, and one of the node that is not the container's own.
func (l layer) otherProfiles(s situation) []tree {
	other := kind{"", "Unconfined", "unconfined"}
	if s.value.Has(control.ProfileUnconfined) {
		other = kind{"", "Example", "example"} // no kind that there is
	}
	changes := []tree{l.states(s, other, "")}
	if s.value.Has(control.ProfileLocalhost) && l.tells(s.policy, s.container) {
		changes = append(changes, l.states(s, localhost, "another"))
	}
	return changes
}

// anotherProfile names in each layer another profile than the one that is compiled.
func anotherProfile(s situation) []tree {
	var changes []tree
	for _, l := range layers {
		if l.must(s.policy, s.container) {
			changes = append(changes, l.states(s, localhost, "another"))
		}
	}
	return changes
}

// refusedAnnotation states the first annotation that is refused.
func refusedAnnotation(s situation) []tree {
	name := strings.ReplaceAll(s.value.Keys()[0], "*", "example")
	return []tree{annotated(name, "example")}
}

// annotationsKept says whether no annotation that a pod states is refused.
func annotationsKept(c *policy.Container, stated tree) bool {
	v := c.Get(control.Annotations).Value
	if len(v.Items) == 0 {
		return true
	}
	refused := regexp.MustCompile(control.PatternsExpression(v.Keys()))
	metadata, _ := stated["metadata"].(tree)
	annotations, _ := metadata["annotations"].(tree)
	for key := range annotations {
		if refused.MatchString(key) {
			return false
		}
	}
	return true
}

// refusedVariable sets the first variable of the environment that is refused.
func refusedVariable(s situation) []tree {
	name := strings.ReplaceAll(s.value.Keys()[0], "*", "EXAMPLE")
	return []tree{inContainer(tree{"env": []any{tree{"name": name, "value": "example"}}})}
}
