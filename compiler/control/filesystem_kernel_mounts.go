package control

// KernelMounts is the ID of the control in this file.
const KernelMounts ID = "filesystem.kernel_mounts"

var kernelMounts = &Control{
	ID:       KernelMounts,
	Title:    "Volumes must not be mounted on /proc or /sys, or below them",
	Reason:   "The runtime writes there while it sets up a container. A volume on top has redirected these writes (CVE-2019-19921, CVE-2025-52881).",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Linux: true, Strict: false, Loosest: Value{Bool: true},
	InManifest: true, Immutable: true, SparesWindows: true,
	Advice:  "Mount the volume elsewhere. Settings of the kernel are sysctls of the pod, or of the node.",
	Example: refuses(inContainer(mounted("/proc", Patch{"readOnly": true}))),
}
