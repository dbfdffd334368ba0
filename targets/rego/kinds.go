package rego

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// podKinds are the kinds of objects that have pods: those with one pod at a fixed path, and those whose pods have to be
// looked for.
type podKinds struct{ fixed, many []input.PodTemplatePath }

func podKindsOf(p *policy.Policy) podKinds {
	var out podKinds
	for kind := range p.Platform.PodTemplatePaths().All() {
		if len(kind.Paths) == 1 && !slices.Contains(kind.Paths[0], input.Wildcard) {
			out.fixed = append(out.fixed, kind)
		} else {
			out.many = append(out.many, kind)
		}
	}
	return out
}

// files are those of the bundle that only some kinds need.
func (p podKinds) files() []string {
	if len(p.many) == 0 {
		return nil
	}
	return []string{"places.rego"}
}

// tables writes which kinds hold pods, and what the rules have to know of them.
func (p podKinds) tables() string {
	var b strings.Builder
	b.WriteString("# Kinds of objects that hold a pod, by their API group, and where. \"/\" is the core\n# group, and \"\" stands for objects without an apiVersion.\n")
	b.WriteString(table("pod_kinds", p.fixed, func(k input.PodTemplatePath) string { return fields(k.Paths[0]) }))
	b.WriteString("# Fields by which an object of a kind names another one whose pods it runs.\n")
	b.WriteString(table("references", p.fixed, func(k input.PodTemplatePath) string { return fields(k.RefField) }))
	b.WriteString("# What a container of a kind is called that states no name.\n")
	b.WriteString(table("unnamed", p.fixed, func(k input.PodTemplatePath) string { return given(k.DefaultContainerName) }))
	if len(p.many) > 0 {
		b.WriteString("# Kinds whose pods stand where the policy says: each path as what lies between its *.\n")
		b.WriteString(table("many_kinds", p.many, func(k input.PodTemplatePath) string { return segments(k.Paths) }))
	}
	return b.String()
}

// table writes what there is to say of each kind and group, by kind and group.
func table(name string, kinds []input.PodTemplatePath, value func(input.PodTemplatePath) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s := {\n", name)
	for len(kinds) > 0 {
		n := slices.IndexFunc(kinds, func(k input.PodTemplatePath) bool { return k.Kind != kinds[0].Kind })
		if n < 0 {
			n = len(kinds)
		}
		var groups []string
		for _, k := range kinds[:n] {
			if text := value(k); text != "" {
				groups = append(groups, quote(k.Group)+": "+text)
			}
		}
		if len(groups) > 0 {
			fmt.Fprintf(&b, "\t%s: {%s},\n", quote(kinds[0].Kind), strings.Join(groups, ", "))
		}
		kinds = kinds[n:]
	}
	b.WriteString("}\n\n")
	return b.String()
}

// fields writes a path without *; "" for none.
func fields(path []string) string {
	if path == nil {
		return ""
	}
	quoted := make([]string, len(path))
	for i, step := range path {
		quoted[i] = quote(step)
	}
	return list(quoted)
}

func given(name string) string {
	if name == "" {
		return ""
	}
	return quote(name)
}

// segments writes paths as what lies between their *.
func segments(paths [][]string) string {
	var out []string
	for _, path := range paths {
		var between []string
		for {
			i := slices.Index(path, input.Wildcard)
			if i < 0 {
				break
			}
			between = append(between, fields(path[:i:i]))
			path = path[i+1:]
		}
		out = append(out, list(append(between, fields(path))))
	}
	return list(out)
}
