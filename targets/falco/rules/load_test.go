package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const ruleHead = "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n"

func conditionOf(t *testing.T, yaml ...string) (string, *Ruleset) {
	t.Helper()
	var files []File
	for i, y := range yaml {
		files = append(files, File{fmt.Sprintf("f%d.yaml", i), []byte(y)})
	}
	set, err := Load(files...)
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(yaml, "---\n"))
	}
	last := set.Rules[len(set.Rules)-1]
	return Print(last.Condition), set
}

func TestLoadExpansion(t *testing.T) {
	cases := []struct {
		name  string
		files []string
		want  string
	}{
		{"a list within a list, one that is defined before", []string{
			"- list: inner\n  items: [a, 'b c']\n- list: outer\n  items: [inner, d]\n" + ruleHead + "  condition: proc.name in (outer, e)\n"},
			`proc.name in (a, "b c", d, e)`},
		{"a list that is defined after is replaced in the text", []string{
			"- list: outer\n  items: [inner, d]\n- list: inner\n  items: [a]\n" + ruleHead + "  condition: proc.name in (outer)\n"},
			"proc.name in (a, d)"},
		{"an empty list takes its comma along", []string{
			"- list: none\n  items: []\n" + ruleHead + "  condition: proc.name in (a, none) or proc.name in (none, b) or proc.name in (none)\n"},
			"(proc.name in (a) or proc.name in (b) or proc.name in ())"},
		{"the name of a list within quotes is replaced, too, where blanks stand around it", []string{
			"- list: l\n  items: [x]\n" + ruleHead + "  condition: proc.cmdline = 'a l b' and proc.name = \"l\"\n"},
			`(proc.cmdline = "a x b" and proc.name = l)`},
		{"a list is no part of a word", []string{
			"- list: sh\n  items: [x]\n" + ruleHead + "  condition: proc.name in (bash, sh, sh.x)\n"},
			"proc.name in (bash, x, sh.x)"},
		{"a list as value of =", []string{
			"- list: l\n  items: [x]\n" + ruleHead + "  condition: proc.name=l\n"},
			"proc.name = x"},
		{"macros see earlier ones, rules see all", []string{
			ruleHead + "  condition: b\n- macro: a\n  condition: proc.name = x\n- macro: b\n  condition: a or proc.name = y\n"},
			"(proc.name = x or proc.name = y)"},
		{"a later file redefines for all", []string{
			"- macro: a\n  condition: proc.name = x\n" + ruleHead + "  condition: not a\n", "- macro: a\n  condition: proc.name = z\n"},
			"not proc.name = z"},
		{"an appended condition binds as text", []string{
			ruleHead + "  condition: proc.name = x\n- rule: r\n  condition: or proc.name = y and proc.pid = 1\n  override: {condition: append}\n"},
			"(proc.name = x or (proc.name = y and proc.pid = 1))"},
		{"exceptions", []string{
			ruleHead + "  condition: proc.name = x or proc.pid = 1\n  exceptions:\n" +
				"    - {name: one, fields: proc.name, values: [a, 'b c']}\n" +
				"    - {name: two, fields: [proc.name, fd.name], comps: [=, in], values: [[x, [/a, /b]], [y, /c]]}\n" +
				"    - {name: none, fields: proc.name}\n"},
			`((proc.name = x or proc.pid = 1) and not proc.name in (a, "b c") and not ((proc.name = x and fd.name in (/a, /b)) or (proc.name = y and fd.name in (/c))))`},
		{"documents and aliases", []string{
			"- list: l\n  items: &items [a, b]\n---\n- list: m\n  items: [c]\n---\n" + ruleHead + "  condition: proc.name in (l, m)\n"},
			"proc.name in (a, b, c)"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, _ := conditionOf(t, c.files...); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestLoadRule(t *testing.T) {
	_, set := conditionOf(t, "- required_engine_version: 0.57.0\n- required_engine_version: 26\n"+
		"- required_plugin_versions:\n  - {name: container, version: 0.4.0, alternatives: [{name: other, version: 1.0.0}]}\n"+
		"- rule: r\n  desc: d\n  output: ' o '\n  priority: Informational\n  tags: [a]\n  condition: evt.type = open\n"+
		"- rule: r\n  desc: more\n  tags: [a, b]\n  enabled: no\n  priority: critical\n  override: {desc: append, tags: append, enabled: replace, priority: replace}\n")
	r := set.Rules[0]
	got := fmt.Sprintf("%s|%s|%s|%v|%v|%s|%d:%d|%s", r.Description, r.Output, r.Priority, r.Tags, r.Enabled, r.Source, r.Line, r.Column, set.Engine)
	if want := "d more|o|critical|[a b]|false|syscall|5:3|0.57.0"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if fmt.Sprint(set.Plugins) != "[[{container 0.4.0} {other 1.0.0}]]" {
		t.Errorf("plugins: %v", set.Plugins)
	}
	if len(set.Warnings) != 0 {
		t.Errorf("warnings: %v", set.Warnings)
	}
}

func TestLoadWarnings(t *testing.T) {
	cases := []struct{ yaml, want string }{
		{ruleHead + "  condition: proc.name = x\n", `0.yaml:1:3: rule "r": Rule matches too many evt.type`},
		{ruleHead + "  condition: evt.type = open or proc.name = x\n", "too many evt.type"},
		{ruleHead + "  condition: evt.type = open\n  typo: x\n", "6:3: rule \"r\": Unknown key 'typo'"},
		{ruleHead + "  condition: evt.type = open and evt.dir = <\n", "deprecated field 'evt.dir'"},
		{ruleHead + "  condition: evt.type = open\n  source: k8s_audit\n", "Unknown source k8s_audit, skipping"},
		{ruleHead + "  condition: evt.type = open and proc.nme = x\n  skip-if-unknown-filter: true\n", "no field 'proc.nme'"},
		{"- unknown: x\n", "Unknown top level item"},
		{"- macro: a-b\n  condition: evt.type = open\n", "Macro has an invalid name"},
	}
	for _, c := range cases {
		set, err := Load(File{"0.yaml", []byte(c.yaml)})
		if err != nil {
			t.Errorf("%s: %v", c.yaml, err)
		} else if len(set.Warnings) != 1 || !strings.Contains(set.Warnings[0].Error(), c.want) {
			t.Errorf("%s: warnings %v, want one with %s", c.yaml, set.Warnings, c.want)
		}
	}
}

func TestLoadMistakes(t *testing.T) {
	chain := func(n int, start, step string) string {
		var b strings.Builder
		b.WriteString(strings.ReplaceAll(start, "#", "0"))
		for i := 1; i <= n; i++ {
			b.WriteString(strings.ReplaceAll(strings.ReplaceAll(step, "#", fmt.Sprint(i)), "@", fmt.Sprint(i-1)))
		}
		return b.String()
	}
	cases := []struct{ name, yaml, want string }{
		{"not a sequence", "a: b", "1:1: Rules content is not yaml array"},
		{"not a mapping", "- a", "1:3: Unexpected element type"},
		{"broken YAML", "- rule: [", "not YAML"},
		{"tab", "- rule: r\n\tdesc: d", "not YAML"},
		{"not UTF-8", "- list: \xff", "not UTF-8"},
		{"twice", "- list: a\n  list: b", "2:3: key 'list' is given twice"},
		{"null", "- list:\n  items: []", "Mapping for key 'list' is empty"},
		{"missing", "- rule: r\n  condition: evt.type = open", "Item has no mapping for key 'output'"},
		{"priority", "- rule: r\n  condition: evt.type = open\n  output: o\n  desc: d\n  priority: high\n", "5:13: rule \"r\": Invalid priority 'high'"},
		{"engine", "- required_engine_version: 0.63.0", "engine version is " + EngineVersion},
		{"engine of another major version", "- required_engine_version: 1.0.0", "engine version is " + EngineVersion},
		{"plugin", "- required_plugin_versions: [{name: a, version: x}]", "Invalid required version"},
		{"plugin twice", "- required_plugin_versions: [{name: a, version: 1.0.0, alternatives: [{name: a, version: 1.0.0}]}]", "multiple alternative"},
		{"condition", ruleHead + "  condition: |\n    evt.type = open and\n    (proc.name\n", "5:14: rule \"r\": condition, at its end"},
		{"source", ruleHead + "  condition: evt.type = open\n" + ruleHead + "  condition: evt.type = open\n  source: x\n", "different source"},
		{"fields and comps", ruleHead + "  condition: evt.type = open\n  exceptions: [{name: e, fields: [proc.name], comps: [=, =]}]", "equal length"},
		{"fields and values", ruleHead + "  condition: evt.type = open\n  exceptions: [{name: e, fields: [proc.name], values: [[a, b]]}]", "equal length"},
		{"unknown field of an exception", ruleHead + "  condition: evt.type = open\n  exceptions: [{name: e, fields: [proc.nam]}]", "did you mean 'proc.name'?"},
		{"later macro", "- macro: a\n  condition: b\n- macro: b\n  condition: evt.type = open\n", "Undefined macro 'b' used in filter; it is defined later"},
		{"cycle", "- macro: a\n  condition: evt.type = open\n- macro: b\n  condition: a\n- macro: a\n  condition: or b\n  override: {condition: append}\n", "macro refers to itself"},
		{"macros that double", chain(40, "- macro: m#\n  condition: evt.type = open\n", "- macro: m#\n  condition: m@ and m@\n"), "more than 200000 parts"},
		{"lists that double", chain(40, "- list: l#\n  items: [x]\n", "- list: l#\n  items: [l@, l@]\n") + ruleHead + "  condition: proc.name in (l40)\n", ""},
		{"lists that double in the text", "- list: x0\n  items: [x1, x1]\n" + chain(40, "", "- list: x#\n  items: [y#, y#]\n- list: y#\n  items: [z#, z#]\n- list: z#\n  items: [q, q]\n") + ruleHead + "  condition: proc.name in (x0)\n", ""},
		{"deep macros", chain(MaxDepth+1, "- macro: m#\n  condition: evt.type = open\n", "- macro: m#\n  condition: not m@\n"), "nested deeper than"},
		{"many rules with one large macro", "- macro: m\n  condition: proc.name in (" + strings.Repeat("a, ", 100_000) + "a)\n" +
			chain(30, "", "- rule: r#\n  desc: d\n  output: o\n  priority: INFO\n  condition: evt.type = open and m\n"), "conditions have more than"},
		{"aliases that explode", "- list: a\n  items: &a [" + strings.Repeat("x, ", 10_000) + "x]\n" + chain(300, "", "- list: a#\n  items: *a\n"), "more than 2000000 items"},
		{"field of an output", "- rule: r\n  condition: evt.type = open\n  output: 'a %proc.nam b'\n  desc: d\n  priority: INFO\n", "did you mean 'proc.name'?"},
		{"end of an output", "- rule: r\n  condition: evt.type = open\n  output: '100%'\n  desc: d\n  priority: INFO\n", "not followed by a field"},
		{"nested exception values", ruleHead + "  condition: evt.type = open\n  exceptions: [{name: e, fields: [proc.name], values: [[[[[a]]]]]}]", "nested too deep"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(File{"f.yaml", []byte(c.yaml)})
			if c.want == "" {
				return // must only end
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestLoadListGrowth holds that lists which bring in later ones end at the limit.
func TestLoadListGrowth(t *testing.T) {
	var b strings.Builder
	for i := range 60 {
		// A name that comes later stays in the text and is replaced there.
		fmt.Fprintf(&b, "- list: l%d\n  items: [l%d, l%d]\n", i, i+2, i+2)
	}
	b.WriteString(ruleHead + "  condition: evt.type = open and proc.name in (l0)\n")
	_, err := Load(File{"f.yaml", []byte(b.String())})
	if err == nil || !strings.Contains(err.Error(), "is longer than 1048576 bytes with its lists inlined") {
		t.Errorf("got %.200v", err)
	}
}

// TestLoadWarnsOfUnknownKeys holds that a misspelled key is reported in whatever item it stands.
func TestLoadWarnsOfUnknownKeys(t *testing.T) {
	cases := []struct{ name, yaml, want string }{
		{"list", "- list: l\n  items: [a]\n  appnd: true\n", "Unknown key 'appnd'; did you mean 'append'?"},
		{"macro", "- macro: m\n  condition: evt.type = open\n  conditon: x\n", "Unknown key 'conditon'; did you mean 'condition'?"},
		{"rule", ruleHead + "  condition: evt.type = open\n  enabld: false\n", "Unknown key 'enabld'; did you mean 'enabled'?"},
		{"exception", ruleHead + "  condition: evt.type = open\n  exceptions: [{name: e, fields: [proc.name], value: [[a]]}]\n", "Unknown key 'value'; did you mean 'values'?"},
		{"engine version", "- required_engine_version: 0.40.0\n  reqired: x\n", "Unknown key 'reqired'"},
		{"plugin versions", "- required_plugin_versions: [{name: a, version: 1.0.0}]\n  reqired: x\n", "Unknown key 'reqired'"},
		{"plugin", "- required_plugin_versions: [{name: a, version: 1.0.0, alternative: []}]\n", "Unknown key 'alternative'; did you mean 'alternatives'?"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := Load(File{"f.yaml", []byte(c.yaml)})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(r.Warnings, func(w *Warning) bool { return strings.Contains(w.Error(), c.want) }) {
				t.Errorf("got %v, want %s", r.Warnings, c.want)
			}
		})
	}
}

func TestLoadAllConditionMistakes(t *testing.T) {
	yaml := "- rule: a\n  desc: d\n  output: o\n  priority: INFO\n  condition: evt.type = opne\n" +
		"- rule: b\n  desc: d\n  output: o\n  priority: INFO\n  condition: proc.nme = x\n"
	_, err := Load(File{"f.yaml", []byte(yaml)})
	mistakes, ok := err.(Errors)
	if !ok || len(mistakes) != 2 || mistakes[1].Line != 10 {
		t.Errorf("got %v", err)
	}
}
