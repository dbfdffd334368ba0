# Frozen: see README.md of testdata/frozen.

policy "random-10" {
  version    = "1.0.0"
  namespaces = ["frozen"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.24"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
}

privileges {
  escalation             = false
  run_as_non_root        = true
  root_in_user_namespace = false
  users                  = ["1000-1999"]
  supplemental_groups    = ["7", "1000-3000"]
  selinux_roles          = ["system_r", "object_*"]
  seccomp                = ["localhost", "runtime-default"]
  proc_mount             = "user-namespace"
  host_process           = false
  shared_processes       = false
  tokens                 = []
  annotations            = ["cdi.k8s.io"]
  environment            = ["NVIDIA_VISIBLE_DEVICES", "LD_*"]
}

capabilities {
  add = ["CHOWN", "NET_BIND_SERVICE", "KILL", "SYS_PTRACE"]
}

host {
  pid    = false
  ports  = []
  paths  = { "/var" = "write" }
  probes = ["localhost", "127.*"]
}

resources {
  cpu               = "500m"
  ephemeral_storage = "1Gi"
  hugepages         = { "2Mi" = "64Mi" }
}

filesystem {
  read_only_root = true
  kernel_mounts  = false
}

image {
  registries = ["registry.example.com/*", "docker.io/library/*"]
  deny       = ["registry.example.com/team/legacy-*"]
  deny_tags  = ["latest", "dev-*"]
  digest     = "required"
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    users            = ["0-2147483647"]
    shared_processes = true
    tokens           = ["@kubernetes-api", "vault", "https://sts.*"]
  }

  host {
    ports = ["tcp/8080"]
  }

  filesystem {
    read_only_root = false
  }

}

updates {
  runtime "runc" { min = ["1.2.8", "1.3.3", "1.4.0-rc.3"] }
  kernel { min = "6.1" }
  kubernetes { min = "1.33" }
}

workload "api" {
  match { labels = { app = "api" } }
  privileges {
    users      = ["1-2147483647"]
    escalation = false
    proc_mount = "user-namespace"
  }

  host {
    pid = false
  }

  container "sidecar" {
    privileges {
      proc_mount = "user-namespace"
    }

  }
}

exception "number 1" {
  workload = workload.api
  warn     = ["resources.ephemeral_storage"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

