package control

import (
	"slices"
	"strings"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// ID names a control: the block and the attribute, as in "capabilities.drop".
type ID string

// Block is the name of the block that the control is written in.
func (id ID) Block() string { block, _, _ := strings.Cut(string(id), "."); return block }

// Name is the name of the attribute or of the inner block.
func (id ID) Name() string { _, name, _ := strings.Cut(string(id), "."); return name }

// Order is how two values of a control compare, and so how they merge.
type Order int

// The kinds of order. The zero Order belongs to no control.
const (
	_        Order = iota
	AllowSet       // what is allowed: below replaces above and stays within the ceiling
	DenySet        // what is refused: it only grows downward, and beats what is allowed
	Ordered        // one end is strict: never looser than the ceiling
	Fixed          // neither strict nor loose: the nearest setting wins
)

func (o Order) String() string {
	return [...]string{"", "allow set", "deny set", "ordered", "fixed"}[o]
}

// Scope says what a control is a property of.
type Scope int

// The scopes. A control of a wider scope cannot be stated in a narrower block.
const (
	_           Scope = iota
	OfContainer       // containers of one pod may differ
	OfPod             // one value for all containers of a pod
	OfPolicy          // one value for everything that the policy holds
)

func (s Scope) String() string {
	return [...]string{"", "container", "pod", "policy"}[s]
}

// Control is one row of the catalogue: everything that is known of a control
// without knowing a policy or a target.
type Control struct {
	ID       ID
	Title    string   // one line, what it governs
	Reason   string   // why a policy would restrict it
	Mappings []string // who asks for it: Pod Security Standards, CIS, ATT&CK
	Order    Order
	Type     Type
	Scope    Scope
	// LeastMode is the least mode that is enough for the control to count as
	// enforced; where a control names none, Checks.
	LeastMode EnforcementMode
	// Linux says that the control means nothing to a Windows container.
	Linux bool
	// SparesWindows, InManifest and Immutable say of rules that are written by hand what of Rules follows from what they
	// read. SparesWindows says that nothing is asked of Windows pods: they cannot state what
	// the control demands, or have no such paths or pages. What other controls refuse,
	// a Windows pod has to leave out like any pod.
	SparesWindows bool
	// InManifest says that a manifest or a plan shows what the control is about. Other
	// controls are enforced by layers that know a container by its name only.
	InManifest bool
	// OfVolumes says that a volume which is a path of a node, and which pods claim, breaks the control as a pod does that mounts the path.
	OfVolumes bool
	// Immutable says that no update of a pod can break the control: the API server
	// lets nobody change what it reads (k8s.io/kubernetes, core validation,
	// ValidatePodUpdate; AppArmor's annotations in ValidatePodSpecificAnnotationUpdates;
	// of resources, ValidatePodResize takes memory and CPU alone). Others are judged on
	// every update.
	Immutable bool
	// Unseen is what of the control does not show in a manifest or a plan; "" all does.
	Unseen string
	// Open is what stays open before a version of Kubernetes although targets enforce the control.
	Open Gap
	// Since is the minor version of Kubernetes 1 that brought the field which the control
	// reads: before, nothing enforces it. 0 is any.
	Since int
	// NeedsProfile says that the control means something only for containers that a
	// profile is compiled for.
	NeedsProfile bool
	// AppArmor says that the rules of an AppArmor profile can enforce all of the control
	// (apparmor.d(5): file, capability and network rules).
	AppArmor bool
	// Runtimes are the container runtimes that read what the control is about, each with its first version that does. nil
	// where no runtime has to.
	Runtimes map[string]string
	// Namespaced says that the control means something only in namespaces, so that a
	// policy which names none does not set it yet.
	Namespaced bool
	// Sets are controls with the same values that a statement of this one sets too, where its block does not state them. They
	// follow it in the catalogue.
	Sets []ID
	// Strict is the strict end of a Bool.
	Strict bool
	// Names are the values of an Enum or Text; an Enum lists them from strict to loose.
	Names []string
	// Bypasses says that the control, at its loosest, bypasses others: a privileged
	// container loads no profile, a pod on the node's network is outside every
	// NetworkPolicy.
	Bypasses bool
	// Element checks and compares the elements of a Set or Map.
	Element *Element
	// Block is how the blocks of Blocks or Version are read, compared and shown.
	Block *BlockType
	// Loosest is the value that restricts nothing: what holds where no policy
	// says anything, and what ablation sets.
	Loosest Value
	// Example shows the control in pods; zero where pods do not show it.
	Example Example
	// Fix is the only change of a manifest that fixes a finding, if there is one.
	Fix Fix
	// Advice is what people have to decide where there is no Fix: VALUE stands for
	// the value of the policy. Where it is empty, that of the Order applies.
	Advice string
	// TypedAdvice takes the place of Advice for typed resources of Terraform's Kubernetes provider, which lack arguments that
	// Advice names. Where it is empty, Advice does for them too.
	TypedAdvice string
	// Profile says where pods name the profile of the layer that the control is about.
	Profile *Profile
	// Rules are what the control, where it restricts anything, demands of pods and containers, as data: whatever judges pods
	// enforces them. nil where it has nothing to do with pods, or its rules are written by hand.
	Rules []podrule.Rule
	// encode gives what the rules compare with, also those that are written by hand; nil where they are the same whatever the
	// value is, or no other target reads it so.
	encode func(Value) podrule.Value
	// rank gives an enumeration's place where it is not the place in Names:
	// values of equal rank that differ are not comparable.
	rank map[string]int
}

// Known reports whether Kubernetes has what the control reads; since reports whether
// it is 1.minor or newer.
func (c *Control) Known(since func(minor int) bool) bool { return c.Since == 0 || since(c.Since) }

// Restricts reports whether the value refuses anything at all.
func (c *Control) Restricts(v Value) bool {
	switch c.Order {
	case DenySet:
		return len(v.Items) > 0
	case Fixed:
		return false
	}
	return !c.Within(c.Loosest, v)
}

// Lookup finds a control by its ID.
func Lookup(id ID) (*Control, bool) {
	c, ok := byID()[id]
	return c, ok
}

var byID = sync.OnceValue(func() map[ID]*Control {
	m := make(map[ID]*Control, len(catalogue))
	for _, c := range catalogue {
		m[c.ID] = c
	}
	return m
})

// Controls lists the catalogue in its order: by block, then as documented.
func Controls() []*Control { return slices.Clone(catalogue) }

// ControlBlocks lists the control blocks in the catalogue's order.
func ControlBlocks() []string {
	var blocks []string
	for _, c := range catalogue {
		if b := c.ID.Block(); b != "policy" && !slices.Contains(blocks, b) {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// Of lists the controls of one block.
func Of(block string) []*Control {
	var out []*Control
	for _, c := range catalogue {
		if c.ID.Block() == block {
			out = append(out, c)
		}
	}
	return out
}

// Reserved are the controls that no target holds yet, with the target that
// will. Stating one is an error that says so.
var reserved = map[ID]string{
	"network.mutual_tls":    "a service mesh target",
	"image.signature":       "an admission target that verifies signatures",
	"image.vulnerabilities": "a registry scanning target",
	"image.max_age":         "a registry scanning target",
}

// Reserved says which target will hold a control that is only a name so far.
func Reserved(id ID) (target string, ok bool) {
	target, ok = reserved[id]
	return target, ok
}

// ReservedIDs lists the reserved controls, sorted.
func ReservedIDs() []ID {
	ids := make([]ID, 0, len(reserved))
	for id := range reserved {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Ref names a control, or one labelled block of it ("monitoring.detect.shell").
type Ref struct {
	ID    ID
	Label string
}

func (r Ref) String() string {
	if r.Label == "" {
		return string(r.ID)
	}
	return string(r.ID) + "." + r.Label
}

// ParseRef reads the name of a control or of a labelled block. Whether a block
// with that label exists depends on the policy.
func ParseRef(s string) (Ref, bool) {
	if _, ok := Lookup(ID(s)); ok {
		return Ref{ID: ID(s)}, true
	}
	parts := strings.SplitN(s, ".", 3)
	if len(parts) != 3 {
		return Ref{}, false
	}
	id := ID(parts[0] + "." + parts[1])
	if c, ok := Lookup(id); ok && c.Type == Blocks && parts[2] != "" {
		return Ref{ID: id, Label: parts[2]}, true
	}
	return Ref{}, false
}

// ShowsImage reports whether a control is one of containers that is judged where
// their images are seen too, in manifests and plans: what an exception for images
// may speak of.
func (c *Control) ShowsImage() bool {
	return (c.InManifest || len(c.Rules) > 0) && c.Scope == OfContainer
}

// AsksWindows reports whether the control asks anything of Windows pods.
func (c *Control) AsksWindows() bool {
	return !c.SparesWindows && !slices.ContainsFunc(c.Rules, func(r podrule.Rule) bool { return r.Over.Linux() })
}
