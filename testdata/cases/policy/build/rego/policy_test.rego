# Compiled by Bulkhead from the policy policy 1.0.0; change the policy, not this file.
# Tests of the bundle, for opa test and conftest verify: what keeps to the policy is
# read and allowed, and what breaks one control is refused by it.
package bulkhead.policy.policy_test

import data.bulkhead.policy as bundle
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
	"api/migrate": object.union(kept_1, {"container": {"name": "migrate"}, "metadata": {"labels": {"app": "api"}}}),
	"api/*": object.union(kept_1, {"container": {"name": "example"}, "metadata": {"labels": {"app": "api"}}}),
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

test_policy_undeclared if {
	"policy.undeclared" in refused({"metadata": {}, "spec": {}, "container": {"name": "example"}}, {})
}

test_privileges_privileged if {
	"privileges.privileged" in refused(subjects["api/*"], {"container": {"securityContext": {"privileged": true}}})
}
