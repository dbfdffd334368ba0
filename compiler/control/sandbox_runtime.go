package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// SandboxRuntime is the ID of the control in this file.
const SandboxRuntime ID = "sandbox.runtime"

var sandboxRuntime = &Control{
	ID:       SandboxRuntime,
	Title:    "Pods must run in a sandbox with a kernel of its own",
	Reason:   "A hole in the kernel that the container sees is not a hole in the node's.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Linux: true, Names: []string{GVisor, Kata, NoSandbox},
	rank: map[string]int{GVisor: 0, Kata: 0, NoSandbox: 1}, Loosest: Value{Text: NoSandbox},
	Advice: "Name a RuntimeClass of VALUE in runtimeClassName; the nodes have to have it.",
	Rules:  []podrule.Rule{{Over: podrule.LinuxPods, Field: "runtimeClassName", Shape: podrule.Member, Message: "runtimeClassName %v is no runtime class of the sandbox", Missing: "no runtimeClassName is set; use %s"}},
	encode: runtimeClass,
	Example: Example{
		Good: func(s Situation) (Patch, bool) { return inSpec(Patch{"runtimeClassName": s.Value.Text}), true },
		Bad:  always(inSpec(Patch{"runtimeClassName": nil})),
	},
}

// The sandboxes.
const (
	NoSandbox = "none"
	GVisor    = "gvisor"
	Kata      = "kata"
)
