locals {
  # privileges.privileged
  privileges_privileged = [for list in local.containers : [for c in list : {
    where = c.where
    bad   = c.held ? (c.privileged == null ? false : c.privileged != "false") : false
  }]]

  # privileges.run_as_non_root
  privileges_run_as_non_root = [for list in local.containers : [for c in list : {
    where = c.where
    bad   = c.held ? (c.non_root == null ? c.pod.non_root : c.non_root) != "true" : false
  }]]

  # capabilities.add
  capabilities_add_values = { "*" = [], "api" = ["NET_BIND_SERVICE"], "db/setup" = ["CHOWN"] }
  capabilities_add = [for list in local.containers : [for c in list : {
    where = c.where
    bad   = c.held ? anytrue([for a in c.add : !anytrue([for v in lookup(local.capabilities_add_values, c.exact, lookup(local.capabilities_add_values, c.workload, local.capabilities_add_values["*"])) : a == v])]) : false
  }]]

  # host.network
  host_network = [[for p in local.held : {
    where = p.object
    bad   = p.held ? (p.host_network == null ? false : p.host_network != "false") : false
  }]]

  # host.paths
  host_paths = [[for p in local.held : {
    where = p.object
    bad   = p.held ? anytrue([for path in p.host_paths : !anytrue([for allowed in ["/var/log"] : path == allowed])]) : false
  }]]

  # resources.memory
  resources_memory = [for list in local.containers : [for c in list : {
    where = c.where
    bad   = c.held ? (c.memory == null ? true : try(tonumber(regex("^([0-9.]+)([A-Za-z]*)$", c.memory)[0]) * local.memory_units[regex("^([0-9.]+)([A-Za-z]*)$", c.memory)[1]] > 536870912, true)) : false
  }]]

  # updates.kubernetes
  updates_kubernetes = [[for where, version in var.kubernetes_versions : {
    where = where
    bad   = version == null ? false : try(tonumber(regex("^v?1[.]([0-9]+)", version)[0]) < 33, true)
  }]]
}

# Every precondition stops the run.
resource "terraform_data" "controls" {
  lifecycle {
    precondition {
      condition     = !anytrue([for list in local.privileges_privileged : anytrue([for x in list : x.bad == true])])
      error_message = "privileges.privileged: ${join(", ", [for x in concat([], local.privileges_privileged...) : x.where if x.bad])}"
    }
    precondition {
      condition     = !anytrue([for list in local.privileges_run_as_non_root : anytrue([for x in list : x.bad == true])])
      error_message = "privileges.run_as_non_root: ${join(", ", [for x in concat([], local.privileges_run_as_non_root...) : x.where if x.bad])}"
    }
    precondition {
      condition     = !anytrue([for list in local.capabilities_add : anytrue([for x in list : x.bad == true])])
      error_message = "capabilities.add: ${join(", ", [for x in concat([], local.capabilities_add...) : x.where if x.bad])}"
    }
    precondition {
      condition     = !anytrue([for list in local.host_network : anytrue([for x in list : x.bad == true])])
      error_message = "host.network: ${join(", ", [for x in concat([], local.host_network...) : x.where if x.bad])}"
    }
    precondition {
      condition     = !anytrue([for list in local.host_paths : anytrue([for x in list : x.bad == true])])
      error_message = "host.paths: ${join(", ", [for x in concat([], local.host_paths...) : x.where if x.bad])}"
    }
    precondition {
      condition     = !anytrue([for list in local.updates_kubernetes : anytrue([for x in list : x.bad == true])])
      error_message = "updates.kubernetes: ${join(", ", [for x in concat([], local.updates_kubernetes...) : x.where if x.bad])}"
    }
  }
}
