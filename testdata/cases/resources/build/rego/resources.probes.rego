package bulkhead.resources

# policy.hcl:24: resources.probes = ["liveness", "readiness"]
# METADATA
# title: "Long-running containers must have the listed probes"
# description: "Without probes, a process that hangs keeps running and keeps receiving requests."
# custom:
#   control: resources.probes
deny contains lasting(c, "resources.probes", [field], sprintf("it must have a %s probe", [probe])) if {
	some c in containers
	required := ["liveness", "readiness"]
	runs_on(c)
	some probe in required
	field := concat("", [probe, "Probe"])
	object.get(c.stated, field, null) == null
}

# A container that is meant to run until it is stopped. Of init containers,
# those that start again by themselves stay beside the others.
runs_on(c) if {
	c.kind == "containers"
	policy := object.get(c.stated, "restartPolicy", c.pod.spec.restartPolicy)
	not policy in {"Never", "OnFailure"}
}

runs_on(c) if {
	c.kind == "initContainers"
	object.get(c.stated, "restartPolicy", "") == "Always"
	not c.pod.spec.restartPolicy in {"Never", "OnFailure"}
}
