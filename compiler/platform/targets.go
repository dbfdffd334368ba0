package platform

import "github.com/bulkhead-policy/bulkhead/compiler/control"

// Targets are the names of the targets that are in force; none: those that are by
// default. They add up: an extending policy cannot switch a layer off.
var Targets = &Fact[[]control.Item]{
	Name: "targets",
	Doc:  "The targets to compile for. Without it, those that are in force by default. Those of extended policies add up.",
	Read: func(r Reader) ([]control.Item, bool) {
		names, clean := r.Texts()
		if names != nil && len(names) == 0 && clean {
			r.Error(r.Range(), "No targets", "Without a target nothing would be held. Leave the attribute out for the default targets.")
		}
		return names, names != nil
	},
	Combine: addNew,
}
