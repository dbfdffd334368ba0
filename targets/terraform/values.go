package terraform

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
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
	case control.Undeclared:
		return "false", nil // the strict end of two
	case control.ProcMount:
		return quote(v.Text), nil
	case control.Digest, control.SysctlValues:
		return "true", nil
	case control.SandboxRuntime:
		return words(runtimeClasses[v.Text]), nil
	case control.Users, control.Groups, control.FSGroup, control.SupplementalGroups:
		return each(v.Items, identity)
	case control.FilesystemWrite:
		return writable(v.Keys())
	case control.Tokens:
		return audiences(v.Keys()), nil
	case control.Annotations, control.TagsDenied:
		return quote(control.PatternsExpression(v.Keys())), nil
	case control.HostPorts:
		return each(v.Items, port)
	case control.Registries:
		return pairs(v.Items, registry)
	case control.ImagesDenied:
		return deniedImages(v.Items)
	case control.HostPaths:
		return pairs(v.Items, func(it control.Item) (string, error) { return quote(it.Arg), nil })
	case control.Hugepages:
		return each(v.Items, hugepages)
	}
	switch c.Type {
	case control.Bool:
		return fmt.Sprint(v.Bool), nil
	case control.Quantity:
		return amount(v.Text)
	case control.Set:
		return words(v.Keys()), nil
	}
	return "", fmt.Errorf("terraform: %s: no way to write its value", c.ID)
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

// runtimeClasses are the names of the RuntimeClasses of each sandbox.
var runtimeClasses = map[string][]string{
	control.GVisor: {"gvisor", "gvisor-*", "runsc"},
	control.Kata:   {"kata", "kata-*"},
}

func words(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// audiences writes whom tokens may be for; "" is the API server.
func audiences(all []string) string {
	if i := slices.Index(all, control.APIServerToken); i >= 0 {
		all[i] = ""
	}
	return words(all)
}

// writable writes the folders of whose contents all may be written, as regular
// expressions. A grant of single files gives no folder.
func writable(keys []string) (string, error) {
	folders := []string{}
	for _, key := range keys {
		p, err := control.ParsePath(key)
		if err != nil {
			return "", err
		}
		if expression, ok := p.Below(); ok {
			folders = append(folders, expression)
		}
	}
	return words(folders), nil
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

// identity writes a range of user or group numbers as its ends.
func identity(it control.Item) (string, error) {
	from, to, err := control.ParseIdentities(it.Key)
	return fmt.Sprintf("[%d, %d]", from, to), err
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
	page, err := amount(size)
	if err != nil {
		return "", err
	}
	most, err := amount(it.Arg)
	return fmt.Sprintf("[%s, %s]", page, most), err
}

// amount writes a quantity as a plain number, exactly; none as null.
func amount(s string) (string, error) {
	if s == "" {
		return nothing, nil
	}
	q, err := resource.ParseQuantity(s)
	if err != nil {
		return "", err
	}
	return q.AsDec().String(), nil
}

// registry writes a pattern of repositories as a regular expression over the
// full name of a repository.
func registry(it control.Item) (string, error) {
	re, err := expression(it)
	return quote(re), err
}

// anyRegistry writes patterns of repositories as one regular expression.
func anyRegistry(items []control.Item) (string, error) {
	var all []string
	for _, it := range items {
		re, err := expression(it)
		if err != nil {
			return "", err
		}
		all = append(all, re)
	}
	return quote(strings.Join(all, "|")), nil
}

// deniedImages writes patterns of repositories that are refused, by whatever name of
// their registry.
func deniedImages(items []control.Item) (string, error) {
	var all []control.Item
	for _, it := range items {
		p, err := image.ParsePattern(it.Key)
		if err != nil {
			return "", err
		}
		for _, alias := range p.Aliases() {
			all = append(all, control.Item{Key: alias.String()})
		}
	}
	return anyRegistry(all)
}

// expression is a pattern of repositories as a regular expression (image.Pattern
// says what the pattern means).
func expression(it control.Item) (string, error) {
	p, err := image.ParsePattern(it.Key)
	if err != nil {
		return "", err
	}
	host, path, _ := strings.Cut(p.String(), "/")
	if path == "" { // the pattern that takes every image, beside others
		return "^", nil
	}
	re := "^"
	if suffix, wild := strings.CutPrefix(host, "*"); wild {
		re += "[^/]+" + regexp.QuoteMeta(suffix)
	} else {
		re += regexp.QuoteMeta(host)
	}
	re += "/"
	path, open := strings.CutSuffix(path, "*")
	re += strings.ReplaceAll(regexp.QuoteMeta(path), `\*`, "[^/]*")
	if open {
		re += ".*"
	}
	return re + "$", nil
}
