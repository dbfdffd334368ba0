# Compiled by Bulkhead from the policy node 1.0.0; change the policy, not this file.
# Tests of the bundle, for opa test and conftest verify: what keeps to the policy is
# read and allowed, and what breaks one control is refused by it.
package bulkhead.node.policy_test

import data.bulkhead.node as bundle
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
	{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "example", "labels": {}}, "status": {"nodeInfo": {"containerRuntimeVersion": "containerd://1.0.0"}}},
	change,
)

refused_node(change) := {v.control | some v in bundle.deny with input as node(change)}

test_a_node_that_is_new_enough_is_read_and_allowed if {
	refused_node({}) == set()
	count(bundle.checked) > 0 with input as node({})
}

test_node_runtimes if {
	"node.runtimes" in refused_node({"status": {"nodeInfo": {"containerRuntimeVersion": "example://1.0.0"}}})
	"node.runtimes" in refused_node({"status": {"nodeInfo": {"containerRuntimeVersion": "containerd"}}})
	"node.runtimes" in refused_node({"status": {"nodeInfo": {"containerRuntimeVersion": null}}})
}

# The configuration of a kubelet that complies, with something changed.
kubelet(change) := object.union(kubelet_that_complies, change)

kubelet_that_complies := {
	"apiVersion": "kubelet.config.k8s.io/v1beta1",
	"kind": "KubeletConfiguration",
	"podPidsLimit": 4096,
	"protectKernelDefaults": true,
	"seccompDefault": true,
}

refused_kubelet(change) := {v.control | some v in bundle.deny with input as kubelet(change)}

reported_kubelet(change) := {v.control | some v in bundle.warn with input as kubelet(change)}

test_a_kubelet_that_complies_is_read_and_allowed if {
	refused_kubelet({}) == set()
	reported_kubelet({}) == set()
	count(bundle.checked) > 0 with input as kubelet({})
}

test_a_kubelet_that_cannot_be_read_is_refused if {
	"manifest" in refused_kubelet({"authentication": "none"})
}

test_node_anonymous_auth if {
	"node.anonymous_auth" in refused_kubelet({"authentication": {"anonymous": {"enabled": true}}})
}

test_node_pod_pids_limit if {
	"node.pod_pids_limit" in refused_kubelet({"podPidsLimit": null})
	"node.pod_pids_limit" in refused_kubelet({"podPidsLimit": 0})
	"node.pod_pids_limit" in refused_kubelet({"podPidsLimit": -1})
	"node.pod_pids_limit" in refused_kubelet({"podPidsLimit": 4097})
}

test_node_protect_kernel_defaults if {
	"node.protect_kernel_defaults" in refused_kubelet({"protectKernelDefaults": false})
	"node.protect_kernel_defaults" in refused_kubelet({"protectKernelDefaults": null})
}

test_node_read_only_port if {
	"node.read_only_port" in refused_kubelet({"readOnlyPort": 10255})
}

test_node_seccomp_default if {
	"node.seccomp_default" in refused_kubelet({"seccompDefault": false})
	"node.seccomp_default" in refused_kubelet({"seccompDefault": null})
}
