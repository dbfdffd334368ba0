# Updates of pods. Of a pod that runs, the API server lets the images of its
# containers be changed, memory and CPU, labels, annotations and what is no
# matter of security, and lets ephemeral containers be added; every other change
# it refuses before it asks. What is wrong elsewhere was so before, and to refuse
# the change mends nothing: it only keeps the pod from being labelled, resized
# or, where a finalizer is taken off, deleted.
package bulkhead.policy

# An update of anything else is judged as if the object were new: what it makes
# pods of can be changed altogether.
updates_pod if {
	reviewed
	input.request.operation == "UPDATE"
	document.kind == "Pod"
	document.apiVersion == "v1"
	not listed
	object.get(input.request, ["kind", "kind"], "Pod") == "Pod"
}

# The pod as it was. API servers always show it; where it is missing, anything
# that can be changed may have been.
old := input.request.oldObject if {
	updates_pod
	is_object(input.request.oldObject)
	input.request.oldObject.kind == "Pod"
}

# lasting is a violation in what an update cannot change.
lasting(at, control, keys, problem) := found(at, control, keys, problem) if not settled(at)

settled(at) if {
	updates_pod
	same_workload
	not added(at)
}

# Ephemeral containers come with updates, and use what the whole pod has.
added(at) if object.get(at, "kind", "") == "ephemeralContainers"

added(at) if {
	object.get(at, "kind", "") == ""
	at.spec.ephemeralContainers != []
	at.spec.ephemeralContainers != object.get(old_or_nothing, ["spec", "ephemeralContainers"], [])
}

old_or_nothing := old

default old_or_nothing := {}

# Other labels may make it another workload, which is held to something else.
same_workload if not describes_workloads

same_workload if {
	some pod in all_pods
	labels := object.get(old, ["metadata", "labels"], {})
	workload_of(labels, object.get(pod.spec, ["os", "name"], "")) == pod.workload
}

# unchanged says that the pod as it was has the violation just so: what it is
# found in is the same, and so is all that says who the pod is.
unchanged(at) if {
	same_description
	same(at)
}

same_description if {
	object.get(old, ["metadata", "labels"], {}) == object.get(document, ["metadata", "labels"], {})
	object.get(old, ["metadata", "annotations"], {}) == object.get(document, ["metadata", "annotations"], {})
}

same(_) if old.spec == document.spec

same(at) if at.stated == object.get(old, array.slice(at.path, count(start), count(at.path)), null)

deny contains unreadable(["request"], "object", sprintf("the review of the %s has no object", [input.request.operation])) if {
	reviewed
	input.request.operation in {"CREATE", "UPDATE"}
	not is_object(object.get(input.request, "object", null))
}
