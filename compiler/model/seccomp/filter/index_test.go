package filter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// insertAmongAll is insert as it reads without an index: it compares a rule with all others of its call.
func (t *table) insertAmongAll(name string, r *rule) (dropped []Note, conflict string) {
	r.conds = t.narrowed(r.conds)
	t.added++
	r.added = t.added
	var kept []*rule
	for _, old := range t.calls[name] {
		if r.verdict != old.verdict && clash(r.conds, old.conds) {
			t.conflicts[name] = r.place
		}
		covered, covers := begins(r.conds, old.conds), begins(old.conds, r.conds)
		switch {
		case covers && len(r.conds) > 0 && r.verdict != old.verdict:
			return nil, old.place
		case covered, r.verdict == old.verdict && ends(r.conds, old.conds):
			return []Note{{r.place, fmt.Sprintf("%s holds for %s already, and covers it", old.place, name)}}, ""
		case covers, r.verdict == old.verdict && ends(old.conds, r.conds):
			dropped = append(dropped, Note{old.place, fmt.Sprintf("%s holds for %s, and covers it", r.place, name)})
		default:
			kept = append(kept, old)
		}
	}
	t.calls[name] = append(kept, r)
	return dropped, ""
}

func TestInsert(t *testing.T) {
	conditions := rapid.Custom(func(t *rapid.T) []condition {
		var out []condition
		for index := range 4 {
			if rapid.Bool().Draw(t, "condition") {
				op := rapid.SampledFrom([]operator{equal, notEqual, greater, lessOrEqual, maskedEqual}).Draw(t, "operator")
				c := condition{index: index, op: op, mask: ^uint64(0), value: rapid.SampledFrom([]uint64{0, 1, 1 << 32}).Draw(t, "value")}
				if op == maskedEqual {
					c.mask = rapid.SampledFrom([]uint64{0, 1 << 32, 1<<32 | 1}).Draw(t, "mask")
					c.value &= c.mask
				}
				out = append(out, c)
			}
		}
		return out
	})
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.SampledFrom([]int{32, 64}).Draw(t, "bits")
		fast, plain := emptyTable(bits), emptyTable(bits)
		for i := range rapid.IntRange(1, 25).Draw(t, "rules") {
			r := rule{place: fmt.Sprintf("/syscalls/%d", i), conds: conditions.Draw(t, "conditions"),
				verdict: verdict{action: rapid.SampledFrom([]Action{Allow, Log}).Draw(t, "action")}}
			a, b := r, r
			notes, conflict := fast.insert("ioctl", &a)
			wantNotes, wantConflict := plain.insertAmongAll("ioctl", &b)
			if d := cmp.Diff(wantNotes, notes); d != "" || conflict != wantConflict {
				t.Fatalf("rule %d (-want +got)\n%sconflict %q, want %q", i, d, conflict, wantConflict)
			}
			same := func(a, b *rule) bool {
				return a.place == b.place && a.verdict == b.verdict && slices.Equal(a.conds, b.conds) && a.added == b.added
			}
			if !slices.EqualFunc(fast.calls["ioctl"], plain.calls["ioctl"], same) || fmt.Sprint(fast.conflicts) != fmt.Sprint(plain.conflicts) {
				t.Fatalf("after rule %d there are other rules or conflicts", i)
			}
		}
	})
}

// manyConditional is a profile of n rules, each with a condition and many calls.
func manyConditional(t testing.TB, n int) []byte {
	t.Helper()
	names := strings.Fields("read write open close stat fstat lstat poll lseek mmap mprotect munmap brk ioctl pread64 pwrite64 readv writev access pipe")
	var rules []map[string]any
	for i := range n {
		rules = append(rules, map[string]any{"names": names, "action": "SCMP_ACT_ALLOW", "args": []map[string]any{{"index": i % 6, "value": i, "op": "SCMP_CMP_EQ"}}})
	}
	body, err := json.Marshal(map[string]any{"defaultAction": "SCMP_ACT_ERRNO", "architectures": []string{"SCMP_ARCH_X86_64"}, "syscalls": rules})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// A rule is compared with those that share its conditions, however many others its call has.
func TestInsertComparesFew(t *testing.T) {
	f, err := Read(manyConditional(t, 1000), Node{})
	if err != nil {
		t.Fatal(err)
	}
	known := f.wide.known["ioctl"]
	if n := len(f.wide.calls["ioctl"]); n != 1000 {
		t.Fatalf("the call has %d rules", n)
	}
	for _, r := range f.wide.calls["ioctl"] {
		if related := known.related(r); len(related) != 1 {
			t.Fatalf("%s is compared with %d rules", r.place, len(related))
		}
	}
}

func BenchmarkReadConditional(b *testing.B) {
	for _, n := range []int{300, 3000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			body := manyConditional(b, n)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(body, Node{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
