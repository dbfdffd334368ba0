package bulkhead.everything

# policy.hcl:141: image.registries = ["registry.example.com/every/*"]
# METADATA
# title: "Where images may come from"
# description: "An image from anywhere is code from anyone."
# custom:
#   control: image.registries
deny contains found(c, "image.registries", ["image"], sprintf("the image %v is of no registry that is allowed", [value])) if {
	some c in containers
	allowed := ["^registry\\.example\\.com/every/.*$"]
	value := c.spec.image
	not image_allowed(value, allowed)
}

deny contains lasting(pod, "image.registries", ["spec", "volumes", i, "image", "reference"], sprintf("the image %v is of no registry that is allowed", [value])) if {
	some pod in pods
	allowed := ["^registry\\.example\\.com/every/.*$"]
	some i, volume in pod.spec.volumes
	object.get(volume, "image", null) != null
	value := object.get(volume, ["image", "reference"], "")
	not image_allowed(value, allowed)
}

image_allowed(value, allowed) if {
	name := image_name(value)
	some pattern in allowed
	regex.match(pattern, name)
}

# The repository of an image, with its host. What is no reference has none.
image_name(value) := image_normal(parts[1], parts[2]) if {
	[parts] := regex.find_all_string_submatch_n(image_reference, value, -1)
	not regex.match(`^[a-f0-9]{64}$`, value) # the id of an image on the node
}

# The host, the path, the tag and the digest of a reference, as runtimes read
# them (github.com/distribution/reference), but for hosts in upper case.
image_reference := `^(?:((?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))+(?::[0-9]+)?|(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]):[0-9]+|localhost|\[[a-f0-9:]+\](?::[0-9]+)?)/)?([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`

image_normal(host, path) := concat("/", [host, path]) if not host in {"", "docker.io", "index.docker.io"}

image_normal(host, path) := concat("/", ["docker.io", path]) if {
	host in {"", "docker.io", "index.docker.io"}
	contains(path, "/")
}

image_normal(host, path) := concat("/", ["docker.io/library", path]) if {
	host in {"", "docker.io", "index.docker.io"}
	not contains(path, "/")
}
