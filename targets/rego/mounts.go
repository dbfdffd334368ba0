package rego

var filesystemWriteCheck = check{variable: "allowed", rules: []rule{{
	over: "linux_containers", keys: `["volumeMounts", i, "readOnly"]`,
	problem: `typed_flag("readOnly", object.get(mount, "readOnly", false), "true", sprintf("the volume at %s can be written: mount it readOnly, or grant all below it in filesystem.write", [json.marshal(path)]))`,
	where: []string{
		"some i, mount in c.spec.volumeMounts",
		`object.get(mount, "readOnly", false) != true`,
		`path := object.get(mount, "mountPath", "")`,
		"not write_allowed(path, allowed)",
		"not read_only_volume(c.pod, mount)",
	},
}, {
	over: "linux_containers", keys: `["volumeMounts", i, submounts_field(mount)]`,
	problem: `submounts_problem(volume, mount, this_control)`,
	where: []string{
		"some i, mount in c.spec.volumeMounts",
		"some volume in c.pod.spec.volumes",
		`object.get(volume, "name", "") == object.get(mount, "name", "")`,
		"submounts_writable(volume, mount)",
		`not write_allowed(object.get(mount, "mountPath", ""), allowed)`,
	},
}, {
	over: "linux_containers", keys: `["volumeDevices", i, "devicePath"]`, problem: `sprintf("the device at %s can be written, and is not in filesystem.write", [json.marshal(path)])`,
	where: []string{
		"some i, mount in c.spec.volumeDevices",
		`path := object.get(mount, "devicePath", "")`,
		"not write_allowed(path, allowed)",
	},
}}, functions: `# A path that is not clean may lead anywhere.
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
`}

var kernelMountsCheck = check{value: yes, rules: []rule{
	kernelMount("volumeMounts", "mountPath"),
	kernelMount("volumeDevices", "devicePath"),
}, functions: `# A path that is not clean may lead anywhere; / is above both.
kernel_free(path) if {
	startswith(path, "/")
	not regex.match("//|/[.][.]?(/|$)", path)
	not regex.match("^/(proc|sys)?(/|$)", path)
}
`}

func kernelMount(list, field string) rule {
	return rule{
		over: "linux_containers", keys: `["` + list + `", i, "` + field + `"]`, problem: `sprintf("nothing may be mounted at %s", [json.marshal(path)])`,
		where: []string{
			"some i, mount in c.spec." + list,
			`path := object.get(mount, "` + field + `", "")`,
			"not kernel_free(path)",
		},
	}
}
