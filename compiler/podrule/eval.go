package podrule

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/image"
)

// Facts are what a rule knows of a pod beside its specification.
type Facts struct {
	OwnUsers  bool // it has a user namespace of its own
	Windows   bool // it is one of Windows
	Ephemeral bool // the container is an ephemeral one
	PodLimits bool // a pod may state limits for all its containers together
}

// Eval gives what violates the rule, as its messages say it, each once. It is what the printed rules are held to in tests,
// and reads what the API server would take: objects decoded from JSON, in which a field of another type is not looked for.
//
// A rule about pods takes no container, and one about kubelets takes the configuration in place of the pod. One about containers takes a container and the specification of its pod, and
// looks at what holds for the container; without a container, at what the pod states for the containers that take it.
func (r Rule) Eval(v Value, facts Facts, pod, container map[string]any) []string {
	switch {
	case r.Over.Linux() && facts.Windows,
		r.Over == LastingContainers && facts.Ephemeral,
		r.When == OwnUsers && !facts.OwnUsers,
		r.When == NodeUsers && facts.OwnUsers:
		return nil
	}
	if r.Value.Kind != None {
		v = r.Value
	}
	var out []string
	terms := r.terms(pod, container)
	if r.field().Shared > 0 && facts.PodLimits && len(terms) == 1 && terms[0] == nil {
		terms = termsIn(pod, stepsOf(r.Field))
	}
	for _, x := range terms {
		if message := r.judge(v, facts, x); message != "" {
			out = append(out, message)
		}
	}
	return out
}

// terms are the values that the rule looks at; nil is one that is not stated.
func (r Rule) terms(pod, container map[string]any) []any {
	steps, required := stepsOf(r.Field), r.field().Required
	termsIn := func(from any, steps []step) []any {
		terms := termsIn(from, steps)
		if required && terms[0] == nil && termsIn(from, steps[:len(steps)-1])[0] != nil {
			terms[0] = ""
		}
		return terms
	}
	switch {
	case r.Over.Level() != Container:
		return termsIn(pod, steps)
	case container == nil && !r.inherits():
		return nil
	case container == nil:
		return stated(termsIn(pod, steps))
	case r.inherits():
		return append(stated(termsIn(container, steps)), termsIn(pod, steps)...)[:1]
	}
	return termsIn(container, steps)
}

func stated(terms []any) []any {
	if len(terms) == 1 && terms[0] == nil {
		return nil
	}
	return terms
}

// termsIn follows steps: of a list that is not stated there are no elements.
func termsIn(from any, steps []step) []any {
	if len(steps) == 0 {
		return []any{from}
	}
	object, _ := from.(map[string]any)
	var out []any
	for _, name := range steps[0].names {
		next := object[name]
		if !steps[0].list {
			out = append(out, termsIn(next, steps[1:])...)
			continue
		}
		items, _ := next.([]any)
		for _, item := range items {
			if !lacks(item, steps[1:]) {
				out = append(out, termsIn(item, steps[1:])...)
			}
		}
	}
	return out
}

// lacks reports whether an item has not got the object that has the field.
func lacks(item any, steps []step) bool {
	object, _ := item.(map[string]any)
	return len(steps) > 1 && object[steps[0].names[0]] == nil
}

// judge says what is wrong with one value; "" for nothing.
func (r Rule) judge(v Value, facts Facts, x any) string {
	unset := r.field().unset()
	if x == nil {
		x = unset
	}
	switch r.Shape {
	case Flag:
		if x == r.Good {
			return ""
		}
	case Member:
		if r.excused(facts, x) || r.Missing == "" && r.maybeUnset() && x == unset || v.allows(x) {
			return ""
		}
		if x == unset && r.Missing != "" {
			return strings.ReplaceAll(r.Missing, "%s", v.Names())
		}
	case Limit:
		return r.limit(v, x)
	case Image:
		if r.right(v, fmt.Sprint(x)) {
			return ""
		}
	}
	if message := r.mistyped(v, x); message != "" {
		return message
	}
	return strings.ReplaceAll(r.Message, "%v", shown(x))
}

// mistyped says what is wrong with the type of a value, and what to write; "" for nothing.
func (r Rule) mistyped(v Value, x any) string {
	text, isText := x.(string)
	wanted := ""
	switch typed := r.typed(v.Kind); {
	case x == nil:
	case typed == Bool:
		if _, ok := x.(bool); !ok {
			wanted = strconv.FormatBool(r.Good)
		}
	case typed == Number && isText && wholeNumber.MatchString(text):
		if v.allows(json.Number(text)) {
			wanted = text
		}
	case typed == Number:
		if _, ok := number(x); !ok {
			wanted = "a whole number"
		}
	case typed == Text && !isText:
		wanted = "a string"
	}
	if wanted == "" {
		return ""
	}
	return fmt.Sprintf("%s is %s (%s); write %s", r.name(), shown(x), typeName(x), wanted)
}

var wholeNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,17})$`)

// typeName is the type of a value of JSON.
func typeName(x any) string {
	switch x.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

// shown writes a value in a message as JSON, so that the text "0" and the number 0 differ, and "" can be seen.
func shown(x any) string {
	body, err := json.Marshal(x)
	if err != nil {
		panic("podrule: a value of JSON has a JSON form: " + err.Error())
	}
	return string(body)
}

func (r Rule) excused(facts Facts, x any) bool {
	switch r.Excuse {
	case RootInOwnUsers:
		n, ok := number(x)
		return facts.OwnUsers && ok && n.Sign() == 0
	case UnsetOnWindows:
		return facts.Windows && x == nil
	}
	return false
}

// limit says what is wrong with an amount.
func (r Rule) limit(v Value, x any) string {
	if x == nil {
		return fmt.Sprintf("no %s limit is set; set one of at most %s", r.short(), v.Most)
	}
	q, err := ParseAmount(fmt.Sprint(x))
	most := parseAmount(v.Most)
	switch {
	case err != nil:
		return fmt.Sprintf("the %s limit %s is not an amount; set one of at most %s", r.short(), shown(x), v.Most)
	case q.Sign() < 0:
		return fmt.Sprintf("the %s limit %v is negative; set one of at most %s", r.short(), x, v.Most)
	case q.Sign() == 0:
		return fmt.Sprintf("a %s limit of 0 is none; set one of at most %s", r.short(), v.Most)
	case q.Cmp(most) > 0:
		return fmt.Sprintf("the %s limit %v is over %s", r.short(), x, v.Most)
	}
	return ""
}

// right reports whether the part of a reference is as it must be. What is no reference never is.
func (r Rule) right(v Value, reference string) bool {
	ref, err := image.ParseReference(reference)
	if err != nil {
		return false
	}
	text := ref.Name()
	switch r.Part {
	case Digest:
		return ref.Digest != ""
	case Tag:
		if ref.Digest != "" {
			return r.Refuse
		}
		if text = ref.Tag; text == "" {
			text = "latest"
		}
	}
	return matches(v.Patterns, text) != r.Refuse
}

func matches(patterns []string, text string) bool {
	for _, p := range patterns {
		if regexp.MustCompile(p).MatchString(text) {
			return true
		}
	}
	return false
}
