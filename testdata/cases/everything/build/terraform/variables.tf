variable "resources" {
  description = "The resources to hold to the policy, as they are: a list of kubernetes_pod_v1, kubernetes_deployment_v1, kubernetes_manifest and so on."
  type        = any
}

variable "kubernetes_versions" {
  description = "Versions of Kubernetes that clusters and node pools state, by any name for them."
  type        = any
  default     = {}
}
