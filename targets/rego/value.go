package rego

import (
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// term turns a node into a value of OPA's, without Go values between.
func term(n *input.Node) *ast.Term {
	switch n.Kind {
	case input.Bool:
		return ast.InternedTerm(n.Value == "true")
	case input.Number:
		return ast.NumberTerm(json.Number(n.Value))
	case input.String:
		return ast.StringTerm(n.Value)
	case input.Sequence:
		items := make([]*ast.Term, len(n.Items))
		for i, item := range n.Items {
			items[i] = term(item)
		}
		return ast.ArrayTerm(items...)
	case input.Mapping:
		pairs := make([][2]*ast.Term, len(n.Fields))
		for i, f := range n.Fields {
			pairs[i] = ast.Item(ast.InternedTerm(f.Key), term(f.Value))
		}
		return ast.ObjectTerm(pairs...)
	}
	return ast.NullTerm()
}

// objectValue is an object as the rules take it: with the kind that a typed list leaves out, and with the namespace that
// the caller gives to those that name none.
func objectValue(o input.Object, namespace string) ast.Value {
	t := term(o.Node)
	object, ok := t.Value.(ast.Object)
	if !ok {
		return t.Value
	}
	if o.Node.Get("kind").Text() == "" {
		object.Insert(ast.InternedTerm("kind"), ast.StringTerm(o.Kind))
		object.Insert(ast.InternedTerm("apiVersion"), ast.StringTerm(o.APIVersion))
	}
	if namespace == "" || o.Namespace != "" {
		return object
	}
	metadata := ast.NewObject()
	if m := object.Get(ast.InternedTerm("metadata")); m != nil {
		stated, isObject := m.Value.(ast.Object)
		if !isObject {
			return object // refused by the rules
		}
		metadata = stated
	}
	metadata.Insert(ast.InternedTerm("namespace"), ast.StringTerm(namespace))
	object.Insert(ast.InternedTerm("metadata"), ast.NewTerm(metadata))
	return object
}
