package podrule

import (
	"fmt"
	"slices"
	"strings"
)

// Form is how a Terraform resource writes an object of Kubernetes.
type Form uint8

// The forms.
const (
	Typed    Form = iota // a resource of the provider: names in snake case, an object as a list of one
	Manifest             // kubernetes_manifest: as Kubernetes does
)

// TerraformFields prints the attributes of a pod (Pod) or container (Container) in the module's locals, read from p.spec
// or c, one a line and laid out as `terraform fmt` would.
//
// What is stated and cannot be read is "?" or -1, which no control takes: null only stands for what is not stated. try()
// stands around single values only: around a list it would make all of the list unknown as soon as one value in it is.
func TerraformFields(level Level, form Form, indent string) string {
	var b strings.Builder
	width := 0
	for _, f := range locals(level) {
		width = max(width, len(f.Local))
	}
	for _, f := range locals(level) {
		fmt.Fprintf(&b, "%s%-*s = %s\n", indent, width, f.Local, f.read(level, form))
	}
	return b.String()
}

// TerraformInherited prints, for a container, the attributes of its pod that containers take.
func TerraformInherited(indent string) string {
	var b strings.Builder
	width := 0
	for _, f := range fields {
		if f.Level == Both && f.Local != "" {
			width = max(width, len(f.Local))
		}
	}
	for _, f := range fields {
		if f.Level == Both && f.Local != "" {
			fmt.Fprintf(&b, "%s%-*s = p.%s\n", indent, width, f.Local, f.Local)
		}
	}
	return b.String()
}

// locals are the fields of a level that the module reads by the table.
func locals(level Level) []*Field {
	return slices.DeleteFunc(Fields(), func(f *Field) bool { return f.Local == "" || f.Level != level && f.Level != Both })
}

func base(level Level) string {
	if level == Pod {
		return "p.spec"
	}
	return "c"
}

// way gives the steps of a field in a form.
func (f *Field) way(form Form) []step {
	if form == Typed {
		return f.provider()
	}
	return stepsOf(f.Path)
}

// read is the expression of a field.
func (f *Field) read(level Level, form Form) string {
	steps := f.way(form)
	before, within := around(steps)
	switch {
	case before == nil && len(expand(steps)) == 1:
		return f.value(base(level), expand(steps)[0], form)
	case before == nil:
		return f.values(base(level), steps, form)
	case len(within) == 0:
		return fmt.Sprintf("[for x in %s : %s]", listed(base(level), before), f.element("x"))
	case len(expand(within)) == 1:
		return fmt.Sprintf("[for x in %s : %s]", listed(base(level), before), f.value("x", expand(within)[0], form))
	}
	return fmt.Sprintf("concat([], [for x in %s : %s]...)", listed(base(level), before), f.values("x", within, form))
}

// values are those of alternatives.
func (f *Field) values(of string, steps []step, form Form) string {
	return bracketed(each(expand(steps), func(way []string) string { return f.value(of, way, form) }))
}

// value reads one value; null is not stated.
func (f *Field) value(of string, way []string, form Form) string {
	parent := of
	for i, name := range way {
		parent = of
		of += "." + name
		if form == Typed && i < len(way)-1 {
			of += "[0]"
		}
	}
	switch read := fmt.Sprintf("try(tostring(%[1]s), [%[1]s, \"?\"][1], null)", of); {
	case f.Type == Number:
		return fmt.Sprintf("try(tonumber(%[1]s), [%[1]s, -1][1], null)", of)
	case f.Required:
		return fmt.Sprintf("try([for t in [%s] : t == null ? (%s == null ? null : \"\") : t][0], null)", read, parent)
	default:
		return read
	}
}

func (f *Field) element(x string) string {
	if f.Type == Number {
		return fmt.Sprintf("try(tonumber(%s), -1)", x)
	}
	return fmt.Sprintf("try(tostring(%s), \"?\")", x)
}

// listed is the elements of a list that may be missing, as may what it is in.
func listed(of string, steps []step) string {
	name := steps[0].names[0]
	if len(steps) == 1 {
		return fmt.Sprintf("lookup(%s, %q, null)[*]", of, name)
	}
	return fmt.Sprintf("concat([], [for o in lookup(%s, %q, null)[*] : %s]...)", of, name, listed("o", steps[1:]))
}

// TerraformShapes prints, as the elements of a list, the objects that fields are read from. An object where a block is
// meant, or a list where an object is, would hide what is in it; the module makes it an error.
func TerraformShapes(level Level, form Form, indent string) string {
	var b strings.Builder
	for _, parent := range parents(level, form) {
		fmt.Fprintf(&b, "%s%s,\n", indent, parent)
	}
	return b.String()
}

// parents writes the objects that single values are read from, those of one parent together.
func parents(level Level, form Form) []string {
	var order []string
	all := map[string][]string{}
	for _, f := range locals(level) {
		steps := f.way(form)
		if before, _ := around(steps); before != nil {
			continue // a list that is none is an error as it is
		}
		for n := 1; n < len(steps); n++ {
			parent := objects(base(level), steps[:n-1])
			if all[parent] == nil {
				order = append(order, parent)
			}
			for _, name := range steps[n-1].names {
				if !slices.Contains(all[parent], name) {
					all[parent] = append(all[parent], name)
				}
			}
		}
	}
	return each(order, func(parent string) string {
		names := bracketed(each(all[parent], HCLString))
		if parent == bracketed([]string{base(level)}) {
			return fmt.Sprintf("[for name in %s : lookup(%s, name, null)]", names, base(level))
		}
		return fmt.Sprintf("concat([], [for o in %s : [for name in %s : lookup(o, name, null)]]...)", parent, names)
	})
}

// objects are those at a path, as a list.
func objects(of string, steps []step) string {
	if len(steps) == 0 {
		return bracketed([]string{of})
	}
	last := steps[len(steps)-1]
	inner := "lookup(o, name, null)[*]"
	if len(steps) == 1 {
		inner = fmt.Sprintf("lookup(%s, name, null)[*]", of)
	}
	here := fmt.Sprintf("concat([], [for name in %s : %s]...)", bracketed(each(last.names, HCLString)), inner)
	if len(last.names) == 1 {
		here = strings.ReplaceAll(inner, "name", HCLString(last.names[0]))
	}
	if len(steps) == 1 {
		return here
	}
	return fmt.Sprintf("concat([], [for o in %s : %s]...)", objects(of, steps[:len(steps)-1]), here)
}
