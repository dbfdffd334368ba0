package check_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// unsteady judges as manifests does, after a while that nobody knows.
var unsteady = fake{name: manifests.name, kinds: manifests.kinds, artifacts: manifests.artifacts, judge: func(a attempt.Attempt) (target.Verdict, error) {
	for range rand.IntN(50) {
		runtime.Gosched()
	}
	return manifests.judge(a)
}}

// The documents of a long file, and files, may be done in any order: what is told
// is in theirs, whatever the number of workers.
func TestOrder(t *testing.T) {
	var long strings.Builder
	for i := range 500 {
		long.WriteString("---\n")
		switch i % 50 {
		case 7:
			long.WriteString("kind: Pod\nspec: [\n")
		case 9:
			long.WriteString("kind: ConfigMap\n")
		default:
			long.WriteString(pod(fmt.Sprint("p", i), "", "  - {name: x, bad: 1}\n"))
		}
	}
	files := []check.File{file("long", long.String())}
	for i := range 100 {
		files = append(files, file(fmt.Sprint("f", i), pod("a", "", "  - {name: x, bad: 1}\n")))
	}
	c := checker(t, build(t, []target.Target{unsteady}, "shop"), "")
	var first string
	for _, processors := range []int{1, 2, 8} {
		before := runtime.GOMAXPROCS(processors)
		r := c.Run(t.Context(), files, nil)
		runtime.GOMAXPROCS(before)
		if r.Checked != 580 || len(r.Findings) != 580 || len(r.Problems) != 10 || len(r.Skipped) != 10 {
			t.Errorf("%d checked, %d findings, %d problems, %d skipped", r.Checked, len(r.Findings), len(r.Problems), len(r.Skipped))
		}
		if first == "" {
			first = told(r)
		}
		if told(r) != first {
			t.Errorf("with %d processors:\n%s\nwith one:\n%s", processors, told(r), first)
		}
	}
}

// Of two files that are checked at once, the second is done first.
func TestLastIsFirst(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	done := make(chan bool)
	waiting := fake{name: manifests.name, kinds: manifests.kinds, artifacts: manifests.artifacts, judge: func(a attempt.Attempt) (target.Verdict, error) {
		objects, _ := a.(attempt.Manifest).Document.Objects(input.BuiltIn())
		if objects[0].Name == "first" {
			<-done
		} else {
			defer close(done)
		}
		return manifests.judge(a)
	}}
	files := []check.File{file("a", pod("first", "", "  - {name: x, bad: 1}\n")), file("b", pod("second", "", "  - {name: x, bad: 1}\n"))}
	r := checker(t, build(t, []target.Target{waiting}, "shop"), "").Run(t.Context(), files, nil)
	if len(r.Findings) != 2 || r.Findings[0].Resource.Name != "first" || r.Findings[1].Resource.Name != "second" {
		t.Error(told(r))
	}
}

// All workers take part in the documents of one file. A judgement lets others run while it is made, and waits for none: whether a worker is idle when
// it is offered a document is the scheduler's choice.
func TestShared(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	var now, most atomic.Int64
	counting := fake{name: manifests.name, kinds: manifests.kinds, artifacts: manifests.artifacts, judge: func(a attempt.Attempt) (target.Verdict, error) {
		for n := now.Add(1); ; {
			if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		defer now.Add(-1)
		for range 10 {
			runtime.Gosched()
		}
		return manifests.judge(a)
	}}
	body := strings.Repeat(pod("p", "", "  - {name: x}\n")+"---\n", 5000)
	r := checker(t, build(t, []target.Target{counting}, "shop"), "").Run(t.Context(), []check.File{file("f", body)}, nil)
	if r.Checked != 5000 || most.Load() != 2 {
		t.Errorf("%d checked, %d at once, want 2", r.Checked, most.Load())
	}
}
