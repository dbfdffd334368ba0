package rego

import (
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

var blockIOCheck = check{variable: "allowed", rules: []rule{{
	over: "linux_containers", at: "in_pod(c)", keys: `["metadata", "annotations", key]`,
	problem: `unset_or(value, null, sprintf("no block I/O class is set; set the annotation %s to %s", [key, names_of(allowed)]), ` +
		`sprintf("the block I/O class in %s must be %s, not %v", [key, names_of(allowed), value]))`,
	where: []string{
		"key := io_key(c)",
		"value := object.get(c.pod.annotations, key, null)",
		"not value in allowed",
	},
}}, functions: `# The annotation that names the class of a container: its own, else its pod's.
io_key(c) := key if {
	key := concat("", [` + quote(control.BlockIOContainer) + `, c.name])
	object.get(c.pod.annotations, key, null) != null
} else := ` + quote(control.BlockIOPod) + `
`}

var probesCheck = check{variable: "required", rules: []rule{{
	over: "containers", keys: "[field]", problem: `sprintf("it must have a %s probe", [probe])`,
	where: []string{
		"runs_on(c)",
		"some probe in required",
		`field := concat("", [probe, "Probe"])`,
		"object.get(c.stated, field, null) == null",
	},
}}, functions: `# A container that is meant to run until it is stopped. Of init containers,
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
`}

var hugepagesCheck = check{value: hugepages, variable: "allowed", rules: []rule{{
	over: "lasting_containers", keys: `["resources", kind, name]`, problem: `sprintf("%s of %s are not allowed", [name, json.marshal(value)])`,
	where: []string{
		`some kind in ["limits", "requests"]`,
		"not c.pod.windows",
		"some name, value in c.spec.resources[kind]",
		`startswith(name, "hugepages-")`,
		`not hugepages_within(trim_prefix(name, "hugepages-"), value, allowed)`,
	},
}, {
	// Resources of the whole pod, since Kubernetes 1.32.
	over: "linux_pods", keys: `["spec", "resources", kind, name]`, problem: `sprintf("%s of %s are not allowed", [name, json.marshal(value)])`,
	where: []string{
		`some kind in ["limits", "requests"]`,
		"some name, value in pod.spec.resources[kind]",
		`startswith(name, "hugepages-")`,
		`not hugepages_within(trim_prefix(name, "hugepages-"), value, allowed)`,
	},
}, {
	over: "linux_pods", keys: `["spec", "volumes", i, "emptyDir", "medium"]`, problem: `sprintf("a volume of %s is not allowed", [medium])`,
	where: []string{
		"some i, volume in pod.spec.volumes",
		"medium := volume.emptyDir.medium",
		`startswith(medium, "HugePages")`,
		"not hugepages_medium(medium, allowed)",
	},
}}, functions: `# A volume has pages of the size that it names, or of the one that the pod asks
# for. How much it holds is limited by the resources.
hugepages_medium("HugePages", allowed) if count(allowed) > 0

hugepages_medium(medium, allowed) if hugepages_within(trim_prefix(medium, "HugePages-"), 0, allowed)

# Pairs of page size and the most of it; null is any.
hugepages_within(size, value, allowed) if {
	some [page, most] in allowed
	hugepages_match(amount_of(size), page)
	hugepages_match_amount(amount_of(value), most)
}

hugepages_match(_, null)

hugepages_match(page, page)

hugepages_match_amount(_, null)

hugepages_match_amount(n, most) if n <= most
`}

func hugepages(_ *control.Control, v control.Value) string {
	pairs := make([]string, len(v.Items))
	for i, it := range v.Items {
		page, most := "null", "null"
		if it.Key != "*" {
			page = podrule.Billionths(it.Key)
		}
		if it.Arg != "" {
			most = podrule.Billionths(it.Arg)
		}
		pairs[i] = list([]string{page, most})
	}
	return list(pairs)
}
