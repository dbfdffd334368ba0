package main

import (
	"os/exec"
	"testing"
)

// A shell reads back what shellQuoted wrote.
func TestShellQuoted(t *testing.T) {
	for _, word := range []string{"plain", "bulkhead:baseline", "a b", "it's", "$(id)", "", "a\nb", "-x", `\`, "*", "~", "é"} {
		out, err := exec.Command("sh", "-c", "printf %s "+shellQuoted(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q is written as %s, which a shell reads as %q (%v)", word, shellQuoted(word), out, err)
		}
	}
}
