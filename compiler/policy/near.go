package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The lengths below which a slip of the pen may well be another namespace: of any
// slip, and of one that leaves the length as it is (shop, stop).
const (
	shortest         = 4
	shortestReplaced = 6
)

// Slips is a regular expression of what a namespace may become by one slip of the
// pen: a letter too much, too few, or of another key, or two in the wrong order.
// Digits, and parts of one letter, tell namespaces apart (shop-1, shop-b), and are
// not taken for slips. It is empty for short names.
func Slips(namespace string) string {
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

// Meant lists the namespaces of the policy that somebody may have meant who wrote
// another one: those that it is a slip of, or all of them for "default", which
// tools write for whoever says nothing.
func (p *Policy) Meant(namespace string) []string {
	var out []string
	for _, n := range p.Namespaces {
		slips := Slips(n.Key)
		if namespace == "default" || slips != "" && regexp.MustCompile(slips).MatchString(namespace) {
			out = append(out, n.Key)
		}
	}
	slices.Sort(out)
	return out
}

// Named finds the workload of an object's name, if its pods lack labels of the
// workload's and say nothing else in their place. For Windows they would have to
// say more.
func (p *Policy) Named(name string, pods map[string]string) (*Workload, bool) {
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
