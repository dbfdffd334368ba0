package attempt

import (
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// Content is the content of a file, and what its attempts need beside it.
type Content struct {
	File string // as messages name it
	Body []byte
	// Namespace is that of Kubernetes objects which name none.
	Namespace string
	Limits    input.Limits
}

// source says how attempts of a kind are made from documents.
type source struct {
	// claims reports whether a document is of the kind, by its shape or by what it
	// calls itself.
	claims func(*input.Document) bool
	// attempt makes the attempt of a document that the kind claims.
	attempt func(*input.Document, Content) Attempt
	// open makes the attempts of a file that somebody says is of the kind.
	open func(Content) ([]Attempt, error)
}

// Opened reports whether attempts of the kind are made from files, by Open, and not
// from fields, by New.
func (s Schema) Opened() bool { return s.source != nil }

// Open makes the attempts of a file of the kind. The error names the file.
func (s Schema) Open(c Content) ([]Attempt, error) { return s.source.open(c) }

// DocumentKinds lists the kinds of attempts that are made from documents.
func DocumentKinds() []Kind {
	var out []Kind
	for _, s := range schemas {
		if s.source != nil {
			out = append(out, s.Kind)
		}
	}
	return out
}

// FromDocument makes the attempt of the first kind that claims a document. What no
// kind claims is taken for a manifest, whose reader says why it is none.
func FromDocument(d *input.Document, c Content) Attempt {
	i := slices.IndexFunc(schemas, func(s Schema) bool { return s.source != nil && s.source.claims(d) })
	if i < 0 {
		return manifestOf(d, c)
	}
	return schemas[i].source.attempt(d, c)
}
