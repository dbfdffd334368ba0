package linux_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

func TestDemandsNameWhatThereIs(t *testing.T) {
	demands := linux.Demands()
	if !slices.IsSortedFunc(demands, func(a, b linux.Demand) int { return strings.Compare(a.Call, b.Call) }) || len(demands) < 20 {
		t.Errorf("%d rows, or not by name", len(demands))
	}
	for i, d := range demands {
		if _, ok := linux.LookupSyscall(d.Call); !ok {
			t.Errorf("no system call is called %q", d.Call)
		}
		if _, ok := linux.LookupCapability(d.Capability); !ok {
			t.Errorf("%s: no capability is called %q", d.Call, d.Capability)
		}
		if i > 0 && demands[i-1].Call == d.Call {
			t.Errorf("%s stands twice", d.Call)
		}
	}
}

func TestSoleCallsNameWhatThereIs(t *testing.T) {
	n := 0
	for _, c := range linux.Capabilities() {
		for _, call := range linux.SoleCalls(c.Name) {
			n++
			if _, ok := linux.LookupSyscall(call); !ok {
				t.Errorf("%s: no system call is called %q", c.Name, call)
			}
		}
	}
	if n < 15 || len(linux.SoleCalls("CHOWN")) != 0 {
		t.Errorf("%d calls in all, %v of CHOWN", n, linux.SoleCalls("CHOWN"))
	}
	// Whatever demands such a capability is one of the calls that it is for.
	for _, d := range linux.Demands() {
		if sole := linux.SoleCalls(d.Capability); len(sole) > 0 && !slices.Contains(sole, d.Call) {
			t.Errorf("%s demands %s, and is not among its calls", d.Call, d.Capability)
		}
	}
}
