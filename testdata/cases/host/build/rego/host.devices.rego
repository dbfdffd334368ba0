package bulkhead.host

# policy.hcl:28: host.devices = ["claim:gpu", "example.com/*"]
# METADATA
# title: "Pods may request only the listed devices of the node"
# description: "A device plugin or a driver for dynamic resource allocation hands a device of the node to the container, with what its driver in the kernel gets wrong."
# custom:
#   control: host.devices
deny contains lasting(pod, "host.devices", ["spec", kind, k, "resources", list, name], sprintf("the device %s is not allowed", [json.marshal(name)])) if {
	some pod in pods
	allowed := {"names": ["claim:gpu"], "prefixes": ["example.com/"]}
	some kind in container_lists
	some k, stated in pod.spec[kind]
	some list in ["limits", "requests"]
	some name in requested(stated, list)
	not in_words(name, allowed)
}

deny contains lasting(pod, "host.devices", ["spec", "resources", list, name], sprintf("the device %s is not allowed", [json.marshal(name)])) if {
	some pod in pods
	allowed := {"names": ["claim:gpu"], "prefixes": ["example.com/"]}
	some list in ["limits", "requests"]
	some name in requested(pod.spec, list)
	not in_words(name, allowed)
}

deny contains lasting(pod, "host.devices", ["spec", "resourceClaims", i], sprintf("the device %s is not allowed", [json.marshal(claimed(claim))])) if {
	some pod in pods
	allowed := {"names": ["claim:gpu"], "prefixes": ["example.com/"]}
	some i, claim in pod.spec.resourceClaims
	not in_words(claimed(claim), allowed)
}

requested(of, list) := [name | some name, _ in of.resources[list]; contains(name, "/")]

# A claim is known by the name of its ResourceClaim or of the template.
claimed(claim) := concat("", ["claim:", claim.resourceClaimName]) if {
	not claim.resourceClaimTemplateName
} else := concat("", ["claim:", claim.resourceClaimTemplateName]) if {
	not claim.resourceClaimName
} else := "claim:?"
