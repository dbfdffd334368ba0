package bulkhead.host

# policy.hcl:26: host.probes = []
# METADATA
# title: "Hosts that probes and lifecycle hooks may name"
# description: "The kubelet makes these requests, from the node, to whatever host the pod names."
# custom:
#   control: host.probes
deny contains lasting(c, "host.probes", [name, action, "host"], sprintf("the host %v is not allowed", [value])) if {
	some c in containers
	allowed := {"names": set(), "prefixes": []}
	some name in ["livenessProbe", "readinessProbe", "startupProbe"]
	some action in ["httpGet", "tcpSocket"]
	value := c.spec[name][action].host
	value != ""
	not probe_host_allowed(value, allowed)
}

deny contains lasting(c, "host.probes", ["lifecycle", name, action, "host"], sprintf("the host %v is not allowed", [value])) if {
	some c in containers
	allowed := {"names": set(), "prefixes": []}
	some name in ["postStart", "preStop"]
	some action in ["httpGet", "tcpSocket"]
	value := c.spec.lifecycle[name][action].host
	value != ""
	not probe_host_allowed(value, allowed)
}

probe_host_allowed(value, allowed) if value in allowed.names

probe_host_allowed(value, allowed) if strings.any_prefix_match(value, allowed.prefixes)
