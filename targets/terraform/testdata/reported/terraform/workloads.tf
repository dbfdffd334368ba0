# Compiled by Bulkhead from the policy payments 2.1.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-01-31: compile again by then.

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
        # policy.hcl:52
        "web" = "web"
      }
    },
  ]
}
