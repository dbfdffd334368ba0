package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
)

// told is all that one run tells.
type told struct {
	code      int
	out, errs string
}

func checkIn(t *testing.T, cache string, args ...string) told {
	t.Helper()
	code, out, errs := invoke(t, "", append([]string{"check", "--cache", cache}, args...)...)
	return told{code, out, errs}
}

// fixtures are manifests of every sort, below a folder to which the test goes:
// right and wrong ones, plans, what no control reads, what cannot be read,
// comments that ignore, and long streams.
func fixtures(t *testing.T) (policies []string) {
	t.Helper()
	examples, err := filepath.Abs("../../policies/examples")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "in"), os.DirFS(examples)); err != nil {
		t.Fatal(err)
	}
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec:\n  hostPID: true # bulkhead:ignore host.pid -- why\n  hostIPC: true # bulkhead:ignore host.ipc -- why\n  containers: [{name: c, image: i}]\n"
	for name, body := range map[string]string{
		"in/pod.yaml": pod, "in/stream.yaml": strings.Repeat(pod+"---\nkind: ConfigMap\n---\n", 100), "in/broken.yaml": pod + "---\na: [\n---\n" + pod,
		"in/empty.yaml": "# nothing\n", "in/binary.yaml": "\x00",
		"policy/policy.hcl": `policy "shop" {
  version    = "1.0.0"
  owner      = "shop"
  namespaces = ["shop"]
  undeclared = "ceiling"
  ignorable  = ["host.ipc"]
}
host { users = false }
exception "late" {
  warn     = ["host.users"]
  owner    = "shop"
  reason   = "the \"old\" broker"
  ticket   = "SHOP-1"
  expires  = "2026-12-31"
}
`,
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	return []string{"policy", "in/payments"}
}

// Whatever is told is told alike with a cache and without, the first time and
// later, in every format.
func TestCacheTellsTheSame(t *testing.T) {
	policies := fixtures(t)
	var options [][]string
	for _, format := range slices.Sorted(maps.Keys(report.Checks)) {
		options = append(options, []string{"--format", format})
	}
	options = append(options, []string{"--summary"}, []string{"--fail-on", "warning", "--kubernetes", "1.30"}, []string{"--namespace", "shop"}, []string{"--baseline", "known.json"}, []string{"--diff"})
	for _, policy := range policies {
		common := []string{"--policy", policy}
		if policy == "in/payments" {
			common = append(common, "--var", "env=prod")
		}
		if r := checkIn(t, noCache, append(common, "--write-baseline", "known.json", "in/pod.yaml")...); r.code != 0 {
			t.Fatal(r)
		}
		for _, option := range options {
			args := slices.Concat(common, option, []string{"in"})
			want := checkIn(t, noCache, args...)
			if want.out == "" {
				t.Fatalf("%v tells nothing: %s", args, want.errs)
			}
			for _, turn := range []string{"first", "second"} {
				if got := checkIn(t, "cache", args...); got != want {
					t.Errorf("%v, the %s time: exit %d\n%s%s\nwant %d\n%s%s", args, turn, got.code, got.out, got.errs, want.code, want.out, want.errs)
				}
			}
		}
	}
}

// What is mended is mended alike, and told so.
func TestCacheMendsTheSame(t *testing.T) {
	policy := fixtures(t)[0]
	before := []byte("kind: Pod\nmetadata: {name: p}\nspec:\n  hostPID: true # why not\n  containers: [{name: c, image: i, securityContext: {privileged: true}}]\n")
	var first told
	var after []byte
	for i, cache := range []string{noCache, "cache", "cache"} {
		if err := os.WriteFile("in/pod.yaml", before, 0o600); err != nil {
			t.Fatal(err)
		}
		got := checkIn(t, cache, "--policy", policy, "--fix", "in/pod.yaml")
		body, err := os.ReadFile("in/pod.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first, after = got, body
		}
		if bytes.Equal(body, before) || !bytes.Equal(body, after) || got != first {
			t.Errorf("%v\n%s\nwant %v\n%s", got, body, first, after)
		}
	}
}

// Runs that read and write one cache at once do not disturb each other.
func TestCacheIsShared(t *testing.T) {
	policy := fixtures(t)[0]
	args := func(i int) []string {
		return []string{"--policy", policy, "--allow-empty", []string{"in", "in/pod.yaml", "in/payments", "in/stream.yaml"}[i%4]}
	}
	var runs sync.WaitGroup
	got := make([]told, 12)
	for i := range got {
		runs.Go(func() { got[i] = checkIn(t, "cache", args(i)...) })
	}
	runs.Wait()
	for i := range got {
		if want := checkIn(t, noCache, args(i)...); got[i] != want {
			t.Errorf("%v: %v\nwant %v", args(i), got[i], want)
		}
	}
	left, err := filepath.Glob("cache/*")
	if err != nil || len(left) != 1 || !strings.HasSuffix(left[0], answersEnd) {
		t.Errorf("%v are left: %v", left, err)
	}
}

// A folder of answers does not grow without end: what was written first goes
// first, and nothing that is not ours.
func TestCacheIsBounded(t *testing.T) {
	dir := t.TempDir()
	name := func(i int) string { return filepath.Join(dir, fmt.Sprint(i, answersEnd)) }
	for i := range 4 {
		if err := os.WriteFile(name(i), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name(i), mostCached/3); err != nil { // takes no room
			t.Fatal(err)
		}
		if err := os.Chtimes(name(i), testNow(), testNow().Add(-time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	other := filepath.Join(dir, "somebody's")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := readAnswers(dir, check.Key{1})
	for i := range mostAnswers>>20 + 2 {
		s.Put(check.Key{2, byte(i)}, make([]byte, 1<<20))
	}
	s.save()
	for _, gone := range []string{name(2), name(3)} {
		if _, err := os.Stat(gone); err == nil {
			t.Errorf("%s is kept", gone)
		}
	}
	for _, there := range []string{name(0), name(1), other} {
		if _, err := os.Stat(there); err != nil {
			t.Error(err)
		}
	}
	again := readAnswers(dir, check.Key{1})
	if n := len(again.old); n != mostAnswers>>20-1 {
		t.Errorf("%d answers are kept", n)
	}
	if len(readAnswers(dir, check.Key{2}).old) != 0 {
		t.Error("a checker has the answers of another")
	}
}

// What was asked for outlives what was not.
func TestCacheKeepsWhatIsUsed(t *testing.T) {
	dir := t.TempDir()
	half := make([]byte, mostAnswers/2-1<<10)
	s := readAnswers(dir, check.Key{})
	s.Put(check.Key{1}, half)
	s.Put(check.Key{2}, half)
	s.save()
	s = readAnswers(dir, check.Key{})
	if _, known := s.Get(check.Key{2}); !known || len(s.old) != 2 {
		t.Fatal("it is forgotten at once")
	}
	s.Put(check.Key{3}, half)
	s.save()
	s = readAnswers(dir, check.Key{})
	_, first := s.Get(check.Key{1})
	_, second := s.Get(check.Key{2})
	_, third := s.Get(check.Key{3})
	if first || !second || !third {
		t.Errorf("kept: %v, %v, %v", first, second, third)
	}
}
