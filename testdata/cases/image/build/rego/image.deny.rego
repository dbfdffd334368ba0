package bulkhead.image

# policy.hcl:21: image.deny = ["registry.example.com/every/legacy-*"]
# METADATA
# title: "Containers must not use the listed images"
# description: "A registry that was given up, or an image with a known hole, stays refused even if a policy below allows its registry."
# custom:
#   control: image.deny
deny contains found(c, "image.deny", ["image"], sprintf("image %v is denied, or is no valid reference", [json.marshal(value)])) if {
	some c in containers
	allowed := ["^(registry\\.example\\.com)(:0*(443|80))?/every/legacy-.*$"]
	value := c.spec.image
	not image_apart(value, allowed)
}

deny contains lasting(pod, "image.deny", ["spec", "volumes", i, "image", "reference"], sprintf("image %v is denied, or is no valid reference", [json.marshal(value)])) if {
	some pod in pods
	allowed := ["^(registry\\.example\\.com)(:0*(443|80))?/every/legacy-.*$"]
	some i, item in pod.spec.volumes
	object.get(item, "image", null) != null
	value := object.get(item, ["image", "reference"], "")
	not image_apart(value, allowed)
}
