# Compiled by Bulkhead from the policy payments 2.1.0; change the policy, not this file.

locals {
  # A pod of another namespace is not this policy's business.
  namespaces = ["payments"]

  # The platform's Kubernetes: the newest.
  seccomp_field   = true
  apparmor_field  = true
  user_namespaces = true
  windows_exempt  = true
  recursive_reads = true
  pod_limits      = true

  # Workloads by their labels: the values of the listed labels, joined by a slash.
  workloads = [
    {
      labels  = ["app"]
      windows = false
      names = {
        # policy.hcl:50
        "api" = "api"
      }
    },
    {
      labels  = ["app", "region"]
      windows = false
      names = {
        # policy.hcl:80
        "shard/eu" = "shard-eu"
        # policy.hcl:82
        "shard/us" = "shard-us"
      }
    },
    {
      labels  = ["app"]
      windows = true
      names = {
        # policy.hcl:83
        "win" = "win"
      }
    },
  ]
}
