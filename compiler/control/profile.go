package control

// Profile says where a pod names the profile of a layer: privileges.seccomp and
// privileges.apparmor each have one.
type Profile struct {
	// Title is the name of the layer.
	Title string
	// Field is the field of a security context. Kubernetes 1.Since and newer have it.
	Field string
	Since int
	// Annotation is what the name of the older annotation begins with; the name of
	// the container follows.
	Annotation string
	// Suffix ends the names of compiled profiles.
	Suffix string
}

// Profiles lists the controls of layers whose profiles pods name.
func Profiles() []*Control {
	return []*Control{seccompProfile, appArmorProfile}
}

// Where a pod's profile comes from, as privileges.seccomp and
// privileges.apparmor list them.
const (
	ProfileRuntimeDefault = "runtime-default"
	ProfileLocalhost      = "localhost"
	ProfileUnconfined     = "unconfined"
	ProfileUnset          = "unset"
)

var profileElement = oneOf("kind of profile", "*", ProfileRuntimeDefault, ProfileLocalhost, ProfileUnset, ProfileUnconfined)

// profileKind is where a profile comes from: its name in policies, in the field and
// in the annotation.
type profileKind struct{ key, field, annotation string }

var localhost = profileKind{ProfileLocalhost, "Localhost", "localhost/"}

// preferred is the first kind of profile that is allowed, as a pod would rather have
// them; zero where none is.
func preferred(allowed Value) profileKind {
	for _, k := range []profileKind{{ProfileRuntimeDefault, "RuntimeDefault", "runtime/default"}, localhost, {ProfileUnconfined, "Unconfined", "unconfined"}} {
		if allowed.Has(k.key) {
			return k
		}
	}
	return profileKind{}
}

// names states a profile as the platform's Kubernetes reads it: by a field, or by
// the annotation of the container.
func (c *Control) names(s Situation, k profileKind, file string) Patch {
	if !s.Since(c.Profile.Since) {
		return annotated(c.Profile.Annotation+s.Container, k.annotation+file)
	}
	profile := Patch{"type": k.field}
	if file != "" {
		profile["localhostProfile"] = file
	}
	return inSecurity(Patch{c.Profile.Field: profile})
}

func profileExample() Example {
	return Example{Good: sharedProfile, Own: ownProfile, Bad: otherProfiles}
}

// sharedProfile states a profile that any container may have.
func sharedProfile(s Situation) (Patch, bool) {
	k := preferred(s.Value)
	switch {
	case s.mustName(s.Control):
		return nil, true // compiled_profiles states it
	case k == profileKind{}:
		return nil, s.Value.Has(ProfileUnset)
	case k == localhost || !s.Since(s.Control.Profile.Since):
		return nil, true // the container's own
	}
	return s.Control.names(s, k, ""), true
}

// ownProfile states a profile whose name, or that of its annotation, has the name of
// the container in it.
func ownProfile(s Situation) Patch {
	k, file := preferred(s.Value), ""
	switch {
	case s.mustName(s.Control) || k == profileKind{}:
		return nil
	case k == localhost:
		file = s.Layer(s.Control).Own
	case s.Since(s.Control.Profile.Since):
		return nil
	}
	return s.Control.names(s, k, file)
}

// otherProfiles name profiles of a kind that is not allowed, and one of the node that
// is not the container's own.
func otherProfiles(s Situation) []Patch {
	other := profileKind{"", "Unconfined", "unconfined"}
	if s.Value.Has(ProfileUnconfined) {
		other = profileKind{"", "Example", "example"} // no kind that there is
	}
	changes := []Patch{s.Control.names(s, other, "")}
	if s.Value.Has(ProfileLocalhost) && s.Layer(s.Control).OwnOnly {
		changes = append(changes, s.Control.names(s, localhost, "another"))
	}
	return changes
}
