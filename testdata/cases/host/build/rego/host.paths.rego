package bulkhead.host

# policy.hcl:25: host.paths = { "/var/log/app" = "read" }
# METADATA
# title: "Pods may mount only the listed paths of the node"
# description: "Whoever can write to the node's files, or talk to the runtime's socket, controls the node."
# custom:
#   control: host.paths
deny contains lasting(pod, "host.paths", ["spec", "volumes", i, "hostPath"], sprintf("the path %s of the node is not allowed, or not for writing", [json.marshal(object.get(volume, ["hostPath", "path"], ""))])) if {
	some pod in pods
	allowed := {"/var/log/app": "read"}
	some i, volume in pod.spec.volumes
	object.get(volume, "hostPath", null) != null
	not host_path_allowed(pod, volume, allowed)
}

deny contains lasting(pod, "host.paths", ["spec", kind, k, "volumeMounts", i, submounts_field(mount)], submounts_problem(volume, mount, "host.paths")) if {
	some pod in pods
	allowed := {"/var/log/app": "read"}
	some volume in pod.spec.volumes
	object.get(volume, "hostPath", null) != null
	host_path_allowed(pod, volume, allowed)
	not host_path_writable(volume, allowed)
	some kind in container_lists
	some k, stated in pod.spec[kind]
	some i, mount in stated.volumeMounts
	object.get(mount, "name", "") == object.get(volume, "name", "")
	submounts_writable(volume, mount)
}

# A granted path stands for all below it; "" is the root. A path
# that is not clean is below none, and what is behind a link of the node, such as
# /var/run, only below a path that is behind it too.
host_path_allowed(pod, volume, allowed) if {
	some mode in host_path_modes(volume.hostPath.path, allowed)
	host_path_mode(pod, volume, mode)
}

host_path_writable(volume, allowed) if "write" in host_path_modes(volume.hostPath.path, allowed)

host_path_modes(path, allowed) := {mode |
	startswith(path, "/")
	not regex.match("//|/[.][.]?(/|$)", path)
	some granted, mode in allowed
	startswith(concat("", [trim_suffix(path, "/"), "/"]), concat("", [granted, "/"]))
	not host_path_behind(path, granted)
}

host_path_behind(path, granted) if {
	granted != ""
	some link in [`^/var/(run|lock)(/|$)`, `^/dev/(fd|stdin|stdout|stderr)(/|$)`, `^/proc/(.*/)?(cwd|exe|fd|map_files|root)(/|$)`]
	regex.match(link, path)
	not regex.match(link, granted)
}

host_path_mode(_, _, "write")

host_path_mode(pod, volume, "read") if {
	every stated in stated_in(pod) { not writes(stated, volume) }
}

writes(stated, volume) if {
	some mount in stated.volumeMounts
	object.get(mount, "name", "") == object.get(volume, "name", "")
	object.get(mount, "readOnly", false) != true
}
