package podrule

import (
	"fmt"
	"slices"
	"strings"
)

// RegoFields prints what the Rego prelude knows of fields: what is assumed of a pod and of a container where nothing is
// stated, and which of it can be read. What is assumed is an object wherever a rule goes through one, so that no rule binds a
// term that may be undefined.
func RegoFields() string {
	var b strings.Builder
	b.WriteString("# What Kubernetes assumes where nothing is stated.\n")
	for _, of := range []struct {
		name  string
		level Level
	}{{"pod", Pod}, {"container", Container}} {
		fmt.Fprintf(&b, "%s_defaults := %s\n\n", of.name, treeOf(of.level).defaults(""))
	}
	b.WriteString(requiredFields())
	b.WriteString(regoAmounts())
	b.WriteString(readablePods())
	b.WriteString(readableContainers())
	return b.String()
}

// requiredFields prints what has to be stated where the object that has it is: the way to the object, and the field.
func requiredFields() string {
	var b strings.Builder
	b.WriteString("# What an object has to state; without, it is not one that is unset.\nrequired_fields := [\n")
	for _, f := range fields {
		if f.Required {
			steps := names(stepsOf(f.Path))
			last := len(steps) - 1
			fmt.Fprintf(&b, "\t[%s, %s],\n", bracketed(steps[:last]), steps[last])
		}
	}
	return b.String() + "]\n\n"
}

// node is a field in the tree of those that a specification has.
type node struct {
	name    string
	fields  []*node
	list    bool // of objects, or of values
	objects bool
	value   string // what is assumed; "" of none
	object  bool
}

// treeOf arranges the fields of a level. What containers take from their pod has no default of their own.
func treeOf(level Level) *node {
	root := &node{object: true}
	for _, f := range tableOf(level) {
		if f.Level != level && f.Level != Both {
			continue
		}
		before, within := around(stepsOf(f.Path))
		for _, way := range expand(stepsOf(f.Path)) {
			at := root
			for i, name := range way {
				if before != nil && i == len(before) {
					break
				}
				if i == len(way)-1 && (f.Default == "" && f.Type != Object || f.Level == Both && level == Container) {
					break // only what it is in
				}
				at = at.child(name)
				switch {
				case before != nil && i == len(before)-1:
					at.list, at.objects = true, at.objects || len(within) > 0 || f.Type == Object
				case i < len(way)-1 || f.Type == Object:
					at.object = true
				default:
					at.value = f.Default
				}
			}
		}
	}
	return root
}

func (n *node) child(name string) *node {
	i := slices.IndexFunc(n.fields, func(c *node) bool { return c.name == name })
	if i < 0 {
		n.fields = append(n.fields, &node{name: name})
		i = len(n.fields) - 1
	}
	return n.fields[i]
}

// maxLine is how long an object on one line may be.
const maxLine = 80

// defaults writes what is assumed, as opa fmt would.
func (n *node) defaults(indent string) string {
	switch {
	case n.list:
		return "[]"
	case !n.object:
		return n.value
	}
	one := n.oneLine()
	if indent != "" && len(one) <= maxLine {
		return one
	}
	var b strings.Builder
	b.WriteString("{\n")
	for _, f := range n.fields {
		fmt.Fprintf(&b, "%s\t%s: %s,\n", indent, RegoString(f.name), f.defaults(indent+"\t"))
	}
	b.WriteString(indent + "}")
	return b.String()
}

func (n *node) oneLine() string {
	switch {
	case n.list:
		return "[]"
	case !n.object:
		return n.value
	}
	pairs := each(n.fields, func(f *node) string { return RegoString(f.name) + ": " + f.oneLine() })
	return "{" + strings.Join(pairs, ", ") + "}"
}

// checks are the lines that find, below a reference, that objects are objects and lists are lists. An object with objects
// in it needs none itself.
func (n *node) checks(reference string) []string {
	var lines []string
	for _, f := range n.fields {
		at := reference + regoSelector(f.name)
		inner := f.checks(at)
		switch {
		case f.objects:
			lines = append(lines, "objects_only("+at+")")
		case f.list:
			lines = append(lines, "is_array("+at+")")
		case f.object && len(inner) == 0:
			lines = append(lines, "is_object("+at+")")
		}
		lines = append(lines, inner...)
	}
	return lines
}

func readablePods() string {
	return "readable_spec(spec) if {\n\t" + strings.Join(treeOf(Pod).checks("spec"), "\n\t") + "\n}\n"
}

// readableContainers looks only at what is stated: what is assumed is of the right type. Fields of the same checks share
// them.
func readableContainers() string {
	var b strings.Builder
	var lists []string
	var objects []*node
	shared := map[string][]string{}
	for _, f := range treeOf(Container).fields {
		switch checks := strings.Join(f.checks("it"), "\n\t"); {
		case f.list:
			lists = append(lists, RegoString(f.name))
		case f.object:
			if checks == "" {
				checks = "is_object(it)"
			}
			if shared[checks] == nil {
				objects = append(objects, f)
			}
			shared[checks] = append(shared[checks], RegoString(f.name))
		}
	}
	for _, f := range objects {
		checks := strings.Join(f.checks("it"), "\n\t")
		if checks == "" {
			checks = "is_object(it)"
		}
		fmt.Fprintf(&b, "\nunreadable_field(c) if {\n\tsome name in %s\n\tc.stated[name] != {}\n\tnot readable_%s(c.spec[name])\n}\n\nreadable_%s(it) if {\n\t%s\n}\n",
			bracketed(shared[checks]), f.name, f.name, checks)
	}
	fmt.Fprintf(&b, "\nunreadable_field(c) if {\n\tsome name in %s\n\tc.stated[name] != []\n\tnot objects_only(c.spec[name])\n}\n", bracketed(lists))
	return b.String()
}
