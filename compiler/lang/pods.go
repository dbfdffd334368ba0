package lang

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

var (
	// groupKind is an API group, which of custom resources has a dot, and a kind.
	groupKind = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+/[A-Za-z]([-A-Za-z0-9]*[A-Za-z0-9])?$`)
	podPath   = regexp.MustCompile(`^[A-Za-z_][-A-Za-z0-9_]*(\.([A-Za-z_][-A-Za-z0-9_]*|\*))*$`)
)

// maxEach is how many * a path may have: the rules follow so many, and no known
// resource has pods in lists of lists of lists.
const maxEach = 3

// pods decodes the kinds of objects that make pods, and where they keep them.
func (d *decoder) pods(body *hcl.BodyContent, s *scope) []policy.PodKind {
	attr, ok := body.Attributes["pods"]
	if !ok {
		return nil
	}
	var out []policy.PodKind
	elements, _ := d.object(attr.Expr, s, "pods")
	for _, e := range elements {
		if k, ok := d.podKind(e, s); ok {
			out = append(out, k)
		}
	}
	return out
}

func (d *decoder) podKind(e element, s *scope) (policy.PodKind, bool) {
	name := e.key.AsString()
	clean := d.watch()
	group, kind, _ := strings.Cut(name, "/")
	if _, ok := input.BuiltIn().Lookup(group, kind); ok {
		d.error(e.at, "Kind known already", "pods: %s is read without being named. Leave it out.", name)
		return policy.PodKind{}, false
	}
	if !groupKind.MatchString(name) || len(name) > 317 {
		d.error(e.at, "Not a kind", "pods: a kind of custom resource is its API group, a slash and its name, without a version, such as \"ray.io/RayCluster\"; %q is not.%s", name, withoutVersion(name))
		return policy.PodKind{}, false
	}
	k := policy.PodKind{Group: group, Kind: kind, Range: e.at}
	expr := e.expr
	if expr == nil {
		expr = hcl.StaticExpr(e.value, e.at)
	}
	paths, _ := d.list(expr, s, "What pods gives a kind")
	for _, p := range paths {
		if text, ok := d.asText(p.value, p.at, "A path of pods"); ok && d.podPath(text, p.at, k.Paths) {
			k.Paths = append(k.Paths, control.Item{Key: text, Range: p.at})
		}
	}
	if len(k.Paths) == 0 && clean() {
		d.error(e.at, "No paths", "Without a path no pod of %s would be found. Give one, such as \"spec.template\", or leave the kind out.", name)
	}
	return k, clean()
}

// withoutVersion suggests the kind that was meant by one with its version.
func withoutVersion(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) != 3 {
		return ""
	}
	if meant := parts[0] + "/" + parts[2]; groupKind.MatchString(meant) {
		return fmt.Sprintf(" Did you mean %q?", meant)
	}
	return ""
}

// podPath checks one path, and that it does not lead to where another of its kind
// leads.
func (d *decoder) podPath(path string, at hcl.Range, others []control.Item) bool {
	if !podPath.MatchString(path) || strings.Count(path, "*") > maxEach || len(path) > maxTitle {
		d.error(at, "Not a path", "pods: a path leads to what has the metadata and the spec of a pod. It is names of fields with dots between, such as \"spec.template\"; up to %d * stand for every element of a list and every value of an object. %q is not.%s", maxEach, path, asPath(path))
		return false
	}
	for _, other := range others {
		if overlap(strings.Split(path, "."), strings.Split(other.Key, ".")) {
			d.error(at, "Paths overlap", "%q leads to, or into, what %q leads to, so that pods would be found twice. Name one of the two.", path, other.Key)
			return false
		}
	}
	return true
}

// asPath suggests the path that was meant by one as other tools write it.
func asPath(path string) string {
	meant := strings.NewReplacer("[*]", ".*", "[]", ".*", "/", ".").Replace(path)
	meant = strings.TrimLeft(meant, "$.")
	if meant != path && podPath.MatchString(meant) && strings.Count(meant, "*") <= maxEach {
		return fmt.Sprintf(" Did you mean %q?", meant)
	}
	return ""
}

// overlap reports whether one of two paths may lead to where the other leads, or
// below it.
func overlap(a, b []string) bool {
	n := min(len(a), len(b))
	return slices.EqualFunc(a[:n], b[:n], func(x, y string) bool { return x == y || x == input.Wildcard || y == input.Wildcard })
}
