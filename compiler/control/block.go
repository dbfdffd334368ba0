package control

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// BlockType is how a control that is written in blocks is read, compared and
// shown: labelled blocks (Blocks), or one block without a label (Version).
type BlockType struct {
	// Schema is what stands in a block.
	Schema hcl.BodySchema
	// Decode reads a block into an item that has the block's label and range. False
	// leaves the block out.
	Decode func(BlockReader, *Item) bool
	// Within reports whether a allows nothing that b does not, two blocks of one label.
	Within func(a, b Item) bool
	// Meet gives what holds where both do, two blocks of one label. The second result
	// is false where they contradict each other; the first is then a.
	Meet func(a, b Item) (Item, bool)
	// Show gives what messages write after the label; nil adds nothing.
	Show func(Item) string
}

// BlockReader is one block, as package lang reads it for BlockType.Decode. What is
// wrong is kept as a diagnostic, and reading goes on.
type BlockReader interface {
	// Label is the label of the block, with its range.
	Label() (string, hcl.Range)
	// Range is that of the block's header.
	Range() hcl.Range
	// Stated gives the range of the value of an attribute; false where it is absent.
	Stated(attribute string) (hcl.Range, bool)
	// Text reads an attribute of type string; false where it is absent, null or wrong.
	Text(attribute string) (string, hcl.Range, bool)
	// Need is Text for an attribute that must not be empty.
	Need(attribute string) (string, hcl.Range, bool)
	// Texts reads a list of strings, or one string.
	Texts(attribute string) []Item
	// Value reads one value, null too; false where it is absent or wrong.
	Value(attribute string) (cty.Value, bool)
	// Values reads a list of any values, or one value that is not null.
	Values(attribute string) []Evaluated
	// Items reads a list of elements of another control.
	Items(attribute string, of *Control) []Item
	// Blocks gives the blocks of a type within the block.
	Blocks(kind string, schema hcl.BodySchema) []BlockReader

	// CheckName and CheckTitle refuse a label that cannot be part of the names of
	// artifacts, or of their comments. Sentence refuses what is not one line of text,
	// and OneOf what is not among the known words.
	CheckName(what string)
	CheckTitle(what string)
	Sentence(text string, at hcl.Range, what string) bool
	OneOf(text string, at hcl.Range, what string, known []string) bool

	// Error keeps a diagnostic, Clean tells later whether there were none since, and
	// TypeName and DidYouMean are for their texts.
	Error(at hcl.Range, summary, format string, args ...any)
	Clean() func() bool
	TypeName(cty.Value) string
	DidYouMean(text string, known []string) string
}

// Evaluated is a value with its range.
type Evaluated struct {
	Value cty.Value
	Range hcl.Range
}

func blockSchema(attributes ...hcl.AttributeSchema) hcl.BodySchema {
	return hcl.BodySchema{Attributes: attributes}
}

func required(name string) hcl.AttributeSchema {
	return hcl.AttributeSchema{Name: name, Required: true}
}

func optional(name string) hcl.AttributeSchema { return hcl.AttributeSchema{Name: name} }

// leastVersion is the type of blocks with nothing but a least version, in Item.Arg.
// Of two, what both admit holds.
func leastVersion(check func(BlockReader) bool) *BlockType {
	within := func(a, b Item) bool { return a.Arg == b.Arg || minimumWithin(a.Arg, b.Arg) }
	return &BlockType{
		Schema: blockSchema(required("min")),
		Decode: func(r BlockReader, it *Item) (ok bool) {
			if check != nil && !check(r) {
				return false
			}
			it.Arg, ok = least(r)
			return ok
		},
		Within: within,
		Meet: func(a, b Item) (Item, bool) {
			switch {
			case within(a, b):
				return a, true
			case within(b, a):
				return b, true
			}
			a.Arg = meetMinimums(a.Arg, b.Arg)
			return a, true
		},
		Show: func(it Item) string {
			if it.Arg == "" {
				return ""
			}
			return " >= " + it.Arg
		},
	}
}

// least reads the least version that will do, or one for each of several branches.
func least(r BlockReader) (string, bool) {
	at, _ := r.Stated("min")
	var versions []string
	for _, it := range r.Texts("min") {
		versions = append(versions, it.Key)
	}
	if len(versions) == 0 {
		return "", false
	}
	least, err := NewMinimum(versions)
	if err != nil {
		r.Error(at, "Not a version", "min: %s. For several branches it is a list: [\"1.7.29\", \"2.0.7\"].", err)
		return "", false
	}
	return least.String(), true
}
