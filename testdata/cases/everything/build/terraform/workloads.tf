# Compiled by Bulkhead from the policy everything 1.0.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-06-30: compile again by then.

locals {
  # A pod of another namespace is not this policy's business.
  namespaces = ["every"]

  # The platform's Kubernetes: 1.34.
  seccomp_field   = true
  apparmor_field  = true
  user_namespaces = true
  windows_exempt  = true

  # Workloads by their labels: the values of the listed labels, joined by a slash.
  workloads = [
    {
      labels  = ["app"]
      windows = false
      names = {
        # policy.hcl:167
        "api" = "api"
        # policy.hcl:175
        "inside" = "inside"
        # policy.hcl:180
        "store" = "store"
      }
    },
  ]
}
