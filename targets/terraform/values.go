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

// encode writes what a control is set to as the expressions of checks read it.
func encode(c *control.Control, v control.Value) (string, error) {
	if !c.Restricts(v) {
		return nothing, nil
	}
	switch c.ID {
	case control.CompiledProfiles:
		return nothing, nil // but for those of whom profilesOf tells
	case control.ProcMount:
		return quote(v.Text), nil
	case control.CapabilitiesDrop:
		return words(v.Keys()), nil
	case control.Tokens:
		known := c.Encoded(v)
		return fmt.Sprintf("{ api = %t, known = %s }", known.Unset, known.HCL()), nil
	case control.HostPorts:
		return each(v.Items, port)
	case control.HostPaths:
		return pairs(v.Items, func(it control.Item) (string, error) { return quote(it.Arg), nil })
	case control.Hugepages:
		return each(v.Items, hugepages)
	}
	return c.Encoded(v).HCL(), nil
}

// profilesOf writes the names of the profiles that are compiled for a container.
func profilesOf(p *policy.Policy, c *policy.Container) string {
	seccomp, apparmor := profile.Localhost(p, control.SeccompProfile, c), profile.Localhost(p, control.AppArmorProfile, c)
	if seccomp == "" && apparmor == "" {
		return nothing
	}
	return fmt.Sprintf("{ seccomp = %s, apparmor = %s }", orNothing(seccomp), orNothing(apparmor))
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
