package podrule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// RegoRule is a rule in the parts of a rule of Rego.
type RegoRule struct {
	Over    string   // what of the prelude is gone through: containers, linux_pods, ...
	Where   []string // the lines that find what is wrong; allowed is what the policy says
	At      string   // where Keys begin, if not at what is gone through
	Keys    string   // the way to what is wrong or missing
	Problem string   // what is wrong, as an expression
}

// Rego prints the rule over the prelude of the target rego, kind being that of the policy's value. A field that containers
// take from their pod makes two rules: what a pod states and no container takes must be right too, since the next
// container takes it.
func (r Rule) Rego(kind Kind) []RegoRule {
	r.mustBeValid()
	allowed := "allowed"
	if r.Value.Kind != None {
		kind, allowed = r.Value.Kind, r.Value.Rego()
	}
	p := regoPrinter{r, kind, allowed}
	if r.inherits() {
		return []RegoRule{p.taken(), p.offered()}
	}
	steps := stepsOf(r.Field)
	if before, within := around(steps); before != nil {
		return []RegoRule{p.elements(before, within)}
	}
	return []RegoRule{p.single(steps)}
}

type regoPrinter struct {
	Rule
	kind    Kind
	allowed string
}

func (r Rule) overRego() string {
	return [...]string{"", "pods", "linux_pods", "containers", "linux_containers", "lasting_containers", "kubelets"}[r.Over]
}

// variable is what is gone through, one at a time.
func (r Rule) variable() string {
	switch r.Over.Level() {
	case Pod:
		return "pod"
	case Kubelet:
		return "kubelet"
	}
	return "c"
}

// way writes keys from what is gone through; elements that are no names are variables.
func (r Rule) way(keys ...string) string {
	if r.Over.Level() == Pod {
		keys = append([]string{`"spec"`}, keys...)
	}
	return bracketed(keys)
}

// single looks at one field, or at one of several alternatives.
func (p regoPrinter) single(steps []step) RegoRule {
	where, keys := p.keys(steps)
	reference := p.variable() + ".spec"
	for i, s := range steps {
		if len(s.names) == 1 {
			reference += regoSelector(s.names[0])
		} else {
			reference += "[" + keys[i] + "]"
		}
	}
	rule := RegoRule{Over: p.overRego(), Keys: p.way(keys...), Problem: p.problem()}
	switch {
	case p.Shape == Limit:
		parent, unset := strings.TrimSuffix(reference, regoSelector(p.short())), "null"
		if p.field().Shared > 0 {
			rule.At, unset = fmt.Sprintf("limiting(c, %s)", rule.Keys), fmt.Sprintf("pod_limit(c.pod, %s)", RegoString(p.short()))
		}
		where = append(where, fmt.Sprintf("value := object.get(%s, %s, %s)", parent, RegoString(p.short()), unset), fmt.Sprintf("not within_limit(value, %s)", p.allowed))
	default:
		where = append(where, "value := "+reference)
		where = append(where, p.tests()...)
	}
	rule.Where = append(where, p.conditions("c.pod", "pod")...)
	return rule
}

// keys writes the names of steps, and the lines that bind variables to alternatives.
func (p regoPrinter) keys(steps []step) (where, keys []string) {
	variables := p.field().Alternatives
	for _, s := range steps {
		if len(s.names) == 1 {
			keys = append(keys, RegoString(s.names[0]))
			continue
		}
		where = append(where, fmt.Sprintf("some %s in %s", variables[0], bracketed(each(s.names, RegoString))))
		keys, variables = append(keys, variables[0]), variables[1:]
	}
	return where, keys
}

// elements looks at each element of a list, or at a field of each.
func (p regoPrinter) elements(before, within []step) RegoRule {
	reference := p.variable() + ".spec"
	var keys []string
	for _, s := range before {
		reference += regoSelector(s.names[0])
		keys = append(keys, RegoString(s.names[0]))
	}
	rule := RegoRule{Over: p.overRego(), Problem: p.problem()}
	if len(within) == 0 {
		rule.Keys, rule.Where = p.way(keys...), []string{"some value in " + reference}
	} else {
		where, inner := p.within(within)
		rule.Keys = p.way(append(append(keys, "i"), inner...)...)
		rule.Where = append([]string{"some i, item in " + reference}, where...)
	}
	rule.Where = append(append(rule.Where, p.tests()...), p.conditions("c.pod", "pod")...)
	return rule
}

// within binds value to a field of an item. An item that lacks the object which has the field has no such field.
func (p regoPrinter) within(steps []step) (where, keys []string) {
	where, keys = p.keys(steps)
	if len(keys) == 1 {
		return append(where, fmt.Sprintf("value := object.get(item, %s, %s)", keys[0], p.field().Default)), keys
	}
	parent := keys[0]
	if len(keys) > 2 {
		parent = bracketed(keys[:len(keys)-1])
	}
	return append(where, fmt.Sprintf("object.get(item, %s, null) != null", parent),
		fmt.Sprintf("value := object.get(item, %s, %s)", bracketed(keys), p.field().Default)), keys
}

// taken looks at what a container states, or takes from its pod.
func (p regoPrinter) taken() RegoRule {
	steps := stepsOf(p.Field)
	last := len(steps) - 1
	parent := "c.spec"
	for _, s := range steps[:last] {
		parent += regoSelector(s.names[0])
	}
	name := steps[last].names[0]
	of := "c.pod.spec" + strings.TrimPrefix(parent, "c.spec") + regoSelector(name)
	keys := bracketed(names(steps))
	return RegoRule{
		Over: p.overRego(), At: "stating(c, " + keys + ")", Keys: keys, Problem: p.problem(),
		Where: slices.Concat([]string{fmt.Sprintf("value := object.get(%s, %s, %s)", parent, RegoString(name), of)}, p.tests(), p.conditions("c.pod", "")),
	}
}

// offered looks at what a pod states and no container takes.
func (p regoPrinter) offered() RegoRule {
	keys := bracketed(names(stepsOf(p.Field)))
	over := "pods"
	if p.Over.Linux() {
		over = "linux_pods"
	}
	where := []string{fmt.Sprintf("value := object.get(pod.stated.spec, %s, null)", keys), "value != null"}
	for _, t := range p.tests() {
		if !slices.Contains(where, t) {
			where = append(where, t)
		}
	}
	return RegoRule{
		Over: over, Keys: bracketed(append([]string{`"spec"`}, names(stepsOf(p.Field))...)), Problem: p.stated(),
		Where: slices.Concat(where, p.conditions("", "pod"), []string{"not inherited(pod, " + keys + ")"}),
	}
}

func names(steps []step) []string {
	return each(steps, func(s step) string { return RegoString(s.names[0]) })
}

// tests are the lines that find a wrong value.
func (p regoPrinter) tests() []string {
	switch p.Shape {
	case Flag:
		return []string{fmt.Sprintf("value != %t", p.Good)}
	case Image:
		return []string{p.image()}
	}
	var lines []string
	if p.Missing == "" && p.maybeUnset() {
		lines = append(lines, "value != "+p.field().Default)
	}
	switch {
	case p.nothingAllowed():
		return lines // nothing that is stated will do
	case p.kind == Words:
		return append(lines, fmt.Sprintf("not in_words(value, %s)", p.allowed))
	case p.kind == Ranges:
		return append(lines, fmt.Sprintf("not in_ranges(value, %s)", p.allowed))
	}
	return append(lines, "not value in "+p.allowed)
}

func (p regoPrinter) image() string {
	switch {
	case p.Part == Digest:
		return "not image_digest(value)"
	case p.Part == Tag && p.Refuse:
		return fmt.Sprintf("not tag_apart(value, %s)", p.allowed)
	case p.Part == Tag:
		return fmt.Sprintf("not tag_matches(value, %s)", p.allowed)
	case p.Refuse:
		return fmt.Sprintf("not image_apart(value, %s)", p.allowed)
	}
	return fmt.Sprintf("not image_matches(value, %s)", p.allowed)
}

// conditions narrow a rule to some pods. Of a container, ofContainer is its pod; of a pod, itself is it.
func (p regoPrinter) conditions(ofContainer, itself string) []string {
	pod := itself
	if p.Over.Level() == Container && ofContainer != "" {
		pod = ofContainer
	}
	var lines []string
	switch p.When {
	case NodeUsers:
		lines = append(lines, "not "+pod+".own_users")
	case OwnUsers:
		lines = append(lines, pod+".own_users")
	}
	switch p.Excuse {
	case RootInOwnUsers:
		lines = append(lines, "[value, "+pod+".own_users] != [0, true]")
	case UnsetOnWindows:
		if pod != "pod" { // a pod is asked of what it states only
			lines = append(lines, "["+pod+".windows, value] != [true, null]")
		}
	}
	return lines
}

// problem is the expression of what is wrong.
func (p regoPrinter) problem() string {
	switch {
	case p.Shape == Limit:
		return fmt.Sprintf("limit_problem(%s, value, %s)", RegoString(p.short()), p.allowed)
	case p.Missing == "":
		return p.stated()
	case strings.Contains(p.Missing, "%s"):
		return fmt.Sprintf("unset_or(value, %s, sprintf(%s, [names_of(%s)]), %s)", p.field().Default, RegoString(p.Missing), p.allowed, p.stated())
	}
	return fmt.Sprintf("unset_or(value, %s, %s, %s)", p.field().Default, RegoString(p.Missing), p.stated())
}

// stated is what is wrong with a value that is stated: its type, or else the value.
func (p regoPrinter) stated() string {
	problem := RegoString(p.Message)
	if strings.Contains(p.Message, "%v") {
		problem = fmt.Sprintf("sprintf(%s, [json.marshal(value)])", problem)
	}
	name := RegoString(p.name())
	switch p.typed(p.kind) {
	case Bool:
		return fmt.Sprintf("typed_flag(%s, value, \"%t\", %s)", name, p.Good, problem)
	case Number:
		return fmt.Sprintf("typed_number(%s, value, %s, %s)", name, p.allowed, problem)
	case Text:
		return fmt.Sprintf("typed_text(%s, value, %s)", name, problem)
	}
	return problem
}

// regoSelector writes the part of a reference that follows an object: .name or ["na-me"].
func regoSelector(name string) string {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' {
			return "[" + strconv.Quote(name) + "]"
		}
	}
	return "." + name
}
