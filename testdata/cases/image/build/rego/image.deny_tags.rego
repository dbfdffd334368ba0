package bulkhead.image

# policy.hcl:22: image.deny_tags = ["latest"]
# METADATA
# title: "Tags that an image may not be named by; latest is that of an image without a tag"
# description: "Tags such as latest are moved by habit, so that two nodes run two images and nobody knows which."
# custom:
#   control: image.deny_tags
deny contains found(c, "image.deny_tags", ["image"], sprintf("image %v must not have this tag (without a tag it is latest)", [json.marshal(value)])) if {
	some c in containers
	allowed := ["^(latest)$"]
	value := c.spec.image
	not tag_apart(value, allowed)
}

deny contains lasting(pod, "image.deny_tags", ["spec", "volumes", i, "image", "reference"], sprintf("image %v must not have this tag (without a tag it is latest)", [json.marshal(value)])) if {
	some pod in pods
	allowed := ["^(latest)$"]
	some i, item in pod.spec.volumes
	object.get(item, "image", null) != null
	value := object.get(item, ["image", "reference"], "")
	not tag_apart(value, allowed)
}
