package bulkhead.host

# policy.hcl:26: host.probes = []
# METADATA
# title: "Probes and lifecycle hooks may name only the listed hosts"
# description: "The kubelet makes these requests from the node, to any host that the pod names."
# custom:
#   control: host.probes
deny contains lasting(c, "host.probes", [name, action, "host"], typed_text("host", value, sprintf("probes must not name the host %v", [json.marshal(value)]))) if {
	some c in containers
	allowed := {"names": [], "prefixes": []}
	some name in ["livenessProbe", "readinessProbe", "startupProbe"]
	some action in ["httpGet", "tcpSocket"]
	value := c.spec[name][action].host
	value != ""
	not in_words(value, allowed)
}

deny contains lasting(c, "host.probes", ["lifecycle", name, action, "host"], typed_text("host", value, sprintf("lifecycle hooks must not name the host %v", [json.marshal(value)]))) if {
	some c in containers
	allowed := {"names": [], "prefixes": []}
	some name in ["postStart", "preStop"]
	some action in ["httpGet", "tcpSocket"]
	value := c.spec.lifecycle[name][action].host
	value != ""
	not in_words(value, allowed)
}
