package bulkhead.privileges

# policy.hcl:35: privileges.proc_mount = "default"
# METADATA
# title: "/proc must be mounted with its default masks"
# description: "An unmasked /proc shows kernel memory, keys and the settings of the node."
# custom:
#   control: privileges.proc_mount
deny contains lasting(c, "privileges.proc_mount", ["securityContext", "procMount"], "/proc must be mounted as by default") if {
	some c in containers
	exempt := set()
	c.spec.securityContext.procMount != "Default"
	not c.pod.spec.hostUsers in exempt
}
