package bulkhead.privileges

# policy.hcl:34: privileges.sysctl_values = "numbers"
# METADATA
# title: "What kernel settings may be set to: numbers, or any text"
# description: "A value is handed on by the runtime, and more than a number has carried a second setting with it, of the node (CVE-2022-0811)."
# custom:
#   control: privileges.sysctl_values
deny contains lasting(pod, "privileges.sysctl_values", ["spec", "securityContext", "sysctls", i, "value"], sprintf("the kernel setting %s must be set to numbers, not to %s", [json.marshal(object.get(sysctl, "name", "")), json.marshal(value)])) if {
	some pod in pods
	some i, sysctl in pod.spec.securityContext.sysctls
	value := object.get(sysctl, "value", "")
	not regex.match(`^-?[0-9]+(([ \t]+-?|[,-])[0-9]+)*$`, sprintf("%v", [value]))
}
