package platform

// KernelVersion is the version of the node's kernel, "6.1"; "" is the newest. No
// policy states it: what is compiled means the same on every kernel.
var KernelVersion = &Fact[string]{
	Name:     "kernel",
	Doc:      "The version of the node's kernel, such as `6.1`. Without it, the newest.",
	Usage:    "the `VERSION` of the node's kernel, such as 6.1 (default: the newest)",
	FromText: asWritten,
}
