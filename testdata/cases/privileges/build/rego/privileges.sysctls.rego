package bulkhead.privileges

# policy.hcl:33: privileges.sysctls = ["net.ipv4.ip_unprivileged_port_start"]
# METADATA
# title: "Pods may set only the listed sysctls"
# description: "Sysctls outside the pod's namespaces change the whole node (CVE-2022-0811)."
# custom:
#   control: privileges.sysctls
deny contains lasting(pod, "privileges.sysctls", ["spec", "securityContext", "sysctls", i, "name"], unset_or(value, null, "sysctls has an entry without a name", typed_text("name", value, sprintf("sysctls must not set %v", [json.marshal(value)])))) if {
	some pod in pods
	allowed := {"names": ["net.ipv4.ip_unprivileged_port_start"], "prefixes": []}
	some i, item in pod.spec.securityContext.sysctls
	value := object.get(item, "name", null)
	not in_words(value, allowed)
}
