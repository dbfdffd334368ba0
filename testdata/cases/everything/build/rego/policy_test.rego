# Compiled by Bulkhead from the policy everything 1.0.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-06-30: compile again by then.
# Tests of the bundle, for opa test and conftest verify: what keeps to the policy is
# read and allowed, and what breaks one control is refused by it.
package bulkhead.everything.policy_test

import data.bulkhead.everything as bundle
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
		"image": "registry.example.com/every/example@sha256:0000000000000000000000000000000000000000000000000000000000000000",
		"livenessProbe": {"tcpSocket": {"port": 80}},
		"readinessProbe": {"tcpSocket": {"port": 80}},
		"resources": {"limits": {"cpu": "1", "ephemeral-storage": "1Gi", "memory": "512Mi"}},
		"securityContext": {
			"allowPrivilegeEscalation": false,
			"capabilities": {"drop": ["ALL"]},
			"readOnlyRootFilesystem": true,
			"runAsNonRoot": true,
		},
	},
	"metadata": {},
	"spec": {"automountServiceAccountToken": false, "hostUsers": false},
}

kept_2 := {
	"container": {
		"image": "registry.example.com/every/example@sha256:0000000000000000000000000000000000000000000000000000000000000000",
		"livenessProbe": {"tcpSocket": {"port": 80}},
		"readinessProbe": {"tcpSocket": {"port": 80}},
		"resources": {"limits": {"cpu": "1", "ephemeral-storage": "1Gi", "memory": "512Mi"}},
		"securityContext": {
			"allowPrivilegeEscalation": false,
			"capabilities": {"drop": ["ALL"]},
			"readOnlyRootFilesystem": true,
			"runAsNonRoot": true,
		},
	},
	"metadata": {},
	"spec": {"automountServiceAccountToken": false, "hostUsers": false, "runtimeClassName": "gvisor"},
}

# Of whom: the labels of a workload, and the name of a container.
subjects := {
	"api/migrate": object.union(kept_1, {
		"container": {
			"name": "migrate",
			"securityContext": {
				"appArmorProfile": {"localhostProfile": "bulkhead.everything.api.migrate", "type": "Localhost"},
				"seccompProfile": {"localhostProfile": "bulkhead.everything.api.migrate.json", "type": "Localhost"},
			},
		},
		"metadata": {"labels": {"app": "api"}},
	}),
	"api/*": object.union(kept_1, {
		"container": {
			"name": "example",
			"securityContext": {
				"appArmorProfile": {"localhostProfile": "bulkhead.everything.api", "type": "Localhost"},
				"seccompProfile": {"localhostProfile": "bulkhead.everything.api.json", "type": "Localhost"},
			},
		},
		"metadata": {"labels": {"app": "api"}},
	}),
	"inside/*": object.union(kept_2, {
		"container": {
			"name": "example",
			"securityContext": {
				"appArmorProfile": {"localhostProfile": "bulkhead.everything.inside", "type": "Localhost"},
				"seccompProfile": {"localhostProfile": "bulkhead.everything.inside.json", "type": "Localhost"},
			},
		},
		"metadata": {"labels": {"app": "inside"}},
	}),
	"store/*": object.union(kept_1, {
		"container": {
			"name": "example",
			"securityContext": {
				"appArmorProfile": {"localhostProfile": "bulkhead.everything.store", "type": "Localhost"},
				"seccompProfile": {"localhostProfile": "bulkhead.everything.store.json", "type": "Localhost"},
			},
		},
		"metadata": {"labels": {"app": "store"}},
	}),
}

# A pod with something changed; null takes a field away.
pod(kept, change) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": object.union({"name": "example", "namespace": "every"}, it.metadata),
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
	"privileges.privileged" in refused(subjects["api/migrate"], {"container": {"securityContext": {"privileged": true}}})
}

test_privileges_escalation if {
	"privileges.escalation" in refused(subjects["api/migrate"], {"container": {"securityContext": {"allowPrivilegeEscalation": true}}})
}

test_privileges_run_as_non_root if {
	"privileges.run_as_non_root" in refused(subjects["api/migrate"], {"container": {"securityContext": {"runAsNonRoot": null}}, "spec": {"hostUsers": true}})
}

test_privileges_root_in_user_namespace if {
	"privileges.root_in_user_namespace" in refused(subjects["api/migrate"], {"container": {"securityContext": {"runAsNonRoot": null}}, "spec": {"hostUsers": false}})
}

test_privileges_users if {
	"privileges.users" in refused(subjects["api/migrate"], {"container": {"securityContext": {"runAsUser": 1}}})
}

test_privileges_groups if {
	"privileges.groups" in refused(subjects["api/migrate"], {"container": {"securityContext": {"runAsGroup": 0}}})
}

test_privileges_fs_group if {
	"privileges.fs_group" in refused(subjects["api/*"], {"spec": {"securityContext": {"fsGroup": 0}}})
}

test_privileges_supplemental_groups if {
	"privileges.supplemental_groups" in refused(subjects["api/*"], {"spec": {"securityContext": {"supplementalGroups": [0]}}})
}

test_privileges_selinux_types if {
	"privileges.selinux_types" in refused(subjects["api/migrate"], {"container": {"securityContext": {"seLinuxOptions": {"type": "spc_t"}}}})
}

test_privileges_selinux_users if {
	"privileges.selinux_users" in refused(subjects["api/migrate"], {"container": {"securityContext": {"seLinuxOptions": {"user": "unconfined_u"}}}})
}

test_privileges_selinux_roles if {
	"privileges.selinux_roles" in refused(subjects["api/migrate"], {"container": {"securityContext": {"seLinuxOptions": {"role": "unconfined_r"}}}})
}

test_privileges_apparmor if {
	"privileges.apparmor" in refused(subjects["api/migrate"], {"container": {"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}})
}

test_privileges_seccomp if {
	"privileges.seccomp" in refused(subjects["api/migrate"], {"container": {"securityContext": {"seccompProfile": {"type": "Unconfined"}}}})
}

test_privileges_compiled_profiles if {
	"privileges.compiled_profiles" in refused(subjects["api/migrate"], {"container": {"securityContext": {"seccompProfile": {"localhostProfile": "another", "type": "Localhost"}}}})
	"privileges.compiled_profiles" in refused(subjects["api/migrate"], {"container": {"securityContext": {"appArmorProfile": {"localhostProfile": "another", "type": "Localhost"}}}})
}

test_privileges_sysctls if {
	"privileges.sysctls" in refused(subjects["api/*"], {"spec": {"securityContext": {"sysctls": [{"name": "kernel.core_pattern", "value": "1"}]}}})
}

test_privileges_sysctl_values if {
	"privileges.sysctl_values" in refused(subjects["api/*"], {"spec": {"securityContext": {"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "1 + 1"}]}}})
}

test_privileges_proc_mount if {
	"privileges.proc_mount" in refused(subjects["api/migrate"], {"container": {"securityContext": {"procMount": "Unmasked"}}})
}

test_privileges_host_process if {
	"privileges.host_process" in refused(subjects["api/migrate"], {"container": {"securityContext": {"windowsOptions": {"hostProcess": true}}}})
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
	"privileges.environment" in refused(subjects["api/migrate"], {"container": {"env": [{"name": "LD_EXAMPLE", "value": "example"}]}})
}

test_capabilities_drop if {
	"capabilities.drop" in refused(subjects["api/migrate"], {"container": {"securityContext": {"capabilities": {"drop": []}}}})
}

test_capabilities_add if {
	"capabilities.add" in refused(subjects["api/migrate"], {"container": {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}})
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
	"host.ports" in refused(subjects["api/migrate"], {"container": {"ports": [{"containerPort": 80, "hostPort": 80, "protocol": "TCP"}]}})
}

test_host_paths if {
	"host.paths" in refused(subjects["api/*"], {"container": {"volumeMounts": [{"mountPath": "/example", "name": "example"}]}, "spec": {"volumes": [{"hostPath": {"path": "/"}, "name": "example"}]}})
}

test_host_probes if {
	"host.probes" in refused(subjects["api/migrate"], {"container": {"livenessProbe": {"tcpSocket": {"host": "169.254.169.254", "port": 80}}}})
}

test_resources_memory if {
	"resources.memory" in refused(subjects["api/migrate"], {"container": {"resources": {"limits": {"memory": null}}}})
	"resources.memory" in refused(subjects["api/migrate"], {"container": {"resources": {"limits": {"memory": "536870913"}}}})
}

test_resources_cpu if {
	"resources.cpu" in refused(subjects["api/migrate"], {"container": {"resources": {"limits": {"cpu": null}}}})
	"resources.cpu" in refused(subjects["api/migrate"], {"container": {"resources": {"limits": {"cpu": "1001m"}}}})
}

test_resources_ephemeral_storage if {
	"resources.ephemeral_storage" in refused(subjects["api/migrate"], {"container": {"resources": {"limits": {"ephemeral-storage": null}}}})
	"resources.ephemeral_storage" in refused(subjects["api/migrate"], {"container": {"resources": {"limits": {"ephemeral-storage": "1073741825"}}}})
}

test_resources_hugepages if {
	"resources.hugepages" in refused(subjects["api/migrate"], {"container": {"resources": {"limits": {"hugepages-1Gi": "1Ei"}}}})
}

test_resources_probes if {
	"resources.probes" in refused(subjects["api/migrate"], {"container": {"livenessProbe": null}})
	"resources.probes" in refused(subjects["api/migrate"], {"container": {"readinessProbe": null}})
}

test_filesystem_read_only_root if {
	"filesystem.read_only_root" in refused(subjects["api/migrate"], {"container": {"securityContext": {"readOnlyRootFilesystem": false}}})
}

test_filesystem_write if {
	"filesystem.write" in refused(subjects["api/migrate"], {"container": {"volumeMounts": [{"mountPath": "/example/", "name": "example"}]}})
}

test_filesystem_volumes if {
	"filesystem.volumes" in refused(subjects["api/*"], {"spec": {"volumes": [{"name": "example", "nfs": {}}]}})
}

test_filesystem_sub_paths if {
	"filesystem.sub_paths" in refused(subjects["api/migrate"], {"container": {"volumeMounts": [{"mountPath": "/example", "name": "example", "readOnly": true, "subPath": "example"}]}})
}

test_filesystem_kernel_mounts if {
	"filesystem.kernel_mounts" in refused(subjects["api/migrate"], {"container": {"volumeMounts": [{"mountPath": "/proc", "name": "example", "readOnly": true}]}})
}

test_image_registries if {
	"image.registries" in refused(subjects["api/migrate"], {"container": {"image": "registry.invalid/example@sha256:0000000000000000000000000000000000000000000000000000000000000000"}})
}

test_image_deny if {
	"image.deny" in refused(subjects["api/migrate"], {"container": {"image": "registry.example.com/every/legacy-example@sha256:0000000000000000000000000000000000000000000000000000000000000000"}})
}

test_image_deny_tags if {
	"image.deny_tags" in refused(subjects["api/migrate"], {"container": {"image": "registry.example.com/every/example:latest"}})
}

test_image_digest if {
	"image.digest" in refused(subjects["api/migrate"], {"container": {"image": "registry.example.com/every/example:1.0"}})
}

test_sandbox_runtime if {
	"sandbox.runtime" in refused(subjects["inside/*"], {"spec": {"runtimeClassName": null}})
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
