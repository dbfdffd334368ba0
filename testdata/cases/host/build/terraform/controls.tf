# Compiled by Bulkhead from the policy host 1.0.0; change the policy, not this file.

locals {
  # host.network: Pods must not use the node's network namespace. The pod reaches services that listen only on the node, and no NetworkPolicy applies to it.
  host_network_enforced = {
    # host.network = false, policy.hcl:20
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
    # host.pid = false, policy.hcl:21
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
    # host.ipc = false, policy.hcl:22
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
    # host.users = false, policy.hcl:23
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
    # host.ports = ["tcp/8443"], policy.hcl:24
    "default" = [["tcp", 8443, 8443]]
    # host.ports = [], policy.hcl:37
    "store/*" = []
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
    # host.paths = { "/var/log/app" = "read" }, policy.hcl:25
    "default" = { "/var/log/app" = "read" }
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
    # host.probes = [], policy.hcl:26
    "default" = { names = [], prefixes = [] }
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
  # host.aliases: Pods may define only the listed addresses in hostAliases. An alias maps a name to any address. It bypasses the cluster's DNS and all rules on names.
  host_aliases_values = {
    # host.aliases = ["10.0.0.*"], policy.hcl:27
    "default" = { names = [], prefixes = ["10.0.0."] }
  }
  host_aliases = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.host_aliases_values, c.any, local.host_aliases_values.default)] :
      allowed == null ? true : !(anytrue([for x in c.host_aliases : (x == null ? true : !anytrue([anytrue([for a in allowed.names : x == a]), anytrue([for a in allowed.prefixes : startswith(x, a)])]))]))
    ][0]])
  }]]
}

locals {
  # host.devices: Pods may request only the listed devices of the node. A device plugin or a driver for dynamic resource allocation hands a device of the node to the container, with what its driver in the kernel gets wrong.
  host_devices_values = {
    # host.devices = ["claim:gpu", "example.com/*"], policy.hcl:28
    "default" = { names = ["claim:gpu"], prefixes = ["example.com/"] }
  }
  host_devices = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for allowed in [lookup(local.host_devices_values, c.any, local.host_devices_values.default)] :
      allowed == null ? true : !(anytrue(concat([for x in c.claims : !anytrue(concat([for a in allowed.names : x == a], [for a in allowed.prefixes : startswith(x, a)]))], [for list in concat([c.limits, c.requests], concat([], [for all in c.containers : concat([], [for k in all : [k.limits, k.requests]]...)]...)) : anytrue([for l in list : length(split("/", l.name)) > 1 ? anytrue([for x in [l.name] : !anytrue(concat([for a in allowed.names : x == a], [for a in allowed.prefixes : startswith(x, a)]))]) : false])])))
    ][0]])
  }]]
}

# A precondition that fails stops the run.
resource "terraform_data" "controls" {
  lifecycle {
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
      condition     = !anytrue([for list in local.host_aliases : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["hostAliases must not send names to a value that is not allowed (host.aliases): ", join(", ", [for x in concat([], local.host_aliases...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.host_devices : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Pods may request only the listed devices of the node (host.devices): ", join(", ", [for x in concat([], local.host_devices...) : x.where if x.bad])])
    }
  }
}
