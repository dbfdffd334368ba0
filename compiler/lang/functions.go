package lang

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// maxFile bounds what file() reads.
const maxFile = 1 << 20

// functions are those of a policy: pure, but for file(), which reads below the
// policy's folder, and kubernetes(), which knows the platform. What they are given is metered; those whose result can be
// much larger, or takes much longer, are bounded here.
func functions(folder fs.FS, facts platform.Facts) *hcl.EvalContext {
	return &hcl.EvalContext{Functions: map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc,
		"coalesce": stdlib.CoalesceFunc, "compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc,
		"contains": stdlib.ContainsFunc, "distinct": bounded(stdlib.DistinctFunc, squared), "element": stdlib.ElementFunc,
		"flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc, "format": bounded(stdlib.FormatFunc, formatted),
		"formatlist": bounded(stdlib.FormatListFunc, formatted), "index": stdlib.IndexFunc, "join": bounded(stdlib.JoinFunc, joined),
		"jsondecode": bounded(stdlib.JSONDecodeFunc, nested), "keys": stdlib.KeysFunc, "length": stdlib.LengthFunc,
		"lower": stdlib.LowerFunc, "max": stdlib.MaxFunc, "merge": stdlib.MergeFunc, "min": stdlib.MinFunc,
		"range": stdlib.RangeFunc, "regex": stdlib.RegexFunc, "replace": bounded(stdlib.ReplaceFunc, replaced),
		"reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
		"setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc,
		"slice": stdlib.SliceFunc, "strlen": stdlib.StrlenFunc, "sort": stdlib.SortFunc, "split": stdlib.SplitFunc, "substr": stdlib.SubstrFunc,
		"title": stdlib.TitleFunc, "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc,
		"trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,
		"values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc, "lookup": stdlib.LookupFunc,
		"try": tryfunc.TryFunc, "can": tryfunc.CanFunc,
		"tostring": stdlib.MakeToFunc(cty.String), "tonumber": stdlib.MakeToFunc(cty.Number), "tobool": stdlib.MakeToFunc(cty.Bool),
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
		"file":  fileFunction(folder), "kubernetes": kubernetesFunction(facts),
	}}
}

// bounded refuses a call whose result, or whose work, would be more than
// maxValue. The estimate is given arguments that are known and not null.
func bounded(f function.Function, estimate func(args []cty.Value) int) function.Function {
	guard := func(args []cty.Value) error {
		for _, a := range args {
			if !a.IsWhollyKnown() || a.IsNull() {
				return nil // f answers for these
			}
		}
		if estimate(args) > maxValue {
			return fmt.Errorf("the result would be larger, or deeper, than a policy needs")
		}
		return nil
	}
	return function.New(&function.Spec{
		Description: f.Description(),
		Params:      f.Params(),
		VarParam:    f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) { // where jsondecode does its work
			if err := guard(args); err != nil {
				return cty.NilType, err
			}
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) },
	})
}

// squared is for what compares each element with each: 2^10 of them are enough.
func squared(args []cty.Value) int {
	n := args[0].LengthInt()
	return n * n
}

// joined is the length of the separators, which stand between all elements.
func joined(args []cty.Value) int {
	n := 0
	for _, list := range args[1:] {
		n += list.LengthInt()
	}
	return n * (1 + len(args[0].AsString()))
}

// replaced is the length where every place that can match does.
func replaced(args []cty.Value) int {
	text, old, replacement := args[0].AsString(), args[1].AsString(), args[2].AsString()
	return len(text) + (1+len(text)/max(1, len(old)))*len(replacement)
}

// wide finds a width or precision of more than three digits.
var wide = regexp.MustCompile(`%[^%a-zA-Z]*[0-9]{4}`)

// formatted is the length of all that is formatted, as often as the longest list
// has elements. A verb may fill up to 999 columns.
func formatted(args []cty.Value) int {
	if !args[0].Type().Equals(cty.String) {
		return maxValue + 1 // a list of formats: nobody needs that
	}
	format := args[0].AsString()
	if wide.MatchString(format) {
		return maxValue + 1
	}
	once, times := len(format), 1
	if strings.ContainsAny(format, "0123456789") {
		once += 1000 * strings.Count(format, "%")
	}
	for _, a := range args[1:] {
		once += size(a, maxValue, 0)
		if a.CanIterateElements() {
			times = max(times, a.LengthInt())
		}
	}
	return once * times
}

// nested counts how deep brackets go in JSON.
func nested(args []cty.Value) int {
	depth, deepest, quoted := 0, 0, false
	text := args[0].AsString()
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']' || c == '}':
			depth--
		}
	}
	if deepest > maxDepth {
		return maxValue + 1
	}
	return len(text)
}

func fileFunction(folder fs.FS) function.Function {
	return function.New(&function.Spec{
		Description: "Reads a text file below the policy's folder.",
		Params:      []function.Parameter{{Name: "path", Type: cty.String}},
		Type:        function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := args[0].AsString()
			if err := below(name); err != nil {
				return cty.NilVal, err
			}
			body, err := readFile(folder, path.Clean(name), maxFile)
			if err != nil {
				return cty.NilVal, fmt.Errorf("%s: %s", name, cause(err))
			}
			if !isText(body) {
				return cty.NilVal, fmt.Errorf("%s is not UTF-8 text", name)
			}
			return cty.StringVal(string(body)), nil
		},
	})
}

// kubernetesFunction tells whether the platform's Kubernetes is of a version or
// newer, so that a policy can say what holds since when.
func kubernetesFunction(facts platform.Facts) function.Function {
	return function.New(&function.Spec{
		Description: "Whether the platform's Kubernetes is of this version or newer.",
		Params:      []function.Parameter{{Name: "version", Type: cty.String}},
		Type:        function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			minor, err := platform.ParseKubernetes(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			return cty.BoolVal(facts.SinceKubernetes(minor)), nil
		},
	})
}

// below refuses a path that leads out of the policy's folder. The folder itself
// refuses links that do.
func below(name string) error {
	clean := path.Clean(name)
	if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		return fmt.Errorf("%q leads out of the policy's folder; only files below it can be read", name)
	}
	return nil
}
