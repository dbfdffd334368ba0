package control

// CompiledProfiles is the ID of the control in this file.
const CompiledProfiles ID = "privileges.compiled_profiles"

var compiledProfiles = &Control{
	ID:       CompiledProfiles,
	Title:    "Containers must name the seccomp and AppArmor profiles compiled for them",
	Reason:   "A profile has no effect on a container that does not name it.",
	Mappings: []string{"ATT&CK T1611"},
	Order:    Ordered, Type: Bool, Scope: OfContainer, Linux: true, Strict: true, Loosest: Value{Bool: false},
	InManifest: true, SparesWindows: true, NeedsProfile: true,
	Advice:  "What the finding says has to be written, where the file can be changed. A node has to have the profile before a pod names it.",
	Fix:     Fix{Kind: FixCompiledProfile},
	Example: Example{Own: compiledProfile, Bad: anotherProfile},
}

// mustName reports whether a container has to name the profile of a layer that is
// compiled for it, were it only to be reported.
func (s Situation) mustName(layer *Control) bool {
	return s.Get(CompiledProfiles).Bool && s.Layer(layer).Compiled != ""
}

// compiledProfile names the profiles that are compiled for the container.
func compiledProfile(s Situation) Patch {
	out := Patch{}
	for _, layer := range Profiles() {
		if s.mustName(layer) {
			Merge(out, layer.names(s, localhost, s.Layer(layer).Compiled))
		}
	}
	return out
}

// anotherProfile names in each layer another profile than the one that is compiled.
func anotherProfile(s Situation) []Patch {
	var changes []Patch
	for _, layer := range Profiles() {
		if s.mustName(layer) {
			changes = append(changes, layer.names(s, localhost, "another"))
		}
	}
	return changes
}
