# Compiled by Bulkhead from the policy filesystem 1.0.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-06-30: compile again by then.

locals {
  # policy.undeclared: Pods must be described by a workload block. A pod that no workload block describes may use everything up to the ceiling.
  policy_undeclared_enforced = {
    # policy.undeclared = "deny", policy.hcl:6
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
    # privileges.privileged = false, policy.hcl:19
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
  # filesystem.read_only_root: Root filesystems must be mounted read-only. An attacker cannot replace programs or leave tools behind.
  filesystem_read_only_root_enforced = {
    # filesystem.read_only_root = true, policy.hcl:22
    "default" = true
  }
  filesystem_read_only_root = [for list in [for list in local.images : [for c in list : c if !c.volume]] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, c.volume ? false : (c.image == null ? false : length(regexall("^registry\\.example\\.com/agent$|^registry\\.example\\.com/agents/.*$", c.image.name)) > 0), [
      for enforced in [lookup(local.filesystem_read_only_root_enforced, c.exact, lookup(local.filesystem_read_only_root_enforced, c.any, local.filesystem_read_only_root_enforced.default))] :
      enforced == null ? true : !(c.read_only_root != "true")
    ][0]])
  }]]
}

locals {
  # filesystem.write: Processes may write only to the listed paths. An attacker can plant configuration, libraries and programs wherever a process may write.
  filesystem_write_values = {
    # filesystem.write = ["/tmp/**", "/var/cache/app/**"], policy.hcl:23
    "default" = ["^/tmp(/.*)?$", "^/var/cache/app(/.*)?$"]
    # filesystem.write = ["/tmp/**"], policy.hcl:35
    "api/migrate" = ["^/tmp(/.*)?$"]
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
    # filesystem.volumes = ["configMap", "emptyDir", "secret"], policy.hcl:26
    "default" = ["configMap", "emptyDir", "secret"]
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
    # filesystem.sub_paths = false, policy.hcl:27
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
    # filesystem.kernel_mounts = false, policy.hcl:28
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
  }
}
