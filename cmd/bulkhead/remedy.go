package main

import (
	"errors"
	"strings"
	"unicode"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// pipedCheck ends the remedies of readers, which know of no flags: print the input in a form that can be read, and check that.
const pipedCheck = "| bulkhead check -"

// completeRemedies gives the remedies of what was skipped or not read the flags of this run, so that they work when copied.
func (f *checkFlags) completeRemedies(r *check.Result) {
	complete := func(text string) string {
		return strings.ReplaceAll(text, pipedCheck, "| bulkhead check"+f.flags()+" -")
	}
	for i := range r.Skipped {
		r.Skipped[i].Reason = complete(r.Skipped[i].Reason)
	}
	for i, err := range r.Problems {
		var unread *input.Error
		if errors.As(err, &unread) {
			changed := *unread
			changed.Problem = complete(changed.Problem)
			r.Problems[i] = &changed
		}
	}
}

// flags gives the flags that choose the policy and its values, as a shell reads them.
func (f *checkFlags) flags() string {
	var b strings.Builder
	add := func(name, value string) {
		if value != "" {
			b.WriteString(" --" + name + " " + shellQuoted(value))
		}
	}
	add("policy", f.policy)
	for _, v := range f.vars {
		add("var", v)
	}
	for _, v := range f.varFiles {
		add("var-file", v)
	}
	add("kubernetes", f.kubernetes)
	add("now", f.now)
	add("namespace", f.namespace)
	return b.String()
}

// shellQuoted gives a word as a POSIX shell reads it back.
func shellQuoted(word string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-./:=@%+,", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
