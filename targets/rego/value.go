package rego

import (
	"encoding/json"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/targets/rego/evaluator"
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

// objectValue is an object as the rules take it: within the review that asks about it, if one does.
func objectValue(o input.Object, namespace string) ast.Value {
	asked := askedValue(o, namespace)
	review, ok := reviewTerm(o)
	if !ok {
		return asked
	}
	request, ok := review.Get(ast.InternedTerm("request")).Value.(ast.Object)
	if !ok {
		panic("rego: what has an object is one: " + o.Kind)
	}
	request.Insert(ast.InternedTerm("object"), ast.NewTerm(asked))
	review.Insert(ast.InternedTerm("request"), ast.NewTerm(request))
	return review
}

func reviewTerm(o input.Object) (ast.Object, bool) {
	if o.Review == nil {
		return nil, false
	}
	review, ok := term(o.Review).Value.(ast.Object)
	return review, ok
}

// askedValue is an object with the kind that a typed list leaves out, and with the namespace that the caller gives to
// those that name none.
func askedValue(o input.Object, namespace string) ast.Value {
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

// evaluated is an object as the evaluator takes it, equal to objectValue.
func evaluated(o input.Object, namespace string) *evaluator.Value {
	asked := askedPlain(o, namespace)
	if o.Review == nil {
		return asked
	}
	review := plain(o.Review)
	return review.Insert("request", review.Get("request").Insert("object", asked))
}

// askedPlain is equal to askedValue.
func askedPlain(o input.Object, namespace string) *evaluator.Value {
	v := plain(o.Node)
	if v.Kind() != evaluator.Object {
		return v
	}
	if o.Node.Get("kind").Text() == "" {
		v = v.Insert("kind", evaluator.NewString(o.Kind)).Insert("apiVersion", evaluator.NewString(o.APIVersion))
	}
	if namespace == "" || o.Namespace != "" {
		return v
	}
	metadata := v.Get("metadata")
	if metadata == nil {
		metadata = evaluator.NewObject(nil)
	}
	if metadata.Kind() != evaluator.Object {
		return v // refused by the rules
	}
	return v.Insert("metadata", metadata.Insert("namespace", evaluator.NewString(namespace)))
}

// plainOf turns what OPA answers into a value of the evaluator's. An answer is JSON, so that all of it has one.
func plainOf(answer any) *evaluator.Value {
	if answer == nil {
		return nil
	}
	v, ok := evaluator.FromAST(ast.MustInterfaceToValue(answer))
	if !ok {
		panic("OPA's answers are JSON")
	}
	return v
}

// plain turns a node into a value of the evaluator's.
func plain(n *input.Node) *evaluator.Value { return plainBy(&evaluator.Maker{}, n) }

func plainBy(maker *evaluator.Maker, n *input.Node) *evaluator.Value {
	switch n.Kind {
	case input.Bool:
		return evaluator.NewBoolean(n.Value == "true")
	case input.Number:
		return evaluator.NewNumber(n.Value)
	case input.String:
		return maker.String(n.Value)
	case input.Sequence:
		items := make([]*evaluator.Value, len(n.Items))
		for i, item := range n.Items {
			items[i] = plainBy(maker, item)
		}
		return maker.Array(items)
	case input.Mapping:
		fields := make([]evaluator.Field, len(n.Fields))
		for i, f := range n.Fields {
			fields[i] = evaluator.Field{Key: f.Key, Value: plainBy(maker, f.Value)}
		}
		return maker.Object(fields)
	}
	return evaluator.NewNull()
}
