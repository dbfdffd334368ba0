# Compiled by Bulkhead from the policy updates 1.0.0; change the policy, not this file.

locals {
  # updates.kubernetes: Nodes must run at least the stated Kubernetes version. Versions without support get no security fixes.
  # updates.kubernetes = "1.33", policy.hcl:22
  updates_kubernetes = [[for where, version in var.kubernetes_versions : {
    where = where
    bad   = version == null ? false : try([for v in [regex("^v?([0-9]+)[.]([0-9]+)(?:[.]([0-9]+))?(-(?:alpha|beta|rc))?", version)] : (tonumber(v[0]) == 1 ? tonumber(v[1]) == 33 : false) ? (v[2] == null ? 0 > 0 : (tonumber(v[2]) != 0 ? tonumber(v[2]) < 0 : v[3] != null)) : (tonumber(v[0]) != 1 ? tonumber(v[0]) < 1 : tonumber(v[1]) <= 33)][0], true)
  }]]
}

# A precondition that fails stops the run.
resource "terraform_data" "controls" {
  lifecycle {
    precondition {
      condition     = !anytrue([for list in local.updates_kubernetes : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["Nodes must run at least the stated Kubernetes version (updates.kubernetes): ", join(", ", [for x in concat([], local.updates_kubernetes...) : x.where if x.bad])])
    }
  }
}
