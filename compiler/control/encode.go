package control

import (
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// Encoded gives what the control's rules compare with where it is set to v. All languages are printed from it.
func (c *Control) Encoded(v Value) podrule.Value {
	if c.encode == nil {
		return podrule.Value{}
	}
	return c.encode(v)
}

// inSet encodes elements that are compared as they are.
func inSet(v Value) podrule.Value { return podrule.Value{Kind: podrule.Set, Words: v.Keys()} }

// inWords encodes words of which one may end in a star.
func inWords(v Value) podrule.Value { return wordsOf(v.Keys()) }

func wordsOf(keys []string) podrule.Value {
	out := podrule.Value{Kind: podrule.Words}
	for _, key := range keys {
		if prefix, open := strings.CutSuffix(key, "*"); open {
			out.Prefixes = append(out.Prefixes, prefix)
		} else {
			out.Words = append(out.Words, key)
		}
	}
	return out
}

// inRanges encodes user and group numbers.
func inRanges(v Value) podrule.Value {
	out := podrule.Value{Kind: podrule.Ranges}
	for _, key := range v.Keys() {
		from, to, err := ParseIdentities(key)
		if err != nil {
			panic("control: a resolved policy holds only valid ids: " + err.Error())
		}
		out.Ranges = append(out.Ranges, [2]int64{from, to})
	}
	return out
}

// atMost encodes an amount.
func atMost(v Value) podrule.Value { return podrule.Value{Kind: podrule.Most, Most: v.Text} }

// profileTypes are where a profile comes from, as policies and as Kubernetes spell it, in the order in which a pod
// would rather have them.
var profileTypes = [][2]string{
	{ProfileRuntimeDefault, "RuntimeDefault"}, {ProfileLocalhost, "Localhost"}, {ProfileUnconfined, "Unconfined"},
}

// inProfiles encodes where profiles may come from.
func inProfiles(v Value) podrule.Value {
	out := podrule.Value{Kind: podrule.Set, Unset: v.Has(ProfileUnset)}
	for _, t := range profileTypes {
		if v.Has(t[0]) {
			out.Words = append(out.Words, t[1])
		}
	}
	return out
}

// imageRules are a rule for the images of containers and for those of volumes.
func imageRules(r podrule.Rule) []podrule.Rule {
	volume := r
	r.Over, r.Field = podrule.Containers, "image"
	volume.Over, volume.Field = podrule.Pods, "volumes[].image.reference"
	return []podrule.Rule{r, volume}
}

// repositories encodes patterns of repositories.
func repositories(v Value) podrule.Value { return ImageExpressions(v.Items) }

// deniedRepositories encodes patterns of repositories that are refused, by whatever name of their registry.
func deniedRepositories(v Value) podrule.Value {
	return expressions(v.Items, image.Pattern.DialedExpression)
}

// ImageExpressions encodes patterns of repositories, by the names of their registries that they state.
func ImageExpressions(patterns []Item) podrule.Value {
	return expressions(patterns, image.Pattern.Expression)
}

func expressions(patterns []Item, write func(image.Pattern) string) podrule.Value {
	out := podrule.Value{Kind: podrule.Patterns}
	for _, it := range patterns {
		p, err := image.ParsePattern(it.Key)
		if err != nil {
			panic("control: a resolved policy holds only valid patterns: " + err.Error())
		}
		if e := write(p); !slices.Contains(out.Patterns, e) {
			out.Patterns = append(out.Patterns, e)
		}
	}
	return out
}

// names encodes names in which * stands for any text.
func names(v Value) podrule.Value {
	return podrule.Value{Kind: podrule.Patterns, Patterns: []string{PatternsExpression(v.Keys())}}
}

// runtimeClasses are the names of the RuntimeClasses of each sandbox: its own or its runtime's, by itself or before a dash.
var runtimeClasses = map[string][]string{
	GVisor: {"gvisor", "gvisor-*", "runsc"},
	Kata:   {"kata", "kata-*"},
}

// audiences encodes whom tokens may be for; Unset is the API server.
func audiences(v Value) podrule.Value {
	out := wordsOf(slices.DeleteFunc(v.Keys(), func(key string) bool { return key == APIServerToken }))
	out.Unset = v.Has(APIServerToken)
	return out
}

// writable encodes the folders of whose contents all may be written. A grant of single files gives no folder.
func writable(v Value) podrule.Value {
	out := podrule.Value{Kind: podrule.Patterns}
	for _, key := range v.Keys() {
		p, err := ParsePath(key)
		if err != nil {
			panic("control: a resolved policy holds only valid paths: " + err.Error())
		}
		if expression, ok := p.Below(); ok {
			out.Patterns = append(out.Patterns, expression)
		}
	}
	return out
}

func runtimeClass(v Value) podrule.Value { return wordsOf(runtimeClasses[v.Text]) }
