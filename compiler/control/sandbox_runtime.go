package control

// SandboxRuntime is the ID of the control in this file.
const SandboxRuntime ID = "sandbox.runtime"

var sandboxRuntime = &Control{
	ID:       SandboxRuntime,
	Title:    "A sandbox with a kernel of its own",
	Reason:   "A hole in the kernel that the container sees is not a hole in the node's.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Enum, Scope: OfPod, Linux: true, Names: []string{GVisor, Kata, NoSandbox},
	rank: map[string]int{GVisor: 0, Kata: 0, NoSandbox: 1}, Loosest: Value{Text: NoSandbox},
	InManifest: true, Immutable: true, SparesWindows: true,
	Advice: "Name a RuntimeClass of VALUE in runtimeClassName; the nodes have to have it.",
}

// The sandboxes.
const (
	NoSandbox = "none"
	GVisor    = "gvisor"
	Kata      = "kata"
)
