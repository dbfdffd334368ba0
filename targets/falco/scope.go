package falco

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// subject is a container whose events are watched.
type subject struct {
	*policy.Container
	pod      string // macro: an event is of the container's pod
	scope    string // condition: an event is of this container
	priority string // of its violations; "" where they are not reported
}

// macro is a macro of the emitted file.
type macro struct {
	name, condition, comment string
}

// scopes are the macros that tell whose an event is. Their names begin with
// bulkhead_ and the policy's name; words in capitals stand between parts, which
// have none, so that no two policies share a name.
type scopes struct {
	all      string // every pod that the policy holds
	list     string // its namespaces; "" where it holds whatever it is asked about
	declared string // every pod that a workload block describes; "" without workloads
	macros   []macro
	subjects []subject
}

// identifier writes a DNS label as part of a macro's name: a hyphen becomes an
// underscore, which a label has not.
func identifier(label string) string { return strings.ReplaceAll(label, "-", "_") }

func newScopes(p *policy.Policy) *scopes {
	prefix := "bulkhead_" + identifier(p.Name) + "_"
	s := &scopes{all: prefix + "PODS"}
	held := "k8s.pod.name exists"
	if len(p.Namespaces) > 0 {
		s.list = prefix + "NAMESPACES"
		held = "k8s.ns.name in (" + s.list + ")"
	}
	s.add(s.all, held, "pods that the policy holds")
	var pods []string
	for _, w := range p.Workloads {
		name := prefix + "WORKLOAD_" + identifier(w.Name)
		s.add(name, s.workload(w), "pods of the workload "+w.Name)
		if w.OS != "windows" { // Falco sees Linux: a pod with these labels there is not the one described
			pods = append(pods, name)
		}
		s.containers(w, name)
	}
	if len(pods) > 0 {
		s.declared = prefix + "DECLARED"
		s.add(s.declared, strings.Join(pods, " or "), "pods that a workload block describes")
	}
	if p.Undeclared != nil {
		name := s.all
		if s.declared != "" {
			name = prefix + "UNDECLARED"
			s.add(name, s.all+" and not "+s.declared, "pods that no workload block describes")
		}
		s.containers(p.Undeclared, name)
	}
	return s
}

func (s *scopes) add(name, condition, comment string) {
	s.macros = append(s.macros, macro{name, condition, comment})
}

// workload says that an event is of a pod with the workload's labels.
func (s *scopes) workload(w *policy.Workload) string {
	conditions := []string{s.all}
	for _, key := range slices.Sorted(maps.Keys(w.Match)) {
		conditions = append(conditions, argument("k8s.pod.label", key)+" = "+quote(w.Match[key]))
	}
	return strings.Join(conditions, " and ")
}

// containers adds the containers of a workload: those with a block by their names,
// the others by not having one of these.
func (s *scopes) containers(w *policy.Workload, pod string) {
	var named []string
	for _, c := range w.Containers {
		if c.Name != policy.AnyContainer {
			named = append(named, c.Name)
		}
	}
	for _, c := range w.Containers {
		scope := pod
		switch {
		case c.Name != policy.AnyContainer:
			scope = fmt.Sprintf("(%s and container.name = %s)", pod, quote(c.Name))
		case len(named) > 0:
			scope = fmt.Sprintf("(%s and not container.name in %s)", pod, list(named))
		}
		s.subjects = append(s.subjects, subject{c, pod, scope, priorityOf(c)})
	}
}

// unwatched says why Falco does not see a container's system calls; "" if it does.
func unwatched(c *policy.Container) string {
	if c.Workload.OS == "windows" {
		return "Falco watches Linux nodes only."
	}
	if runtime := c.Get(control.SandboxRuntime).Text; runtime == control.GVisor || runtime == control.Kata {
		return fmt.Sprintf("The sandbox %s has a kernel of its own, whose system calls Falco on the node does not see.", runtime)
	}
	return ""
}
