package bulkhead.privileges

# policy.hcl:31: privileges.apparmor = ["localhost"]
# METADATA
# title: "AppArmor profiles must come from the listed sources"
# description: "The profile Unconfined disables AppArmor for the container."
# custom:
#   control: privileges.apparmor
deny contains lasting(stating(c, ["securityContext", "appArmorProfile", "type"]), "privileges.apparmor", ["securityContext", "appArmorProfile", "type"], unset_or(value, null, sprintf("no AppArmor profile is set; use %s", [names_of(allowed)]), typed_text("appArmorProfile.type", value, sprintf("appArmorProfile.type must not be %v", [json.marshal(value)])))) if {
	some c in containers
	allowed := ["Localhost"]
	value := object.get(c.spec.securityContext.appArmorProfile, "type", c.pod.spec.securityContext.appArmorProfile.type)
	not value in allowed
	[c.pod.windows, value] != [true, null]
	not apparmor_annotated(c, value)
}

deny contains lasting(pod, "privileges.apparmor", ["spec", "securityContext", "appArmorProfile", "type"], typed_text("appArmorProfile.type", value, sprintf("appArmorProfile.type must not be %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := ["Localhost"]
	value := object.get(pod.stated.spec, ["securityContext", "appArmorProfile", "type"], null)
	value != null
	not value in allowed
	not inherited(pod, ["securityContext", "appArmorProfile", "type"])
}

deny contains lasting(in_pod(c), "privileges.apparmor", ["metadata", "annotations", key], sprintf("the AppArmor profile %s is not allowed", [json.marshal(value)])) if {
	some c in containers
	allowed := ["Localhost"]
	c.pod.annotations != {}
	key := concat("", ["container.apparmor.security.beta.kubernetes.io/", c.name])
	value := c.pod.annotations[key]
	not apparmor_type(value) in allowed
}

deny contains lasting(pod, "privileges.apparmor", ["metadata", "annotations", key], sprintf("the AppArmor profile %s is not allowed", [json.marshal(value)])) if {
	some pod in pods
	allowed := ["Localhost"]
	pod.annotations != {}
	some key, value in pod.annotations
	startswith(key, "container.apparmor.security.beta.kubernetes.io/")
	not apparmor_type(value) in allowed
	not has_container(pod, trim_prefix(key, "container.apparmor.security.beta.kubernetes.io/"))
}

apparmor_annotated(c, null) if c.pod.annotations[concat("", ["container.apparmor.security.beta.kubernetes.io/", c.name])]

has_container(pod, name) if {
	some stated in stated_in(pod)
	object.get(stated, "name", "") == name
}

# What the annotation says, in the words of the field; anything else is
# nothing that could be allowed.
apparmor_type(value) := null if {
	value == ""
} else := "RuntimeDefault" if {
	value == "runtime/default"
} else := "Localhost" if {
	startswith(value, "localhost/")
} else := "Unconfined" if {
	value == "unconfined"
} else := ["unknown", value]

# The profile that is compiled for each container. A profile does nothing for a
# container that names another one.
apparmor_profile_of := {
	"api/*": "bulkhead.privileges.api",
}

deny contains lasting(stating(c, ["securityContext", "appArmorProfile", "type"]), "privileges.apparmor", ["securityContext", "appArmorProfile", "localhostProfile"], sprintf("the AppArmor profile must be the one that is compiled for it, %s", [own])) if {
	some c in linux_containers
	own := apparmor_profile_of[c.subject]
	apparmor_file(c) != null
	not apparmor_named(c, own)
}
