package bulkhead.host

# Who is held to something else than most are.
host_ports_of := {
	# policy.hcl:37: host.ports = []
	"store/*": [],
}

# policy.hcl:24: host.ports = ["tcp/8443"]
# METADATA
# title: "Containers may use only the listed ports of the node"
# description: "A port of the node bypasses every NetworkPolicy of the pod."
# custom:
#   control: host.ports
deny contains lasting(c, "host.ports", ["ports", i, "hostPort"], port_problem(protocol, value)) if {
	some c in containers
	allowed := object.get(host_ports_of, c.subject, [["TCP", 8443, 8443]])
	some i, port in c.spec.ports
	value := host_port(c, port)
	value != 0
	protocol := object.get(port, "protocol", "TCP")
	not host_port_allowed(protocol, value, allowed)
}

# In the network of the node, every port that is stated is one of the node's. 0 is not stated.
host_port(c, port) := port.containerPort if {
	c.pod.spec.hostNetwork != false
	object.get(port, "hostPort", 0) in {0, null}
} else := object.get(port, "hostPort", 0)

port_problem(protocol, value) := sprintf("the port %v/%v of the node is not allowed", [protocol, value]) if {
	is_number(value)
} else := mistyped_value("hostPort", value, "a whole number")

host_port_allowed(protocol, value, allowed) if {
	is_number(value)
	some [of, first, last] in allowed
	of == protocol
	first <= value
	value <= last
}
