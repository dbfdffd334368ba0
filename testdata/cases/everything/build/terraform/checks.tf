# Compiled by Bulkhead from the policy everything 1.0.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-06-30: compile again by then.

# A check that fails is a warning: the run goes on.

locals {
  # capabilities.add: Capabilities that a container may add. SYS_ADMIN, SYS_MODULE, SYS_PTRACE, DAC_READ_SEARCH and others are ways out of a container by themselves.
  capabilities_add_exception_1_values = {
    # capabilities.add = ["NET_BIND_SERVICE"], policy.hcl:51
    "default" = ["NET_BIND_SERVICE"]
  }
  capabilities_add_exception_1 = [for list in [for list in local.images : [for c in list : c if !c.volume]] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, !(c.volume ? false : (c.any == "api/*" ? (c.image == null ? false : length(regexall("^registry\\.example\\.com/every/agent$", c.image.name)) > 0) : false)), [
      for allowed in [lookup(local.capabilities_add_exception_1_values, c.exact, lookup(local.capabilities_add_exception_1_values, c.any, local.capabilities_add_exception_1_values.default))] :
      allowed == null ? true : !(anytrue([for x in c.add : !anytrue([for a in allowed : a == x])]))
    ][0]])
  }]]
}

# exception "the agent of the api" until 2027-06-30: it reads other processes (platform team, SEC-3)
check "capabilities_add_exception_1" {
  assert {
    condition     = !anytrue([for list in local.capabilities_add_exception_1 : anytrue([for x in list : x.bad == true])])
    error_message = join("", ["Capabilities that a container may add (capabilities.add): ", join(", ", [for x in concat([], local.capabilities_add_exception_1...) : x.where if x.bad])])
  }
}

locals {
  # filesystem.read_only_root: A root filesystem that is mounted read-only. An intruder cannot replace programs or leave tools behind.
  filesystem_read_only_root_exception_1_values = {
    # filesystem.read_only_root = true, policy.hcl:124
    "default" = true
  }
  filesystem_read_only_root_exception_1 = [for list in [for list in local.images : [for c in list : c if !c.volume]] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, !(c.volume ? false : (c.image == null ? false : length(regexall("^registry\\.example\\.com/every/agent$|^registry\\.example\\.com/every/agents/.*$", c.image.name)) > 0)), [
      for allowed in [lookup(local.filesystem_read_only_root_exception_1_values, c.exact, lookup(local.filesystem_read_only_root_exception_1_values, c.any, local.filesystem_read_only_root_exception_1_values.default))] :
      allowed == null ? true : !(allowed ? c.read_only_root != "true" : false)
    ][0]])
  }]]
}

# exception "the vendor's agent writes to its root" until 2027-06-30: its updates are unpacked in place (platform team, SEC-2)
check "filesystem_read_only_root_exception_1" {
  assert {
    condition     = !anytrue([for list in local.filesystem_read_only_root_exception_1 : anytrue([for x in list : x.bad == true])])
    error_message = join("", ["A root filesystem that is mounted read-only (filesystem.read_only_root): ", join(", ", [for x in concat([], local.filesystem_read_only_root_exception_1...) : x.where if x.bad])])
  }
}

locals {
  # image.digest: Images named by digest. A tag can be moved to another image after it was reviewed.
  image_digest_exception_1_values = {
    # image.digest = "required", policy.hcl:146
    "default" = true
  }
  image_digest_exception_1 = [for list in local.images : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, !(c.volume ? false : (c.image == null ? false : length(regexall("^registry\\.example\\.com/every/agent$|^registry\\.example\\.com/every/agents/.*$", c.image.name)) > 0)), [
      for allowed in [lookup(local.image_digest_exception_1_values, c.exact, lookup(local.image_digest_exception_1_values, c.any, local.image_digest_exception_1_values.default))] :
      allowed == null ? true : !(allowed ? (c.image == null ? true : c.image.digest == null) : false)
    ][0]])
  }]]
}

# exception "the vendor's agent writes to its root" until 2027-06-30: its updates are unpacked in place (platform team, SEC-2)
check "image_digest_exception_1" {
  assert {
    condition     = !anytrue([for list in local.image_digest_exception_1 : anytrue([for x in list : x.bad == true])])
    error_message = join("", ["Images named by digest (image.digest): ", join(", ", [for x in concat([], local.image_digest_exception_1...) : x.where if x.bad])])
  }
}
