# Compiled by Bulkhead from the policy payments 2.1.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-01-31: compile again by then.

locals {
  # policy.undeclared: Pods must be described by a workload block. A pod that no workload block describes may use everything up to the ceiling.
  policy_undeclared_enforced = {
    # policy.undeclared = "deny", policy.hcl:2
    "default" = true
  }
  policy_undeclared = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [local.policy_undeclared_enforced.default] :
      enforced == null ? true : !(c.workload == "*")
    ][0]])
  }]]
}

locals {
  # privileges.privileged: Containers must not be privileged. A privileged container has every capability and every device, and its seccomp and AppArmor profiles are not loaded. It has full control of the node.
  privileges_privileged_enforced = {
    # privileges.privileged = false, policy.hcl:10
    "default" = true
  }
  privileges_privileged = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.privileges_privileged_enforced, c.exact, lookup(local.privileges_privileged_enforced, c.any, local.privileges_privileged_enforced.default))] :
      enforced == null ? true : !((c.privileged == null ? false : c.privileged != "false"))
    ][0]])
  }]]
}

locals {
  # privileges.escalation: Containers must not gain privileges through set-user-ID programs. Without no_new_privs, a set-user-ID program in the image gives root to any user.
  privileges_escalation_enforced = {
    # privileges.escalation = false, policy.hcl:11
    "default" = true
  }
  privileges_escalation = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for enforced in [lookup(local.privileges_escalation_enforced, c.exact, lookup(local.privileges_escalation_enforced, c.any, local.privileges_escalation_enforced.default))] :
      enforced == null ? true : !(c.escalation != "false")
    ][0]])
  }]]
}

locals {
  # privileges.run_as_non_root: Containers must not run as root. Root in a container is root on the node after one further mistake. Many escapes need it (CVE-2019-5736). Pods with a user namespace of their own are exempt.
  privileges_run_as_non_root_enforced = {
    # privileges.run_as_non_root = true, policy.hcl:12
    "default" = true
  }
  privileges_run_as_non_root = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.privileges_run_as_non_root_enforced, c.exact, lookup(local.privileges_run_as_non_root_enforced, c.any, local.privileges_run_as_non_root_enforced.default))] :
      enforced == null ? true : !(!anytrue([c.pod.own_users, !anytrue([for x in [c.non_root == null ? c.pod.non_root : c.non_root, c.pod.non_root == null ? c.non_root : c.pod.non_root] : x != "true"])]))
    ][0]])
  }]]
}

locals {
  # privileges.root_in_user_namespace: Containers must not run as root even in a user namespace of their own. Root there is an ordinary user of the node, but has every capability over what the namespace owns, and reaches kernel code that other users cannot.
  privileges_root_in_user_namespace_enforced = {
    # privileges.root_in_user_namespace = false, policy.hcl:12
    "default" = true
  }
  privileges_root_in_user_namespace = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.privileges_root_in_user_namespace_enforced, c.exact, lookup(local.privileges_root_in_user_namespace_enforced, c.any, local.privileges_root_in_user_namespace_enforced.default))] :
      enforced == null ? true : !(anytrue([!anytrue([!c.pod.own_users, !anytrue([for x in [c.non_root == null ? c.pod.non_root : c.non_root, c.pod.non_root == null ? c.non_root : c.pod.non_root] : x != "true"])]), !anytrue([!c.pod.own_users, !anytrue([for x in [c.user == null ? c.pod.user : c.user, c.pod.user == null ? c.user : c.pod.user] : (x == null ? false : !anytrue([for a in [[1, 4294967295]] : !anytrue([x < a[0], x > a[1]])]))])])]))
    ][0]])
  }]]
}

locals {
  # privileges.users: Containers may run only as the listed users. A process can access the node's files that belong to its user number.
  privileges_users_values = {
    # privileges.users = ["1000-1999", "65534"], policy.hcl:13
    "default" = [[1000, 1999], [65534, 65534]]
  }
  privileges_users = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_users_values, c.exact, lookup(local.privileges_users_values, c.any, local.privileges_users_values.default))] :
      allowed == null ? true : !(anytrue([for x in [c.user == null ? c.pod.user : c.user, c.pod.user == null ? c.user : c.pod.user] : (x == null ? false : !anytrue([anytrue([for a in allowed : !anytrue([x < a[0], x > a[1]])]), !anytrue([!c.pod.own_users, x != 0])]))]))
    ][0]])
  }]]
}

locals {
  # privileges.groups: Containers may run only as the listed groups. Sockets and devices of the node are often open to a group, such as docker or disk.
  privileges_groups_values = {
    # privileges.groups = ["1-2147483647"], policy.hcl:14
    "default" = [[1, 2147483647]]
  }
  privileges_groups = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_groups_values, c.exact, lookup(local.privileges_groups_values, c.any, local.privileges_groups_values.default))] :
      allowed == null ? true : !(anytrue([for x in [c.group == null ? c.pod.group : c.group, c.pod.group == null ? c.group : c.pod.group] : (x == null ? false : !anytrue([for a in allowed : !anytrue([x < a[0], x > a[1]])]))]))
    ][0]])
  }]]
}

locals {
  # privileges.fs_group: Pods may use only the listed groups in fsGroup. The kubelet gives every file of a volume to this group.
  privileges_fs_group_values = {
    # privileges.fs_group = ["2000"], policy.hcl:15
    "default" = [[2000, 2000]]
  }
  privileges_fs_group = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_fs_group_values, c.any, local.privileges_fs_group_values.default)] :
      allowed == null ? true : !((c.fs_group == null ? false : !anytrue([for a in allowed : !anytrue([c.fs_group < a[0], c.fs_group > a[1]])])))
    ][0]])
  }]]
}

locals {
  # privileges.supplemental_groups: Pods may use only the listed supplemental groups. Sockets and devices of the node are often open to a group, such as docker or disk.
  privileges_supplemental_groups_values = {
    # privileges.supplemental_groups = [], policy.hcl:16
    "default" = []
  }
  privileges_supplemental_groups = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_supplemental_groups_values, c.any, local.privileges_supplemental_groups_values.default)] :
      allowed == null ? true : !(anytrue([for x in c.supplemental_groups : (x == null ? false : !anytrue([for a in allowed : !anytrue([x < a[0], x > a[1]])]))]))
    ][0]])
  }]]
}

locals {
  # privileges.selinux_types: Containers may use only the listed SELinux types. Some types, such as spc_t, are not confined at all.
  privileges_selinux_types_values = {
    # privileges.selinux_types = ["container_t", "svirt_*"], policy.hcl:17
    "default" = { names = ["container_t"], prefixes = ["svirt_"] }
  }
  privileges_selinux_types = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_selinux_types_values, c.exact, lookup(local.privileges_selinux_types_values, c.any, local.privileges_selinux_types_values.default))] :
      allowed == null ? true : !(anytrue([for x in [c.selinux_type == null ? c.pod.selinux_type : c.selinux_type, c.pod.selinux_type == null ? c.selinux_type : c.pod.selinux_type] : (x == null ? false : !anytrue([anytrue([for a in allowed.names : x == a]), anytrue([for a in allowed.prefixes : startswith(x, a)]), x == ""]))]))
    ][0]])
  }]]
}

locals {
  # privileges.selinux_users: Containers may use only the listed SELinux users. The user decides which roles and types can be reached.
  privileges_selinux_users_values = {
    # privileges.selinux_users = [], policy.hcl:18
    "default" = { names = [], prefixes = [] }
  }
  privileges_selinux_users = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_selinux_users_values, c.exact, lookup(local.privileges_selinux_users_values, c.any, local.privileges_selinux_users_values.default))] :
      allowed == null ? true : !(anytrue([for x in [c.selinux_user == null ? c.pod.selinux_user : c.selinux_user, c.pod.selinux_user == null ? c.selinux_user : c.pod.selinux_user] : (x == null ? false : !anytrue([anytrue([for a in allowed.names : x == a]), anytrue([for a in allowed.prefixes : startswith(x, a)]), x == ""]))]))
    ][0]])
  }]]
}

locals {
  # privileges.selinux_roles: Containers may use only the listed SELinux roles. The role decides which types can be reached.
  privileges_selinux_roles_values = {
    # privileges.selinux_roles = [], policy.hcl:19
    "default" = { names = [], prefixes = [] }
  }
  privileges_selinux_roles = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_selinux_roles_values, c.exact, lookup(local.privileges_selinux_roles_values, c.any, local.privileges_selinux_roles_values.default))] :
      allowed == null ? true : !(anytrue([for x in [c.selinux_role == null ? c.pod.selinux_role : c.selinux_role, c.pod.selinux_role == null ? c.selinux_role : c.pod.selinux_role] : (x == null ? false : !anytrue([anytrue([for a in allowed.names : x == a]), anytrue([for a in allowed.prefixes : startswith(x, a)]), x == ""]))]))
    ][0]])
  }]]
}

locals {
  # privileges.apparmor: AppArmor profiles must come from the listed sources. The profile Unconfined disables AppArmor for the container.
  privileges_apparmor_values = {
    # privileges.apparmor = ["localhost", "runtime-default", "unset"], policy.hcl:20
    "default" = ["RuntimeDefault", "Localhost", null]
  }
  privileges_apparmor = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_apparmor_values, c.exact, lookup(local.privileges_apparmor_values, c.any, local.privileges_apparmor_values.default))] :
      allowed == null ? true : !(anytrue([for k in c.apparmors : k == null ? false : !anytrue([for a in allowed : a == k])]) ? true : (!anytrue([!c.apparmor_empty, anytrue([for a in allowed : a == null])]) ? true : (anytrue([for k in c.apparmors : k != null]) ? false : (c.windows ? false : !anytrue([for a in allowed : a == null])))))
    ][0]])
  }]]
}

locals {
  # privileges.seccomp: Seccomp profiles must come from the listed sources. Unset means unconfined unless the kubelet runs with seccompDefault, which is off by default.
  privileges_seccomp_values = {
    # privileges.seccomp = ["localhost", "runtime-default"], policy.hcl:21
    "default" = ["RuntimeDefault", "Localhost"]
  }
  privileges_seccomp = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_seccomp_values, c.exact, lookup(local.privileges_seccomp_values, c.any, local.privileges_seccomp_values.default))] :
      allowed == null ? true : !(anytrue([for x in [c.seccomp == null ? c.pod.seccomp : c.seccomp, c.pod.seccomp == null ? c.seccomp : c.pod.seccomp] : !anytrue([anytrue([for a in allowed : x == a]), !anytrue([!c.windows, x != null])])]))
    ][0]])
  }]]
}

locals {
  # privileges.sysctls: Pods may set only the listed sysctls. Sysctls outside the pod's namespaces change the whole node (CVE-2022-0811).
  privileges_sysctls_values = {
    # privileges.sysctls = ["kernel.shm_rmid_forced", "net.ipv4.tcp_*"], policy.hcl:22
    "default" = { names = ["kernel.shm_rmid_forced"], prefixes = ["net.ipv4.tcp_"] }
  }
  privileges_sysctls = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_sysctls_values, c.any, local.privileges_sysctls_values.default)] :
      allowed == null ? true : !(anytrue([for x in c.sysctls : (x == null ? true : !anytrue([anytrue([for a in allowed.names : x == a]), anytrue([for a in allowed.prefixes : startswith(x, a)])]))]))
    ][0]])
  }]]
}

locals {
  # privileges.sysctl_values: Sysctls must be set to numbers. The runtime passes the value on. A value with more than a number has set a second sysctl, of the node (CVE-2022-0811).
  privileges_sysctl_values_enforced = {
    # privileges.sysctl_values = "numbers", policy.hcl:22
    "default" = true
  }
  privileges_sysctl_values = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.privileges_sysctl_values_enforced, c.any, local.privileges_sysctl_values_enforced.default)] :
      enforced == null ? true : !(anytrue([for x in c.sysctl_values : x == null ? true : length(regexall("^-?[0-9]+(([ \\t]+-?|[,-])[0-9]+)*$", x)) == 0]))
    ][0]])
  }]]
}

locals {
  # privileges.proc_mount: /proc must be mounted with its default masks. An unmasked /proc shows kernel memory, keys and the settings of the node.
  privileges_proc_mount_values = {
    # privileges.proc_mount = "default", policy.hcl:23
    "default" = "default"
  }
  privileges_proc_mount = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_proc_mount_values, c.exact, lookup(local.privileges_proc_mount_values, c.any, local.privileges_proc_mount_values.default))] :
      allowed == null ? true : !(c.proc_mount == null ? false : (c.proc_mount == "Default" ? false : (allowed == "user-namespace" ? c.pod.host_users != "false" : true)))
    ][0]])
  }]]
}

locals {
  # privileges.host_process: Containers must not be Windows host processes. A HostProcess container runs on the node itself, as its administrator.
  privileges_host_process_enforced = {
    # privileges.host_process = false, policy.hcl:24
    "default" = true
  }
  privileges_host_process = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.privileges_host_process_enforced, c.exact, lookup(local.privileges_host_process_enforced, c.any, local.privileges_host_process_enforced.default))] :
      enforced == null ? true : !(anytrue([for x in [c.host_process == null ? c.pod.host_process : c.host_process, c.pod.host_process == null ? c.host_process : c.pod.host_process] : (x == null ? false : x != "false")]))
    ][0]])
  }]]
}

locals {
  # privileges.shared_processes: Containers of a pod must not share a process namespace. Each container can see the other containers' processes, with arguments and environment, and read their files through /proc/PID/root.
  privileges_shared_processes_enforced = {
    # privileges.shared_processes = false, policy.hcl:24
    "default" = true
  }
  privileges_shared_processes = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.privileges_shared_processes_enforced, c.any, local.privileges_shared_processes_enforced.default)] :
      enforced == null ? true : !((c.share_processes == null ? false : c.share_processes != "false"))
    ][0]])
  }]]
}

locals {
  # privileges.tokens: Pods may request service account tokens only for the listed audiences. An attacker in the container can act as its service account until the pod ends.
  privileges_tokens_values = {
    # privileges.tokens = ["https://sts.*", "vault"], policy.hcl:24
    "default" = { api = false, known = { names = ["vault"], prefixes = ["https://sts."] } }
  }
  privileges_tokens = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_tokens_values, c.any, local.privileges_tokens_values.default)] :
      allowed == null ? true : !(anytrue([allowed.api ? false : c.automount != "false", anytrue([for v in c.volumes : anytrue([anytrue(v.unknown), anytrue([for x in v.certificates : x == null ? true : !anytrue(concat([for a in allowed.known.names : x == a], [for a in allowed.known.prefixes : startswith(x, a)]))]), anytrue([for t in v.tokens : anytrue([for x in [t == null ? "" : t] : x == "" ? !allowed.api : !anytrue(concat([for a in allowed.known.names : x == a], [for a in allowed.known.prefixes : startswith(x, a)]))])])])])]))
    ][0]])
  }]]
}

locals {
  # privileges.annotations: Pods must not have the listed annotations. Runtimes and their plugins act on annotations: devices, hooks, options of a sandbox (CVE-2026-44210).
  privileges_annotations_values = {
    # privileges.annotations = ["*.crio.io*", "io.katacontainers.*"], policy.hcl:24
    "default" = ["^(.*\\.crio\\.io.*|io\\.katacontainers\\..*)$"]
  }
  privileges_annotations = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_annotations_values, c.any, local.privileges_annotations_values.default)] :
      allowed == null ? true : !(anytrue([for list in c.annotations[*] : anytrue([for k, v in list : anytrue([for a in allowed : length(regexall(a, k)) > 0])])]))
    ][0]])
  }]]
}

locals {
  # privileges.environment: Containers must not set the listed environment variables. Runtime hooks read a container's environment, on the node and as root: for devices, and once for a library to load (CVE-2025-23266).
  privileges_environment_values = {
    # privileges.environment = ["LD_*", "NVIDIA_VISIBLE_DEVICES"], policy.hcl:24
    "default" = { names = ["NVIDIA_VISIBLE_DEVICES"], prefixes = ["LD_"] }
  }
  privileges_environment = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.privileges_environment_values, c.exact, lookup(local.privileges_environment_values, c.any, local.privileges_environment_values.default))] :
      allowed == null ? true : !(anytrue([for x in c.env : x == null ? false : (x == "?" ? true : anytrue(concat([for a in allowed.names : x == a], [for a in allowed.prefixes : startswith(x, a)])))]) ? true : anytrue([for p in [for p in c.env_from : p == null ? "" : p] : anytrue(concat([for a in allowed.names : startswith(a, p)], [for a in allowed.prefixes : startswith(a, p)], [for a in allowed.prefixes : startswith(p, a)]))]))
    ][0]])
  }]]
}

locals {
  # capabilities.drop: Containers must drop the listed capabilities. A container that drops nothing keeps the runtime's default set, which includes NET_RAW and MKNOD.
  capabilities_drop_values = {
    # capabilities.drop = ["ALL"], policy.hcl:25
    "default" = ["ALL"]
  }
  capabilities_drop = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for allowed in [lookup(local.capabilities_drop_values, c.exact, lookup(local.capabilities_drop_values, c.any, local.capabilities_drop_values.default))] :
      allowed == null ? true : !(anytrue([for a in allowed : !anytrue([for x in c.drop : x == "ALL" ? true : x == a])]) ? true : (anytrue([for x in [for k in c.add : try(trimprefix(upper(k), "CAP_"), "")] : x == "ALL" ? anytrue([for a in allowed : a == "ALL" ? false : !anytrue([for d in c.drop : d == a])]) : anytrue([for a in allowed : a == x])])))
    ][0]])
  }]]
}

locals {
  # capabilities.add: Containers may add only listed capabilities. SYS_ADMIN, SYS_MODULE, SYS_PTRACE, DAC_READ_SEARCH and others each allow a container escape.
  capabilities_add_values = {
    # capabilities.add = [], policy.hcl:26
    "default" = []
  }
  capabilities_add = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.capabilities_add_values, c.exact, lookup(local.capabilities_add_values, c.any, local.capabilities_add_values.default))] :
      allowed == null ? true : !(anytrue([for x in c.add : !anytrue([for a in allowed : x == a])]))
    ][0]])
  }]]
}

locals {
  # host.network: Pods must not use the node's network namespace. The pod reaches services that listen only on the node, and no NetworkPolicy applies to it.
  host_network_enforced = {
    # host.network = false, policy.hcl:27
    "default" = true
  }
  host_network = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.host_network_enforced, c.any, local.host_network_enforced.default)] :
      enforced == null ? true : !((c.host_network == null ? false : c.host_network != "false"))
    ][0]])
  }]]
}

locals {
  # host.pid: Pods must not use the node's process namespace. The pod sees every process of the node. With the right capabilities it can trace or enter them.
  host_pid_enforced = {
    # host.pid = false, policy.hcl:28
    "default" = true
  }
  host_pid = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.host_pid_enforced, c.any, local.host_pid_enforced.default)] :
      enforced == null ? true : !((c.host_pid == null ? false : c.host_pid != "false"))
    ][0]])
  }]]
}

locals {
  # host.ipc: Pods must not use the node's IPC namespace. Shared memory of the node's processes can be read and written.
  host_ipc_enforced = {
    # host.ipc = false, policy.hcl:29
    "default" = true
  }
  host_ipc = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.host_ipc_enforced, c.any, local.host_ipc_enforced.default)] :
      enforced == null ? true : !((c.host_ipc == null ? false : c.host_ipc != "false"))
    ][0]])
  }]]
}

locals {
  # host.users: Pods must have a user namespace of their own. In a user namespace of its own, the pod's root has no privileges on the node.
  host_users_enforced = {
    # host.users = false, policy.hcl:30
    "default" = true
  }
  host_users = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for enforced in [lookup(local.host_users_enforced, c.any, local.host_users_enforced.default)] :
      enforced == null ? true : !(c.host_users != "false")
    ][0]])
  }]]
}

locals {
  # host.ports: Containers may use only the listed ports of the node. A port of the node bypasses every NetworkPolicy of the pod.
  host_ports_values = {
    # host.ports = ["tcp/9100", "udp/4000-4100"], policy.hcl:31
    "default" = [["tcp", 9100, 9100], ["udp", 4000, 4100]]
  }
  host_ports = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.host_ports_values, c.exact, lookup(local.host_ports_values, c.any, local.host_ports_values.default))] :
      allowed == null ? true : !(anytrue([for p in c.ports : anytrue([for x in [(p.number == null ? true : p.number == 0) ? (c.pod.host_network == null ? null : (c.pod.host_network == "false" ? null : p.inner)) : p.number] : x == null ? false : !anytrue([for a in allowed : (p.protocol == null ? "tcp" : p.protocol) == a[0] ? (x >= a[1] ? x <= a[2] : false) : false])])]))
    ][0]])
  }]]
}

locals {
  # host.paths: Pods may mount only the listed paths of the node. Whoever can write to the node's files, or talk to the runtime's socket, controls the node.
  host_paths_values = {
    # host.paths = { "/var/cache/node" = "write", "/var/log" = "read" }, policy.hcl:32
    "default" = { "/var/cache/node" = "write", "/var/log" = "read" }
  }
  host_paths = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.host_paths_values, c.any, local.host_paths_values.default)] :
      allowed == null ? true : !(anytrue([for v in c.volumes : anytrue([for t in v.types : t.name == "hostPath" ? t.set : false]) ? (v.path == null ? true : length(regexall("//|/[.][.]?(/|$)", v.path)) > 0 ? true : !anytrue([for path, way in allowed : (path == "/" ? startswith(v.path, "/") : (trimsuffix(v.path, "/") == path ? true : (startswith(v.path, "${path}/") ? !anytrue([for l in ["^/var/(run|lock)(/|$)", "^/dev/(fd|stdin|stdout|stderr)(/|$)", "^/proc/(.*/)?(cwd|exe|fd|map_files|root)(/|$)"] : length(regexall(l, v.path)) > 0 ? length(regexall(l, path)) == 0 : false]) : false))) ? (way == "write" ? true : !anytrue([for list in c.containers : anytrue([for k in list : anytrue([for m in k.mounts : (m.name == "?" ? true : (v.name == "?" ? true : m.name == v.name)) ? anytrue([m.read_only != "true", (local.recursive_reads ? !anytrue([for k in ["BlockDevice", "CharDevice", "File", "FileOrCreate", "Socket"] : k == (v.kind == null ? "" : v.kind)]) : false) ? anytrue([m.recursive != "Enabled", (m.propagation == null ? false : m.propagation != "None")]) : false]) : false])])])) : false])) : false]))
    ][0]])
  }]]
}

locals {
  # host.probes: Probes and lifecycle hooks may name only the listed hosts. The kubelet makes these requests from the node, to any host that the pod names.
  host_probes_values = {
    # host.probes = ["localhost"], policy.hcl:33
    "default" = { names = ["localhost"], prefixes = [] }
  }
  host_probes = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.host_probes_values, c.exact, lookup(local.host_probes_values, c.any, local.host_probes_values.default))] :
      allowed == null ? true : !(anytrue([anytrue([for x in c.probe_hosts : (x == null ? false : !anytrue([anytrue([for a in allowed.names : x == a]), anytrue([for a in allowed.prefixes : startswith(x, a)]), x == ""]))]), anytrue([for x in c.hook_hosts : (x == null ? false : !anytrue([anytrue([for a in allowed.names : x == a]), anytrue([for a in allowed.prefixes : startswith(x, a)]), x == ""]))])]))
    ][0]])
  }]]
}

locals {
  # resources.memory: Containers must state a memory limit, up to the maximum. A container without a limit can take all of the node's memory.
  resources_memory_values = {
    # resources.memory = "512Mi", policy.hcl:34
    "default" = 536870912
  }
  resources_memory = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.resources_memory_values, c.exact, lookup(local.resources_memory_values, c.any, local.resources_memory_values.default))] :
      allowed == null ? true : !(!anytrue([!c.lasting, anytrue([for l in concat(c.limits, local.pod_limits ? [for q in c.pod.limits : q if !anytrue([for l in c.limits : l.name == q.name])] : []) : !anytrue([l.name != "memory", l.amount == null ? true : anytrue([l.amount <= 0, l.amount > allowed])])])]))
    ][0]])
  }]]
}

locals {
  # resources.cpu: Containers must state a CPU limit, up to the maximum. A container without a limit can take all of the node's CPU.
  resources_cpu_values = {
    # resources.cpu = "1500m", policy.hcl:35
    "default" = 1.500
  }
  resources_cpu = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.resources_cpu_values, c.exact, lookup(local.resources_cpu_values, c.any, local.resources_cpu_values.default))] :
      allowed == null ? true : !(!anytrue([!c.lasting, anytrue([for l in concat(c.limits, local.pod_limits ? [for q in c.pod.limits : q if !anytrue([for l in c.limits : l.name == q.name])] : []) : !anytrue([l.name != "cpu", l.amount == null ? true : anytrue([l.amount <= 0, l.amount > allowed])])])]))
    ][0]])
  }]]
}

locals {
  # resources.ephemeral_storage: Containers must state an ephemeral storage limit, up to the maximum. A full disk evicts every pod of the node.
  resources_ephemeral_storage_values = {
    # resources.ephemeral_storage = "1Gi", policy.hcl:36
    "default" = 1073741824
  }
  resources_ephemeral_storage = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.resources_ephemeral_storage_values, c.exact, lookup(local.resources_ephemeral_storage_values, c.any, local.resources_ephemeral_storage_values.default))] :
      allowed == null ? true : !(!anytrue([!c.lasting, anytrue([for l in c.limits : !anytrue([l.name != "ephemeral-storage", l.amount == null ? true : anytrue([l.amount <= 0, l.amount > allowed])])])]))
    ][0]])
  }]]
}

locals {
  # resources.hugepages: Containers may request huge pages only up to the maximum. Huge pages are set aside on the node and are not given back while the pod runs.
  resources_hugepages_values = {
    # resources.hugepages = { "2Mi" = "64Mi" }, policy.hcl:37
    "default" = [[2097152, 67108864]]
  }
  resources_hugepages = [for list in local.hugepages : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for allowed in [lookup(local.resources_hugepages_values, c.exact, lookup(local.resources_hugepages_values, c.any, local.resources_hugepages_values.default))] :
      allowed == null ? true : !(anytrue([for list in c.pages : anytrue([for l in list : startswith(l.name, "hugepages-") ? !anytrue([for page in [try([for m in [regex(local.quantity, trimprefix(l.name, "hugepages-"))] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null)] : anytrue([for a in allowed : (a[0] == null ? true : (l.name == "hugepages-*" ? true : a[0] == page)) ? (a[1] == null ? true : (l.amount == null ? false : l.amount <= a[1])) : false])]) : false])]))
    ][0]])
  }]]
}

locals {
  # resources.probes: Long-running containers must have the listed probes. Without probes, a process that hangs keeps running and keeps receiving requests.
  resources_probes_values = {
    # resources.probes = ["liveness", "readiness"], policy.hcl:37
    "default" = ["liveness", "readiness"]
  }
  resources_probes = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.resources_probes_values, c.exact, lookup(local.resources_probes_values, c.any, local.resources_probes_values.default))] :
      allowed == null ? true : !((c.lasting ? (c.init ? (c.restart == "Always" ? !anytrue([for x in ["Never", "OnFailure"] : (c.pod.restart) == x]) : false) : !anytrue([for x in ["Never", "OnFailure"] : (c.restart == null ? c.pod.restart : c.restart) == x])) : false) ? anytrue([for a in allowed : anytrue([for p in c.probes : p.name == a ? !p.set : false])]) : false)
    ][0]])
  }]]
}

locals {
  # filesystem.read_only_root: Root filesystems must be mounted read-only. An attacker cannot replace programs or leave tools behind.
  filesystem_read_only_root_enforced = {
    # filesystem.read_only_root = true, policy.hcl:38
    "default" = true
    # nothing restricts it; reported only: exception "old image" until 2027-01-31: writes to /etc (team, SEC-1)
    "api/*" = null
  }
  filesystem_read_only_root = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for enforced in [lookup(local.filesystem_read_only_root_enforced, c.exact, lookup(local.filesystem_read_only_root_enforced, c.any, local.filesystem_read_only_root_enforced.default))] :
      enforced == null ? true : !(c.read_only_root != "true")
    ][0]])
  }]]
}

locals {
  # filesystem.write: Processes may write only to the listed paths. An attacker can plant configuration, libraries and programs wherever a process may write.
  filesystem_write_values = {
    # filesystem.write = ["/etc/app.conf", "/tmp/**", "/var/cache/*/**"], policy.hcl:39
    "default" = ["^/tmp(/.*)?$", "^/var/cache/[^/]+(/.*)?$"]
  }
  filesystem_write = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for allowed in [lookup(local.filesystem_write_values, c.exact, lookup(local.filesystem_write_values, c.any, local.filesystem_write_values.default))] :
      allowed == null ? true : !(anytrue([anytrue([for m in c.mounts : (m.read_only == "true" ? !anytrue([for v in c.pod.volumes : v.name == m.name ? (anytrue([for t in v.types : t.name == "hostPath" ? t.set : false]) ? ((local.recursive_reads ? !anytrue([for k in ["BlockDevice", "CharDevice", "File", "FileOrCreate", "Socket"] : k == (v.kind == null ? "" : v.kind)]) : false) ? anytrue([m.recursive != "Enabled", (m.propagation == null ? false : m.propagation != "None")]) : false) : false) : false]) : false) ? false : (anytrue([for v in c.pod.volumes : v.name == m.name ? (anytrue([for t in v.types : t.set]) ? !anytrue([for t in v.types : t.set ? !anytrue([for k in ["configMap", "downwardAPI", "image", "projected", "secret"] : k == t.name]) : false]) : false) : false]) ? false : anytrue([for x in [m.path] : x == null ? true : (length(regexall("//|/[.][.]?(/|$)", x)) > 0 ? true : !anytrue([for a in allowed : length(regexall(a, x)) > 0]))]))]), anytrue([for x in c.devices : x == null ? true : (length(regexall("//|/[.][.]?(/|$)", x)) > 0 ? true : !anytrue([for a in allowed : length(regexall(a, x)) > 0]))])]))
    ][0]])
  }]]
}

locals {
  # filesystem.volumes: Pods may mount only volumes of the listed types. Some types run code or use the network on behalf of the node (gitRepo, CVE-2024-10220; flexVolume).
  filesystem_volumes_values = {
    # filesystem.volumes = ["configMap", "emptyDir", "hostPath", "projected", "secret"], policy.hcl:39
    "default" = ["configMap", "emptyDir", "hostPath", "projected", "secret"]
  }
  filesystem_volumes = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.filesystem_volumes_values, c.any, local.filesystem_volumes_values.default)] :
      allowed == null ? true : !(anytrue([for v in c.volumes : anytrue([for t in v.types : t.set ? !anytrue([for a in allowed : a == t.name]) : false]) ? true : (anytrue([for t in v.types : t.set]) ? false : !anytrue([for a in allowed : a == "emptyDir"]))]))
    ][0]])
  }]]
}

locals {
  # filesystem.sub_paths: Volumes must be mounted without subPath. The kubelet resolves the path on the node. A link that a container put there has led out of the volume (CVE-2017-1002101, CVE-2021-25741).
  filesystem_sub_paths_enforced = {
    # filesystem.sub_paths = false, policy.hcl:39
    "default" = true
  }
  filesystem_sub_paths = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.filesystem_sub_paths_enforced, c.exact, lookup(local.filesystem_sub_paths_enforced, c.any, local.filesystem_sub_paths_enforced.default))] :
      enforced == null ? true : !(anytrue([for x in c.sub_paths : (x == null ? false : !anytrue([anytrue([for a in [] : x == a]), x == ""]))]))
    ][0]])
  }]]
}

locals {
  # filesystem.kernel_mounts: Volumes must not be mounted on /proc or /sys, or below them. The runtime writes there while it sets up a container. A volume on top has redirected these writes (CVE-2019-19921, CVE-2025-52881).
  filesystem_kernel_mounts_enforced = {
    # filesystem.kernel_mounts = false, policy.hcl:39
    "default" = true
  }
  filesystem_kernel_mounts = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for enforced in [lookup(local.filesystem_kernel_mounts_enforced, c.exact, lookup(local.filesystem_kernel_mounts_enforced, c.any, local.filesystem_kernel_mounts_enforced.default))] :
      enforced == null ? true : !(anytrue([for list in [[for m in c.mounts : m.path], c.devices] : anytrue([for x in list : x == null ? true : length(regexall("^$|^[^/]|//|/[.][.]?(/|$)|^/(proc|sys)?(/|$)", x)) > 0])]))
    ][0]])
  }]]
}

locals {
  # image.registries: Images must come from the listed registries. An image from any registry is code from anyone.
  image_registries_values = {
    # image.registries = ["*.example.org/base", "registry.example.com/payments/*"], policy.hcl:40
    "default" = ["^[^/]+\\.example\\.org/base$", "^registry\\.example\\.com/payments/.*$"]
  }
  image_registries = [for list in local.images : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.image_registries_values, c.exact, lookup(local.image_registries_values, c.any, local.image_registries_values.default))] :
      allowed == null ? true : !((c.image == null ? true : !anytrue([for a in allowed : length(regexall(a, c.image.name)) > 0])))
    ][0]])
  }]]
}

locals {
  # image.deny: Containers must not use the listed images. A registry that was given up, or an image with a known hole, stays refused even if a policy below allows its registry.
  image_deny_values = {
    # image.deny = ["docker.io/acme/*", "registry.example.com/payments/old"], policy.hcl:40
    "default" = ["^(docker\\.io|registry-1\\.docker\\.io|index\\.docker\\.io|registry\\.hub\\.docker\\.com)(:0*(443|80))?/acme/.*$", "^(registry\\.example\\.com)(:0*(443|80))?/payments/old$"]
  }
  image_deny = [for list in local.images : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.image_deny_values, c.exact, lookup(local.image_deny_values, c.any, local.image_deny_values.default))] :
      allowed == null ? true : !((c.image == null ? true : anytrue([for a in allowed : length(regexall(a, c.image.name)) > 0])))
    ][0]])
  }]]
}

locals {
  # image.deny_tags: Images must not be named by the listed tags. Tags such as latest are moved often, so that two nodes may run different images. An image without a tag has the tag latest.
  image_deny_tags_values = {
    # image.deny_tags = ["dev-*", "latest"], policy.hcl:40
    "default" = ["^(dev-.*|latest)$"]
  }
  image_deny_tags = [for list in local.images : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.image_deny_tags_values, c.exact, lookup(local.image_deny_tags_values, c.any, local.image_deny_tags_values.default))] :
      allowed == null ? true : !((c.image == null ? true : (c.image.tag == null ? false : anytrue([for a in allowed : length(regexall(a, c.image.tag)) > 0]))))
    ][0]])
  }]]
}

locals {
  # image.digest: Images must be named by digest. A tag can be moved to another image after a review.
  image_digest_enforced = {
    # image.digest = "required", policy.hcl:41
    "default" = true
  }
  image_digest = [for list in local.images : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.image_digest_enforced, c.exact, lookup(local.image_digest_enforced, c.any, local.image_digest_enforced.default))] :
      enforced == null ? true : !((c.image == null ? true : c.image.digest == null))
    ][0]])
  }]]
}

locals {
  # sandbox.runtime: Pods must run in a sandbox with a kernel of its own. A hole in the kernel that the container sees is not a hole in the node's.
  sandbox_runtime_values = {
    # sandbox.runtime = "gvisor", policy.hcl:43
    "default" = { names = ["gvisor", "runsc"], prefixes = ["gvisor-"] }
  }
  sandbox_runtime = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for allowed in [lookup(local.sandbox_runtime_values, c.any, local.sandbox_runtime_values.default)] :
      allowed == null ? true : !((c.runtime_class == null ? true : !anytrue([anytrue([for a in allowed.names : c.runtime_class == a]), anytrue([for a in allowed.prefixes : startswith(c.runtime_class, a)])])))
    ][0]])
  }]]
}

locals {
  # updates.kubernetes: Nodes must run at least the stated Kubernetes version. Versions without support get no security fixes.
  # updates.kubernetes = "1.33", policy.hcl:42
  updates_kubernetes = [[for where, version in var.kubernetes_versions : {
    where = where
    bad   = version == null ? false : try([for v in [regex("^v?([0-9]+)[.]([0-9]+)(?:[.]([0-9]+))?(-(?:alpha|beta|rc))?", version)] : (tonumber(v[0]) == 1 ? tonumber(v[1]) == 33 : false) ? (v[2] == null ? 0 > 0 : (tonumber(v[2]) != 0 ? tonumber(v[2]) < 0 : v[3] != null)) : (tonumber(v[0]) != 1 ? tonumber(v[0]) < 1 : tonumber(v[1]) <= 33)][0], true)
  }]]
}

# A precondition that fails stops the run.
resource "terraform_data" "controls" {
  lifecycle {
    precondition {
      condition     = !anytrue([for list in local.policy_undeclared : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Pods must be described by a workload block (policy.undeclared): ", join(", ", [for x in concat([], local.policy_undeclared...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_privileged : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["privileged must not be true (privileges.privileged): ", join(", ", [for x in concat([], local.privileges_privileged...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_escalation : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["allowPrivilegeEscalation must be false (privileges.escalation): ", join(", ", [for x in concat([], local.privileges_escalation...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_run_as_non_root : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["runAsNonRoot must be true (privileges.run_as_non_root): ", join(", ", [for x in concat([], local.privileges_run_as_non_root...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_root_in_user_namespace : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["runAsNonRoot must be true, even in a user namespace (privileges.root_in_user_namespace): ", join(", ", [for x in concat([], local.privileges_root_in_user_namespace...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_users : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["runAsUser must not be a value that is not allowed (privileges.users): ", join(", ", [for x in concat([], local.privileges_users...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_groups : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["runAsGroup must not be a value that is not allowed (privileges.groups): ", join(", ", [for x in concat([], local.privileges_groups...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_fs_group : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["fsGroup must not be a value that is not allowed (privileges.fs_group): ", join(", ", [for x in concat([], local.privileges_fs_group...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_supplemental_groups : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["supplementalGroups must not contain a value that is not allowed (privileges.supplemental_groups): ", join(", ", [for x in concat([], local.privileges_supplemental_groups...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_selinux_types : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["seLinuxOptions.type must not be a value that is not allowed (privileges.selinux_types): ", join(", ", [for x in concat([], local.privileges_selinux_types...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_selinux_users : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["seLinuxOptions.user must not be a value that is not allowed (privileges.selinux_users): ", join(", ", [for x in concat([], local.privileges_selinux_users...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_selinux_roles : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["seLinuxOptions.role must not be a value that is not allowed (privileges.selinux_roles): ", join(", ", [for x in concat([], local.privileges_selinux_roles...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_apparmor : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["AppArmor profiles must come from the listed sources (privileges.apparmor): ", join(", ", [for x in concat([], local.privileges_apparmor...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_seccomp : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["seccompProfile.type must not be a value that is not allowed (privileges.seccomp): ", join(", ", [for x in concat([], local.privileges_seccomp...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_sysctls : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["sysctls must not set a value that is not allowed (privileges.sysctls): ", join(", ", [for x in concat([], local.privileges_sysctls...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_sysctl_values : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Sysctls must be set to numbers (privileges.sysctl_values): ", join(", ", [for x in concat([], local.privileges_sysctl_values...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_proc_mount : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["/proc must be mounted with its default masks (privileges.proc_mount): ", join(", ", [for x in concat([], local.privileges_proc_mount...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_host_process : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["windowsOptions.hostProcess must not be true (privileges.host_process): ", join(", ", [for x in concat([], local.privileges_host_process...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_shared_processes : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["shareProcessNamespace must not be true (privileges.shared_processes): ", join(", ", [for x in concat([], local.privileges_shared_processes...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_tokens : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Pods may request service account tokens only for the listed audiences (privileges.tokens): ", join(", ", [for x in concat([], local.privileges_tokens...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_annotations : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Pods must not have the listed annotations (privileges.annotations): ", join(", ", [for x in concat([], local.privileges_annotations...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_environment : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Containers must not set the listed environment variables (privileges.environment): ", join(", ", [for x in concat([], local.privileges_environment...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.capabilities_drop : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Containers must drop the listed capabilities (capabilities.drop): ", join(", ", [for x in concat([], local.capabilities_drop...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.capabilities_add : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["capabilities.add must not contain a value that is not allowed (capabilities.add): ", join(", ", [for x in concat([], local.capabilities_add...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.host_network : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["hostNetwork must not be true (host.network): ", join(", ", [for x in concat([], local.host_network...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.host_pid : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["hostPID must not be true (host.pid): ", join(", ", [for x in concat([], local.host_pid...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.host_ipc : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["hostIPC must not be true (host.ipc): ", join(", ", [for x in concat([], local.host_ipc...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.host_users : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["hostUsers must be false (host.users): ", join(", ", [for x in concat([], local.host_users...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.host_ports : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Containers may use only the listed ports of the node (host.ports): ", join(", ", [for x in concat([], local.host_ports...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.host_paths : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Pods may mount only the listed paths of the node; below a read-only folder, volume_mount leaves mounts writable: use kubernetes_manifest with recursiveReadOnly: Enabled (host.paths): ", join(", ", [for x in concat([], local.host_paths...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.host_probes : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["probes must not name a host that is not allowed (host.probes): ", join(", ", [for x in concat([], local.host_probes...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.resources_memory : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["the memory limit must be set, and at most what the policy allows (resources.memory): ", join(", ", [for x in concat([], local.resources_memory...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.resources_cpu : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["the cpu limit must be set, and at most what the policy allows (resources.cpu): ", join(", ", [for x in concat([], local.resources_cpu...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.resources_ephemeral_storage : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["the ephemeral-storage limit must be set, and at most what the policy allows (resources.ephemeral_storage): ", join(", ", [for x in concat([], local.resources_ephemeral_storage...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.resources_hugepages : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Containers may request huge pages only up to the maximum (resources.hugepages): ", join(", ", [for x in concat([], local.resources_hugepages...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.resources_probes : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Long-running containers must have the listed probes (resources.probes): ", join(", ", [for x in concat([], local.resources_probes...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.filesystem_read_only_root : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["readOnlyRootFilesystem must be true (filesystem.read_only_root): ", join(", ", [for x in concat([], local.filesystem_read_only_root...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.filesystem_write : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Processes may write only to the listed paths (filesystem.write): ", join(", ", [for x in concat([], local.filesystem_write...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.filesystem_volumes : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Pods may mount only volumes of the listed types (filesystem.volumes): ", join(", ", [for x in concat([], local.filesystem_volumes...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.filesystem_sub_paths : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["subPath must not be set (filesystem.sub_paths): ", join(", ", [for x in concat([], local.filesystem_sub_paths...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.filesystem_kernel_mounts : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Volumes must not be mounted on /proc or /sys, or below them (filesystem.kernel_mounts): ", join(", ", [for x in concat([], local.filesystem_kernel_mounts...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.image_registries : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["image is from a registry that is not allowed (image.registries): ", join(", ", [for x in concat([], local.image_registries...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.image_deny : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["image is denied, or is no valid reference (image.deny): ", join(", ", [for x in concat([], local.image_deny...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.image_deny_tags : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["image must not have this tag (without a tag it is latest) (image.deny_tags): ", join(", ", [for x in concat([], local.image_deny_tags...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.image_digest : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["image must have a digest (image.digest): ", join(", ", [for x in concat([], local.image_digest...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.sandbox_runtime : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["runtimeClassName is no runtime class of the sandbox (sandbox.runtime): ", join(", ", [for x in concat([], local.sandbox_runtime...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.updates_kubernetes : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Nodes must run at least the stated Kubernetes version (updates.kubernetes): ", join(", ", [for x in concat([], local.updates_kubernetes...) : x.where if x.bad])])
    }
  }
}
