package check_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// BenchmarkMany has a file with many comments, one with many findings in a pod of many labels, and a baseline of many files. Each
// is looked at once, so that ten times as many take ten times as long.
func BenchmarkMany(b *testing.B) {
	for _, many := range []int{1_000, 10_000, 100_000} {
		body := pod("p", "", strings.Repeat("  - {name: c, bad: 1} # bulkhead:ignore host.ipc -- x\n", many))
		var known check.Baseline
		var files []check.File
		for i := range many {
			name := fmt.Sprint("f", i)
			known.Findings = append(known.Findings, check.BaselineFinding{Fingerprint: name, Count: 1, File: name})
			files = append(files, file(name, ""))
		}
		b.Run(fmt.Sprint("comments/", many), func(b *testing.B) {
			c := checker(b, build(b, []target.Target{manifests}, "shop"), "")
			for b.Loop() {
				if r := c.Run(context.Background(), []check.File{file("f", body)}, nil); len(r.Findings) != 2*many {
					b.Fatalf("%d findings, want one for each container and each comment", len(r.Findings))
				}
			}
		})
		b.Run(fmt.Sprint("labels/", many), func(b *testing.B) {
			var labels strings.Builder
			for i := range many {
				fmt.Fprintf(&labels, "l%d: x, ", i)
			}
			body := pod("p", labels.String(), strings.Repeat("  - {name: c, bad: 1}\n", many))
			c := checker(b, build(b, []target.Target{manifests}, "shop"), "")
			for b.Loop() {
				if r := c.Run(context.Background(), []check.File{file("f", body)}, nil); len(r.Findings) != many {
					b.Fatalf("%d findings, want one for each container: %v", len(r.Findings), r.Problems)
				}
			}
		})
		b.Run(fmt.Sprint("baseline/", many), func(b *testing.B) {
			for b.Loop() {
				if mended := known.Apply(&check.Result{}, files); mended != many {
					b.Fatalf("%d are mended, want %d", mended, many)
				}
			}
		})
	}
}
