package terraform

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// pods is what the module and its judge know of kinds with pods, made from the one
// table of compiler/input.
var pods = podKindsOf(input.BuiltIn(), input.ResourceTypes())

type podKinds struct {
	// types are the resource types of the kubernetes provider that make pods. The
	// module finds the pod by their shape, and so does (*sorted).other for others.
	types []string
	// kinds are those that a kubernetes_manifest can have, by where their pods are.
	kinds []kindsAt
}

// kindsAt are kinds that the module reads alike.
type kindsAt struct {
	path     []string // of the pod
	refField []string // as input.PodTemplatePath.RefField
	unnamed  string   // as input.PodTemplatePath.DefaultContainerName
	names    []string // as kindOf writes them
}

func podKindsOf(table input.PodTemplatePaths, types []string) podKinds {
	out := podKinds{types: types}
	for k := range table.All() {
		for _, path := range k.Paths {
			at := kindsAt{path: path, refField: k.RefField, unnamed: k.DefaultContainerName}
			i := slices.IndexFunc(out.kinds, at.like)
			if i < 0 {
				i, out.kinds = len(out.kinds), append(out.kinds, at)
			}
			version := map[string]string{input.CoreGroup: "v1", input.NoGroup: ""}[k.Group]
			if version == "" && k.Group != input.NoGroup {
				version = k.Group + "/v1"
			}
			out.kinds[i].names = append(out.kinds[i].names, kindOf(version, k.Kind))
		}
	}
	for _, at := range out.kinds {
		slices.Sort(at.names)
	}
	return out
}

// kindOf writes a kind with the group that an apiVersion names, as static/pods.tf does: a kind of the same name in another group is
// another kind. Without an apiVersion it is the kind alone.
func kindOf(apiVersion, kind string) string {
	if apiVersion == "" {
		return kind
	}
	group, _, _ := strings.Cut(strings.TrimPrefix(apiVersion, "/"), "/")
	return group + "/" + kind
}

func (k kindsAt) like(other kindsAt) bool {
	return slices.Equal(k.path, other.path) && slices.Equal(k.refField, other.refField) && k.unnamed == other.unnamed
}

// of finds how a kind is read; false where a kubernetes_manifest of it makes no pods.
func (p podKinds) of(apiVersion, kind string) (kindsAt, bool) {
	name := kindOf(apiVersion, kind)
	i := slices.IndexFunc(p.kinds, func(at kindsAt) bool { return slices.Contains(at.names, name) })
	if i < 0 {
		return kindsAt{}, false
	}
	return p.kinds[i], true
}

// fill writes the kinds into static/pods.tf, in place of an empty list.
func (p podKinds) fill(body []byte) []byte {
	var kinds strings.Builder
	for _, at := range p.kinds {
		unnamed := "null"
		if at.unnamed != "" {
			unnamed = quote(at.unnamed)
		}
		fmt.Fprintf(&kinds, "    [for m in local.manifests : {\n      object   = m.object.metadata\n      metadata = %s\n      spec     = %s\n      unnamed  = %s\n    } if %s],\n",
			at.metadata(), at.to("spec"), unnamed, at.condition())
	}
	return bytes.Replace(body, []byte("    [], # kinds\n"), []byte(kinds.String()), 1)
}

// to is the expression for a field of the pod.
func (k kindsAt) to(field string) string {
	return strings.Join(slices.Concat([]string{"m.object"}, k.path, []string{field}), ".")
}

// metadata is the expression for a pod's metadata; a template can leave them out,
// an object cannot.
func (k kindsAt) metadata() string {
	if len(k.path) == 0 {
		return k.to("metadata")
	}
	return fmt.Sprintf(`concat(lookup(%s, "metadata", null)[*], [{}])[0]`, strings.Join(append([]string{"m.object"}, k.path...), "."))
}

// condition is the expression for whether a manifest is of the kinds, and has a pod of its own. One that names another object instead
// is not read. The other side of a conditional may not exist, while both sides of && must.
func (k kindsAt) condition() string {
	is := fmt.Sprintf("contains(%s, m.kind)", quotedList(k.names))
	if k.refField == nil {
		return is
	}
	return fmt.Sprintf("%s ? (length(%s) == 0 ? true : length(%s) > 0) : false", is, stated(k.refField), stated(append(slices.Clone(k.path), "spec")))
}

// stated is the expression for what is at a path, as a list of one; of none where it is missing or null.
func stated(path []string) string {
	of := fmt.Sprintf("lookup(m.object, %s, null)[*]", quote(path[0]))
	for _, step := range path[1:] {
		of = fmt.Sprintf("concat([], [for x in %s : lookup(x, %s, null)[*]]...)", of, quote(step))
	}
	return of
}

func quotedList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quote(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
