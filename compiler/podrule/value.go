package podrule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Kind says which part of a Value counts.
type Kind uint8

// The kinds.
const (
	None     Kind = iota // the rule is the same whatever the policy says
	Set                  // Words, and Unset
	Words                // Words and Prefixes
	Ranges               // Ranges
	Most                 // Most
	Patterns             // Patterns
)

// Value is what a rule compares with, encoded from a policy once for every language. All that depends on the policy alone
// is computed before.
type Value struct {
	Kind     Kind
	Words    []string // in the order in which messages name them
	Prefixes []string // words that begin so are meant too
	// Unset says that stating nothing is an element of the set.
	Unset  bool
	Ranges [][2]int64 // first and last, both included
	Most   string     // an amount as Kubernetes writes it
	// Patterns are regular expressions (RE2), of which one has to match.
	Patterns []string
}

// Rego writes the value as Rego: an array, an object of names and prefixes, or an amount in billionths beside its text.
func (v Value) Rego() string {
	switch v.Kind {
	case Set:
		return bracketed(v.elements(RegoString))
	case Words:
		return fmt.Sprintf(`{"names": %s, "prefixes": %s}`, bracketed(each(v.Words, RegoString)), bracketed(each(v.Prefixes, RegoString)))
	case Ranges:
		return bracketed(each(v.Ranges, pair))
	case Most:
		return bracketed([]string{Billionths(v.Most), RegoString(v.Most)})
	case Patterns:
		return bracketed(each(v.Patterns, RegoString))
	}
	return "true"
}

// HCL writes the value as Terraform's language does: a list, an object of names and prefixes, or an amount as a number.
func (v Value) HCL() string {
	switch v.Kind {
	case Set:
		return bracketed(v.elements(HCLString))
	case Words:
		return fmt.Sprintf("{ names = %s, prefixes = %s }", bracketed(each(v.Words, HCLString)), bracketed(each(v.Prefixes, HCLString)))
	case Ranges:
		return bracketed(each(v.Ranges, pair))
	case Most:
		return Decimal(v.Most)
	case Patterns:
		return bracketed(each(v.Patterns, HCLString))
	}
	return "true"
}

// elements writes a set; null is stating nothing.
func (v Value) elements(quote func(string) string) []string {
	out := each(v.Words, quote)
	if v.Unset {
		out = append(out, "null")
	}
	return out
}

// Names are the words that messages name, as "RuntimeDefault or Localhost", or numbers as "0 or 10 to 20".
func (v Value) Names() string {
	words := slices.Clip(v.Words)
	for _, r := range v.Ranges {
		if r[0] == r[1] {
			words = append(words, strconv.FormatInt(r[0], 10))
		} else {
			words = append(words, fmt.Sprintf("%d to %d", r[0], r[1]))
		}
	}
	return strings.Join(words, " or ")
}

// allows reports whether a text or number is one of the value's.
func (v Value) allows(x any) bool {
	switch v.Kind {
	case Set:
		word, ok := x.(string)
		return ok && slices.Contains(v.Words, word) || x == nil && v.Unset
	case Words:
		word, ok := x.(string)
		return ok && (slices.Contains(v.Words, word) || slices.ContainsFunc(v.Prefixes, func(p string) bool { return strings.HasPrefix(word, p) }))
	case Ranges:
		n, ok := number(x)
		return ok && slices.ContainsFunc(v.Ranges, func(r [2]int64) bool {
			return n.Cmp(new(big.Float).SetInt64(r[0])) >= 0 && n.Cmp(new(big.Float).SetInt64(r[1])) <= 0
		})
	}
	panic("podrule: membership in a value that has no elements")
}

// number gives a number of JSON.
func number(x any) (*big.Float, bool) {
	switch n := x.(type) {
	case float64:
		return big.NewFloat(n), true
	case int64:
		return new(big.Float).SetInt64(n), true
	case int:
		return new(big.Float).SetInt64(int64(n)), true
	case json.Number:
		f, ok := new(big.Float).SetPrec(200).SetString(n.String())
		return f, ok
	}
	return nil, false
}

// RegoString writes a text as a string of Rego. It is the only way by which a text of a policy enters a rule: Rego's strings
// in double quotes are JSON's. What is not UTF-8 gets replacement characters, as in JSON.
func RegoString(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("podrule: a string has a JSON form: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// HCLString writes a text as a string of Terraform's language in which nothing is a template: ${ and %{ stand for
// themselves. It is the only way by which a text of a policy enters the module.
func HCLString(s string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes())
}

func bracketed(elements []string) string { return "[" + strings.Join(elements, ", ") + "]" }

func pair(r [2]int64) string {
	return "[" + strconv.FormatInt(r[0], 10) + ", " + strconv.FormatInt(r[1], 10) + "]"
}

func each[T any](all []T, write func(T) string) []string {
	out := make([]string, len(all))
	for i, x := range all {
		out[i] = write(x)
	}
	return out
}
