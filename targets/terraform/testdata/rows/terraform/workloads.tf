# Compiled by Bulkhead from the policy payments 2.1.0; change the policy, not this file.

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
      }
    },
    {
      labels  = ["app", "region"]
      windows = false
      names = {
        "shard/eu" = "shard-eu" # policy.hcl:80
        "shard/us" = "shard-us" # policy.hcl:82
      }
    },
    {
      labels  = ["app"]
      windows = true
      names = {
        "win" = "win" # policy.hcl:83
      }
    },
  ]
}
