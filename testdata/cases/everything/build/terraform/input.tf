# Without anything to hold to the policy, nothing is proven.
resource "terraform_data" "input" {
  lifecycle {
    precondition {
      condition     = length(var.resources) + length(var.kubernetes_versions) > 0
      error_message = "resources is empty: nothing would be held to the policy."
    }
  }
}
