package control

// CompiledProfiles is the ID of the control in this file.
const CompiledProfiles ID = "privileges.compiled_profiles"

var compiledProfiles = &Control{
	ID:       CompiledProfiles,
	Title:    "Naming the seccomp and AppArmor profiles that are compiled for a container",
	Reason:   "A profile does nothing for a container that does not name it: what the policy says of system calls and files then holds nowhere.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Linux: true, Strict: true, Loosest: Value{Bool: false},
	InManifest: true, SparesWindows: true, NeedsProfile: true,
	Advice: "What the finding says has to be written, where the file can be changed. A node has to have the profile before a pod names it.",
	Fix:    Fix{Kind: FixCompiledProfile},
}
