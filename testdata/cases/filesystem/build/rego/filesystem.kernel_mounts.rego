package bulkhead.filesystem

# policy.hcl:28: filesystem.kernel_mounts = false
# METADATA
# title: "Volumes must not be mounted on /proc or /sys, or below them"
# description: "The runtime writes there while it sets up a container. A volume on top has redirected these writes (CVE-2019-19921, CVE-2025-52881)."
# custom:
#   control: filesystem.kernel_mounts
deny contains lasting(c, "filesystem.kernel_mounts", ["volumeMounts", i, "mountPath"], sprintf("nothing may be mounted at %s", [json.marshal(path)])) if {
	some c in linux_containers
	some i, mount in c.spec.volumeMounts
	path := object.get(mount, "mountPath", "")
	not kernel_free(path)
}

deny contains lasting(c, "filesystem.kernel_mounts", ["volumeDevices", i, "devicePath"], sprintf("nothing may be mounted at %s", [json.marshal(path)])) if {
	some c in linux_containers
	some i, mount in c.spec.volumeDevices
	path := object.get(mount, "devicePath", "")
	not kernel_free(path)
}

# A path that is not clean may lead anywhere; / is above both.
kernel_free(path) if {
	startswith(path, "/")
	not regex.match("//|/[.][.]?(/|$)", path)
	not regex.match("^/(proc|sys)?(/|$)", path)
}
