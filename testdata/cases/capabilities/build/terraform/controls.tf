# Compiled by Bulkhead from the policy capabilities 1.0.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-06-30: compile again by then.

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
  # capabilities.drop: Containers must drop the listed capabilities. A container that drops nothing keeps the runtime's default set, which includes NET_RAW and MKNOD.
  capabilities_drop_values = {
    # capabilities.drop = ["ALL"], policy.hcl:22
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
    # capabilities.add = ["NET_BIND_SERVICE"], policy.hcl:23
    "default" = ["NET_BIND_SERVICE"]
    # capabilities.add = ["NET_BIND_SERVICE", "NET_RAW"], policy.hcl:35
    "*/*" = ["NET_BIND_SERVICE", "NET_RAW"]
    # capabilities.add = ["NET_RAW"], policy.hcl:30
    "api/ping" = ["NET_RAW"]
  }
  capabilities_add = [for list in [for list in local.images : [for c in list : c if !c.volume]] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.volume ? false : (c.any == "api/*" ? (c.image == null ? false : length(regexall("^registry\\.example\\.com/agent$", c.image.name)) > 0) : false), [
      for allowed in [lookup(local.capabilities_add_values, c.exact, lookup(local.capabilities_add_values, c.any, local.capabilities_add_values.default))] :
      allowed == null ? true : !(anytrue([for x in c.add : !anytrue([for a in allowed : x == a])]))
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
      condition     = !anytrue([for list in local.capabilities_drop : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Containers must drop the listed capabilities (capabilities.drop): ", join(", ", [for x in concat([], local.capabilities_drop...) : x.where if x.bad])])
    }
    precondition {
      condition     = !anytrue([for list in local.capabilities_add : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["capabilities.add must not contain a value that is not allowed (capabilities.add): ", join(", ", [for x in concat([], local.capabilities_add...) : x.where if x.bad])])
    }
  }
}
