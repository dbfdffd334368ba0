package bulkhead.image

# policy.hcl:21: image.deny = ["registry.example.com/every/legacy-*"]
# METADATA
# title: "Images that are refused whatever registries grants"
# description: "A registry that is given up, or an image with a known hole, is named once, and no wider grant below lets it in."
# custom:
#   control: image.deny
deny contains found(c, "image.deny", ["image"], sprintf("the image %v is refused, or cannot be told from one that is", [value])) if {
	some c in containers
	refused := "^registry\\.example\\.com/every/legacy-.*$|^registry\\.example\\.com:443/every/legacy-.*$"
	value := c.spec.image
	not image_apart(value, refused)
}

deny contains lasting(pod, "image.deny", ["spec", "volumes", i, "image", "reference"], sprintf("the image %v is refused, or cannot be told from one that is", [value])) if {
	some pod in pods
	refused := "^registry\\.example\\.com/every/legacy-.*$|^registry\\.example\\.com:443/every/legacy-.*$"
	some i, volume in pod.spec.volumes
	object.get(volume, "image", null) != null
	value := object.get(volume, ["image", "reference"], "")
	not image_apart(value, refused)
}

image_apart(value, refused) if {
	name := image_name(value)
	not regex.match(refused, name)
}
