package policy

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// Policy is a policy in which everything is decided: extended policies,
// ceilings and exceptions are worked in, and every container has a value for
// every control. Lists are sorted. It is not changed once made; Without gives a
// changed copy.
type Policy struct {
	Name, Version, Owner string
	Range                hcl.Range
	Namespaces           []control.Item // none: a policy to extend, or to hold whatever it is asked about
	Platform             platform.Facts
	// Profiles are those that the targets in force compile, in the order of the
	// targets: known once these are selected.
	Profiles []CompiledProfiles
	// Settings are those of the policy itself: what holds for everything.
	Settings Settings
	// Workloads are the declared ones, by name.
	Workloads []*Workload
	// Undeclared stands for the pods that no workload block describes; its
	// values are the ceilings. Nil where such pods are refused.
	Undeclared *Workload
	undeclared *Workload // the same, whether or not such pods are refused
	// ChoosesLayers says that the policy, and each that it extends but presets, names its targets: what a preset
	// states for layers that none of these is of may be left out.
	ChoosesLayers bool
	presetFiles   map[string]bool // those that presets are written in
	Flows         []*Flow
	Exceptions    []*Exception   // those in force
	Sources       []Source       // this policy first, then those that it extends
	Ignorable     []control.Item // what comments in manifests may ignore: controls or blocks

	derived *derived // see Derived
}

// MayIgnore reports whether a comment in a manifest may ignore a control.
func (p *Policy) MayIgnore(id control.ID) bool {
	return slices.ContainsFunc(p.Ignorable, func(it control.Item) bool { return it.Covers(id) })
}

// FromPreset reports whether presets alone state a setting. Refusals add up: each item of a list may be another policy's.
func (p *Policy) FromPreset(s Setting) bool {
	if !p.presetFiles[s.Range.Filename] {
		return false
	}
	return !slices.ContainsFunc(s.Items, func(it control.Item) bool {
		return it.Range.Filename != "" && !p.presetFiles[it.Range.Filename]
	})
}

// Assume gives a copy of the policy in which controls that nobody states are at their strictest in every container. Only
// controls that are on or off can be assumed.
func (p *Policy) Assume(controls ...*control.Control) *Policy {
	return p.mapSettings(func(settings Settings) Settings {
		out := maps.Clone(settings)
		for _, c := range controls {
			if s, ok := out[c.ID]; ok && !s.Stated() {
				s.Bool, s.Assumed = c.Strict, true
				out[c.ID] = s
			}
		}
		return out
	})
}

// Source is one policy as it was read.
type Source struct {
	Name, Version, Path string
	Preset              bool
}

// Workload is a kind of pod, recognised by its labels.
type Workload struct {
	Name  string            // "" for undeclared pods
	Match map[string]string // labels that the pod has
	OS    string            // "linux" or "windows"
	// Ports are the numbers that the names of the pod's ports mean; nil where the policy states none.
	Ports map[string]control.Port
	Range hcl.Range
	// Containers are those with a block of their own, by name, and last the one
	// named "*", which stands for all others.
	Containers []*Container
}

// AnyContainer is the name of the container that stands for all without a block.
const AnyContainer = "*"

// Container is what a container of a workload is held to.
type Container struct {
	Workload *Workload
	Name     string
	Range    hcl.Range
	Settings Settings
}

// ID is "workload/container", as artifacts name whom they are for. Undeclared
// pods are "*/...".
func (c *Container) ID() string {
	if c.Workload.Name == "" {
		return "*/" + c.Name
	}
	return c.Workload.Name + "/" + c.Name
}

// Declared reports whether a workload block describes the container's pod.
func (c *Container) Declared() bool { return c.Workload.Name != "" }

// Get gives what a control is set to, whether it refuses or only warns. Targets
// that check and report use it.
func (c *Container) Get(id control.ID) Setting { return c.Settings[id] }

// Enforced gives what a control is set to for targets that prevent: its loosest
// value where an exception says that violations are only reported.
func (c *Container) Enforced(id control.ID) Setting {
	s := c.Settings[id]
	if s.Warn != nil {
		s.Value = loosest(id)
	}
	return s
}

func loosest(id control.ID) control.Value {
	c, ok := control.Lookup(id)
	if !ok {
		panic("policy: no control " + string(id))
	}
	return c.Loosest
}

// Capabilities lists what the container has when it runs as root, sorted: the
// bounding set that a runtime gives it, from capabilities.drop and .add. What is
// dropped by name stays dropped whatever is added; dropping ALL clears the
// runtime's default set only.
func (c *Container) Capabilities() []string { return capabilities(c.Enforced) }

// ReportedCapabilities is Capabilities where what an exception only warns of counts as refused: it keeps being reported.
func (c *Container) ReportedCapabilities() []string { return capabilities(c.Get) }

func capabilities(setting func(control.ID) Setting) []string {
	if setting(control.Privileged).Bool {
		return allCapabilities()
	}
	drop, add := setting(control.CapabilitiesDrop), setting(control.CapabilitiesAdd)
	var names []string
	switch {
	case add.Has("ALL"):
		names = allCapabilities()
	case drop.Has("ALL"):
		names = add.Keys()
	default:
		names = append(linux.RuntimeDefaultCapabilities(), add.Keys()...)
	}
	names = slices.DeleteFunc(names, drop.Has)
	slices.Sort(names)
	return slices.Compact(names)
}

// AddsAnyCapability reports whether pods may add any capability to the container because no policy states capabilities.add. The range is of the
// statement that drops ALL, which reads as if there were none left; it is empty where none does.
func (c *Container) AddsAnyCapability() (dropped hcl.Range, any bool) {
	drop := c.Enforced(control.CapabilitiesDrop)
	if i := slices.IndexFunc(drop.Items, func(it control.Item) bool { return it.Key == "ALL" }); i >= 0 {
		dropped = cmp.Or(drop.Items[i].Range, drop.Range)
	}
	return dropped, !c.Enforced(control.CapabilitiesAdd).Stated() && !c.Enforced(control.Privileged).Bool
}

func allCapabilities() []string {
	var names []string
	for _, c := range linux.Capabilities() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return names
}

// Flow is an edge of the network, stated once for both ends.
type Flow struct {
	Name     string
	Range    hcl.Range
	From, To []End
	Ports    []control.Port
}

// End is one end of a flow: exactly one of the two is set.
type End struct {
	Workload *Workload
	Peer     *Peer
	Range    hcl.Range
}

// PeerKind says what a peer is known by.
type PeerKind int

// The kinds of peers. The zero kind belongs to no peer.
const (
	_                 PeerKind = iota
	PeerPods                   // pods by namespace and label
	PeerCIDRs                  // addresses
	PeerHosts                  // names
	PeerInternet               // whatever is outside the cluster and its private networks
	PeerKubernetesAPI          // platform.APIServer
	PeerScope                  // every pod that the policy holds
	PeerAny                    // every pod, and every address
)

// Peer is something that a workload talks with and that is not a workload.
type Peer struct {
	Name       string
	Kind       PeerKind
	Namespaces []string // "*": all
	Labels     map[string]string
	CIDRs      []string
	Except     []string // networks within the CIDRs that are not meant
	Hosts      []string
	Range      hcl.Range
}

// ExceptionKind says what an exception does.
type ExceptionKind int

// The kinds of exceptions. The zero kind belongs to no exception.
const (
	_               ExceptionKind = iota
	ExceptionAllow                // the workload may ask for more than its ceiling
	ExceptionWarn                 // violations are reported and let through
	ExceptionUnheld               // no target can hold the control; accepted
)

// Exception loosens, until a day, what the policy says.
type Exception struct {
	Name                  string
	Kind                  ExceptionKind
	Workload              string         // "": all
	Images                []control.Item // patterns of repositories, for warn: containers of these images only; none: whatever runs
	Controls              []control.Item // refs or blocks, for warn and unheld
	Allow                 Settings       // for allow
	Owner, Reason, Ticket string
	Expires               string // the last day, UTC, as 2006-01-02
	Policy                string // the policy that it stands in
	Range                 hcl.Range
}

// Covers reports whether a warn or unheld exception speaks of a control for a
// workload.
func (e *Exception) Covers(id control.ID, workload string) bool {
	if e.Workload != "" && e.Workload != workload {
		return false
	}
	return slices.ContainsFunc(e.Controls, func(it control.Item) bool { return it.Covers(id) })
}

// Statement is one thing that the resolved policy says and that targets must
// hold: a control in a container, a control of the policy, or a flow.
type Statement struct {
	Control   *control.Control // nil for a flow
	Container *Container       // nil for controls of the policy and for flows
	Setting   Setting
	Flow      *Flow
}

// Subjects gives every container that the policy speaks of: those of the
// workloads in order, then those of undeclared pods.
func (p *Policy) Subjects() iter.Seq[*Container] {
	return func(yield func(*Container) bool) {
		for _, w := range p.workloads() {
			for _, c := range w.Containers {
				if !yield(c) {
					return
				}
			}
		}
	}
}

func (p *Policy) workloads() []*Workload {
	if p.Undeclared == nil {
		return p.Workloads
	}
	return append(slices.Clone(p.Workloads), p.Undeclared)
}

// Statements gives all that the policy says and that restricts something. What
// means nothing where it is said is no statement. Those that targets have to
// enforce are profile.Statements: they depend on the profiles that are compiled.
func (p *Policy) Statements() iter.Seq[Statement] {
	return func(yield func(Statement) bool) {
		for _, ctrl := range control.Controls() {
			if ctrl.Scope != control.OfPolicy {
				continue
			}
			if s := p.Settings[ctrl.ID]; ctrl.Restricts(s.Value) && !yield(Statement{Control: ctrl, Setting: s}) {
				return
			}
		}
		for c := range p.Subjects() {
			for _, ctrl := range control.Controls() {
				s, ok := c.Settings[ctrl.ID]
				if ok && ctrl.Scope != control.OfPolicy && ctrl.Restricts(s.Value) && p.means(ctrl) && c.Settings.decides(ctrl) && !yield(Statement{Control: ctrl, Container: c, Setting: s}) {
					return
				}
			}
		}
		for _, f := range p.Flows {
			if len(p.Namespaces) > 0 && !yield(Statement{Flow: f}) {
				return
			}
		}
	}
}

// decides reports whether the setting of a control decides anything itself: it is not set by another one, and where it sets
// others, these do not override it all.
func (s Settings) decides(ctrl *control.Control) bool {
	follows := func(id control.ID) bool { return s[id].Via == ctrl.ID }
	return s[ctrl.ID].Via == "" && (len(ctrl.Sets) == 0 || slices.ContainsFunc(ctrl.Sets, follows))
}

// means reports whether a control says something of a container: some do so only
// in namespaces.
func (p *Policy) means(ctrl *control.Control) bool {
	return !ctrl.Namespaced || len(p.Namespaces) > 0
}

// Applies reports whether a control means something to the workload.
func (w *Workload) Applies(c *control.Control) bool { return w.OS != "windows" || !c.Linux }

// Workload finds a declared workload.
func (p *Policy) Workload(name string) (*Workload, bool) {
	i := slices.IndexFunc(p.Workloads, func(w *Workload) bool { return w.Name == name })
	if i < 0 {
		return nil, false
	}
	return p.Workloads[i], true
}

// Container gives what a container of the workload is held to.
func (w *Workload) Container(name string) *Container {
	for _, c := range w.Containers {
		if c.Name == name || c.Name == AnyContainer {
			return c
		}
	}
	panic("policy: workload without a container \"*\"")
}

// ValidUntil is the last day, as 2006-01-02, on which every exception in force
// still holds: artifacts are not to be used beyond it. It is empty where there
// are no exceptions.
func (p *Policy) ValidUntil() string {
	until := ""
	for _, e := range p.Exceptions {
		if until == "" || e.Expires < until {
			until = e.Expires
		}
	}
	return until
}

// Notice is what an artifact says of itself, on one line: which policy it comes
// from, and until when it holds.
func (p *Policy) Notice() string {
	name := p.Name
	if p.Version != "" {
		name += " " + p.Version
	}
	notice := "Compiled by Bulkhead from the policy " + name + "; change the policy, not this file."
	if until := p.ValidUntil(); until != "" {
		notice += " It rests on exceptions of which the first ends on " + until + ": compile again by then."
	}
	return notice
}
