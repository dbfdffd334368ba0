package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// The lengths below which a typo may well be another namespace: any typo, and one
// that keeps the length (shop, stop).
const (
	shortest         = 4
	shortestReplaced = 6
)

// typoPattern is a regular expression of what a namespace may become by one typo: a
// letter added, left out or replaced, or two letters swapped. Digits, and parts of
// one letter, tell namespaces apart (shop-1, shop-b), and are not taken for typos.
// It is empty for short names.
func typoPattern(namespace string) string {
	if len(namespace) < shortest {
		return ""
	}
	letter := func(i int) bool { return i >= 0 && i < len(namespace) && namespace[i] >= 'a' && namespace[i] <= 'z' }
	var ways []string
	for i := range len(namespace) + 1 {
		before, after := namespace[:i], namespace[i:]
		if letter(i-1) || letter(i) {
			ways = append(ways, before+"[a-z]"+after)
		}
		if letter(i) && (letter(i-1) || letter(i+1)) {
			ways = append(ways, before+after[1:])
			if len(namespace) >= shortestReplaced {
				ways = append(ways, before+"[a-z]"+after[1:])
			}
		}
		if letter(i) && letter(i+1) && namespace[i] != namespace[i+1] {
			ways = append(ways, fmt.Sprintf("%s%c%c%s", before, namespace[i+1], namespace[i], after[2:]))
		}
	}
	return "^(" + strings.Join(ways, "|") + ")$"
}

// closestNamespaces lists the namespaces of the policy that somebody may have meant
// who wrote another one: those that it is a typo of, or all of them for "default",
// which tools write where nothing is stated.
func closestNamespaces(p *policy.Policy, namespace string) []string {
	var out []string
	for _, n := range p.Namespaces {
		typo := typoPattern(n.Key)
		if namespace == "default" || typo != "" && regexp.MustCompile(typo).MatchString(namespace) {
			out = append(out, n.Key)
		}
	}
	slices.Sort(out)
	return out
}

// workloadByName finds the workload of an object's name whose labels the object's
// pods lack, with nothing else stated in their place. Workloads for Windows are
// left out: their pods need more than labels.
func workloadByName(p *policy.Policy, name string, pods map[string]string) (*policy.Workload, bool) {
	w, ok := p.Workload(name)
	if !ok || w.OS == "windows" {
		return nil, false
	}
	lacks := false
	for key, value := range w.Match {
		stated, has := pods[key]
		if has && stated != value {
			return nil, false
		}
		lacks = lacks || !has
	}
	return w, lacks
}
