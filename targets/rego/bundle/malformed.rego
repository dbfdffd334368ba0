# Objects that the rules cannot read. (Under not, what is undefined ends the rule
# instead of making it hold, so that all that is asked here has a default.) The API server refuses most of them too;
# here they must not pass for objects in which nothing is wrong.
package bulkhead.policy

# METADATA
# title: Objects that can be read
# description: An object of another shape than Kubernetes gives it is refused, because no rule could find anything wrong in it.
# custom:
#   control: manifest
deny contains unreadable(start, "", "the items of the List are not objects of their own") if {
	listed
	some item in document.items
	not single(item)
}

deny contains unreadable(start, "items", "the items of the List are not a list") if {
	listed
	not is_array(document.items)
}

deny contains unreadable(start, "items", "the List has no items") if {
	endswith(document.kind, "List")
	document.items == null
}

deny contains unreadable(holder.at, "spec", sprintf("%s: it has no pod here", [holder.title])) if {
	some holder in holders
	not is_object(object.get(holder.stated, "spec", null))
}

deny contains unreadable(holder.at, "metadata", sprintf("%s: the metadata of its pod is not an object", [holder.title])) if {
	some holder in holders
	not is_object(object.get(holder.stated, "metadata", {}))
}

# Whatever else may be wrong with an object, it does not get lost.
deny contains unreadable([], "", "a pod of the input cannot be read") if {
	count(all_pods) != count([holder | some holder in holders; is_object(holder.stated.spec)])
}

deny contains unreadable([], "", "a container of the input cannot be read") if {
	count(containers) != sum([count(stated_in(pod)) | some pod in pods])
}

deny contains found(pod, "manifest", ["spec"], "a container of the pod cannot be read") if {
	some pod in pods
	count(stated_in(pod)) != (count(pod.spec.initContainers) + count(pod.spec.containers)) + count(pod.spec.ephemeralContainers)
}

deny contains found(pod, "manifest", ["spec"], "a field of the pod is not of the type that Kubernetes gives it") if {
	some pod in all_pods
	not readable_pod(pod)
}

deny contains found(pod, "manifest", ["spec", "containers"], "the pod has no containers") if {
	some pod in all_pods
	not pod.spec.containers[0]
}

deny contains found(c, "manifest", [], "a field of the container is not of the type that Kubernetes gives it") if {
	some c in containers
	unreadable_container(c)
}

deny contains found(node, "manifest", ["status", "nodeInfo"], "the node does not report what it runs") if {
	some node in nodes
	not is_object(node.info)
}

unreadable(path, field, problem) := {"msg": problem, "control": "manifest", "container": "", "in": path, "field": field}

single(item) if {
	is_object(item)
	object.get(item, "items", null) == null
}

readable_pod(pod) if {
	is_object(pod.annotations)
	readable_spec(pod.spec)
}

# Only what is stated needs a look: what is assumed is of the right type.
unreadable_container(c) if not is_string(c.spec.name)

unreadable_container(c) if unreadable_field(c)

objects_only([])

objects_only(list) if {
	list[0]
	every item in list { is_object(item) }
}
