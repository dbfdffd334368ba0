package seccomp_test

import (
	"bytes"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// FuzzEmit writes a rule with any label and condition on an argument of ioctl. The profile has the schema and no part without effect,
// is the same when it is written again, and decides about any value as the condition says.
func FuzzEmit(f *testing.F) {
	f.Add("no TIOCSTI", uint8(1), uint32(0x5412), uint32(0), uint32(0x5412))
	f.Add("\"]}\n", uint8(0), uint32(5), uint32(7), uint32(6))
	f.Add("\x00\u2028", uint8(2), uint32(0x80), uint32(0), uint32(0x81))
	f.Add("m", uint8(3), uint32(0xf0), uint32(0x30), uint32(0x3f))
	f.Fuzz(func(t *testing.T, label string, kind uint8, a, b, probe uint32) {
		const low = 1<<31 - 1 // above, the kernel's types of arguments differ
		a, b, probe = a&low, b&low, probe&low
		first, second, asked := uint64(a), uint64(b), uint64(probe)
		var condition control.ArgCondition
		var allowed bool
		switch kind % 4 {
		case 0:
			condition, allowed = in(1, first, second), asked == first || asked == second
		case 1:
			condition, allowed = notIn(1, first, second), asked != first && asked != second
		case 2:
			condition, allowed = hasAny(1, first), asked&first != 0
		case 3:
			condition, allowed = masked(1, first, second&first), asked&first == second&first
		}
		if label == "" || kind%4 < 2 && first == second || kind%4 == 2 && (first == 0 || first&(first-1) != 0) || kind%4 == 3 && first == 0 {
			return // the language refuses it, or it takes many rules
		}
		p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompRule: rules(rule(label, []string{"ioctl"}, condition))}, "amd64")
		artifact := one(t, p)
		if again := one(t, p); !bytes.Equal(artifact.Body, again.Body) {
			t.Error("written again, it differs")
		}
		v := judge(t, p, "amd64", "ioctl", 0, asked)
		if want := map[bool]target.Outcome{true: target.Allow, false: target.Deny}[allowed]; v.Outcome != want {
			t.Errorf("%+v of %d: %v, want %v\n%s", condition, asked, v.Outcome, want, artifact.Body)
		}
	})
}
