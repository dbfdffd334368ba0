# Compiled by Bulkhead from the policy capabilities 1.0.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-06-30: compile again by then.
# Tests of the bundle, for opa test and conftest verify: what keeps to the policy is
# read and allowed, and what breaks one control is refused by it.
package bulkhead.capabilities.policy_test

import data.bulkhead.capabilities as bundle
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
		"securityContext": {"capabilities": {"drop": ["ALL"]}},
	},
	"metadata": {},
	"spec": {},
}

# Of whom: the labels of a workload, and the name of a container.
subjects := {
	"api/ping": object.union(kept_1, {"container": {"name": "ping"}, "metadata": {"labels": {"app": "api"}}}),
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

test_privileges_privileged if {
	"privileges.privileged" in refused(subjects["api/ping"], {"container": {"securityContext": {"privileged": true}}})
}

test_capabilities_drop if {
	"capabilities.drop" in refused(subjects["api/ping"], {"container": {"securityContext": {"capabilities": {"drop": []}}}})
}

test_capabilities_add if {
	"capabilities.add" in refused(subjects["api/ping"], {"container": {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}})
}
