# Compiled by Bulkhead from the policy policy 1.0.0; change the policy, not this file.

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
    # privileges.privileged = false, policy.hcl:23
    "default" = true
    # privileges.privileged = true, policy.hcl:29
    "api/migrate" = null
  }
  privileges_privileged = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, [
      for enforced in [lookup(local.privileges_privileged_enforced, c.exact, lookup(local.privileges_privileged_enforced, c.any, local.privileges_privileged_enforced.default))] :
      enforced == null ? true : !((c.privileged == null ? false : c.privileged != "false"))
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
  }
}
