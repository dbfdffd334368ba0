package bulkhead.resources

# policy.hcl:25: resources.io = ["low", "normal"]
# METADATA
# title: "Containers must have one of the listed block I/O classes"
# description: "Kubernetes has no limit for disk I/O. A container without a throttled class slows down the disks for all others."
# custom:
#   control: resources.io
deny contains found(in_pod(c), "resources.io", ["metadata", "annotations", key], unset_or(value, null, sprintf("no block I/O class is set; set the annotation %s to %s", [key, names_of(allowed)]), sprintf("the block I/O class in %s must be %s, not %v", [key, names_of(allowed), value]))) if {
	some c in linux_containers
	allowed := ["low", "normal"]
	key := io_key(c)
	value := object.get(c.pod.annotations, key, null)
	not value in allowed
}

# The annotation that names the class of a container: its own, else its pod's.
io_key(c) := key if {
	key := concat("", ["blockio.resources.beta.kubernetes.io/container.", c.name])
	object.get(c.pod.annotations, key, null) != null
} else := "blockio.resources.beta.kubernetes.io/pod"
