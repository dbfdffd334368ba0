package bulkhead.image

# policy.hcl:23: image.digest = "required"
# METADATA
# title: "Images must be named by digest"
# description: "A tag can be moved to another image after a review."
# custom:
#   control: image.digest
deny contains found(c, "image.digest", ["image"], sprintf("image %v must have a digest", [json.marshal(value)])) if {
	some c in containers
	value := c.spec.image
	not image_digest(value)
	count(exceptions_for(c, image_digest_exceptions)) == 0
}

warn contains object.union(found(c, "image.digest", ["image"], sprintf("image %v must have a digest", [json.marshal(value)])), {"exception": exception}) if {
	some c in containers
	value := c.spec.image
	not image_digest(value)
	some exception in exceptions_for(c, image_digest_exceptions)
}

deny contains lasting(pod, "image.digest", ["spec", "volumes", i, "image", "reference"], sprintf("image %v must have a digest", [json.marshal(value)])) if {
	some pod in pods
	some i, item in pod.spec.volumes
	object.get(item, "image", null) != null
	value := object.get(item, ["image", "reference"], "")
	not image_digest(value)
}

# In containers of these images, violations are only reported.
image_digest_exceptions := [
	# policy.hcl:34: until 2027-06-30, its vendor moves the tag
	["an agent without a digest", null, "^registry\\.example\\.com/every/agent$"],
]
