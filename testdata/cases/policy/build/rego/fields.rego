package bulkhead.policy

# What Kubernetes assumes where nothing is stated.
pod_defaults := {
	"os": {},
	"runtimeClassName": "",
	"hostNetwork": false,
	"hostPID": false,
	"hostIPC": false,
	"hostUsers": true,
	"shareProcessNamespace": false,
	"automountServiceAccountToken": true,
	"restartPolicy": "Always",
	"hostAliases": [],
	"securityContext": {
		"runAsNonRoot": null,
		"runAsUser": null,
		"runAsGroup": null,
		"fsGroup": null,
		"supplementalGroups": [],
		"supplementalGroupsPolicy": "Merge",
		"sysctls": [],
		"seccompProfile": {"type": null},
		"appArmorProfile": {"type": null},
		"seLinuxOptions": {"type": "", "user": "", "role": ""},
		"windowsOptions": {"hostProcess": false},
	},
	"resources": {"limits": {}, "requests": {}},
	"volumes": [],
	"initContainers": [],
	"containers": [],
	"ephemeralContainers": [],
}

container_defaults := {
	"securityContext": {
		"seccompProfile": {},
		"appArmorProfile": {},
		"seLinuxOptions": {},
		"windowsOptions": {},
		"privileged": false,
		"allowPrivilegeEscalation": true,
		"readOnlyRootFilesystem": false,
		"procMount": "Default",
		"capabilities": {"add": [], "drop": []},
	},
	"name": "",
	"image": "",
	"ports": [],
	"env": [],
	"envFrom": [],
	"volumeMounts": [],
	"volumeDevices": [],
	"livenessProbe": {"httpGet": {"host": ""}, "tcpSocket": {"host": ""}},
	"readinessProbe": {"httpGet": {"host": ""}, "tcpSocket": {"host": ""}},
	"startupProbe": {"httpGet": {"host": ""}, "tcpSocket": {"host": ""}},
	"lifecycle": {
		"postStart": {"httpGet": {"host": ""}, "tcpSocket": {"host": ""}},
		"preStop": {"httpGet": {"host": ""}, "tcpSocket": {"host": ""}},
	},
	"resources": {"limits": {}, "requests": {}},
}

# What an object has to state; without, it is not one that is unset.
required_fields := [
	[["securityContext", "seccompProfile"], "type"],
	[["securityContext", "appArmorProfile"], "type"],
]

readable_spec(spec) if {
	is_object(spec.os)
	objects_only(spec.hostAliases)
	is_array(spec.securityContext.supplementalGroups)
	objects_only(spec.securityContext.sysctls)
	is_object(spec.securityContext.seccompProfile)
	is_object(spec.securityContext.appArmorProfile)
	is_object(spec.securityContext.seLinuxOptions)
	is_object(spec.securityContext.windowsOptions)
	is_object(spec.resources.limits)
	is_object(spec.resources.requests)
	objects_only(spec.volumes)
	objects_only(spec.initContainers)
	objects_only(spec.containers)
	objects_only(spec.ephemeralContainers)
}

unreadable_field(c) if {
	some name in ["securityContext"]
	c.stated[name] != {}
	not readable_securityContext(c.spec[name])
}

readable_securityContext(it) if {
	is_object(it.seccompProfile)
	is_object(it.appArmorProfile)
	is_object(it.seLinuxOptions)
	is_object(it.windowsOptions)
	is_array(it.capabilities.add)
	is_array(it.capabilities.drop)
}

unreadable_field(c) if {
	some name in ["livenessProbe", "readinessProbe", "startupProbe"]
	c.stated[name] != {}
	not readable_livenessProbe(c.spec[name])
}

readable_livenessProbe(it) if {
	is_object(it.httpGet)
	is_object(it.tcpSocket)
}

unreadable_field(c) if {
	some name in ["lifecycle"]
	c.stated[name] != {}
	not readable_lifecycle(c.spec[name])
}

readable_lifecycle(it) if {
	is_object(it.postStart.httpGet)
	is_object(it.postStart.tcpSocket)
	is_object(it.preStop.httpGet)
	is_object(it.preStop.tcpSocket)
}

unreadable_field(c) if {
	some name in ["resources"]
	c.stated[name] != {}
	not readable_resources(c.spec[name])
}

readable_resources(it) if {
	is_object(it.limits)
	is_object(it.requests)
}

unreadable_field(c) if {
	some name in ["ports", "env", "envFrom", "volumeMounts", "volumeDevices"]
	c.stated[name] != []
	not objects_only(c.spec[name])
}
