package falco

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// encode writes the rules file: versions, the list of namespaces, macros, rules.
// Order is kept, and every string is the encoder's to quote.
func encode(p *policy.Policy, s *scopes, all []rule) ([]byte, error) {
	items := []*yaml.Node{
		commented(item("required_engine_version", engineVersion), p.Notice(),
			"Load this file before Falco's own, or set `rule_matching: all`: by default only the first rule that matches an event is reported."),
		mapping("required_plugin_versions", &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{
			mapping("name", text("container"), "version", text(containerPlugin)),
		}}),
	}
	if s.list != "" {
		var namespaces []*yaml.Node
		for _, n := range p.Namespaces {
			// Falco puts items into conditions as they stand, so the quotes are part of them.
			namespaces = append(namespaces, text(quote(n.Key)))
		}
		items = append(items, mapping("list", text(s.list), "items", &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: namespaces}))
	}
	for _, m := range usedMacros(s.macros, all) {
		items = append(items, commented(mapping("macro", text(m.name), "condition", text(m.condition)), m.comment))
	}
	for _, r := range all {
		items = append(items, commented(mapping("rule", text(r.name), "desc", text(r.description), "condition", text(r.condition),
			"output", text(r.output), "priority", text(strings.ToUpper(r.priority)), "tags", flow(r.tags)), r.comments...))
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&yaml.Node{Kind: yaml.SequenceNode, Content: items}); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

// usedMacros are the macros that a rule needs, directly or through others: Falco
// complains about those that nothing refers to.
func usedMacros(macros []macro, all []rule) []macro {
	var text strings.Builder
	for _, r := range all {
		text.WriteString(r.condition + "\n")
	}
	var used []macro
	for i := len(macros) - 1; i >= 0; i-- { // a macro refers to earlier ones only
		if strings.Contains(text.String(), macros[i].name) {
			used = append(used, macros[i])
			text.WriteString(macros[i].condition + "\n")
		}
	}
	slices.Reverse(used)
	return used
}

func item(key, value string) *yaml.Node { return mapping(key, text(value)) }

// mapping makes a mapping of pairs: a key, its node, a key, its node, ...
func mapping(pairs ...any) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(pairs); i += 2 {
		m.Content = append(m.Content, text(pairs[i].(string)), pairs[i+1].(*yaml.Node))
	}
	return m
}

// text makes a string: several lines as a block, the rest as the encoder thinks
// best.
func text(value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	if strings.Contains(value, "\n") {
		n.Style = yaml.LiteralStyle
	}
	return n
}

func flow(values []string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, v := range values {
		n.Content = append(n.Content, text(v))
	}
	return n
}

// commented puts comments above an item, each on a line of its own.
func commented(n *yaml.Node, comments ...string) *yaml.Node {
	for i, c := range comments {
		if strings.ContainsFunc(c, unicode.IsControl) || strings.ContainsRune(c, '\uFEFF') {
			c = strconv.Quote(c)
		}
		if i > 0 {
			n.HeadComment += "\n"
		}
		n.HeadComment += "# " + c
	}
	return n
}
