package bulkhead.privileges

# policy.hcl:39: privileges.annotations = ["*.crio.io*", "io.katacontainers.*"]
# METADATA
# title: "Pods must not have the listed annotations"
# description: "Runtimes and their plugins act on annotations: devices, hooks, options of a sandbox (CVE-2026-44210)."
# custom:
#   control: privileges.annotations
deny contains found(pod, "privileges.annotations", ["metadata", "annotations", key], sprintf("the annotation %s is not allowed", [json.marshal(key)])) if {
	some pod in pods
	refused := ["^(.*\\.crio\\.io.*|io\\.katacontainers\\..*)$"]
	pod.annotations != {}
	some key in object.keys(pod.annotations)
	some pattern in refused
	regex.match(pattern, key)
}
