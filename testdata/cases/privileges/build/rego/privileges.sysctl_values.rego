package bulkhead.privileges

# policy.hcl:34: privileges.sysctl_values = "numbers"
# METADATA
# title: "Sysctls must be set to numbers"
# description: "The runtime passes the value on. A value with more than a number has set a second sysctl, of the node (CVE-2022-0811)."
# custom:
#   control: privileges.sysctl_values
deny contains lasting(pod, "privileges.sysctl_values", ["spec", "securityContext", "sysctls", i, "value"], sprintf("the kernel setting %s must be set to numbers, not to %s", [json.marshal(object.get(sysctl, "name", "")), json.marshal(value)])) if {
	some pod in pods
	some i, sysctl in pod.spec.securityContext.sysctls
	value := object.get(sysctl, "value", "")
	not regex.match(`^-?[0-9]+(([ \t]+-?|[,-])[0-9]+)*$`, sprintf("%v", [value]))
}
