package bulkhead.capabilities

# Exceptions for images.

# The names of the exceptions that speak of the container: those for its workload
# (null is any) and its image. What is no reference is no image of theirs.
exceptions_for(c, exceptions) := {name |
	some [name, workload, images] in exceptions
	workload in {null, c.pod.workload}
	regex.match(images, image_name(c.spec.image))
}

# lasting_by_image is a violation in what an update cannot change, and that an
# exception may have let another image do: the change of the image brings it in.
lasting_by_image(c, control, keys, problem, exceptions) := found(c, control, keys, problem) if not settled_by_image(c, exceptions)

settled_by_image(c, exceptions) if {
	settled(c)
	not spared_before(c, exceptions)
}

# Of the pod as it was, one container has the name; no exception spoke of it.
spared_before(c, exceptions) if {
	object.get(input.request, "oldObject", null) != null
	held_before := [before |
		some before in object.get(old_or_nothing, ["spec", c.kind], [])
		before.name == c.name
		count(exceptions_for({"spec": before, "pod": c.pod}, exceptions)) == 0
	]
	count(held_before) != 1
}
