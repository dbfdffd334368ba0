package policy

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// keys are elements to choose from, by what a control's set is made of. They
// are few, so that generated sets often contain one another.
var keys = map[string][]string{
	"capability":  {"ALL", "CHOWN", "KILL", "NET_RAW", "SYS_ADMIN"},
	"system call": {AnyCall, RuntimeDefaultSet, "@mount", "@swap", "mount", "umount2", "read", "write", "swapon", "swapoff", "bpf"},
	"path":        {"/**", "/", "/tmp", "/tmp/**", "/tmp/*", "/tmp/*/**", "/tmp/a", "/tmp/a*", "/tmp/*a", "/tmp/a/b", "/var/**", "/var/*/x"},
	"host path":   {"/", "/var", "/var/log", "/var/log/pods", "/var/run", "/var/run/app", "/proc", "/proc/1/root", "/proc/1/root/etc", "/etc", "/v"},
	"image repository": {"*", "registry.example.com/*", "registry.example.com/a", "registry.example.com/a/*", "registry.example.com/a*",
		"docker.io/library/redis", "docker.io/library/*"},
	"port":            {"*", "tcp/80", "tcp/80-90", "tcp/85-95", "udp/80", "tcp/1-65535"},
	"number or range": {"*", "0", "1", "1-10", "5-10", "5-20", "1-2147483647", "7"},
	"kind of profile": {"*", "runtime-default", "localhost", "unset", "unconfined"},
	"volume type":     {"*", "emptyDir", "secret", "hostPath"},
	"address family":  {"*", "unix", "inet", "packet"},
	"page size":       {"*", "2Mi", "1Gi"},
	"probe":           {"liveness", "readiness", "startup"},
	"annotation":      {"*", "*.crio.io*", "devices.crio.io", "seccomp.crio.io/app", "io.*", "io.x.*", "*x*"},
	"audience":        {"*", "vault", "https://*", "https://sts.example.com", APIServerToken},
}

var wordKeys = []string{"*", "net.*", "net.ipv4.*", "net.ipv4.tcp_rmem", "kernel.shm", "ne"}

func bodies(id ID) []Body {
	if id == Detect {
		return []Body{&Detection{Condition: "a"}, &Detection{Condition: "b"}}
	}
	return []Body{&SyscallRule{Args: []ArgCondition{{In: []uint64{1}}}}, &SyscallRule{Args: []ArgCondition{{In: []uint64{2}}}}}
}

// drawValue generates a value of a control.
func drawValue(t *rapid.T, c *Control, label string) Value {
	switch c.Type {
	case Bool:
		return Value{Bool: rapid.Bool().Draw(t, label)}
	case Enum, Text:
		return Value{Text: rapid.SampledFrom(c.Names).Draw(t, label)}
	case Quantity:
		return Value{Text: rapid.SampledFrom([]string{"", "0", "1", "1000m", "512Mi", "1Gi", "1024Mi", "2"}).Draw(t, label)}
	case Version:
		return Value{Text: rapid.SampledFrom([]string{"", "1.33", "1.33.0", "1.34.2", "6.1", "5.15.3"}).Draw(t, label)}
	}
	item := rapid.Custom(func(t *rapid.T) Item {
		switch {
		case c.ID == RuntimeVersion:
			return Item{Key: rapid.SampledFrom([]string{"runc", "containerd"}).Draw(t, "runtime"), Arg: rapid.SampledFrom([]string{"1.2.8", "1.2.9", "1.3"}).Draw(t, "version")}
		case c.Type == Blocks:
			return Item{Key: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "block"), Body: rapid.SampledFrom(bodies(c.ID)).Draw(t, "body")}
		}
		known, ok := keys[c.Element.What]
		if !ok {
			known = wordKeys
		}
		it := Item{Key: rapid.SampledFrom(known).Draw(t, "key")}
		switch {
		case c.Element.Args != nil:
			it.Arg = rapid.SampledFrom(c.Element.Args).Draw(t, "arg")
		case c.Element.ParseArg != nil:
			it.Arg = rapid.SampledFrom([]string{"0", "1Gi", "1024Mi", "2Gi"}).Draw(t, "arg")
		}
		return it
	})
	items := rapid.SliceOfNDistinct(item, 0, 4, func(it Item) string { return it.Key }).Draw(t, label)
	return Value{Items: items}.Sorted()
}

// TestKeysAreValid holds the generator to what the language would accept.
func TestKeysAreValid(t *testing.T) {
	for _, c := range catalogue {
		if c.Element == nil {
			continue
		}
		known, ok := keys[c.Element.What]
		if !ok {
			known = wordKeys
		}
		for _, key := range known {
			if canonical, err := c.Element.Parse(key); err != nil || canonical != key {
				t.Errorf("%s: %q is %q, %v", c.ID, key, canonical, err)
			}
		}
	}
}

// each runs a property for every control.
func each(t *testing.T, property func(*rapid.T, *Control)) {
	for _, c := range catalogue {
		t.Run(string(c.ID), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { property(t, c) })
		})
	}
}

func TestWithinIsAnOrder(t *testing.T) {
	each(t, func(t *rapid.T, c *Control) {
		x, y, z := drawValue(t, c, "x"), drawValue(t, c, "y"), drawValue(t, c, "z")
		if !c.Within(x, x) {
			t.Fatalf("%s is not within itself", c.Show(x))
		}
		if c.Within(x, y) && c.Within(y, z) && !c.Within(x, z) {
			t.Fatalf("%s is within %s, that within %s, but not the first within the last", c.Show(x), c.Show(y), c.Show(z))
		}
		if c.Order == Scale && c.Type != Quantity && c.Type != Version && c.Within(x, y) && c.Within(y, x) && (x.Bool != y.Bool || x.Text != y.Text) {
			t.Fatalf("%s and %s are within one another", c.Show(x), c.Show(y))
		}
	})
}

func TestLoosestIsLoosest(t *testing.T) {
	each(t, func(t *rapid.T, c *Control) {
		v := drawValue(t, c, "v")
		if !c.Within(v, c.Loosest) {
			t.Fatalf("%s is not within the loosest value, %s", c.Show(v), c.Show(c.Loosest))
		}
		if c.Restricts(c.Loosest) {
			t.Fatalf("the loosest value restricts something: %s", c.Show(c.Loosest))
		}
		if c.Order != Plain && c.Restricts(v) == c.Within(c.Loosest, v) {
			t.Fatalf("%s restricts: %v, and the loosest value is within it: %v", c.Show(v), c.Restricts(v), c.Within(c.Loosest, v))
		}
	})
}

func TestMeetIsWithinBoth(t *testing.T) {
	each(t, func(t *rapid.T, c *Control) {
		x, y := drawValue(t, c, "x"), drawValue(t, c, "y")
		met, ok := c.Meet(x, y)
		switch {
		case !ok && c.Type != Blocks && c.Order != Plain && c.rank == nil:
			t.Fatalf("nothing is within both %s and %s", c.Show(x), c.Show(y))
		case !ok || c.Order == Plain:
			return
		case !c.Within(met, x) || !c.Within(met, y):
			t.Fatalf("%s is not within %s and %s", c.Show(met), c.Show(x), c.Show(y))
		}
		if other, _ := c.Meet(y, x); !c.Within(met, other) || !c.Within(other, met) {
			t.Fatalf("it depends on the order: %s or %s", c.Show(met), c.Show(other))
		}
		if z := drawValue(t, c, "z"); c.Order != Grant && c.Within(z, x) && c.Within(z, y) && !c.Within(z, met) {
			t.Fatalf("%s is within both but not within %s", c.Show(z), c.Show(met))
		}
	})
}

func TestJoinContainsBoth(t *testing.T) {
	each(t, func(t *rapid.T, c *Control) {
		x, y := drawValue(t, c, "x"), drawValue(t, c, "y")
		if c.Order == Refusal || c.rank != nil { // refusals have no ceiling to raise
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
	set := func(keys ...string) Value {
		var v Value
		for _, k := range keys {
			v.Items = append(v.Items, Item{Key: k})
		}
		return v
	}
	pairs := func(kv ...string) Value {
		var v Value
		for i := 0; i < len(kv); i += 2 {
			v.Items = append(v.Items, Item{Key: kv[i], Arg: kv[i+1]})
		}
		return v
	}
	tests := []struct {
		id     ID
		a, b   Value
		ab, ba bool
	}{
		{Privileged, Value{}, Value{Bool: true}, true, false},
		{RunAsNonRoot, Value{Bool: true}, Value{}, true, false},
		{NetworkDNS, Value{}, Value{Bool: true}, true, false},
		{HostUsers, Value{}, Value{Bool: true}, true, false},
		{Internet, Value{Text: Deny}, Value{Text: ByFlows}, true, false},
		{Internet, Value{Text: ByFlows}, Value{Text: Allow}, true, false},
		{Digest, Value{Text: Required}, Value{Text: Optional}, true, false},
		{Violations, Value{Text: "alert"}, Value{Text: "debug"}, true, false},
		{SandboxRuntime, Value{Text: GVisor}, Value{Text: Kata}, false, false},
		{SandboxRuntime, Value{Text: GVisor}, Value{Text: NoSandbox}, true, false},
		{Memory, Value{Text: "1Gi"}, Value{Text: "1024Mi"}, true, true},
		{Memory, Value{Text: "512Mi"}, Value{}, true, false},
		{KernelVersion, Value{Text: "6.1"}, Value{Text: "5.15"}, true, false},
		{KernelVersion, Value{Text: "5.15"}, Value{}, true, false},
		{RuntimeVersion, pairs("runc", "1.2.9"), pairs("runc", "1.2.8"), true, false},
		{CapabilitiesAdd, set("CHOWN"), set("ALL"), true, false},
		{CapabilitiesDrop, set("ALL"), set("CHOWN"), true, false},
		{SeccompAllow, set("mount", "umount2"), set("@mount"), true, false},
		{SeccompAllow, set("read"), set(RuntimeDefaultSet), true, false},
		{SeccompAllow, set("mount"), set(RuntimeDefaultSet), false, false},
		{SeccompDeny, set("@mount"), set("mount"), true, false},
		{HostPaths, pairs("/var/log", "read"), pairs("/var/log", "write"), true, false},
		{HostPaths, pairs("/var/log", "read"), pairs("/var", "read"), true, false},
		{HostPaths, pairs("/var/log", "write"), pairs("/var", "read"), false, false},
		{HostPaths, pairs("/variable", "read"), pairs("/var", "read"), false, false},
		{HostPaths, pairs("/etc", "write"), pairs("/", "write"), true, false},
		{Hugepages, pairs("2Mi", "1Gi"), pairs("2Mi", "2Gi"), true, false},
		{Hugepages, pairs("2Mi", "1Gi"), pairs("1Gi", "2Gi"), false, false},
		{HostPorts, set("tcp/80"), set("tcp/80-90"), true, false},
		{HostPorts, set("udp/80"), set("tcp/80-90"), false, false},
		{Users, set("1000"), set("1000-2000"), true, false},
		{Registries, set("registry.example.com/a"), set("registry.example.com/*"), true, false},
		{ImagesDenied, set("registry.example.com/*"), set("registry.example.com/a"), true, false},
		{ImagesDenied, set("docker.io/library/redis"), set("docker.io/redis"), true, true},
		{TagsDenied, set("dev-*", "latest"), set("dev-1*"), true, false},
		{TagsDenied, set("*"), set("a*b"), true, false},
		{Sysctls, set("net.ipv4.tcp_rmem"), set("net.*"), true, false},
	}
	for _, test := range tests {
		c, _ := Lookup(test.id)
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
	c, _ := Lookup(SeccompRule)
	value := func(args ...ArgCondition) Value {
		return Value{Items: []Item{{Key: "r", Body: &SyscallRule{Syscalls: []Item{{Key: "ioctl"}}, Args: args}}}}
	}
	conditions := []ArgCondition{
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
	for _, pair := range [][2]ArgCondition{
		{{In: []uint64{1, 2}}, {In: []uint64{2, 1, 2}}}, {{NotIn: []uint64{1, 2}}, {NotIn: []uint64{2, 1}}},
	} {
		if !c.Within(value(pair[0]), value(pair[1])) {
			t.Errorf("%+v and %+v are the same", pair[0], pair[1])
		}
	}
	if !c.Within(Value{Items: append(value(conditions[0]).Items, Item{Key: "s", Body: &SyscallRule{Args: conditions[1:2]}})}, value(conditions[0])) {
		t.Error("one rule more is tighter")
	}
	if c.Within(Value{}, value(conditions[0])) {
		t.Error("one rule less is not tighter")
	}
}
