// Package controltest generates values of controls for property tests.
package controltest

import (
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// keys are elements to choose from, by what a control's set is made of. They
// are few, so that generated sets often contain one another.
var keys = map[string][]string{
	"capability":  {"ALL", "CHOWN", "KILL", "NET_RAW", "SYS_ADMIN"},
	"system call": {control.AnyCall, control.RuntimeDefaultSet, "@mount", "@swap", "mount", "umount2", "read", "write", "swapon", "swapoff", "bpf"},
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
	"block I/O class": {"*", "low", "normal", "high"},
	"runtime":         {"*", "containerd", "cri-o"},
	"audience":        {"*", "vault", "https://*", "https://sts.example.com", control.APIServerToken},
}

var wordKeys = []string{"*", "net.*", "net.ipv4.*", "net.ipv4.tcp_rmem", "kernel.shm", "ne"}

func bodies(id control.ID) []control.Body {
	if id == control.Detect {
		return []control.Body{&control.Detection{Condition: "a"}, &control.Detection{Condition: "b"}}
	}
	one, two := []control.ArgCondition{{In: []uint64{1}}}, []control.ArgCondition{{In: []uint64{2}}}
	return []control.Body{&control.SyscallRule{Args: one}, &control.SyscallRule{Args: two}, &control.SyscallRule{Alternatives: [][]control.ArgCondition{one, two}}}
}

// Keys are the elements that Value chooses from for a control of sets or maps.
func Keys(c *control.Control) []string {
	if known, ok := keys[c.Element.What]; ok {
		return known
	}
	return wordKeys
}

// Value generates a value of a control.
func Value(t *rapid.T, c *control.Control, label string) control.Value {
	switch c.Type {
	case control.Bool:
		return control.Value{Bool: rapid.Bool().Draw(t, label)}
	case control.Enum, control.Text:
		return control.Value{Text: rapid.SampledFrom(c.Names).Draw(t, label)}
	case control.Quantity:
		return control.Value{Text: rapid.SampledFrom([]string{"", "0", "1", "1000m", "512Mi", "1Gi", "1024Mi", "2"}).Draw(t, label)}
	case control.Count:
		return control.Value{Text: rapid.SampledFrom([]string{"", "1", "1024", "4096"}).Draw(t, label)}
	case control.Version:
		return control.Value{Text: rapid.SampledFrom([]string{"", "1.33", "1.33.0", "1.34.2", "6.1", "5.15.3"}).Draw(t, label)}
	}
	item := rapid.Custom(func(t *rapid.T) control.Item {
		switch {
		case c.ID == control.RuntimeVersion:
			return control.Item{Key: rapid.SampledFrom([]string{"runc", "containerd"}).Draw(t, "runtime"), Arg: rapid.SampledFrom([]string{"1.2.8", "1.2.9", "1.3"}).Draw(t, "version")}
		case c.Type == control.Blocks:
			return control.Item{Key: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "block"), Body: rapid.SampledFrom(bodies(c.ID)).Draw(t, "body")}
		}
		it := control.Item{Key: rapid.SampledFrom(Keys(c)).Draw(t, "key")}
		switch {
		case c.Element.Args != nil:
			it.Arg = rapid.SampledFrom(c.Element.Args).Draw(t, "arg")
		case c.Element.ParseArg != nil:
			it.Arg = rapid.SampledFrom([]string{"0", "1Gi", "1024Mi", "2Gi"}).Draw(t, "arg")
		}
		return it
	})
	items := rapid.SliceOfNDistinct(item, 0, 4, func(it control.Item) string { return it.Key }).Draw(t, label)
	return control.Value{Items: items}.Sorted()
}
