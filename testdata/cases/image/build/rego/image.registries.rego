package bulkhead.image

# Who is held to something else than most are.
image_registries_of := {
	# policy.hcl:30: image.registries = ["registry.example.com/every/proxy"]
	"api/proxy": ["^registry\\.example\\.com/every/proxy$"],
}

# policy.hcl:20: image.registries = ["registry.example.com/every/*"]
# METADATA
# title: "Images must come from the listed registries"
# description: "An image from any registry is code from anyone."
# custom:
#   control: image.registries
deny contains found(c, "image.registries", ["image"], sprintf("image %v is from a registry that is not allowed", [json.marshal(value)])) if {
	some c in containers
	allowed := object.get(image_registries_of, c.subject, ["^registry\\.example\\.com/every/.*$"])
	value := c.spec.image
	not image_matches(value, allowed)
}

deny contains lasting(pod, "image.registries", ["spec", "volumes", i, "image", "reference"], sprintf("image %v is from a registry that is not allowed", [json.marshal(value)])) if {
	some pod in pods
	allowed := object.get(image_registries_of, pod.subject, ["^registry\\.example\\.com/every/.*$"])
	some i, item in pod.spec.volumes
	object.get(item, "image", null) != null
	value := object.get(item, ["image", "reference"], "")
	not image_matches(value, allowed)
}
