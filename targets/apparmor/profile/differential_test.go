package profile_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// fileBits are the accesses as the kernel numbers them.
var fileBits = map[string]uint32{"x": 1, "w": 2, "r": 4, "a": 8, "k": 0x20, "m": 0x40}

// globs makes patterns of few letters, so that paths meet them often.
func globs() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"a", "b", "c", "ab", "/", "/", "/", "*", "**", "?", "[ab]", "[^a]", "[a-c]", "[^/]",
		"[-a]", "[a/]", "{a,b}", "{,a}", "{a/,*}", "{*,c}", "{**,}", "{a,{b,c}}", "{/,}", `\*`, `\[`, `\{`, ".", "a,b", "+", "$",
		"^", `\^`, "(", "|", "#", "'", "-", "é", "{?,a/b}", "***", "*/", "**/", "/*", "/**"})
	return rapid.Custom(func(t *rapid.T) string {
		return "/" + strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "")
	})
}

func filePaths() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"a", "b", "c", "d", "/", "/", "*", ".", ",", "[", "{", "^", "é", "$", "+", "#", "-", "x"})
	return rapid.Custom(func(t *rapid.T) string {
		return "/" + strings.Join(rapid.SliceOfN(piece, 0, 7).Draw(t, "pieces"), "")
	})
}

func fileRules() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		audit := rapid.SampledFrom([]string{"", "", "audit "}).Draw(t, "audit")
		owner := rapid.SampledFrom([]string{"", "", "owner "}).Draw(t, "owner")
		glob := globs().Draw(t, "glob")
		if rapid.IntRange(0, 2).Draw(t, "deny") == 0 {
			modes := rapid.SampledFrom([]string{"r", "w", "a", "x", "rw", "rwkmx", "k", "m"}).Draw(t, "modes")
			return audit + "deny " + owner + glob + " " + modes
		}
		modes := rapid.SampledFrom([]string{"r", "w", "a", "rw", "rwk", "rmix", "ix", "pix", "px", "Ux", "k", "m", "rwkmix"}).Draw(t, "modes")
		return audit + owner + glob + " " + modes
	})
}

// TestFilesAgainstParser holds every answer about a file, whether it is logged included, to what the kernel would
// read from the automaton that apparmor_parser compiles of the same rules.
func TestFilesAgainstParser(t *testing.T) {
	o := newOracle(t)
	accepted, decided := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOfN(fileRules(), 1, 5).Draw(rt, "rules")
		for i := range lines {
			lines[i] += ","
		}
		text := rules(lines...)
		file, err := profile.Parse("test", []byte(text))
		theirs, problem := o.compile(t, text)
		if problem != "" {
			if err == nil && !strings.Contains(problem, "conflicting x modifiers") { // which takes the automaton to tell
				rt.Fatalf("the parser refuses what we read: %s\n%s", problem, text)
			}
			return
		}
		if err != nil {
			rt.Fatalf("the parser takes what we refuse: %v\n%s", err, text)
		}
		accepted++
		for range 30 {
			path, owner := filePaths().Draw(rt, "path"), rapid.Bool().Draw(rt, "owner")
			want := theirs.files.filePerms(path, owner)
			for access, bit := range fileBits {
				compareFile(rt, text, path, access, owner, file.Profiles[0].File(path, access, owner), want, bit)
				decided++
			}
		}
	})
	t.Logf("%d profiles, %d decisions", accepted, decided)
	if accepted == 0 {
		t.Error("the parser took no profile at all")
	}
}

func compareFile(t *rapid.T, text, path, access string, owner bool, got profile.Decision, want perms, bit uint32) {
	t.Helper()
	outcome, audit := profile.Deny, want.quiet&bit == 0
	if want.allow&bit != 0 {
		outcome, audit = profile.Allow, want.audit&bit != 0
	}
	if got.Outcome != outcome || got.Audit != audit {
		t.Fatalf("%s %s owner=%v: %v audit=%v (%s), the parser says %v audit=%v\n%s",
			access, path, owner, got.Outcome, got.Audit, got.Reason, outcome, audit, text)
	}
}
