# Compiled by Bulkhead from the policy privileges 1.0.0; change the policy, not this file.

locals {
  # privileges.privileged: Containers must not be privileged. A privileged container has every capability and every device, and its seccomp and AppArmor profiles are not loaded. It has full control of the node.
  privileges_privileged_enforced = {
    # privileges.privileged = false, policy.hcl:20
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
    # privileges.escalation = false, policy.hcl:21
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
    # privileges.run_as_non_root = true, policy.hcl:22
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
    # privileges.root_in_user_namespace = false, policy.hcl:23
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
    # privileges.users = ["1000-1999"], policy.hcl:24
    "default" = [[1000, 1999]]
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
    # privileges.groups = ["1000-1999"], policy.hcl:25
    "default" = [[1000, 1999]]
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
    # privileges.fs_group = ["2000"], policy.hcl:26
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
    # privileges.supplemental_groups = ["2000"], policy.hcl:27
    "default" = [[2000, 2000]]
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
  # privileges.supplemental_groups_policy: Supplemental groups must come from the pod and not from the image. Merge adds the groups that the image's /etc/group gives the user. They are not in the manifest, and they give access to files of volumes.
  privileges_supplemental_groups_policy_enforced = {
    # privileges.supplemental_groups_policy = "strict", policy.hcl:42
    "default" = true
  }
  privileges_supplemental_groups_policy = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for enforced in [lookup(local.privileges_supplemental_groups_policy_enforced, c.any, local.privileges_supplemental_groups_policy_enforced.default)] :
      enforced == null ? true : !(!anytrue([for a in ["Strict"] : c.groups_policy == a]))
    ][0]])
  }]]
}

locals {
  # privileges.selinux_types: Containers may use only the listed SELinux types. Some types, such as spc_t, are not confined at all.
  privileges_selinux_types_values = {
    # privileges.selinux_types = ["container_t"], policy.hcl:28
    "default" = { names = ["container_t"], prefixes = [] }
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
    # privileges.selinux_users = [], policy.hcl:29
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
    # privileges.selinux_roles = [], policy.hcl:30
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
    # privileges.apparmor = ["localhost"], policy.hcl:31
    "default" = ["Localhost"]
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
    # privileges.seccomp = ["localhost"], policy.hcl:32
    "default" = ["Localhost"]
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
    # privileges.sysctls = ["net.ipv4.ip_unprivileged_port_start"], policy.hcl:33
    "default" = { names = ["net.ipv4.ip_unprivileged_port_start"], prefixes = [] }
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
    # privileges.sysctl_values = "numbers", policy.hcl:34
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
    # privileges.proc_mount = "default", policy.hcl:35
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
    # privileges.host_process = false, policy.hcl:36
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
    # privileges.shared_processes = false, policy.hcl:37
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
    # privileges.tokens = ["vault"], policy.hcl:38
    "default" = { api = false, known = { names = ["vault"], prefixes = [] } }
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
    # privileges.annotations = ["*.crio.io*", "io.katacontainers.*"], policy.hcl:39
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
    # privileges.environment = ["LD_*", "NVIDIA_VISIBLE_DEVICES"], policy.hcl:40
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

# A precondition that fails stops the run.
resource "terraform_data" "controls" {
  lifecycle {
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
      condition     = !anytrue([for list in local.privileges_supplemental_groups_policy : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["supplementalGroupsPolicy must be Strict (privileges.supplemental_groups_policy): ", join(", ", [for x in concat([], local.privileges_supplemental_groups_policy...) : x.where if x.bad])])
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
  }
}
