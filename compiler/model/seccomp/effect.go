package seccomp

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// statement is a rule, or an element of a list, of this policy's own.
type statement struct {
	ref  control.Ref
	name string // as written: the rule's label, the call or the set
	at   hcl.Range
}

// effect is whether a statement changes a decision in one container.
type effect struct {
	statement
	unused string // why it changes none; "" where it changes one
}

// effectsOf are of the statements on calls that the policy's own files make: what it inherits is not for its author to mend. Of statements
// without effect that would each do in the other's place, the last is kept.
func (r *resolution) effectsOf(c *policy.Container) []effect {
	effects := r.allowEffects(c)
	var dropped []statement
	for _, id := range []control.ID{control.SeccompRule, control.SeccompDeny} {
		if id == control.SeccompDeny && !c.Declared() {
			break // for whoever extends this policy, and allows more
		}
		for _, it := range c.Enforced(id).Items {
			s := statement{control.Ref{ID: id}, it.Key, it.Range}
			if id == control.SeccompRule {
				s.ref.Label = it.Key
			}
			if !own(it.Range) {
				continue
			}
			why := r.unused(s, dropped)
			if why != "" {
				dropped = append(dropped, s)
			}
			effects = append(effects, effect{s, why})
		}
	}
	return effects
}

// own reports whether something stands in the policy's own folder, seen from which files of others have a folder before their name.
func own(at hcl.Range) bool { return at.Filename != "" && path.Dir(at.Filename) == "." }

// says reports whether a step is a statement's.
func (s statement) says(st step) bool { return st.ref == s.ref && st.at == s.at }

// unused says why a rule or a refusal changes no decision beside the others, those dropped left out. It is empty where it changes one.
func (r *resolution) unused(s statement, dropped []statement) string {
	exist, allowed := false, false
	for _, st := range r.steps {
		if !s.says(st) {
			continue
		}
		exist = true
		allowed = allowed || len(r.base[st.call]) > 0
		if r.changes(s, st, dropped) {
			return ""
		}
	}
	switch {
	case !exist:
		return "none of the platform's architectures has such a call (" + r.names() + ")"
	case !allowed:
		return "seccomp.allow allows none of its calls"
	}
	return "what it would refuse is refused without it: by seccomp.allow, by network.families, or by another rule or refusal"
}

// changes reports whether a step of a statement changes what becomes of its call, or of a call that hides it. The error that a
// refused call returns counts, too.
func (r *resolution) changes(s statement, st step, dropped []statement) bool {
	var others [][]clause
	for _, o := range r.steps {
		gone := slices.ContainsFunc(dropped, func(d statement) bool { return d.says(o) })
		if o.call == st.call && !s.says(o) && !gone {
			others = append(others, o.to...)
		}
	}
	without, ok := intersectAll(r.base[st.call], others)
	if !ok {
		return true
	}
	with, ok := intersectAll(without, st.to)
	if !ok || !covered(without, with) {
		return true
	}
	if _, variant := variants[st.call]; len(r.base[st.call]) == 0 && len(others) == 0 && r.absent[st.call] && !variant {
		return true // without it the call would fail as if the kernel did not have it
	}
	for _, m := range multiplexers {
		if len(r.base[m.name]) > 0 && (m.name == st.call || slices.Contains(m.calls, st.call)) {
			return true
		}
	}
	for name, calls := range variants {
		if len(r.base[name]) > 0 && slices.Contains(calls, st.call) {
			return true
		}
	}
	return false
}

// allowEffects looks for elements of seccomp.allow that allow nothing, or nothing that those beside them do not.
func (r *resolution) allowEffects(c *policy.Container) []effect {
	var effects []effect
	items := c.Enforced(control.SeccompAllow).Items
	byDefault, _ := runtimeDefault(c.Capabilities(), r.arches)
	for _, it := range items {
		if it.Key == control.AnyCall || it.Key == control.RuntimeDefaultSet || !own(it.Range) {
			continue
		}
		effects = append(effects, effect{statement{control.Ref{ID: control.SeccompAllow}, it.Key, it.Range}, ""})
		last := &effects[len(effects)-1]
		calls := slices.DeleteFunc(control.ExpandCalls([]control.Item{it}), func(call control.Item) bool { return !r.exists(call.Key) })
		if len(calls) == 0 {
			last.unused = "none of the platform's architectures has such a call (" + r.names() + ")"
			continue
		}
		i := slices.IndexFunc(items, func(o control.Item) bool { return o.Key == it.Key })
		others := slices.Delete(slices.Clone(items), i, i+1)
		if beside := allowedBy(others, calls, byDefault); beside != "" {
			last.unused = beside + " holds it"
			items = others
		}
	}
	return effects
}

// allowedBy names the elements that together allow calls whatever their arguments. It is empty where they do not.
func allowedBy(items, calls []control.Item, byDefault map[string][]clause) string {
	var names []string
	for _, call := range calls {
		i := slices.IndexFunc(items, func(it control.Item) bool {
			switch it.Key {
			case control.AnyCall:
				return true
			case control.RuntimeDefaultSet:
				return unconditional(byDefault[call.Key])
			}
			return slices.ContainsFunc(control.ExpandCalls([]control.Item{it}), func(o control.Item) bool { return o.Key == call.Key })
		})
		if i < 0 {
			return ""
		}
		if name := fmt.Sprintf("%q", items[i].Key); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " with ")
}

// names are those of the architectures.
func (r *resolution) names() string {
	var names []string
	for _, a := range r.arches {
		names = append(names, string(a.Arch))
	}
	return strings.Join(names, ", ")
}

// withoutEffect warns of the statements that have no effect in any container that they apply to. Effects are by profile.
func withoutEffect(effects [][]effect) [][]target.Diagnostic {
	active := map[statement]bool{}
	why := map[statement]string{}
	for _, of := range effects {
		for _, e := range of {
			active[e.statement] = active[e.statement] || e.unused == ""
			if why[e.statement] == "" {
				why[e.statement] = e.unused
			}
		}
	}
	notes := make([][]target.Diagnostic, len(effects))
	for i, of := range effects {
		for _, e := range of {
			if active[e.statement] {
				continue
			}
			notes[i] = append(notes[i], target.Diagnostic{
				Lint: "rule-without-effect", Summary: "Rule without effect", Warning: true, Range: e.at,
				Message: fmt.Sprintf("%s changes nothing in any container that it holds for: %s. Remove it, or say what it was meant to.", e.statement, why[e.statement]),
			})
		}
	}
	return notes
}

func (s statement) String() string {
	if s.ref.ID == control.SeccompRule {
		return fmt.Sprintf("The rule %q", s.name)
	}
	return fmt.Sprintf("%q in %s", s.name, s.ref.ID)
}

// unlimitedCapabilities warns of a container whose pod may add any capability, because no policy states capabilities.add: "@runtime-default" then
// allows the calls of all capabilities. The place is the statement that drops all capabilities, or else that of "@runtime-default".
func (r *resolution) unlimitedCapabilities(c *policy.Container) []target.Diagnostic {
	allow := c.Enforced(control.SeccompAllow)
	i := slices.IndexFunc(allow.Items, func(it control.Item) bool { return it.Key == control.RuntimeDefaultSet })
	dropped, any := c.AddsAnyCapability()
	if !any || i < 0 || allow.Has(control.AnyCall) {
		return nil
	}
	at, has, why := cmp.Or(allow.Items[i].Range, allow.Range), linux.RuntimeDefaultCapabilities(), "The runtime looks at what the pod adds"
	if dropped != (hcl.Range{}) {
		at, has, why = dropped, nil, `drop = ["ALL"] takes away what the runtime gives, not what the pod adds`
	}
	open, _ := runtimeDefault(c.Capabilities(), r.arches)
	closed, _ := runtimeDefault(has, r.arches)
	var more []string
	for name, clauses := range open {
		if r.exists(name) && !covered(clauses, closed[name]) {
			more = append(more, name)
		}
	}
	if len(more) == 0 {
		return nil
	}
	return []target.Diagnostic{{
		Lint: "unlimited-capabilities", Summary: "Capabilities are not limited", Warning: true, Location: placeDefault, Range: at,
		Message: fmt.Sprintf("No policy states capabilities.add, so that pods may add any capability, and \"@runtime-default\" allows the calls of all. "+
			"%s. Of %d calls, such as %s, this profile allows more than the runtime's default does. Write capabilities { add = [] }, or list what pods may add.",
			why, len(more), slices.Min(more)),
	}}
}
