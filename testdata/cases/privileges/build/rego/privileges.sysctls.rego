package bulkhead.privileges

# policy.hcl:33: privileges.sysctls = ["net.ipv4.ip_unprivileged_port_start"]
# METADATA
# title: "Kernel settings that a pod may change"
# description: "Settings outside the pod's namespaces act on the whole node (CVE-2022-0811)."
# custom:
#   control: privileges.sysctls
deny contains lasting(pod, "privileges.sysctls", ["spec", "securityContext", "sysctls"], sprintf("the kernel setting %v is not allowed", [value])) if {
	some pod in pods
	allowed := {"names": {"net.ipv4.ip_unprivileged_port_start"}, "prefixes": []}
	some sysctl in pod.spec.securityContext.sysctls
	value := object.get(sysctl, "name", null)
	not sysctl_allowed(value, allowed)
}

sysctl_allowed(value, allowed) if value in allowed.names

sysctl_allowed(value, allowed) if strings.any_prefix_match(value, allowed.prefixes)
