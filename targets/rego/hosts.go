package rego

import (
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

var hostPortsCheck = check{value: hostPorts, variable: "allowed", rules: []rule{{
	over: "containers", keys: `["ports", i, "hostPort"]`, problem: `port_problem(protocol, value)`,
	where: []string{
		"some i, port in c.spec.ports",
		"value := host_port(c, port)",
		"value != 0",
		`protocol := object.get(port, "protocol", "TCP")`,
		"not host_port_allowed(protocol, value, allowed)",
	},
}}, functions: `# In the network of the node, every port that is stated is one of the node's. 0 is not stated.
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
`}

var hostPathsCheck = check{value: hostPaths, variable: "allowed", rules: []rule{{
	over: "pods", keys: `["spec", "volumes", i, "hostPath"]`, problem: `sprintf("the path %s of the node is not allowed, or not for writing", [json.marshal(object.get(volume, ["hostPath", "path"], ""))])`,
	where: []string{
		"some i, volume in pod.spec.volumes",
		`object.get(volume, "hostPath", null) != null`,
		"not host_path_allowed(pod, volume, allowed)",
	},
}, {
	over: "pods", keys: `["spec", kind, k, "volumeMounts", i, submounts_field(mount)]`,
	problem: `submounts_problem(volume, mount, this_control)`,
	where: []string{
		"some volume in pod.spec.volumes",
		`object.get(volume, "hostPath", null) != null`,
		"host_path_allowed(pod, volume, allowed)",
		"not host_path_writable(volume, allowed)",
		"some kind in container_lists",
		"some k, stated in pod.spec[kind]",
		"some i, mount in stated.volumeMounts",
		`object.get(mount, "name", "") == object.get(volume, "name", "")`,
		"submounts_writable(volume, mount)",
	},
}}, functions: `# A granted path stands for all below it; "" is the root. A path
# that is not clean is below none, and what is behind a link of the node, such as
# /var/run, only below a path that is behind it too.
host_path_allowed(pod, volume, allowed) if {
	some mode in host_path_modes(volume.hostPath.path, allowed)
	host_path_mode(pod, volume, mode)
}

host_path_writable(volume, allowed) if "write" in host_path_modes(volume.hostPath.path, allowed)

host_path_modes(path, allowed) := {mode |
	startswith(path, "/")
	not regex.match("//|/[.][.]?(/|$)", path)
	some granted, mode in allowed
	startswith(concat("", [trim_suffix(path, "/"), "/"]), concat("", [granted, "/"]))
	not host_path_behind(path, granted)
}

host_path_behind(path, granted) if {
	granted != ""
	some link in [` + "`" + strings.Join(control.HostLinks, "`, `") + "`" + `]
	regex.match(link, path)
	not regex.match(link, granted)
}

host_path_mode(_, _, "write")

host_path_mode(pod, volume, "read") if {
	every stated in stated_in(pod) { not writes(stated, volume) }
}

writes(stated, volume) if {
	some mount in stated.volumeMounts
	object.get(mount, "name", "") == object.get(volume, "name", "")
	object.get(mount, "readOnly", false) != true
}
`}

func hostPorts(_ *control.Control, v control.Value) string {
	var ports []string
	for _, key := range v.Keys() {
		p, err := control.ParsePort(key)
		if err != nil {
			panic("rego: a resolved policy holds only valid ports: " + err.Error())
		}
		ports = append(ports, list([]string{quote(strings.ToUpper(p.Protocol)), strconv.Itoa(p.From), strconv.Itoa(p.To)}))
	}
	return list(ports)
}

func hostPaths(_ *control.Control, v control.Value) string {
	pairs := make([]string, len(v.Items))
	for i, it := range v.Items {
		pairs[i] = quote(strings.TrimSuffix(it.Key, "/")) + ": " + quote(it.Arg)
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

var volumesCheck = check{variable: "allowed", rules: []rule{{
	over: "pods", keys: `["spec", "volumes", i, source]`, problem: `sprintf("volumes of the type %s are not allowed", [source])`,
	where: []string{
		"some i, volume in pod.spec.volumes",
		"some source in volume_sources(volume)",
		"not source in allowed",
	},
}}, functions: `# A volume without a source is an emptyDir.
volume_sources(volume) := sources if {
	sources := object.keys(volume) - {"name"}
	count(sources) > 0
} else := {"emptyDir"}
`}
