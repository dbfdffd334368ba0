package main

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// compiler gives a function that does all that compile does but writing.
func compiler(t testing.TB, policy string) func() []target.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "policy.hcl")
	if err := os.WriteFile(name, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	a := newApp()
	a.out, a.err = io.Discard, os.Stderr
	return func() []target.File {
		program, b, err := a.build(name, &policyFlags{now: "2026-01-31"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.AddTests(); err != nil {
			t.Fatal(err)
		}
		files, err := target.Files(b.All(), b.Manifest(version, sources(program.Files), b.All()))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
}

// allocated counts what a function allocates, in pieces and bytes.
func allocated(f func()) (pieces, bytes float64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}

// A workload costs what it costs, however many there are beside it.
func TestCompileIsLinear(t *testing.T) {
	var pieces, bytes [3]float64 // of 40, 80 and 160 workloads
	for i := range pieces {
		compile := compiler(t, manyWorkloads(40<<i))
		compile() // tables that are made once
		pieces[i], bytes[i] = allocated(func() { compile() })
	}
	const mostPieces, mostBytes = 25_000, 2_500_000
	if more := (pieces[2] - pieces[1]) / 80; more > mostPieces {
		t.Errorf("a workload takes %.0f allocations, more than %d", more, mostPieces)
	}
	if more := (bytes[2] - bytes[1]) / 80; more > mostBytes {
		t.Errorf("a workload takes %.0f bytes, more than %d", more, mostBytes)
	}
	for name, n := range map[string][3]float64{"allocations": pieces, "bytes": bytes} {
		if ratio := (n[2] - n[1]) / (n[1] - n[0]); ratio > 2.3 {
			t.Errorf("80 workloads more take %.1f times the %s of 40 more, and should take twice as many", ratio, name)
		}
		t.Logf("%s: %.0f", name, n)
	}
}
