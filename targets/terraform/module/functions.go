package module

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// functions are those of Terraform's language that are modelled. Those that
// Terraform takes from go-cty or HCL are the same here; the rest are written
// from Terraform's documentation. The map is never changed.
var functions = map[string]function.Function{
	"can": tryfunc.CanFunc,
	"try": tryfunc.TryFunc,

	"alltrue":     everyFunc(true),
	"anytrue":     everyFunc(false),
	"coalesce":    coalesceFunc,
	"endswith":    affixFunc("suffix", strings.HasSuffix),
	"length":      lengthFunc,
	"lookup":      lookupFunc,
	"one":         oneFunc,
	"startswith":  startsWithFunc,
	"strcontains": affixFunc("substr", strings.Contains),
	"tobool":      toFunc(cty.Bool),
	"tolist":      toFunc(cty.List(cty.DynamicPseudoType)),
	"tomap":       toFunc(cty.Map(cty.DynamicPseudoType)),
	"tonumber":    toFunc(cty.Number),
	"toset":       toFunc(cty.Set(cty.DynamicPseudoType)),
	"tostring":    toFunc(cty.String),

	"abs":             stdlib.AbsoluteFunc,
	"ceil":            stdlib.CeilFunc,
	"compact":         stdlib.CompactFunc,
	"concat":          stdlib.ConcatFunc,
	"contains":        stdlib.ContainsFunc,
	"distinct":        stdlib.DistinctFunc,
	"element":         stdlib.ElementFunc,
	"flatten":         stdlib.FlattenFunc,
	"floor":           stdlib.FloorFunc,
	"join":            stdlib.JoinFunc,
	"keys":            stdlib.KeysFunc,
	"lower":           stdlib.LowerFunc,
	"max":             stdlib.MaxFunc,
	"merge":           stdlib.MergeFunc,
	"min":             stdlib.MinFunc,
	"regex":           stdlib.RegexFunc,
	"regexall":        stdlib.RegexAllFunc,
	"reverse":         stdlib.ReverseListFunc,
	"setintersection": stdlib.SetIntersectionFunc,
	"setsubtract":     stdlib.SetSubtractFunc,
	"setunion":        stdlib.SetUnionFunc,
	"slice":           stdlib.SliceFunc,
	"sort":            stdlib.SortFunc,
	"split":           stdlib.SplitFunc,
	"substr":          stdlib.SubstrFunc,
	"trimprefix":      stdlib.TrimPrefixFunc,
	"trimspace":       stdlib.TrimSpaceFunc,
	"trimsuffix":      stdlib.TrimSuffixFunc,
	"upper":           stdlib.UpperFunc,
	"values":          stdlib.ValuesFunc,
}

// walksDeep are the functions whose work grows with the leaves of what they
// are given, that compare elements with one another, or that look whether all
// of it is known.
var walksDeep = map[string]bool{
	"can": true, "try": true,
	"contains": true, "distinct": true, "flatten": true, "join": true, "regexall": true, "setintersection": true,
	"setsubtract": true, "setunion": true, "sort": true, "tolist": true, "tomap": true, "toset": true,
}

// everyFunc makes alltrue (want) and anytrue (not want). alltrue stops at the
// first unknown element, even before a false one; anytrue goes on to find a
// true one. That is why conditions are written with anytrue.
func everyFunc(all bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			unknown := false
			for it := args[0].ElementIterator(); it.Next(); {
				_, v := it.Element()
				switch {
				case !v.IsKnown() && all:
					return cty.UnknownVal(cty.Bool), nil
				case !v.IsKnown():
					unknown = true
				case all && (v.IsNull() || v.False()):
					return cty.False, nil
				case !all && !v.IsNull() && v.True():
					return cty.True, nil
				}
			}
			if unknown {
				return cty.UnknownVal(cty.Bool), nil
			}
			return cty.BoolVal(all), nil
		},
	})
}

// coalesceFunc gives the first argument that is neither null nor "".
var coalesceFunc = function.New(&function.Spec{
	VarParam: &function.Parameter{Name: "vals", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true, AllowNull: true},
	Type: func(args []cty.Value) (cty.Type, error) {
		var types []cty.Type
		for _, arg := range args {
			types = append(types, arg.Type())
		}
		t, _ := convert.UnifyUnsafe(types)
		if t == cty.NilType {
			return cty.NilType, errors.New("all arguments must have the same type")
		}
		return t, nil
	},
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		for _, arg := range args {
			v, err := convert.Convert(arg, t)
			switch {
			case err != nil:
				return cty.NilVal, err
			case !v.IsKnown():
				return cty.UnknownVal(t), nil
			case v.IsNull() || t == cty.String && v.AsString() == "":
				continue
			}
			return v, nil
		}
		return cty.NilVal, errors.New("no non-null, non-empty-string arguments")
	},
})

// lengthFunc counts elements, or the characters of a string.
var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true}},
	Type: func(args []cty.Value) (cty.Type, error) {
		t := args[0].Type()
		if t != cty.String && t != cty.DynamicPseudoType && !t.IsCollectionType() && !t.IsTupleType() && !t.IsObjectType() {
			return cty.NilType, errors.New("argument must be a string, a collection type, or a structural type")
		}
		return cty.Number, nil
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v := args[0]
		switch t := v.Type(); {
		case t == cty.DynamicPseudoType:
			return cty.UnknownVal(cty.Number), nil
		case t == cty.String:
			return stdlib.Strlen(v)
		case t.IsTupleType(): // the type says it, known or not
			return cty.NumberIntVal(int64(t.Length())), nil
		case t.IsObjectType():
			return cty.NumberIntVal(int64(len(t.AttributeTypes()))), nil
		}
		return v.Length(), nil
	},
})

// lookupFunc gives the element of a map, or the attribute of an object, of a
// name, or the default. Only the map itself and the key must be known.
var lookupFunc = function.New(&function.Spec{
	Params: []function.Parameter{
		// Nothing is marked in a plan. Saying that marks are allowed spares a
		// walk over the whole map for each element that is looked up.
		{Name: "map", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowMarked: true},
		{Name: "key", Type: cty.String, AllowUnknown: true},
	},
	VarParam: &function.Parameter{Name: "default", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true, AllowNull: true},
	Type:     lookupType,
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		m, key := args[0], args[1]
		if !m.IsKnown() || !key.IsKnown() {
			return cty.UnknownVal(t), nil
		}
		name := key.AsString()
		switch {
		case m.Type().IsObjectType():
			if m.Type().HasAttribute(name) {
				return m.GetAttr(name), nil
			}
		case m.HasIndex(key).True():
			return m.Index(key), nil
		}
		if len(args) < 3 {
			return cty.NilVal, fmt.Errorf("lookup failed to find key %q", name)
		}
		return convert.Convert(args[2], t)
	},
})

func lookupType(args []cty.Value) (cty.Type, error) {
	if len(args) > 3 {
		return cty.NilType, fmt.Errorf("lookup() takes two or three arguments, got %d", len(args))
	}
	t, key := args[0].Type(), args[1]
	switch {
	case t.IsObjectType() && !key.IsKnown():
		return cty.DynamicPseudoType, nil
	case t.IsObjectType() && t.HasAttribute(key.AsString()):
		return t.AttributeType(key.AsString()), nil
	case t.IsObjectType() && len(args) == 3:
		return args[2].Type(), nil
	case t.IsObjectType():
		return cty.NilType, function.NewArgErrorf(0, "the given object has no attribute %q", key.AsString())
	case !t.IsMapType():
		return cty.NilType, function.NewArgErrorf(0, "lookup() requires a map as the first argument")
	}
	if len(args) == 3 {
		if _, err := convert.Convert(args[2], t.ElementType()); err != nil {
			return cty.NilType, function.NewArgErrorf(2, "the default value must have the same type as the map elements")
		}
	}
	return t.ElementType(), nil
}

// oneFunc gives the element of a collection of one, and null for an empty one.
var oneFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
	Type: func(args []cty.Value) (cty.Type, error) {
		switch t := args[0].Type(); {
		case t.IsListType() || t.IsSetType():
			return t.ElementType(), nil
		case t.IsTupleType() && t.Length() == 0:
			return cty.DynamicPseudoType, nil
		case t.IsTupleType() && t.Length() == 1:
			return t.TupleElementType(0), nil
		}
		return cty.NilType, errNotOne
	},
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		n := args[0].Length()
		if !n.IsKnown() {
			return cty.UnknownVal(t), nil
		}
		switch args[0].LengthInt() {
		case 0:
			return cty.NullVal(t), nil
		case 1:
			return args[0].AsValueSlice()[0], nil
		}
		return cty.NilVal, errNotOne
	},
})

var errNotOne = function.NewArgErrorf(0, "must be a list, set, or tuple value with either zero or one elements")

// startsWithFunc decides by what is known of the beginning of a text that is
// not known as a whole, such as "registry.example.com/${...}".
var startsWithFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "str", Type: cty.String, AllowUnknown: true}, {Name: "prefix", Type: cty.String}},
	Type:   function.StaticReturnType(cty.Bool),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		prefix := args[1].AsString()
		if args[0].IsKnown() {
			return cty.BoolVal(strings.HasPrefix(args[0].AsString(), prefix)), nil
		}
		known := args[0].Range().StringPrefix()
		if len(known) >= len(prefix) {
			return cty.BoolVal(strings.HasPrefix(known, prefix)), nil
		}
		return cty.UnknownVal(cty.Bool), nil
	},
})

// affixFunc makes endswith and strcontains.
func affixFunc(name string, holds func(s, affix string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}, {Name: name, Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(holds(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// toFunc makes the functions that convert: tostring, toset and so on. They
// pass null and unknown values on.
func toFunc(want cty.Type) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "v", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true}},
		Type: func(args []cty.Value) (cty.Type, error) {
			got := args[0].Type()
			if got.Equals(want) {
				return want, nil
			}
			conv := convert.GetConversionUnsafe(got, want)
			if conv == nil && got != cty.DynamicPseudoType {
				return cty.NilType, function.NewArgErrorf(0, "cannot convert %s to %s", got.FriendlyName(), want.FriendlyNameForConstraint())
			}
			if !args[0].IsKnown() || args[0].IsNull() {
				return want, nil
			}
			v, err := convert.Convert(args[0], want)
			if err != nil {
				return cty.NilType, function.NewArgError(0, err)
			}
			return v.Type(), nil
		},
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
			if tooManyDigits(args[0]) {
				return cty.NilVal, function.NewArgErrorf(0, "a number of more than %d digits", MaxDigits)
			}
			return convert.Convert(args[0], t)
		},
	})
}

// tooManyDigits reports a number whose text would be far larger than the
// number: 1e1000000000 has a billion digits.
func tooManyDigits(v cty.Value) bool {
	if v.Type() != cty.Number || !v.IsKnown() || v.IsNull() {
		return false
	}
	f := v.AsBigFloat()
	return f.Sign() != 0 && !f.IsInf() && (f.MantExp(nil) > 4*MaxDigits || f.MantExp(nil) < -4*MaxDigits)
}
