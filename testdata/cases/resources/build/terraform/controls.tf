# Compiled by Bulkhead from the policy resources 1.0.0; change the policy, not this file.

locals {
  # resources.memory: Containers must state a memory limit, up to the maximum. A container without a limit can take all of the node's memory.
  resources_memory_values = {
    # resources.memory = "512Mi", policy.hcl:20
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
    # resources.cpu = "1", policy.hcl:21
    "default" = 1
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
    # resources.ephemeral_storage = "1Gi", policy.hcl:22
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
    # resources.hugepages = { "2Mi" = "64Mi" }, policy.hcl:23
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
    # resources.probes = ["liveness", "readiness"], policy.hcl:24
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
  # resources.io: Containers must have one of the listed block I/O classes. Kubernetes has no limit for disk I/O. A container without a throttled class slows down the disks for all others.
  resources_io_values = {
    # resources.io = ["low", "normal"], policy.hcl:25
    "default" = ["low", "normal"]
  }
  resources_io = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for allowed in [lookup(local.resources_io_values, c.exact, lookup(local.resources_io_values, c.any, local.resources_io_values.default))] :
      allowed == null ? true : !(!anytrue([for own in [concat([for list in c.pod.annotations[*] : lookup(list, "blockio.resources.beta.kubernetes.io/container.${c.name}", null)], [null])[0]] : anytrue([for x in [own == null ? concat([for list in c.pod.annotations[*] : lookup(list, "blockio.resources.beta.kubernetes.io/pod", null)], [null])[0] : own] : anytrue([for a in allowed : a == x])])]))
    ][0]])
  }]]
}

# A precondition that fails stops the run.
resource "terraform_data" "controls" {
  lifecycle {
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
      condition     = !anytrue([for list in local.resources_io : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Containers must have one of the listed block I/O classes (resources.io): ", join(", ", [for x in concat([], local.resources_io...) : x.where if x.bad])])
    }
  }
}
