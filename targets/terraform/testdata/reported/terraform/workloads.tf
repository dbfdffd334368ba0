# Made by Bulkhead from the policy "payments", version "2.1.0". Changes here are lost.

locals {
  # A pod of another namespace is not this policy's business.
  namespaces = ["payments"]

  # Workloads by their labels: the values of the listed labels, joined by a slash.
  workloads = [
    {
      labels  = ["app"]
      windows = false
      names = {
        "api" = "api" # policy.hcl:50
        "web" = "web" # policy.hcl:52
      }
    },
  ]
}
