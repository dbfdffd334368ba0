package bulkhead.privileges

# policy.hcl:22: privileges.run_as_non_root = true
# METADATA
# title: "Containers must not run as root"
# description: "Root in a container is root on the node after one further mistake. Many escapes need it (CVE-2019-5736). Pods with a user namespace of their own are exempt."
# custom:
#   control: privileges.run_as_non_root
deny contains lasting(stating(c, ["securityContext", "runAsNonRoot"]), "privileges.run_as_non_root", ["securityContext", "runAsNonRoot"], typed_flag("runAsNonRoot", value, "true", "runAsNonRoot must be true")) if {
	some c in containers
	value := object.get(c.spec.securityContext, "runAsNonRoot", c.pod.spec.securityContext.runAsNonRoot)
	value != true
	not c.pod.own_users
}

deny contains lasting(pod, "privileges.run_as_non_root", ["spec", "securityContext", "runAsNonRoot"], typed_flag("runAsNonRoot", value, "true", "runAsNonRoot must be true")) if {
	some pod in pods
	value := object.get(pod.stated.spec, ["securityContext", "runAsNonRoot"], null)
	value != null
	value != true
	not pod.own_users
	not inherited(pod, ["securityContext", "runAsNonRoot"])
}
