# Compiled by Bulkhead from the policy resources 1.0.0; change the policy, not this file.
# Tests of the bundle, for opa test and conftest verify: what keeps to the policy is
# read and allowed, and what breaks one control is refused by it.
package bulkhead.resources.policy_test

import data.bulkhead.resources as bundle
import data.main

test_main_repeats_what_is_refused if {
	refusals := bundle.deny with input as {"kind": "Pod"}
	repeated := main.deny with input as {"kind": "Pod"}
	count(refusals) > 0
	count(refusals - repeated) == 0
}

# What keeps to the policy.
kept_1 := {
	"container": {
		"image": "registry.example.com/example:1.0",
		"livenessProbe": {"tcpSocket": {"port": 80}},
		"readinessProbe": {"tcpSocket": {"port": 80}},
		"resources": {"limits": {"cpu": "1", "ephemeral-storage": "1Gi", "memory": "512Mi"}},
	},
	"metadata": {"annotations": {"blockio.resources.beta.kubernetes.io/pod": "low"}},
	"spec": {},
}

# Of whom: the labels of a workload, and the name of a container.
subjects := {
	"api/*": object.union(kept_1, {"container": {"name": "example"}, "metadata": {"labels": {"app": "api"}}}),
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

test_resources_memory if {
	"resources.memory" in refused(subjects["api/*"], {"container": {"resources": {"limits": {"memory": null}}}})
	"resources.memory" in refused(subjects["api/*"], {"container": {"resources": {"limits": {"memory": "536870913"}}}})
}

test_resources_cpu if {
	"resources.cpu" in refused(subjects["api/*"], {"container": {"resources": {"limits": {"cpu": null}}}})
	"resources.cpu" in refused(subjects["api/*"], {"container": {"resources": {"limits": {"cpu": "1001m"}}}})
}

test_resources_ephemeral_storage if {
	"resources.ephemeral_storage" in refused(subjects["api/*"], {"container": {"resources": {"limits": {"ephemeral-storage": null}}}})
	"resources.ephemeral_storage" in refused(subjects["api/*"], {"container": {"resources": {"limits": {"ephemeral-storage": "1073741825"}}}})
}

test_resources_hugepages if {
	"resources.hugepages" in refused(subjects["api/*"], {"container": {"resources": {"limits": {"hugepages-1Gi": "1Ei"}}}})
}

test_resources_probes if {
	"resources.probes" in refused(subjects["api/*"], {"container": {"livenessProbe": null}})
	"resources.probes" in refused(subjects["api/*"], {"container": {"readinessProbe": null}})
}

test_resources_io if {
	"resources.io" in refused(subjects["api/*"], {"metadata": {"annotations": {"blockio.resources.beta.kubernetes.io/pod": ""}}})
	"resources.io" in refused(subjects["api/*"], {"metadata": {"annotations": {"blockio.resources.beta.kubernetes.io/container.example": "example-low-x"}}})
}
