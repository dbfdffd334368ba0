# Compiled by Bulkhead from the policy policy 1.0.0; change the policy, not this file.

run "a_pod_that_the_policy_allows" {
  command = plan

  variables {
    resources = [{
      manifest = {
        apiVersion = "v1"
        kind       = "Pod"
        metadata = {
          labels = {
            app = "api"
          }
          name      = "example"
          namespace = "shop"
        }
        spec = {
          containers = [{
            image = "registry.example.com/example:1.0"
            name  = "example"
          }]
        }
      }
    }]
  }
}

run "pods_that_violate_the_policy" {
  command = plan

  variables {
    resources = [{
      manifest = {
        apiVersion = "v1"
        kind       = "Pod"
        metadata = {
          labels = {
            app = "api"
          }
          name      = "example"
          namespace = "shop"
        }
        spec = {
          containers = [{
            image = "registry.example.com/example:1.0"
            name  = "example"
            securityContext = {
              privileged = true
            }
          }]
        }
      }
    }]
  }

  expect_failures = [terraform_data.controls]
}

run "nothing_to_hold_to_the_policy" {
  command = plan

  variables {
    resources = [{
      metadata = [{
        name = "example"
      }]
    }]
  }

  expect_failures = [terraform_data.input]
}
