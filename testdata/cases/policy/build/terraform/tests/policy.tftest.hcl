# Compiled by Bulkhead from the policy policy 1.0.0; change the policy, not this file.

run "a_pod_that_the_policy_allows" {
  command = plan

  variables {
    resources = [{
      manifest = {
        apiVersion = "v1"
        kind       = "Pod"
        metadata = {
          annotations = {}
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
            resources = {
              limits = {}
            }
            securityContext = {}
          }]
        }
      }
    }]
  }
}

run "a_pod_that_asks_for_everything" {
  command = plan

  variables {
    resources = [{
      manifest = {
        apiVersion = "v1"
        kind       = "Pod"
        metadata = {
          annotations = {}
          labels = {
            app = "api"
          }
          name      = "example"
          namespace = "shop"
        }
        spec = {
          automountServiceAccountToken = false
          containers = [{
            env   = []
            image = "registry.invalid/example:latest"
            lifecycle = {
              preStop = {
                tcpSocket = {
                  host = "169.254.169.254"
                  port = 1
                }
              }
            }
            name = "example"
            ports = [{
              containerPort = 1
              hostPort      = 1
            }]
            resources = {
              limits = {
                hugepages-1Gi = "1Ei"
              }
            }
            securityContext = {
              appArmorProfile = {
                type = "Unconfined"
              }
              capabilities = {
                add = ["SYS_ADMIN"]
              }
              privileged = true
              procMount  = "Unmasked"
              runAsGroup = 0
              runAsUser  = 0
              seLinuxOptions = {
                role = "unconfined_r"
                type = "spc_t"
                user = "unconfined_u"
              }
              seccompProfile = {
                type = "Unconfined"
              }
              windowsOptions = {
                hostProcess = true
              }
            }
            volumeMounts = [{
              mountPath = "/proc"
              name      = "node"
              subPath   = "example"
            }]
          }]
          hostIPC     = true
          hostNetwork = true
          hostPID     = true
          securityContext = {
            fsGroup            = 0
            supplementalGroups = [0]
            sysctls = [{
              name  = "kernel.core_pattern"
              value = "1 + 1"
            }]
          }
          shareProcessNamespace = true
          volumes = [{
            hostPath = {
              path = "/"
            }
            name = "node"
            }, {
            name = "token"
            projected = {
              sources = [{
                serviceAccountToken = {
                  audience = "example.invalid"
                  path     = "token"
                }
              }]
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
