package bulkhead.image

# policy.hcl:22: image.deny_tags = ["latest"]
# METADATA
# title: "Tags that an image may not be named by; latest is that of an image without a tag"
# description: "Tags such as latest are moved by habit, so that two nodes run two images and nobody knows which."
# custom:
#   control: image.deny_tags
deny contains found(c, "image.deny_tags", ["image"], sprintf("the image %v may not be named by that tag (without one, it is latest)", [value])) if {
	some c in containers
	refused := "^(latest)$"
	value := c.spec.image
	not tag_apart(value, refused)
}

deny contains lasting(pod, "image.deny_tags", ["spec", "volumes", i, "image", "reference"], sprintf("the image %v may not be named by that tag (without one, it is latest)", [value])) if {
	some pod in pods
	refused := "^(latest)$"
	some i, volume in pod.spec.volumes
	object.get(volume, "image", null) != null
	value := object.get(volume, ["image", "reference"], "")
	not tag_apart(value, refused)
}

tag_apart(value, refused) if {
	tag := image_tag(value)
	not regex.match(refused, tag)
}

# By a digest, runtimes ask for that very image, whatever the tag beside it says.
tag_apart(value, _) if image_digest(value)
