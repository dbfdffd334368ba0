package bulkhead.privileges

# policy.hcl:36: privileges.host_process = false
# METADATA
# title: "Containers must not be Windows host processes"
# description: "A HostProcess container runs on the node itself, as its administrator."
# custom:
#   control: privileges.host_process
deny contains lasting(stating(c, ["securityContext", "windowsOptions", "hostProcess"]), "privileges.host_process", ["securityContext", "windowsOptions", "hostProcess"], typed_flag("windowsOptions.hostProcess", value, "false", "windowsOptions.hostProcess must not be true")) if {
	some c in containers
	value := object.get(c.spec.securityContext.windowsOptions, "hostProcess", c.pod.spec.securityContext.windowsOptions.hostProcess)
	value != false
}

deny contains lasting(pod, "privileges.host_process", ["spec", "securityContext", "windowsOptions", "hostProcess"], typed_flag("windowsOptions.hostProcess", value, "false", "windowsOptions.hostProcess must not be true")) if {
	some pod in pods
	value := object.get(pod.stated.spec, ["securityContext", "windowsOptions", "hostProcess"], null)
	value != null
	value != false
	not inherited(pod, ["securityContext", "windowsOptions", "hostProcess"])
}
