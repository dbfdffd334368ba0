package bulkhead.filesystem

# Who is held to something else than most are.
filesystem_write_of := {
	# policy.hcl:35: filesystem.write = ["/tmp/**"]
	"api/migrate": ["^/tmp(/.*)?$"],
}

# policy.hcl:23: filesystem.write = ["/tmp/**", "/var/cache/app/**"]
# METADATA
# title: "Processes may write only to the listed paths"
# description: "An attacker can plant configuration, libraries and programs wherever a process may write."
# custom:
#   control: filesystem.write
deny contains lasting(c, "filesystem.write", ["volumeMounts", i, "readOnly"], typed_flag("readOnly", object.get(mount, "readOnly", false), "true", sprintf("the volume at %s can be written: mount it readOnly, or grant all below it in filesystem.write", [json.marshal(path)]))) if {
	some c in linux_containers
	allowed := object.get(filesystem_write_of, c.subject, ["^/tmp(/.*)?$", "^/var/cache/app(/.*)?$"])
	some i, mount in c.spec.volumeMounts
	object.get(mount, "readOnly", false) != true
	path := object.get(mount, "mountPath", "")
	not write_allowed(path, allowed)
	not read_only_volume(c.pod, mount)
}

deny contains lasting(c, "filesystem.write", ["volumeMounts", i, submounts_field(mount)], submounts_problem(volume, mount, "filesystem.write")) if {
	some c in linux_containers
	allowed := object.get(filesystem_write_of, c.subject, ["^/tmp(/.*)?$", "^/var/cache/app(/.*)?$"])
	some i, mount in c.spec.volumeMounts
	some volume in c.pod.spec.volumes
	object.get(volume, "name", "") == object.get(mount, "name", "")
	submounts_writable(volume, mount)
	not write_allowed(object.get(mount, "mountPath", ""), allowed)
}

deny contains lasting(c, "filesystem.write", ["volumeDevices", i, "devicePath"], sprintf("the device at %s can be written, and is not in filesystem.write", [json.marshal(path)])) if {
	some c in linux_containers
	allowed := object.get(filesystem_write_of, c.subject, ["^/tmp(/.*)?$", "^/var/cache/app(/.*)?$"])
	some i, mount in c.spec.volumeDevices
	path := object.get(mount, "devicePath", "")
	not write_allowed(path, allowed)
}

# A path that is not clean may lead anywhere.
write_allowed(path, allowed) if {
	not regex.match("//|/[.][.]?(/|$)", path)
	some folder in allowed
	regex.match(folder, path)
}

# What the kubelet mounts to be read, whatever the pod says.
read_only_volume(pod, mount) if {
	some volume in pod.spec.volumes
	object.get(volume, "name", "") == mount.name
	sources := object.keys(volume) - {"name"}
	count(sources) > 0
	count(sources - {"configMap", "downwardAPI", "image", "projected", "secret"}) == 0
}
