package check_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Tens of thousands of comments in a file, and of files in a baseline, are each
// looked at once: each with each would take half a minute.
func TestMany(t *testing.T) {
	const many = 100_000
	begin := time.Now()
	p := build(t, []target.Target{manifests}, "shop")
	c := checker(t, p, "")
	body := pod("p", "", strings.Repeat("  - {name: c, bad: 1} # bulkhead:ignore host.ipc -- x\n", many))
	r := one(t, c, "f", body)
	if len(r.Findings) != 2*many {
		t.Errorf("%d findings, want one for each container and each comment", len(r.Findings))
	}
	var known check.Baseline
	var files []check.File
	for i := range many {
		name := fmt.Sprint("f", i)
		known.Findings = append(known.Findings, check.BaselineFinding{Fingerprint: name, Count: 1, File: name})
		files = append(files, file(name, ""))
	}
	if mended := known.Apply(&check.Result{}, files); mended != many {
		t.Errorf("%d are mended, want %d", mended, many)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("it took %v", took)
	}
}
