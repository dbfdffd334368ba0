# Compiled by Bulkhead from the policy privileges 1.0.0; change the policy, not this file.
# Tests of the bundle, for opa test and conftest verify: what keeps to the policy is
# read and allowed, and what breaks one control is refused by it.
package bulkhead.privileges.policy_test

import data.bulkhead.privileges as bundle
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
		"securityContext": {"allowPrivilegeEscalation": false, "runAsNonRoot": true},
	},
	"metadata": {},
	"spec": {
		"automountServiceAccountToken": false,
		"securityContext": {"supplementalGroupsPolicy": "Strict"},
	},
}

# Of whom: the labels of a workload, and the name of a container.
subjects := {
	"api/*": object.union(kept_1, {
		"container": {
			"name": "example",
			"securityContext": {
				"appArmorProfile": {"localhostProfile": "bulkhead.privileges.api", "type": "Localhost"},
				"seccompProfile": {"localhostProfile": "bulkhead.privileges.api.json", "type": "Localhost"},
			},
		},
		"metadata": {"labels": {"app": "api"}},
	}),
	"*/*": object.union(kept_1, {
		"container": {
			"name": "example",
			"securityContext": {
				"appArmorProfile": {"localhostProfile": "bulkhead.privileges", "type": "Localhost"},
				"seccompProfile": {"localhostProfile": "bulkhead.privileges.json", "type": "Localhost"},
			},
		},
		"metadata": {"labels": {}},
	}),
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
	"privileges.privileged" in refused(subjects["api/*"], {"container": {"securityContext": {"privileged": true}}})
}

test_privileges_escalation if {
	"privileges.escalation" in refused(subjects["api/*"], {"container": {"securityContext": {"allowPrivilegeEscalation": true}}})
}

test_privileges_run_as_non_root if {
	"privileges.run_as_non_root" in refused(subjects["api/*"], {"container": {"securityContext": {"runAsNonRoot": null}}, "spec": {"hostUsers": true}})
}

test_privileges_root_in_user_namespace if {
	"privileges.root_in_user_namespace" in refused(subjects["api/*"], {"container": {"securityContext": {"runAsNonRoot": null}}, "spec": {"hostUsers": false}})
}

test_privileges_users if {
	"privileges.users" in refused(subjects["api/*"], {"container": {"securityContext": {"runAsUser": 0}}})
}

test_privileges_groups if {
	"privileges.groups" in refused(subjects["api/*"], {"container": {"securityContext": {"runAsGroup": 0}}})
}

test_privileges_fs_group if {
	"privileges.fs_group" in refused(subjects["api/*"], {"spec": {"securityContext": {"fsGroup": 0}}})
}

test_privileges_supplemental_groups if {
	"privileges.supplemental_groups" in refused(subjects["api/*"], {"spec": {"securityContext": {"supplementalGroups": [0]}}})
}

test_privileges_supplemental_groups_policy if {
	"privileges.supplemental_groups_policy" in refused(subjects["api/*"], {"spec": {"securityContext": {"supplementalGroupsPolicy": "Merge"}}})
}

test_privileges_selinux_types if {
	"privileges.selinux_types" in refused(subjects["api/*"], {"container": {"securityContext": {"seLinuxOptions": {"type": "spc_t"}}}})
}

test_privileges_selinux_users if {
	"privileges.selinux_users" in refused(subjects["api/*"], {"container": {"securityContext": {"seLinuxOptions": {"user": "unconfined_u"}}}})
}

test_privileges_selinux_roles if {
	"privileges.selinux_roles" in refused(subjects["api/*"], {"container": {"securityContext": {"seLinuxOptions": {"role": "unconfined_r"}}}})
}

test_privileges_apparmor if {
	"privileges.apparmor" in refused(subjects["api/*"], {"container": {"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}})
	"privileges.apparmor" in refused(subjects["api/*"], {"container": {"securityContext": {"appArmorProfile": {"localhostProfile": "another", "type": "Localhost"}}}})
}

test_privileges_seccomp if {
	"privileges.seccomp" in refused(subjects["api/*"], {"container": {"securityContext": {"seccompProfile": {"type": "Unconfined"}}}})
	"privileges.seccomp" in refused(subjects["api/*"], {"container": {"securityContext": {"seccompProfile": {"localhostProfile": "another", "type": "Localhost"}}}})
}

test_privileges_sysctls if {
	"privileges.sysctls" in refused(subjects["api/*"], {"spec": {"securityContext": {"sysctls": [{"name": "kernel.core_pattern", "value": "1"}]}}})
}

test_privileges_sysctl_values if {
	"privileges.sysctl_values" in refused(subjects["api/*"], {"spec": {"securityContext": {"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "1 + 1"}]}}})
}

test_privileges_proc_mount if {
	"privileges.proc_mount" in refused(subjects["api/*"], {"container": {"securityContext": {"procMount": "Unmasked"}}})
}

test_privileges_host_process if {
	"privileges.host_process" in refused(subjects["api/*"], {"container": {"securityContext": {"windowsOptions": {"hostProcess": true}}}})
}

test_privileges_shared_processes if {
	"privileges.shared_processes" in refused(subjects["api/*"], {"spec": {"shareProcessNamespace": true}})
}

test_privileges_tokens if {
	"privileges.tokens" in refused(subjects["api/*"], {"spec": {"volumes": [{"name": "token", "projected": {"sources": [{"serviceAccountToken": {"audience": "example", "path": "token"}}]}}]}})
	"privileges.tokens" in refused(subjects["api/*"], {"spec": {"automountServiceAccountToken": null}})
}

test_privileges_annotations if {
	"privileges.annotations" in refused(subjects["api/*"], {"metadata": {"annotations": {"example.crio.ioexample": "example"}}})
}

test_privileges_environment if {
	"privileges.environment" in refused(subjects["api/*"], {"container": {"env": [{"name": "LD_EXAMPLE", "value": "example"}]}})
}
