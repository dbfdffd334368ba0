# Compiled by Bulkhead from the policy sandbox 1.0.0; change the policy, not this file.

locals {
  # sandbox.runtime: Pods must run in a sandbox with a kernel of its own. A hole in the kernel that the container sees is not a hole in the node's.
  sandbox_runtime_values = {
    # sandbox.runtime = "gvisor", policy.hcl:19
    "default" = { names = ["gvisor", "runsc"], prefixes = ["gvisor-"] }
    # sandbox.runtime = "none", policy.hcl:22
    "*/*" = null
    # sandbox.runtime = "none", policy.hcl:27
    "api/*" = null
  }
  sandbox_runtime = [for list in [local.held_pods] : [for c in list : {
    where = c.where
    bad = !anytrue([!c.held, c.windows, [
      for allowed in [lookup(local.sandbox_runtime_values, c.any, local.sandbox_runtime_values.default)] :
      allowed == null ? true : !((c.runtime_class == null ? true : !anytrue([anytrue([for a in allowed.names : c.runtime_class == a]), anytrue([for a in allowed.prefixes : startswith(c.runtime_class, a)])])))
    ][0]])
  }]]
}

# A precondition that fails stops the run.
resource "terraform_data" "controls" {
  lifecycle {
    precondition {
      condition     = !anytrue([for list in local.sandbox_runtime : anytrue([for x in list : x.bad == true])])
      error_message = join("", ["runtimeClassName is no runtime class of the sandbox (sandbox.runtime): ", join(", ", [for x in concat([], local.sandbox_runtime...) : x.where if x.bad])])
    }
  }
}
