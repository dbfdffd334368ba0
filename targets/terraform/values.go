package terraform

import (
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// nothing is what the module reads as "the policy does not restrict this".
const nothing = "null"

// profilesOf writes the names of the profiles that are compiled for a container.
func profilesOf(p *policy.Policy, c *policy.Container) string {
	var members []string
	any := false
	for _, layer := range control.Profiles() {
		name := profile.Localhost(p, layer.ID, c)
		any = any || name != ""
		members = append(members, strings.ToLower(layer.Profile.Title)+" = "+orNothing(name))
	}
	if !any {
		return nothing
	}
	return "{ " + strings.Join(members, ", ") + " }"
}

func orNothing(name string) string {
	if name == "" {
		return nothing
	}
	return quote(name)
}

func words(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// each writes a list of one element for each item.
func each(items []control.Item, write func(control.Item) (string, error)) (string, error) {
	var out []string
	for _, it := range items {
		s, err := write(it)
		if err != nil {
			return "", err
		}
		out = append(out, s)
	}
	return "[" + strings.Join(out, ", ") + "]", nil
}

// pairs writes an object with the items' keys.
func pairs(items []control.Item, write func(control.Item) (string, error)) (string, error) {
	var out []string
	for _, it := range items {
		s, err := write(it)
		if err != nil {
			return "", err
		}
		out = append(out, quote(it.Key)+" = "+s)
	}
	if len(out) == 0 {
		return "{}", nil
	}
	return "{ " + strings.Join(out, ", ") + " }", nil
}

// port writes a range of ports of the node as protocol and ends.
func port(it control.Item) (string, error) {
	p, err := control.ParsePort(it.Key)
	return fmt.Sprintf("[%s, %d, %d]", quote(p.Protocol), p.From, p.To), err
}

// hugepages writes a page size and the most of it; null is any.
func hugepages(it control.Item) (string, error) {
	size := it.Key
	if size == "*" {
		size = ""
	}
	return fmt.Sprintf("[%s, %s]", amount(size), amount(it.Arg)), nil
}

// amount writes a quantity as a plain number, exactly; none as null.
func amount(s string) string {
	if s == "" {
		return nothing
	}
	return podrule.Decimal(s)
}
