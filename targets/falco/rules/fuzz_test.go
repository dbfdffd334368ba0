package rules

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzParseCondition(f *testing.F) {
	for _, seed := range []string{
		"a", "evt.type = open and not (fd.name startswith '/etc' or proc.aname[2] in (a, \"b c\"))",
		"proc.name = oneof (a, b)", `join("-", (fd.name, 1)) = tolower(b64(proc.name))`, "not not(x)",
		`a.b = "\\\" \ "`, "a.b in val(c.d)", "proc.pid >= -0x1F",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseCondition(text)
		if err != nil {
			return
		}
		printed := Print(e)
		again, err := ParseCondition(printed)
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, printed, err)
		}
		if second := Print(again); second != printed {
			t.Fatalf("%q prints as %q, then as %q", text, printed, second)
		}
	})
}

func FuzzQuote(f *testing.F) {
	f.Add(`a\`)
	f.Add(`a" or "`)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "\x00") || !utf8.ValidString(text) {
			return
		}
		checkQuote(t, text)
	})
}

func matched(r Result) string {
	var b strings.Builder
	for _, f := range r.Fired {
		fmt.Fprintf(&b, "%q ", f.Rule.Name)
	}
	for _, d := range r.Doubts {
		fmt.Fprintf(&b, "%q because of %q ", d.Rule.Name, d.Reasons)
	}
	return b.String()
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("- list: l\n  items: [a, 'b c']\n- macro: m\n  condition: proc.name in (l)\n" +
		"- rule: r\n  desc: d\n  condition: m and evt.type = open\n  output: o\n  priority: INFO\n" +
		"  exceptions:\n    - name: e\n      fields: [proc.name]\n      values: [[a]]\n" +
		"- rule: r\n  condition: or m\n  override: {condition: append}\n"))
	f.Add([]byte("- required_engine_version: 0.57.0\n- required_plugin_versions: [{name: container, version: 0.4.0}]\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		set, err := Load(File{"fuzz.yaml", body})
		if err != nil {
			return
		}
		for _, r := range set.Rules {
			if r.Skipped == "" {
				if _, err := ParseCondition(Print(r.Condition)); err != nil {
					t.Fatalf("rule %q: %v", r.Name, err)
				}
			}
		}
		e, err := NewEvent(map[string]any{"evt.type": "open", "proc.name": "a", "fd.sip": "10.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		again, err := Load(File{"fuzz.yaml", body})
		if err != nil {
			t.Fatalf("read again: %v", err)
		}
		if first, second := matched(set.Match(e)), matched(again.Match(e)); first != second {
			t.Fatalf("%s, and read again %s", first, second)
		}
	})
}
