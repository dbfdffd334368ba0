package bulkhead.privileges

# policy.hcl:32: privileges.seccomp = ["localhost"]
# METADATA
# title: "Seccomp profiles must come from the listed sources"
# description: "Unset means unconfined unless the kubelet runs with seccompDefault, which is off by default."
# custom:
#   control: privileges.seccomp
deny contains lasting(stating(c, ["securityContext", "seccompProfile", "type"]), "privileges.seccomp", ["securityContext", "seccompProfile", "type"], unset_or(value, null, sprintf("no seccomp profile is set; use %s", [names_of(allowed)]), typed_text("seccompProfile.type", value, sprintf("seccompProfile.type must not be %v", [json.marshal(value)])))) if {
	some c in containers
	allowed := ["Localhost"]
	value := object.get(c.spec.securityContext.seccompProfile, "type", c.pod.spec.securityContext.seccompProfile.type)
	not value in allowed
	[c.pod.windows, value] != [true, null]
}

deny contains lasting(pod, "privileges.seccomp", ["spec", "securityContext", "seccompProfile", "type"], typed_text("seccompProfile.type", value, sprintf("seccompProfile.type must not be %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := ["Localhost"]
	value := object.get(pod.stated.spec, ["securityContext", "seccompProfile", "type"], null)
	value != null
	not value in allowed
	not inherited(pod, ["securityContext", "seccompProfile", "type"])
}

# The profile that is compiled for each container. A profile does nothing for a
# container that names another one.
seccomp_profile_of := {
	"api/*": "bulkhead.privileges.api.json",
}

deny contains lasting(stating(c, ["securityContext", "seccompProfile", "type"]), "privileges.seccomp", ["securityContext", "seccompProfile", "localhostProfile"], sprintf("the seccomp profile must be the one that is compiled for it, %s", [own])) if {
	some c in linux_containers
	own := seccomp_profile_of[c.subject]
	seccomp_file(c) != null
	not seccomp_named(c, own)
}
