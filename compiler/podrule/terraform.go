package podrule

import (
	"fmt"
	"strings"
)

// Terraform prints the rule as an expression of Terraform's language that is true for a violation, kind being that of the
// policy's value. It reads c, a container or, where the rule is about pods, a pod, and allowed, what the policy says.
//
// A value may be known only after apply. Until Terraform 1.11 && and || lose a known answer beside an unknown one, so that
// "or" is anytrue and "and" is !anytrue of the opposites; a conditional only asks whether something is null.
func (r Rule) Terraform(kind Kind) string {
	r.mustBeValid()
	allowed := "allowed"
	if r.Value.Kind != None {
		kind, allowed = r.Value.Kind, r.Value.HCL()
	}
	return terraformPrinter{r, kind, allowed}.bad()
}

type terraformPrinter struct {
	Rule
	kind    Kind
	allowed string
}

func (p terraformPrinter) pod() string {
	if p.Over.Level() == Pod {
		return "c"
	}
	return "c.pod"
}

// bad narrows what is wrong to the pods that the rule is about.
func (p terraformPrinter) bad() string {
	bad := p.violation()
	switch p.When {
	case NodeUsers:
		return fmt.Sprintf("!anytrue([%s.own_users, !%s])", p.pod(), bad)
	case OwnUsers:
		return fmt.Sprintf("!anytrue([!%s.own_users, !%s])", p.pod(), bad)
	}
	return bad
}

func (p terraformPrinter) violation() string {
	local := "c." + p.field().Local
	before, _ := around(stepsOf(p.Field))
	switch {
	case p.Shape == Limit:
		limits := "c.limits"
		if p.field().Shared > 0 {
			limits = "concat(c.limits, local.pod_limits ? [for q in c.pod.limits : q if !anytrue([for l in c.limits : l.name == q.name])] : [])"
		}
		return fmt.Sprintf("!anytrue([!c.lasting, anytrue([for l in %s : !anytrue([l.name != %s, l.amount == null ? true : anytrue([l.amount <= 0, l.amount > %s])])])])", limits, HCLString(p.short()), p.allowed)
	case p.Shape == Image:
		return "(c.image == null ? true : " + p.image() + ")"
	case p.inherits():
		return fmt.Sprintf("anytrue([for x in [%[1]s == null ? c.pod.%[2]s : %[1]s, c.pod.%[2]s == null ? %[1]s : c.pod.%[2]s] : %[3]s])", local, p.field().Local, p.wrong("x"))
	case before != nil || len(expand(stepsOf(p.Field))) > 1:
		return fmt.Sprintf("anytrue([for x in %s : %s])", local, p.wrong("x"))
	}
	return p.wrong(local)
}

// wrong is an expression of whether a value is wrong.
func (p terraformPrinter) wrong(x string) string {
	if p.Shape == Flag {
		if p.field().Default == fmt.Sprint(p.Good) {
			return fmt.Sprintf("(%[1]s == null ? false : %[1]s != \"%[2]t\")", x, p.Good)
		}
		return fmt.Sprintf("%s != \"%t\"", x, p.Good)
	}
	right := p.among(x)
	switch p.Excuse {
	case RootInOwnUsers:
		right = append(right, fmt.Sprintf("!anytrue([!%s.own_users, %s != 0])", p.pod(), x))
	case UnsetOnWindows:
		right = append(right, fmt.Sprintf("!anytrue([!c.windows, %s != null])", x))
	}
	if p.Missing == "" && p.field().Default == `""` {
		right = append(right, x+` == ""`)
	}
	wrong := "!" + right[0]
	if len(right) > 1 {
		wrong = fmt.Sprintf("!anytrue([%s])", strings.Join(right, ", "))
	}
	switch {
	case p.kind == Set && p.Missing != "":
		return wrong // null may be one of the set
	case p.Missing == "":
		return fmt.Sprintf("(%s == null ? false : %s)", x, wrong)
	}
	return fmt.Sprintf("(%s == null ? true : %s)", x, wrong)
}

// among lists what is true of a value that is stated and right, each by itself enough.
func (p terraformPrinter) among(x string) []string {
	switch p.kind {
	case Words:
		return []string{
			fmt.Sprintf("anytrue([for a in %s.names : %s == a])", p.allowed, x),
			fmt.Sprintf("anytrue([for a in %s.prefixes : startswith(%s, a)])", p.allowed, x),
		}
	case Ranges:
		return []string{fmt.Sprintf("anytrue([for a in %s : !anytrue([%s < a[0], %s > a[1]])])", p.allowed, x, x)}
	}
	return []string{fmt.Sprintf("anytrue([for a in %s : %s == a])", p.allowed, x)}
}

func (p terraformPrinter) image() string {
	part := "name"
	if p.Part == Tag {
		part = "tag"
	}
	matches := fmt.Sprintf("anytrue([for a in %s : length(regexall(a, c.image.%s)) > 0])", p.allowed, part)
	switch {
	case p.Part == Digest:
		return "c.image.digest == null"
	case p.Part == Tag && p.Refuse:
		return "(c.image.tag == null ? false : " + matches + ")"
	case p.Part == Tag:
		return "(c.image.tag == null ? true : !" + matches + ")"
	case p.Refuse:
		return matches
	}
	return "!" + matches
}
