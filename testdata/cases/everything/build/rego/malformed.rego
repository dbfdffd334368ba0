# Objects that the rules cannot read. (Under not, what is undefined ends the rule
# instead of making it hold, so that all that is asked here has a default.) The API server refuses most of them too;
# here they must not pass for objects in which nothing is wrong.
package bulkhead.everything

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
	is_object(pod.spec.os)
	readable_resources(pod.spec.resources)
	is_object(pod.spec.securityContext.seLinuxOptions)
	is_object(pod.spec.securityContext.seccompProfile)
	is_object(pod.spec.securityContext.appArmorProfile)
	is_object(pod.spec.securityContext.windowsOptions)
	is_array(pod.spec.securityContext.supplementalGroups)
	objects_only(pod.spec.securityContext.sysctls)
	objects_only(pod.spec.volumes)
	objects_only(pod.spec.initContainers)
	objects_only(pod.spec.containers)
	objects_only(pod.spec.ephemeralContainers)
}

# Only what is stated needs a look: what is assumed is of the right type.
unreadable_container(c) if not is_string(c.spec.name)

unreadable_container(c) if {
	c.stated.securityContext != {}
	not readable_context(c.spec.securityContext)
}

unreadable_container(c) if {
	c.stated.resources != {}
	not readable_resources(c.spec.resources)
}

unreadable_container(c) if {
	some name in ["livenessProbe", "readinessProbe", "startupProbe"]
	c.stated[name] != {}
	not readable_action(c.spec[name])
}

unreadable_container(c) if {
	c.stated.lifecycle != {}
	not readable_lifecycle(c.spec.lifecycle)
}

unreadable_container(c) if {
	some name in ["ports", "env", "envFrom", "volumeMounts", "volumeDevices"]
	c.stated[name] != []
	not objects_only(c.spec[name])
}

readable_context(context) if {
	is_array(context.capabilities.add)
	is_array(context.capabilities.drop)
	is_object(context.seLinuxOptions)
	is_object(context.seccompProfile)
	is_object(context.appArmorProfile)
	is_object(context.windowsOptions)
}

readable_resources(resources) if {
	is_object(resources.limits)
	is_object(resources.requests)
}

readable_lifecycle(lifecycle) if {
	readable_action(lifecycle.postStart)
	readable_action(lifecycle.preStop)
}

readable_action(action) if {
	is_object(action.httpGet)
	is_object(action.tcpSocket)
}

objects_only([])

objects_only(list) if {
	list[0]
	every item in list { is_object(item) }
}
