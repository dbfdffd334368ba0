package bulkhead.image

# Who is held to something else than most are.
image_registries_of := {
	# policy.hcl:30: image.registries = ["registry.example.com/every/proxy"]
	"api/proxy": ["^registry\\.example\\.com/every/proxy$"],
}

# policy.hcl:20: image.registries = ["registry.example.com/every/*"]
# METADATA
# title: "Where images may come from"
# description: "An image from anywhere is code from anyone."
# custom:
#   control: image.registries
deny contains found(c, "image.registries", ["image"], sprintf("the image %v is of no registry that is allowed", [value])) if {
	some c in containers
	allowed := object.get(image_registries_of, c.subject, ["^registry\\.example\\.com/every/.*$"])
	value := c.spec.image
	not image_allowed(value, allowed)
}

deny contains lasting(pod, "image.registries", ["spec", "volumes", i, "image", "reference"], sprintf("the image %v is of no registry that is allowed", [value])) if {
	some pod in pods
	allowed := object.get(image_registries_of, pod.subject, ["^registry\\.example\\.com/every/.*$"])
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
