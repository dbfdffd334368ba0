variable "resources" {
  description = "The resources to hold to the policy: a list of kubernetes_* resources."
  type        = any

  validation {
    condition     = length(var.resources) > 0
    error_message = "resources is empty: nothing would be held to the policy."
  }
}

variable "kubernetes_versions" {
  description = "Kubernetes versions that clusters state, by the cluster's address."
  type        = any
  default     = {}
}
