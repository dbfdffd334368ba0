package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Info is what a target says of itself, without a policy.
type Info struct {
	// Name is the name on the command line and in platform.targets, the folder below
	// the output folder and the row in the documentation.
	Name  string
	Layer Layer
	// Default says that the target is in force where a policy names no targets.
	Default bool
	// Group names what a cluster has one of, such as its network plugin: of a group one
	// target is in force. "" is no group.
	Group string
	// Facts are those of the platform that its artifacts depend on. Those with a flag are
	// options of `judge` and `lint` for its artifacts.
	Facts []platform.Definition
	// Profiles are those that it compiles for containers, for pods to name.
	Profiles []policy.CompiledProfiles
	// Extensions are those of its artifacts (".yaml"), by which they are found in a
	// folder; none: every file there is one.
	Extensions []string
	// Includes is the usage of the option that names a folder with files that artifacts include, with `DIR` in
	// backquotes; "": they include none.
	Includes string
	// Help is for those who judge or lint its artifacts: what their meaning depends on.
	// "" says nothing.
	Help string
}

// Layer is where a target's artifacts take effect.
type Layer string

// The layers, in the order in which a container meets them.
const (
	Infrastructure Layer = "infrastructure" // before there is a cluster
	SupplyChain    Layer = "supply chain"   // before there is a container
	Admission      Layer = "admission"      // when the cluster is asked for one
	Kernel         Layer = "kernel"         // when a process asks the kernel
	Network        Layer = "network"        // when it connects
	Detection      Layer = "detection"      // when it has happened
	Operations     Layer = "operations"     // as long as it runs
)

// Facts lists the facts of the platform that targets read, each once.
func Facts(targets []Target) []platform.Definition {
	var out []platform.Definition
	for _, t := range targets {
		for _, f := range t.Info().Facts {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

// Names lists the names of targets.
func Names(targets []Target) []string {
	out := make([]string, len(targets))
	for i, t := range targets {
		out[i] = t.Info().Name
	}
	return out
}

// Select gives the targets that are in force: those that the policy lists, or else
// those that are by default, in the order of all. Of a group at most one is listed.
func Select(p *policy.Policy, all []Target) ([]Target, hcl.Diagnostics) {
	listed := platform.Targets.Of(p.Platform)
	var chosen []Target
	for _, t := range all {
		if named(listed, t) || len(listed) == 0 && t.Info().Default {
			chosen = append(chosen, t)
		}
	}
	return chosen, append(unknown(listed, all), rivals(listed, all)...)
}

func named(listed []control.Item, t Target) bool {
	return slices.ContainsFunc(listed, func(it control.Item) bool { return it.Key == t.Info().Name })
}

// unknown reports listed names that no target has.
func unknown(listed []control.Item, all []Target) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, it := range listed {
		if !slices.Contains(Names(all), it.Key) {
			diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unknown target", Subject: it.Range.Ptr(),
				Detail: fmt.Sprintf("No target is called %q. There are: %s.", it.Key, strings.Join(Names(all), ", "))})
		}
	}
	return diags
}

// rivals reports a listed target of a group of which another is listed before it.
func rivals(listed []control.Item, all []Target) hcl.Diagnostics {
	var diags hcl.Diagnostics
	first := map[string]string{} // by group
	for _, it := range listed {
		i := slices.Index(Names(all), it.Key)
		if i < 0 || all[i].Info().Group == "" {
			continue
		}
		group := all[i].Info().Group
		if before, ok := first[group]; ok && before != it.Key {
			diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Targets exclude each other", Subject: it.Range.Ptr(),
				Detail: fmt.Sprintf("%s and %s are both for the %s, of which a cluster has one: what they emit would add up. Remove one of the two from platform.targets.", before, it.Key, group)})
			continue
		}
		first[group] = it.Key
	}
	return diags
}

// InForce gives the policy as it is with the targets in force: they decide which
// profiles pods can name. Where the policy chose its layers, what bypasses these and none of the targets can refuse is taken
// for granted: NetworkPolicies alone are about pods that are not on the node's network.
func InForce(p *policy.Policy, targets []Target) *policy.Policy {
	if bypasses := unenforceable(p, targets); p.ChoosesLayers && len(bypasses) > 0 {
		p = p.Assume(bypasses...)
	}
	return withProfiles(p, targets)
}

func withProfiles(p *policy.Policy, targets []Target) *policy.Policy {
	var profiles []policy.CompiledProfiles
	for _, t := range targets {
		profiles = append(profiles, t.Info().Profiles...)
	}
	return p.WithProfiles(profiles)
}

// unenforceable lists the controls that bypass others when they are loose, and that no target enforces however strict they
// are.
func unenforceable(p *policy.Policy, targets []Target) []*control.Control {
	var out []*control.Control
	for c := range p.Subjects() {
		for _, ctrl := range control.Controls() {
			s := policy.Statement{Control: ctrl, Container: c, Setting: policy.Setting{Value: control.Value{Bool: ctrl.Strict}}}
			if ctrl.Bypasses && !slices.ContainsFunc(targets, func(t Target) bool { return t.Support(p, s).Enforces(s) }) {
				out = append(out, ctrl)
			}
		}
		break // targets say the same of every container
	}
	return out
}
