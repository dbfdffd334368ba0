# Compiled by Bulkhead from the policy host 1.0.0; change the policy, not this file.
# Tests of the bundle, for opa test and conftest verify: what keeps to the policy is
# read and allowed, and what breaks one control is refused by it.
package bulkhead.host.policy_test

import data.bulkhead.host as bundle
import data.main

test_main_repeats_what_is_refused if {
	refusals := bundle.deny with input as {"kind": "Pod"}
	repeated := main.deny with input as {"kind": "Pod"}
	count(refusals) > 0
	count(refusals - repeated) == 0
}

# What keeps to the policy.
kept_1 := {
	"container": {"image": "registry.example.com/example:1.0"},
	"metadata": {},
	"spec": {"hostUsers": false},
}

# Of whom: the labels of a workload, and the name of a container.
subjects := {
	"api/*": object.union(kept_1, {"container": {"name": "example"}, "metadata": {"labels": {"app": "api"}}}),
	"store/*": object.union(kept_1, {"container": {"name": "example"}, "metadata": {"labels": {"app": "store"}}}),
	"*/*": object.union(kept_1, {"container": {"name": "example"}, "metadata": {"labels": {}}}),
}

# A pod with something changed; null takes a field away.
pod(kept, change) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": object.union({"name": "example", "namespace": "shop"}, it.metadata),
	"spec": object.union(it.spec, {"containers": [it.container]}),
} if {
	it := object.union(kept, change)
}

# The controls that refuse such a pod, and those that only report it.
refused(kept, change) := {v.control | some v in bundle.deny with input as pod(kept, change)}

reported(kept, change) := {v.control | some v in bundle.warn with input as pod(kept, change)}

test_what_keeps_to_the_policy_is_read_and_allowed if {
	every subject, kept in subjects {
		refused(kept, {}) == set()
		reported(kept, {}) == set()
		subject in {it.subject | some it in bundle.checked with input as pod(kept, {})}
	}
}

test_host_network if {
	"host.network" in refused(subjects["api/*"], {"spec": {"hostNetwork": true}})
}

test_host_pid if {
	"host.pid" in refused(subjects["api/*"], {"spec": {"hostPID": true}})
}

test_host_ipc if {
	"host.ipc" in refused(subjects["api/*"], {"spec": {"hostIPC": true}})
}

test_host_users if {
	"host.users" in refused(subjects["api/*"], {"spec": {"hostUsers": null}})
}

test_host_ports if {
	"host.ports" in refused(subjects["api/*"], {"container": {"ports": [{"containerPort": 80, "hostPort": 80, "protocol": "TCP"}]}})
}

test_host_paths if {
	"host.paths" in refused(subjects["api/*"], {"container": {"volumeMounts": [{"mountPath": "/example", "name": "example"}]}, "spec": {"volumes": [{"hostPath": {"path": "/"}, "name": "example"}]}})
}

test_host_probes if {
	"host.probes" in refused(subjects["api/*"], {"container": {"livenessProbe": {"tcpSocket": {"host": "169.254.169.254", "port": 80}}}})
}

test_host_aliases if {
	"host.aliases" in refused(subjects["api/*"], {"spec": {"hostAliases": [{"hostnames": ["example.com"], "ip": "192.0.2.1"}]}})
}

test_host_devices if {
	"host.devices" in refused(subjects["api/*"], {"container": {"resources": {"limits": {"example.org/device": "1"}}}})
}
