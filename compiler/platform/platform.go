// Package platform knows the facts that a policy states of where its artifacts
// will be used: of each fact its type, how it is read, and how those of a policy
// and of the policies that it extends combine.
//
// A fact is one file. Those that several parts of the compiler read are here; a
// fact that only one target reads lies in the target's folder, and the target
// names it (target.Info.Facts). Nothing is registered behind anyone's back: whoever
// reads policies is given the list.
package platform

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// Facts are what is known of a platform. The zero Facts know nothing. They are not
// changed once made; With of a fact gives changed ones.
type Facts struct {
	stated map[string]statement // by the name of the fact; never changed
	Range  hcl.Range            // of the block that states them; empty: none does
}

// statement is the value of one fact.
type statement struct {
	of    Definition
	value any
}

// Definition is a fact of whatever type, as those see it who read and combine facts.
type Definition interface {
	// FactName is the attribute that states the fact in a policy's platform block.
	FactName() string
	// Documentation is one sentence for the reference, without the name.
	Documentation() string
	// Stateable reports whether a policy can state it; if not, only command lines do.
	Stateable() bool
	// Attributes are those of the block that states the fact; none of a fact that is stated by an
	// attribute.
	Attributes() []string
	// Flag is the usage of the option of that name which states the fact for anybody's
	// artifact, with the value's name in backquotes; "" of none.
	Flag() string
	// Parse adds to facts what the option states.
	Parse(text string, facts Facts) (Facts, error)
	// Decode adds to facts what an attribute states. What is wrong with it, it reports.
	Decode(Reader, Facts) Facts

	combine(above, below any) any
}

// Reader reads the value of the attribute that states a fact. Texts are Items, so
// that each has its place. What is of the wrong type is reported by the reader.
type Reader interface {
	// Range is the place of the attribute.
	Range() hcl.Range
	// Text reads one text; false where there is none that can be read.
	Text() (control.Item, bool)
	// Texts reads a list of texts; clean is false where some of it could not be read.
	Texts() (texts []control.Item, clean bool)
	// Lists reads an object of lists of texts, or the attributes of a block. What and each name a list and an element
	// of it in messages.
	Lists(what, each string) []List
	// OneOf reports a text that is none of those known, with the nearest, and gives
	// whether it is one.
	OneOf(text control.Item, what string, known []string) bool
	// Error reports what is wrong at a place.
	Error(at hcl.Range, summary, format string, args ...any)
}

// List is one pair of an object of lists of texts.
type List struct {
	Name control.Item
	// Each calls do for every text that can be read, and gives whether all could.
	Each func(do func(control.Item)) (clean bool)
}

// Fact is a fact with a value of type T. The zero value of T is what is not stated.
type Fact[T any] struct {
	Name string // as in a policy's platform block: "api_server"
	Doc  string // one sentence for the reference
	// Read reads the attribute, and gives whether it states something. A fact without
	// is one that only command lines state.
	Read func(Reader) (T, bool)
	// Fields are the attributes of the block that states the fact, each a list of texts; without, an
	// attribute states it.
	Fields []string
	// Usage and FromText make the fact an option of `judge` and `lint`.
	Usage    string
	FromText func(string) (T, error)
	// Combine gives what a policy with the value below, extending one with the value
	// above, comes to. Without, it is the value below.
	Combine func(above, below T) T
}

// Of gives the value of the fact; the zero T where it is not known.
func (f *Fact[T]) Of(facts Facts) T {
	value, _ := facts.stated[f.Name].value.(T)
	return value
}

// With gives facts in which this one has a value.
func (f *Fact[T]) With(facts Facts, value T) Facts {
	stated := maps.Clone(facts.stated)
	if stated == nil {
		stated = map[string]statement{}
	}
	stated[f.Name] = statement{f, value}
	return Facts{stated, facts.Range}
}

// String lists what is stated, by name.
func (f Facts) String() string {
	out := make([]string, 0, len(f.stated))
	for _, name := range slices.Sorted(maps.Keys(f.stated)) {
		out = append(out, fmt.Sprintf("%s = %+v", name, f.stated[name].value))
	}
	return strings.Join(out, "\n")
}

// FactName is the name of the fact.
func (f *Fact[T]) FactName() string { return f.Name }

// Documentation is one sentence for the reference.
func (f *Fact[T]) Documentation() string { return f.Doc }

// Stateable reports whether a policy can state the fact.
func (f *Fact[T]) Stateable() bool { return f.Read != nil }

// Attributes are those of the block that states the fact.
func (f *Fact[T]) Attributes() []string { return f.Fields }

// Flag is the usage of the option that states the fact; "" of none.
func (f *Fact[T]) Flag() string { return f.Usage }

// Parse adds to facts what the option states. An error says what it must be.
func (f *Fact[T]) Parse(text string, facts Facts) (Facts, error) {
	value, err := f.FromText(text)
	if err != nil {
		return facts, fmt.Errorf("--%s: %w", f.Name, err)
	}
	return f.With(facts, value), nil
}

// asWritten is what an option states where any text will do.
func asWritten(text string) (string, error) { return text, nil }

// Decode adds to facts what an attribute states.
func (f *Fact[T]) Decode(r Reader, facts Facts) Facts {
	value, ok := f.Read(r)
	if !ok {
		return facts
	}
	return f.With(facts, value)
}

func (f *Fact[T]) combine(above, below any) any {
	if f.Combine == nil {
		return below
	}
	a, _ := above.(T)
	b, _ := below.(T)
	return f.Combine(a, b)
}

// Overlay gives the facts of a policy that states those below and extends one that
// comes to those above: each fact as it combines.
func Overlay(above, below Facts) Facts {
	out := Facts{maps.Clone(above.stated), above.Range}
	if out.stated == nil {
		out.stated = map[string]statement{}
	}
	for name, s := range below.stated {
		if before, ok := out.stated[name]; ok {
			s.value = s.of.combine(before.value, s.value)
		}
		out.stated[name] = s
	}
	if below.Range.Filename != "" {
		out.Range = below.Range
	}
	return out
}

// Shared lists the facts of this package, in the order of the reference.
func Shared() []Definition {
	return []Definition{Kubernetes, Runtime, Architectures, APIServer, Networks, Pods, Targets, Capabilities, KernelVersion, Libseccomp}
}

// Known lists the shared facts and others, each once, those of others by name.
func Known(others ...Definition) []Definition {
	more := slices.Clone(others)
	slices.SortStableFunc(more, func(a, b Definition) int { return cmp.Compare(a.FactName(), b.FactName()) })
	out := Shared()
	for _, d := range more {
		if !slices.ContainsFunc(out, func(have Definition) bool { return have.FactName() == d.FactName() }) {
			out = append(out, d)
		}
	}
	return out
}

// addNew gives the items above, and those below that are not among them.
func addNew(above, below []control.Item) []control.Item {
	out := slices.Clip(above)
	for _, it := range below {
		if !slices.ContainsFunc(out, func(have control.Item) bool { return have.Key == it.Key }) {
			out = append(out, it)
		}
	}
	return out
}
