package control

// CapabilitiesDrop is the ID of the control in this file.
const CapabilitiesDrop ID = "capabilities.drop"

var capabilitiesDrop = &Control{
	ID:       CapabilitiesDrop,
	Title:    "Containers must drop the listed capabilities",
	Reason:   "A container that drops nothing keeps the runtime's default set, which includes NET_RAW and MKNOD.",
	Mappings: []string{"PSS restricted: capabilities_restricted"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Linux: true, AppArmor: true, Element: capabilityElement,
	InManifest: true, Immutable: true, SparesWindows: true,
	Fix:     Fix{Kind: FixAppend, Value: "ALL"},
	Example: Example{Good: dropped, Bad: always(inSecurity(Patch{"capabilities": Patch{"drop": []any{}}}))},
}

func dropped(s Situation) (Patch, bool) {
	var names []any
	for _, name := range s.Value.Keys() {
		names = append(names, name)
	}
	return inSecurity(Patch{"capabilities": Patch{"drop": names}}), true
}
