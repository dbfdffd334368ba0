# Frozen: see README.md of testdata/frozen.

policy "random-13" {
  version    = "1.0.0"
  namespaces = ["frozen", "other"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.24"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
  pods       = { "example.com/Widget" = ["spec.template"], "ray.io/RayCluster" = ["spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"] }
}

privileges {
  escalation          = false
  run_as_non_root     = true
  users               = ["1000"]
  groups              = []
  fs_group            = []
  supplemental_groups = []
  selinux_types       = []
  seccomp             = ["localhost", "runtime-default"]
  sysctls             = ["net.ipv4.*", "kernel.shm_rmid_forced"]
  sysctl_values       = "numbers"
  proc_mount          = "default"
  host_process        = false
  shared_processes    = false
  tokens              = ["vault"]
}

capabilities {
  drop = ["SYS_ADMIN", "NET_RAW", "MKNOD"]
}

host {
  pid    = false
  paths  = { "/var/log" = "read", "/var/cache/node" = "write" }
  probes = []
}

resources {
  memory            = "256Mi"
  cpu               = "1"
  ephemeral_storage = "1e10"
  probes            = ["liveness", "readiness", "startup"]
}

filesystem {
  kernel_mounts = false
}

image {
  registries = ["registry.example.com/team/app"]
  deny       = ["registry.example.com/team/legacy-*"]
  deny_tags  = ["latest"]
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    groups        = ["5-9", "1000-2000"]
    selinux_types = ["container_t"]
    seccomp       = ["localhost", "runtime-default", "unset"]
    tokens        = ["@kubernetes-api", "vault", "https://sts.*"]
  }

  image {
    registries = ["registry.example.com/team/*"]
  }

  sandbox {
    runtime = "none"
  }

}

updates {
  kubernetes { min = "1.33" }
  runtime "runc" { min = ["1.2.8", "1.3.3", "1.4.0-rc.3"] }
}

workload "api" {
  match { labels = { app = "api" } }
  privileges {
    users = ["1000"]
  }

  container "app" {
    filesystem {
      kernel_mounts = false
    }

  }
}

workload "store" {
  match { labels = { app = "store" } }
  privileges {
    supplemental_groups = []
  }

  container "sidecar" {
    privileges {
      host_process = false
      escalation   = false
    }

  }
}

exception "number 1" {
  workload = workload.api
  warn     = ["privileges.proc_mount"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

exception "number 2" {
  warn    = ["sandbox.runtime"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-2"
  expires = "2027-06-30"
}

exception "number 3" {
  images  = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn    = ["privileges.escalation"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-3"
  expires = "2027-06-30"
}

