package terraform

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// pods is what the module and its judge know of kinds with pods, made from the one
// table of compiler/input.
var pods = podKindsOf(input.Standard())

type podKinds struct {
	// types are the resource types of the kubernetes provider that make pods. The
	// module finds the pod by their shape, and so does (*sorted).other for others.
	types []string
	// groups are the API groups of the kinds, as an apiVersion begins; a kind of the
	// same name in another group is another kind.
	groups []string
	// kinds are those that a kubernetes_manifest can have, by where their pods are.
	kinds []kindsAt
}

// kindsAt are kinds whose pods are at one path.
type kindsAt struct {
	path  []string
	names []string
}

func podKindsOf(table []input.PodTemplatePath) podKinds {
	slices.SortStableFunc(table, func(a, b input.PodTemplatePath) int { return cmp.Compare(a.Group, b.Group) })
	var out podKinds
	for _, k := range table {
		out.types = append(out.types, k.ResourceTypes...)
		group := k.Group
		if group == input.CoreGroup {
			group = "v1"
		}
		if !slices.Contains(out.groups, group) {
			out.groups = append(out.groups, group)
		}
		for _, path := range k.Paths {
			out.add(k.Kind, path)
		}
	}
	return out
}

func (p *podKinds) add(kind string, path []string) {
	i := slices.IndexFunc(p.kinds, func(at kindsAt) bool { return slices.Equal(at.path, path) })
	if i < 0 {
		i, p.kinds = len(p.kinds), append(p.kinds, kindsAt{path: path})
	}
	if at := &p.kinds[i]; !slices.Contains(at.names, kind) {
		at.names = append(at.names, kind)
		slices.Sort(at.names)
	}
}

// has reports whether a kubernetes_manifest of a kind makes pods.
func (p podKinds) has(kind string) bool {
	return slices.ContainsFunc(p.kinds, func(at kindsAt) bool { return slices.Contains(at.names, kind) })
}

// fill writes the kinds into static/pods.tf, in place of two empty lists.
func (p podKinds) fill(body []byte) []byte {
	var kinds strings.Builder
	for _, at := range p.kinds {
		fmt.Fprintf(&kinds, "    [for m in local.manifests : {\n      object   = m.metadata\n      metadata = %s\n      spec     = %s\n    } if %s],\n",
			at.metadata(), at.to("spec"), at.condition())
	}
	body = bytes.Replace(body, []byte("    [], # kinds\n"), []byte(kinds.String()), 1)
	return bytes.Replace(body, []byte("[] # groups\n"), []byte(quotedList(p.groups)+"\n"), 1)
}

// to is the expression for a field of the pod.
func (k kindsAt) to(field string) string {
	return strings.Join(slices.Concat([]string{"m"}, k.path, []string{field}), ".")
}

// metadata is the expression for a pod's metadata; a template can leave them out,
// an object cannot.
func (k kindsAt) metadata() string {
	if len(k.path) == 0 {
		return k.to("metadata")
	}
	return fmt.Sprintf(`concat(lookup(%s, "metadata", null)[*], [{}])[0]`, strings.Join(append([]string{"m"}, k.path...), "."))
}

func (k kindsAt) condition() string {
	if len(k.names) == 1 {
		return "m.kind == " + quote(k.names[0])
	}
	return fmt.Sprintf("contains(%s, m.kind)", quotedList(k.names))
}

func quotedList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
