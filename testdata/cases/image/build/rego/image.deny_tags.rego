package bulkhead.image

# policy.hcl:22: image.deny_tags = ["latest"]
# METADATA
# title: "Images must not be named by the listed tags"
# description: "Tags such as latest are moved often, so that two nodes may run different images. An image without a tag has the tag latest."
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
