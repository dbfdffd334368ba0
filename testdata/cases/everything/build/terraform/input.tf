# Without anything to hold to the policy, nothing is proven. A list in which no pod was found is no better than an empty
# one; versions alone are something where no resources are given.
resource "terraform_data" "input" {
  lifecycle {
    precondition {
      condition     = anytrue([length(var.resources) == 0 ? length(var.kubernetes_versions) > 0 : false, length(local.typed_pods) > 0, length(local.manifest_pods) > 0])
      error_message = join("", ["No pod was found in resources, so that nothing would be held to the policy: ", length(var.resources) == 0 ? "it is empty" : join(", ", [for r in var.resources : try(tostring(r.metadata[0].name), tostring(r.manifest.metadata.name), "?")])])
    }
  }
}
