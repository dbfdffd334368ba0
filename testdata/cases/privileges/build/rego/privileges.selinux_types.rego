package bulkhead.privileges

# policy.hcl:28: privileges.selinux_types = ["container_t"]
# METADATA
# title: "Containers may use only the listed SELinux types"
# description: "Some types, such as spc_t, are not confined at all."
# custom:
#   control: privileges.selinux_types
deny contains lasting(stating(c, ["securityContext", "seLinuxOptions", "type"]), "privileges.selinux_types", ["securityContext", "seLinuxOptions", "type"], typed_text("seLinuxOptions.type", value, sprintf("seLinuxOptions.type must not be %v", [json.marshal(value)]))) if {
	some c in containers
	allowed := {"names": ["container_t"], "prefixes": []}
	value := object.get(c.spec.securityContext.seLinuxOptions, "type", c.pod.spec.securityContext.seLinuxOptions.type)
	value != ""
	not in_words(value, allowed)
}

deny contains lasting(pod, "privileges.selinux_types", ["spec", "securityContext", "seLinuxOptions", "type"], typed_text("seLinuxOptions.type", value, sprintf("seLinuxOptions.type must not be %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := {"names": ["container_t"], "prefixes": []}
	value := object.get(pod.stated.spec, ["securityContext", "seLinuxOptions", "type"], null)
	value != null
	value != ""
	not in_words(value, allowed)
	not inherited(pod, ["securityContext", "seLinuxOptions", "type"])
}
