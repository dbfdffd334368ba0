# Compiled by Bulkhead from the policy image 1.0.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-06-30: compile again by then.

locals {
  # image.registries: Images must come from the listed registries. An image from any registry is code from anyone.
  image_registries_values = {
    # image.registries = ["registry.example.com/every/*"], policy.hcl:20
    "default" = ["^registry\\.example\\.com/every/.*$"]
    # image.registries = ["registry.example.com/every/proxy"], policy.hcl:30
    "api/proxy" = ["^registry\\.example\\.com/every/proxy$"]
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
    # image.deny = ["registry.example.com/every/legacy-*"], policy.hcl:21
    "default" = ["^(registry\\.example\\.com)(:0*(443|80))?/every/legacy-.*$"]
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
    # image.deny_tags = ["latest"], policy.hcl:22
    "default" = ["^(latest)$"]
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
    # image.digest = "required", policy.hcl:23
    "default" = true
  }
  image_digest = [for list in local.images : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.volume ? false : (c.image == null ? false : length(regexall("^registry\\.example\\.com/every/agent$", c.image.name)) > 0), [
      for enforced in [lookup(local.image_digest_enforced, c.exact, lookup(local.image_digest_enforced, c.any, local.image_digest_enforced.default))] :
      enforced == null ? true : !((c.image == null ? true : c.image.digest == null))
    ][0]])
  }]]
}

# A precondition that fails stops the run.
resource "terraform_data" "controls" {
  lifecycle {
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
  }
}
