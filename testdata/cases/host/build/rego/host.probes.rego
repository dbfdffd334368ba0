package bulkhead.host

# policy.hcl:26: host.probes = []
# METADATA
# title: "Hosts that probes and lifecycle hooks may name"
# description: "The kubelet makes these requests, from the node, to whatever host the pod names."
# custom:
#   control: host.probes
deny contains lasting(c, "host.probes", [key_0, key_1, "host"], sprintf("probes must not name the host %v", [value])) if {
	some c in containers
	allowed := {"names": [], "prefixes": []}
	some key_0 in ["livenessProbe", "readinessProbe", "startupProbe"]
	some key_1 in ["httpGet", "tcpSocket"]
	value := c.spec[key_0][key_1].host
	value != ""
	not in_words(value, allowed)
}

deny contains lasting(c, "host.probes", ["lifecycle", key_1, key_2, "host"], sprintf("lifecycle hooks must not name the host %v", [value])) if {
	some c in containers
	allowed := {"names": [], "prefixes": []}
	some key_1 in ["postStart", "preStop"]
	some key_2 in ["httpGet", "tcpSocket"]
	value := c.spec.lifecycle[key_1][key_2].host
	value != ""
	not in_words(value, allowed)
}
