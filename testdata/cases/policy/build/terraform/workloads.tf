# Compiled by Bulkhead from the policy policy 1.0.0; change the policy, not this file.

locals {
  # A pod of another namespace is not this policy's business.
  namespaces = ["shop"]

  # The platform's Kubernetes: 1.34.
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
        # policy.hcl:25
        "api" = "api"
      }
    },
  ]
}
