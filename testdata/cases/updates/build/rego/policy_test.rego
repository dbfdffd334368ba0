# Compiled by Bulkhead from the policy updates 1.0.0; change the policy, not this file.
# Tests of the bundle, for opa test and conftest verify: what keeps to the policy is
# read and allowed, and what breaks one control is refused by it.
package bulkhead.updates.policy_test

import data.bulkhead.updates as bundle
import data.main

test_main_repeats_what_is_refused if {
	refusals := bundle.deny with input as {"kind": "Pod"}
	repeated := main.deny with input as {"kind": "Pod"}
	count(refusals) > 0
	count(refusals - repeated) == 0
}

# What keeps to the policy.
kept_1 := {"container": {"image": "registry.example.com/example:1.0"}, "metadata": {}, "spec": {}}

# Of whom: the labels of a workload, and the name of a container.
subjects := {
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

# A node that is new enough, with something changed.
node(change) := object.union(
	{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "example", "labels": {}}, "status": {"nodeInfo": {"containerRuntimeVersion": "containerd://1.7.29", "kernelVersion": "6.1.0", "kubeletVersion": "1.33.0"}}},
	change,
)

refused_node(change) := {v.control | some v in bundle.deny with input as node(change)}

test_a_node_that_is_new_enough_is_read_and_allowed if {
	refused_node({}) == set()
	count(bundle.checked) > 0 with input as node({})
}

test_updates_runtime if {
	"updates.runtime.containerd" in refused_node({"status": {"nodeInfo": {"containerRuntimeVersion": "containerd://0.0.0"}}})
	"updates.runtime.containerd" in refused_node({"status": {"nodeInfo": {"containerRuntimeVersion": "example://1.0.0"}}})
}

test_updates_kernel if {
	"updates.kernel" in refused_node({"status": {"nodeInfo": {"kernelVersion": "0.0.0"}}})
}

test_updates_kubernetes if {
	"updates.kubernetes" in refused_node({"status": {"nodeInfo": {"kubeletVersion": "0.0.0"}}})
}
