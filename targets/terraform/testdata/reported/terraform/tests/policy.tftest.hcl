# Compiled by Bulkhead from the policy payments 2.1.0; change the policy, not this file. It rests on exceptions of which the first ends on 2027-01-31: compile again by then.

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
          namespace = "payments"
        }
        spec = {
          automountServiceAccountToken = false
          containers = [{
            image = "registry.example.org/base@sha256:0000000000000000000000000000000000000000000000000000000000000000"
            livenessProbe = {
              tcpSocket = {
                port = 80
              }
            }
            name = "example"
            readinessProbe = {
              tcpSocket = {
                port = 80
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

run "pods_that_violate_the_policy" {
  command = plan

  variables {
    resources = [{
      manifest = {
        apiVersion = "v1"
        kind       = "Pod"
        metadata = {
          annotations = {
            "example.crio.ioexample" = "example"
          }
          labels = {
            app = "api"
          }
          name      = "example"
          namespace = "payments"
        }
        spec = {
          containers = [{
            env = [{
              name  = "LD_EXAMPLE"
              value = "example"
            }]
            image = "registry.invalid/example@sha256:0000000000000000000000000000000000000000000000000000000000000000"
            livenessProbe = {
              tcpSocket = {
                host = "169.254.169.254"
                port = 80
              }
            }
            name = "example"
            ports = [{
              containerPort = 80
              hostPort      = 80
              protocol      = "TCP"
            }]
            resources = {
              limits = {
                hugepages-1Gi = "1Ei"
              }
            }
            securityContext = {
              allowPrivilegeEscalation = true
              appArmorProfile = {
                type = "Unconfined"
              }
              capabilities = {
                add  = ["SYS_ADMIN"]
                drop = []
              }
              privileged             = true
              procMount              = "Unmasked"
              readOnlyRootFilesystem = false
              runAsGroup             = 0
              runAsUser              = 1
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
              mountPath = "/example"
              name      = "example"
            }]
          }]
          hostIPC     = true
          hostNetwork = true
          hostPID     = true
          hostUsers   = true
          securityContext = {
            fsGroup            = 0
            supplementalGroups = [0]
            sysctls = [{
              name  = "kernel.core_pattern"
              value = "1"
              }, {
              name  = "kernel.shm_rmid_forced"
              value = "1 + 1"
            }]
          }
          shareProcessNamespace = true
          volumes = [{
            name = "token"
            projected = {
              sources = [{
                serviceAccountToken = {
                  audience = "example"
                  path     = "token"
                }
              }]
            }
            }, {
            hostPath = {
              path = "/"
            }
            name = "example"
          }]
        }
      }
      }, {
      manifest = {
        apiVersion = "v1"
        kind       = "Pod"
        metadata = {
          labels = {
            app = "api"
          }
          name      = "example"
          namespace = "payments"
        }
        spec = {
          containers = [{
            image = "registry.example.com/payments/old@sha256:0000000000000000000000000000000000000000000000000000000000000000"
            name  = "example"
            resources = {
              limits = {
                cpu               = "1501m"
                ephemeral-storage = "1073741825"
                memory            = "536870913"
              }
            }
            securityContext = {}
            volumeMounts = [{
              mountPath = "/example/"
              name      = "example"
            }]
          }]
          hostUsers = false
          volumes = [{
            name = "example"
            nfs  = {}
          }]
        }
      }
      }, {
      manifest = {
        apiVersion = "v1"
        kind       = "Pod"
        metadata = {
          labels = {
            app = "api"
          }
          name      = "example"
          namespace = "payments"
        }
        spec = {
          containers = [{
            image = "registry.example.org/base:dev-example"
            name  = "example"
            volumeMounts = [{
              mountPath = "/example"
              name      = "example"
              readOnly  = true
              subPath   = "example"
            }]
          }]
        }
      }
      }, {
      manifest = {
        apiVersion = "v1"
        kind       = "Pod"
        metadata = {
          labels = {
            app = "api"
          }
          name      = "example"
          namespace = "payments"
        }
        spec = {
          containers = [{
            image = "registry.example.org/base:1.0"
            name  = "example"
            volumeMounts = [{
              mountPath = "/proc"
              name      = "example"
              readOnly  = true
            }]
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
