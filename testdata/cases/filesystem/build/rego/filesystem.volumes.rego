package bulkhead.filesystem

# policy.hcl:26: filesystem.volumes = ["configMap", "emptyDir", "secret"]
# METADATA
# title: "Pods may mount only volumes of the listed types"
# description: "Some types run code or use the network on behalf of the node (gitRepo, CVE-2024-10220; flexVolume)."
# custom:
#   control: filesystem.volumes
deny contains lasting(pod, "filesystem.volumes", ["spec", "volumes", i, source], sprintf("volumes of the type %s are not allowed", [source])) if {
	some pod in pods
	allowed := ["configMap", "emptyDir", "secret"]
	some i, volume in pod.spec.volumes
	some source in volume_sources(volume)
	not source in allowed
}

# A volume without a source is an emptyDir.
volume_sources(volume) := sources if {
	sources := object.keys(volume) - {"name"}
	count(sources) > 0
} else := {"emptyDir"}
