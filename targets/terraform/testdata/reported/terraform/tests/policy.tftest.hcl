# Compiled by Bulkhead from the policy payments 2.1.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-01-31: compile again by then.

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
          namespace = "payments"
        }
        spec = {
          automountServiceAccountToken = false
          containers = [{
            image = "registry.example.org/base@sha256:0000000000000000000000000000000000000000000000000000000000000000"
            livenessProbe = {
              tcpSocket = {
                port = 8080
              }
            }
            name = "example"
            readinessProbe = {
              tcpSocket = {
                port = 8080
              }
            }
            resources = {
              limits = {
                cpu               = "1500m"
                ephemeral-storage = "1Gi"
                memory            = "512Mi"
              }
            }
            securityContext = {
              allowPrivilegeEscalation = false
              appArmorProfile = {
                type = "RuntimeDefault"
              }
              capabilities = {
                drop = ["ALL"]
              }
              readOnlyRootFilesystem = true
              runAsNonRoot           = true
              seccompProfile = {
                type = "RuntimeDefault"
              }
            }
          }]
          hostUsers        = false
          runtimeClassName = "gvisor"
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
          annotations = {
            "example.crio.ioexample"    = "example"
            "io.katacontainers.example" = "example"
          }
          labels = {
            app = "api"
          }
          name      = "example"
          namespace = "payments"
        }
        spec = {
          automountServiceAccountToken = false
          containers = [{
            env = [{
              name = "LD_example"
              }, {
              name = "NVIDIA_VISIBLE_DEVICES"
            }]
            image = "registry.invalid/example:dev-example"
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
          initContainers = [{
            image = "docker.io/acme/example"
            name  = "example"
            }, {
            image = "registry.example.com/payments/old"
            name  = "example"
          }]
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

  expect_failures = [check.filesystem_read_only_root, terraform_data.controls]
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
