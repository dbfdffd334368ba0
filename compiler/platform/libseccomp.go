package platform

// Libseccomp is the release of libseccomp on the node, "2.5.4"; "" is one that knows
// every system call known here. No policy states it.
var Libseccomp = &Fact[string]{
	Name:     "libseccomp",
	Doc:      "The release of the node's libseccomp, such as `2.5.4`. Without it, one that knows every call.",
	Usage:    "the `RELEASE` of the node's libseccomp, such as 2.5.4 (default: one that knows every call)",
	FromText: asWritten,
}
