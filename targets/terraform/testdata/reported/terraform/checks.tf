# Compiled by Bulkhead from the policy payments 2.1.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-01-31: compile again by then.

# A check that fails is a warning: the run goes on.

locals {
  # filesystem.read_only_root: Root filesystems must be mounted read-only. An attacker cannot replace programs or leave tools behind.
  filesystem_read_only_root_reported_enforced = {
    # nothing restricts it
    "default" = null
    # filesystem.read_only_root = true, policy.hcl:38; reported only: exception "old image" until 2027-01-31: writes to /etc (team, SEC-1)
    "api/*" = true
  }
  filesystem_read_only_root_reported = [for list in local.containers : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for enforced in [lookup(local.filesystem_read_only_root_reported_enforced, c.exact, lookup(local.filesystem_read_only_root_reported_enforced, c.any, local.filesystem_read_only_root_reported_enforced.default))] :
      enforced == null ? true : !(c.read_only_root != "true")
    ][0]])
  }]]
}

check "filesystem_read_only_root" {
  assert {
    condition     = !anytrue([for list in local.filesystem_read_only_root_reported : anytrue([for x in list : x.bad == true])])
    error_message = join("", ["readOnlyRootFilesystem must be true (filesystem.read_only_root): ", join(", ", [for x in concat([], local.filesystem_read_only_root_reported...) : x.where if x.bad])])
  }
}
