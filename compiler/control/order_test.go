package control_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/control/controltest"
)

// TestKeysAreValid holds the generator to what the language would accept.
func TestKeysAreValid(t *testing.T) {
	for _, c := range control.Controls() {
		if c.Element == nil {
			continue
		}
		for _, key := range controltest.Keys(c) {
			if canonical, err := c.Element.Parse(key); err != nil || canonical != key {
				t.Errorf("%s: %q is %q, %v", c.ID, key, canonical, err)
			}
		}
	}
}

// each runs a property for every control.
func each(t *testing.T, property func(*rapid.T, *control.Control)) {
	for _, c := range control.Controls() {
		t.Run(string(c.ID), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { property(t, c) })
		})
	}
}

func TestWithinIsAnOrder(t *testing.T) {
	each(t, func(t *rapid.T, c *control.Control) {
		x, y, z := controltest.Value(t, c, "x"), controltest.Value(t, c, "y"), controltest.Value(t, c, "z")
		if !c.Within(x, x) {
			t.Fatalf("%s is not within itself", c.Show(x))
		}
		if c.Within(x, y) && c.Within(y, z) && !c.Within(x, z) {
			t.Fatalf("%s is within %s, that within %s, but not the first within the last", c.Show(x), c.Show(y), c.Show(z))
		}
		if c.Order == control.Ordered && c.Type != control.Quantity && c.Type != control.Version && c.Within(x, y) && c.Within(y, x) && (x.Bool != y.Bool || x.Text != y.Text) {
			t.Fatalf("%s and %s are within one another", c.Show(x), c.Show(y))
		}
	})
}

func TestLoosestIsLoosest(t *testing.T) {
	each(t, func(t *rapid.T, c *control.Control) {
		v := controltest.Value(t, c, "v")
		if !c.Within(v, c.Loosest) {
			t.Fatalf("%s is not within the loosest value, %s", c.Show(v), c.Show(c.Loosest))
		}
		if c.Restricts(c.Loosest) {
			t.Fatalf("the loosest value restricts something: %s", c.Show(c.Loosest))
		}
		if c.Order != control.Fixed && c.Restricts(v) == c.Within(c.Loosest, v) {
			t.Fatalf("%s restricts: %v, and the loosest value is within it: %v", c.Show(v), c.Restricts(v), c.Within(c.Loosest, v))
		}
	})
}

func TestMeetIsWithinBoth(t *testing.T) {
	each(t, func(t *rapid.T, c *control.Control) {
		x, y := controltest.Value(t, c, "x"), controltest.Value(t, c, "y")
		met, ok := c.Meet(x, y)
		switch {
		case !ok && c.Type != control.Blocks && c.Order != control.Fixed && c.ID != control.SandboxRuntime:
			t.Fatalf("nothing is within both %s and %s", c.Show(x), c.Show(y))
		case !ok || c.Order == control.Fixed:
			return
		case !c.Within(met, x) || !c.Within(met, y):
			t.Fatalf("%s is not within %s and %s", c.Show(met), c.Show(x), c.Show(y))
		}
		if other, _ := c.Meet(y, x); !c.Within(met, other) || !c.Within(other, met) {
			t.Fatalf("it depends on the order: %s or %s", c.Show(met), c.Show(other))
		}
		if z := controltest.Value(t, c, "z"); c.Order != control.AllowSet && c.Within(z, x) && c.Within(z, y) && !c.Within(z, met) {
			t.Fatalf("%s is within both but not within %s", c.Show(z), c.Show(met))
		}
	})
}

func TestJoinContainsBoth(t *testing.T) {
	each(t, func(t *rapid.T, c *control.Control) {
		x, y := controltest.Value(t, c, "x"), controltest.Value(t, c, "y")
		if c.Order == control.DenySet || c.ID == control.SandboxRuntime { // refusals have no ceiling to raise
			return
		}
		if j := c.Join(x, y); !c.Within(x, j) || !c.Within(y, j) {
			t.Fatalf("%s does not contain %s and %s", c.Show(j), c.Show(x), c.Show(y))
		}
	})
}

// TestWithin fixes what the properties cannot: that the order is the right way
// round for each kind of control.
func TestWithin(t *testing.T) {
	set := func(keys ...string) control.Value {
		var v control.Value
		for _, k := range keys {
			v.Items = append(v.Items, control.Item{Key: k})
		}
		return v
	}
	pairs := func(kv ...string) control.Value {
		var v control.Value
		for i := 0; i < len(kv); i += 2 {
			v.Items = append(v.Items, control.Item{Key: kv[i], Arg: kv[i+1]})
		}
		return v
	}
	tests := []struct {
		id     control.ID
		a, b   control.Value
		ab, ba bool
	}{
		{control.Privileged, control.Value{}, control.Value{Bool: true}, true, false},
		{control.RunAsNonRoot, control.Value{Bool: true}, control.Value{}, true, false},
		{control.NetworkDNS, control.Value{}, control.Value{Bool: true}, true, false},
		{control.HostUsers, control.Value{}, control.Value{Bool: true}, true, false},
		{control.Internet, control.Value{Text: control.Deny}, control.Value{Text: control.ByFlows}, true, false},
		{control.Internet, control.Value{Text: control.ByFlows}, control.Value{Text: control.Allow}, true, false},
		{control.Digest, control.Value{Text: control.Required}, control.Value{Text: control.Optional}, true, false},
		{control.Violations, control.Value{Text: "alert"}, control.Value{Text: "debug"}, true, false},
		{control.SandboxRuntime, control.Value{Text: control.GVisor}, control.Value{Text: control.Kata}, false, false},
		{control.SandboxRuntime, control.Value{Text: control.GVisor}, control.Value{Text: control.NoSandbox}, true, false},
		{control.Memory, control.Value{Text: "1Gi"}, control.Value{Text: "1024Mi"}, true, true},
		{control.Memory, control.Value{Text: "512Mi"}, control.Value{}, true, false},
		{control.KernelVersion, control.Value{Text: "6.1"}, control.Value{Text: "5.15"}, true, false},
		{control.KernelVersion, control.Value{Text: "5.15"}, control.Value{}, true, false},
		{control.RuntimeVersion, pairs("runc", "1.2.9"), pairs("runc", "1.2.8"), true, false},
		{control.CapabilitiesAdd, set("CHOWN"), set("ALL"), true, false},
		{control.CapabilitiesDrop, set("ALL"), set("CHOWN"), true, false},
		{control.SeccompAllow, set("mount", "umount2"), set("@mount"), true, false},
		{control.SeccompAllow, set("read"), set(control.RuntimeDefaultSet), true, false},
		{control.SeccompAllow, set("mount"), set(control.RuntimeDefaultSet), false, false},
		{control.SeccompDeny, set("@mount"), set("mount"), true, false},
		{control.HostPaths, pairs("/var/log", "read"), pairs("/var/log", "write"), true, false},
		{control.HostPaths, pairs("/var/log", "read"), pairs("/var", "read"), true, false},
		{control.HostPaths, pairs("/var/log", "write"), pairs("/var", "read"), false, false},
		{control.HostPaths, pairs("/variable", "read"), pairs("/var", "read"), false, false},
		{control.HostPaths, pairs("/etc", "write"), pairs("/", "write"), true, false},
		{control.Hugepages, pairs("2Mi", "1Gi"), pairs("2Mi", "2Gi"), true, false},
		{control.Hugepages, pairs("2Mi", "1Gi"), pairs("1Gi", "2Gi"), false, false},
		{control.HostPorts, set("tcp/80"), set("tcp/80-90"), true, false},
		{control.HostPorts, set("udp/80"), set("tcp/80-90"), false, false},
		{control.Users, set("1000"), set("1000-2000"), true, false},
		{control.Registries, set("registry.example.com/a"), set("registry.example.com/*"), true, false},
		{control.ImagesDenied, set("registry.example.com/*"), set("registry.example.com/a"), true, false},
		{control.ImagesDenied, set("docker.io/library/redis"), set("docker.io/redis"), true, true},
		{control.TagsDenied, set("dev-*", "latest"), set("dev-1*"), true, false},
		{control.TagsDenied, set("*"), set("a*b"), true, false},
		{control.Sysctls, set("net.ipv4.tcp_rmem"), set("net.*"), true, false},
	}
	for _, test := range tests {
		c, _ := control.Lookup(test.id)
		t.Run(fmt.Sprint(test.id, " ", c.Show(test.a), " ", c.Show(test.b)), func(t *testing.T) {
			if got := c.Within(test.a, test.b); got != test.ab {
				t.Errorf("the first within the second: %v", got)
			}
			if got := c.Within(test.b, test.a); got != test.ba {
				t.Errorf("the second within the first: %v", got)
			}
		})
	}
}

// TestRulesCompareByMeaningAlone holds that two rules of one label are the same only where their conditions are, and that the order of
// values does not count.
func TestRulesCompareByMeaningAlone(t *testing.T) {
	c, _ := control.Lookup(control.SeccompRule)
	value := func(args ...control.ArgCondition) control.Value {
		return control.Value{Items: []control.Item{{Key: "r", Body: &control.SyscallRule{Syscalls: []control.Item{{Key: "ioctl"}}, Args: args}}}}
	}
	conditions := []control.ArgCondition{
		{In: []uint64{1, 2}}, {NotIn: []uint64{1, 2}}, {HasAny: 3}, {Masked: true, Mask: 3}, {Masked: true, Mask: 3, Value: 3}, {In: []uint64{1, 2, 3}},
		{NotIn: []uint64{1}}, {HasAny: 1}, {Index: 1, In: []uint64{1, 2}},
	}
	for i, a := range conditions {
		for j, b := range conditions {
			if got := c.Within(value(a), value(b)); got != (i == j) {
				t.Errorf("%+v within %+v: %v", a, b, got)
			}
		}
	}
	for _, pair := range [][2]control.ArgCondition{
		{{In: []uint64{1, 2}}, {In: []uint64{2, 1, 2}}}, {{NotIn: []uint64{1, 2}}, {NotIn: []uint64{2, 1}}},
	} {
		if !c.Within(value(pair[0]), value(pair[1])) {
			t.Errorf("%+v and %+v are the same", pair[0], pair[1])
		}
	}
	either := func(alternatives ...[]control.ArgCondition) control.Value {
		return control.Value{Items: []control.Item{{Key: "r", Body: &control.SyscallRule{Syscalls: []control.Item{{Key: "ioctl"}}, Alternatives: alternatives}}}}
	}
	rules := []control.Value{value(conditions[:2]...), either(conditions[:1], conditions[1:2]), either(conditions[:1], conditions[2:3]), either(conditions[:1], conditions[1:3])}
	for i, a := range rules {
		for j, b := range rules {
			if got := c.Within(a, b); got != (i == j) {
				t.Errorf("rule %d within rule %d: %v", i, j, got)
			}
		}
	}
	if !c.Within(control.Value{Items: append(value(conditions[0]).Items, control.Item{Key: "s", Body: &control.SyscallRule{Args: conditions[1:2]}})}, value(conditions[0])) {
		t.Error("one rule more is tighter")
	}
	if c.Within(control.Value{}, value(conditions[0])) {
		t.Error("one rule less is not tighter")
	}
}
