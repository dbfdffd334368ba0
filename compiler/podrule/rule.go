package podrule

import (
	"fmt"
	"strings"
)

// Over says what a rule goes through.
type Over uint8

// What rules go through. A pod of Windows cannot state what is of Linux, so that rules which ask for something to be stated
// leave it out.
const (
	overNothing Over = iota // not stated, which no rule may be
	Pods
	LinuxPods
	Containers
	LinuxContainers
	LastingContainers // all but ephemeral ones, which cannot state resources
	Kubelets          // configurations of kubelets
)

// Level is whose fields the rule reads.
func (o Over) Level() Level {
	switch o {
	case Pods, LinuxPods:
		return Pod
	case Kubelets:
		return Kubelet
	}
	return Container
}

// Linux reports whether pods of Windows are left out.
func (o Over) Linux() bool { return o == LinuxPods || o == LinuxContainers }

// When narrows a rule to some pods.
type When uint8

// The pods that a rule is about.
const (
	Always    When = iota
	NodeUsers      // pods in the node's user namespace
	OwnUsers       // pods with a user namespace of their own
)

// Excuse is a value that a rule does not look at in some pods.
type Excuse uint8

// The excuses.
const (
	NoExcuse       Excuse = iota
	RootInOwnUsers        // the user 0 in a pod with a user namespace of its own, of which another control speaks
	UnsetOnWindows        // stating nothing in a pod of Windows, which has no such field
)

// Shape is how a rule compares.
type Shape uint8

// The shapes.
const (
	noShape Shape = iota // not stated, which no rule may be
	Flag                 // the field is Good
	Member               // the field, or each element of it, is one of the value's; of Refuse none
	Limit                // the amount is stated, above 0 and not above the value
	Image                // the part of an image reference matches a pattern of the value's; of Refuse none
)

// Part is what of an image reference is compared.
type Part uint8

// The parts. What is no reference has none of them, and is refused.
const (
	noPart Part = iota // not stated, which no rule about images may be
	Name               // the repository with its host
	Tag                // the tag that a runtime asks for: latest without one, none beside a digest
	Digest             // a digest must be stated; there is nothing to compare
)

// Rule is one demand on pods, containers or kubelets. Whom it is asked of, whether it refuses or only warns, exceptions and updates
// are a matter of each target.
type Rule struct {
	Over  Over
	When  When
	Field string // its Path
	Shape Shape
	Good  bool // Flag: what the field must be
	Part  Part // Image
	// Refuse turns Image around: what matches is refused.
	Refuse bool
	Excuse Excuse
	// Value is what the rule compares with whatever the policy says; zero is what the policy says.
	Value Value
	// Message says what is wrong; %v is the value that was found, as JSON: a text is in quotes, a number is not.
	Message string
	// Missing says that the field must be stated (Member, unless the value is a set with Unset); %s are the words of the value.
	Missing string
}

// Valid gives an error if the rule does not say what it goes through, its shape or, about images, which part.
func (r Rule) Valid() error {
	switch {
	case r.Over == overNothing || r.Over > Kubelets:
		return fmt.Errorf("the rule over %s does not say what it goes through", r.Field)
	case r.Shape == noShape || r.Shape > Image:
		return fmt.Errorf("the rule over %s has no shape", r.Field)
	case (r.Shape == Image) == (r.Part == noPart):
		return fmt.Errorf("the rule over %s must name a part of the image, if and only if it is about images", r.Field)
	}
	return nil
}

// mustBeValid keeps a rule that is not out of every artifact.
func (r Rule) mustBeValid() {
	if err := r.Valid(); err != nil {
		panic("podrule: " + err.Error())
	}
}

// With gives the rule for one value of the policy, for objects of which all are asked the same: %s in its messages becomes
// the words of the value.
func (r Rule) With(v Value) Rule {
	if v.Kind == None {
		v = r.Value
	}
	r.Value = v
	r.Message = strings.ReplaceAll(r.Message, "%s", v.Names())
	r.Missing = strings.ReplaceAll(r.Missing, "%s", v.Names())
	return r
}

// Immutable reports whether no update of a pod can break the rule.
func (r Rule) Immutable() bool { return r.field().Immutable }

func (r Rule) field() *Field { return mustFind(r.Over.Level(), r.Field) }

// inherits reports whether containers take the field from their pod.
func (r Rule) inherits() bool { return r.Over.Level() == Container && r.field().Level == Both }

// withoutValue takes the value that was found out of a message.
var withoutValue = strings.NewReplacer("; it is %v", "", "the host %v", "a host that is not allowed", "%v ", "", "%v", "a value that is not allowed")

// Summary says what is wrong where a message is one for all pods, so that it can name no value.
func (r Rule) Summary() string {
	if r.Shape == Limit {
		return fmt.Sprintf("the %s limit must be set, and at most what the policy allows", r.short())
	}
	return withoutValue.Replace(r.Message)
}

// maybeUnset reports whether the default of the field is what stating nothing means. The default of a kubelet's is what
// the kubelet does, and is judged like any other value.
func (r Rule) maybeUnset() bool { return r.Over.Level() != Kubelet }

// typed is the type that a value must have to be looked at: Bool, Number or Text; noType where that is no matter of the rule.
// A kubelet does not start with a field of another type, which is reported by itself.
func (r Rule) typed(kind Kind) Type {
	switch {
	case r.Over.Level() == Kubelet:
		return noType
	case r.Shape == Flag:
		return Bool
	case r.Shape != Member || r.nothingAllowed():
		return noType
	case kind == Ranges:
		return Number
	case kind == Set || kind == Words:
		return Text
	}
	return noType
}

// nothingAllowed reports whether the rule refuses whatever is stated.
func (r Rule) nothingAllowed() bool {
	return r.Value.Kind != None && len(r.Value.Ranges) == 0 && len(r.Value.Words) == 0 && len(r.Value.Prefixes) == 0
}

// name is the field in messages: as the message begins, if that is the field.
func (r Rule) name() string {
	word, _, _ := strings.Cut(r.Message, " ")
	if last := r.short(); !strings.HasSuffix(word, last) {
		return last
	}
	return word
}

// short is the name of the field in messages of amounts: "memory".
func (r Rule) short() string { return r.Field[strings.LastIndexByte(r.Field, '.')+1:] }
