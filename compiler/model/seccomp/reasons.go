package seccomp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// opaque are calls that reach far, and take what they are asked in memory.
var opaque = []string{"bpf", "clone3", "mount_setattr", "openat2"}

// reasons say why the profile does what it does about calls that a filter cannot see into.
func (e *emitter) reasons() []target.Diagnostic {
	var notes []target.Diagnostic
	if e.all {
		return nil
	}
	add := func(lint, call, message string, args ...any) {
		notes = append(notes, target.Diagnostic{Lint: lint, Location: e.place(call), Subject: call, Summary: "Call that no filter sees into",
			Message: fmt.Sprintf(message, args...)})
	}
	for _, m := range multiplexers {
		if len(e.clauses[m.name]) == 0 && len(e.narrowed[m.name]) > 0 {
			add("hidden-arguments", m.name, "%s is refused because of %s. It does what %s and other calls do, and takes their arguments in memory, where a filter does not see them.",
				m.name, controlsOf(e.narrowed[m.name]), m.calls[0])
		}
	}
	for _, name := range []string{"clone3", "openat2"} {
		older := variants[name][len(variants[name])-1]
		if e.exists(name) && len(e.clauses[name]) == 0 {
			because := string(control.SeccompAllow)
			if e.hidden[name] {
				because = controlsOf(e.narrowed[name])
			}
			add("hidden-arguments", name, "%s fails as if the kernel did not have it (ENOSYS), because of %s: its flags lie in memory, where a filter does not see them. Programs go on to %s.",
				name, because, older)
		}
	}
	for _, name := range opaque {
		if len(e.clauses[name]) > 0 {
			add("hidden-arguments", name, "%s is allowed whatever it is asked: that lies in memory, where a filter does not see it.", name)
		}
	}
	for _, p := range e.pointers {
		add("hidden-arguments", p.call, "%s is refused whatever its arguments, because of %s: argument %d is a pointer, and a filter sees only the address.", p.call, p.ref, p.index)
	}
	switch ring := "io_uring_setup"; {
	case !e.exists(ring):
	case len(e.clauses[ring]) == 0:
		add("io-uring", ring, "io_uring is refused: what is asked through its rings is no system call, and no filter sees it.")
	default:
		add("io-uring", ring, "io_uring is allowed: what is asked through its rings is no system call, and nothing of this profile holds there. Refuse @io_uring to close it.")
	}
	return notes
}

// place is where the profile decides about a call.
func (e *emitter) place(call string) string {
	for i, r := range slices.Backward(e.rules) {
		if slices.Contains(r.Names, call) {
			return rulePlace(i)
		}
	}
	return placeDefault
}

// controlsOf names the controls that had a say.
func controlsOf(from []source) string {
	var names []string
	for _, s := range from {
		if name := s.ref.String(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
