package rego

import (
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// ownProfiles are the controls whose files also hold a container that names a
// profile of the node to the one that is compiled for it: the field, and what the
// name of a seccomp profile's file ends in.
var ownProfiles = map[policy.ID]struct{ field, layer, suffix string }{
	policy.SeccompProfile:  {"seccompProfile", "seccomp", ".json"},
	policy.AppArmorProfile: {"appArmorProfile", "AppArmor", ""},
}

// ownProfile writes the rule of one of them; "" where no container has a profile
// of its own. It is told of described containers only: undeclared pods share one
// profile, and a preset is compiled for nobody.
func (e *emitter) ownProfile(c *policy.Control) string {
	own, ok := ownProfiles[c.ID]
	if !ok {
		return ""
	}
	var table strings.Builder
	for s := range e.policy.Subjects() {
		if !s.Declared() || s.Unprofiled() != "" || !c.Restricts(s.Get(c.ID).Value) || s.Get(c.ID).Warn != nil {
			continue
		}
		fmt.Fprintf(&table, "\t%s: %s,\n", quote(s.ID()), quote(e.policy.ProfileName(s)+own.suffix))
	}
	if table.Len() == 0 {
		return ""
	}
	name := strings.ToLower(own.layer)
	return fmt.Sprintf(`
# The profile that is compiled for each container. A profile does nothing for a
# container that names another one.
%[1]s_profile_of := {
%[2]s}

deny contains found(stating(c, ["securityContext", %[3]s, "type"]), %[4]s, ["securityContext", %[3]s, "localhostProfile"], sprintf("the %[5]s profile must be the one that is compiled for it, %%s", [own])) if {
	some c in linux_containers
	own := %[1]s_profile_of[c.subject]
	stated := %[1]s_stated(c)
	stated.type == "Localhost"
	not %[1]s_own(object.get(stated, "localhostProfile", ""), own)
}

# A container's own statement stands before its pod's.
%[1]s_stated(c) := profile if {
	profile := c.spec.securityContext.%[6]s
	profile.type
} else := c.pod.spec.securityContext.%[6]s

# The file may lie in a folder below the kubelet's.
%[1]s_own(path, own) if path == own

%[1]s_own(path, own) if endswith(path, concat("/", ["", own]))
`, name, table.String(), quote(own.field), quote(string(c.ID)), own.layer, own.field)
}
