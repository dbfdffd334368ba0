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

# The form of amounts: a sign, digits before and behind the point, a unit, or the sign and digits of an exponent.
amount_form := `^([+-]?)(?:([0-9]+)(?:[.]([0-9]*))?|[.]([0-9]+))(?:(|[numkMGTPE]|[KMGTPE]i)|[eE]([+-]?)0*([0-9]{1,2}))$`

# Units with a factor and a power of ten.
amount_units := {
	"": [1, 0],
	"n": [1, -9],
	"u": [1, -6],
	"m": [1, -3],
	"k": [1, 3],
	"M": [1, 6],
	"G": [1, 9],
	"T": [1, 12],
	"P": [1, 15],
	"E": [1, 18],
	"Ki": [1024, 0],
	"Mi": [1048576, 0],
	"Gi": [1073741824, 0],
	"Ti": [1099511627776, 0],
	"Pi": [1125899906842624, 0],
	"Ei": [1152921504606846976, 0],
}

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
