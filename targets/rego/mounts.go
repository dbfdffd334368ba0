package rego

import "github.com/bulkhead-policy/bulkhead/compiler/policy"

// mounts are the controls of where in a container volumes are mounted, and how.
var mounts = map[policy.ID]control{
	policy.SubPaths: {value: yes, rules: []rule{{
		over: "containers", keys: `["volumeMounts", i, field]`, problem: `sprintf("a part of a volume is mounted: %v", [value])`,
		where: []string{
			"some i, mount in c.spec.volumeMounts",
			`some field in ["subPath", "subPathExpr"]`,
			`value := object.get(mount, field, "")`,
			`value != ""`,
		},
	}}},
	policy.KernelMounts: {value: yes, rules: []rule{
		kernelMount("volumeMounts", "mountPath"),
		kernelMount("volumeDevices", "devicePath"),
	}, functions: `# A path that is not clean may lead anywhere; / is above both.
kernel_free(path) if {
	startswith(path, "/")
	not regex.match("//|/[.][.]?(/|$)", path)
	not regex.match("^/(proc|sys)?(/|$)", path)
}
`},
}

func kernelMount(list, field string) rule {
	return rule{
		over: "linux_containers", keys: `["` + list + `", i, "` + field + `"]`, problem: `sprintf("nothing may be mounted at %v", [path])`,
		where: []string{
			"some i, mount in c.spec." + list,
			`path := object.get(mount, "` + field + `", "")`,
			"not kernel_free(path)",
		},
	}
}
