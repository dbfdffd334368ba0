package control

// HostDevices is the ID of the control in this file.
const HostDevices ID = "host.devices"

var hostDevices = &Control{
	ID:       HostDevices,
	Title:    "Pods may request only the listed devices of the node",
	Reason:   "A device plugin or a driver for dynamic resource allocation hands a device of the node to the container, with what its driver in the kernel gets wrong.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    AllowSet, Type: Set, Scope: OfPod, Element: words("device"), Loosest: only("*"),
	InManifest: true, Immutable: true,
	Advice: "Which device does the program need? Request one of VALUE; a ResourceClaim or ResourceClaimTemplate is named as claim:NAME.",
	encode: inWords,
	Example: Example{Bad: elements(func(name string) Patch {
		return inContainer(Patch{"resources": Patch{"limits": Patch{name: "1"}}})
	}, "example.com/device", "example.org/device", "example.net/device")},
}
