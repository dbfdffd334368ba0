package bulkhead.seccomp

# policy.hcl:28: privileges.compiled_profiles = true
# METADATA
# title: "Containers must name the seccomp and AppArmor profiles compiled for them"
# description: "A profile has no effect on a container that does not name it."
# custom:
#   control: privileges.compiled_profiles
deny contains lasting(stating(c, ["securityContext", "seccompProfile", "type"]), "privileges.compiled_profiles", ["securityContext", "seccompProfile", "type"], sprintf("seccompProfile must be {type: Localhost, localhostProfile: %s}, the profile that is compiled for it", [own])) if {
	some c in linux_containers
	profiles := {"seccomp": "bulkhead.seccomp.api.json", "apparmor": ""}
	own := profiles.seccomp
	own != ""
	not seccomp_named(c, own)
}

deny contains lasting(stating(c, ["securityContext", "appArmorProfile", "type"]), "privileges.compiled_profiles", ["securityContext", "appArmorProfile", "type"], sprintf("appArmorProfile must be {type: Localhost, localhostProfile: %s}, the profile that is compiled for it", [own])) if {
	some c in linux_containers
	profiles := {"seccomp": "bulkhead.seccomp.api.json", "apparmor": ""}
	own := profiles.apparmor
	own != ""
	not apparmor_named(c, own)
}
