# Frozen: see README.md of testdata/frozen.

policy "random-04" {
  version    = "1.0.0"
  namespaces = ["frozen", "other"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.29"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
}

privileges {
  privileged             = false
  escalation             = false
  run_as_non_root        = true
  root_in_user_namespace = false
  users                  = ["1000"]
  fs_group               = ["2000"]
  selinux_roles          = ["system_r"]
  apparmor               = ["localhost", "runtime-default", "unset"]
  seccomp                = ["localhost", "runtime-default"]
  sysctls                = ["net.ipv4.ip_unprivileged_port_start"]
  proc_mount             = "default"
  shared_processes       = false
  tokens                 = ["vault", "https://sts.*"]
  annotations            = ["*.crio.io*"]
  environment            = ["NVIDIA_VISIBLE_DEVICES", "LD_*"]
}

capabilities {
  drop = ["NET_RAW"]
}

host {
  network = false
  users   = false
  ports   = ["tcp/8080"]
  paths   = { "/var" = "write" }
  probes  = ["localhost", "127.*"]
}

resources {
  memory            = "1.5Gi"
  ephemeral_storage = "512Mi"
  hugepages         = {}
  probes            = ["readiness"]
}

filesystem {
  read_only_root = true
  sub_paths      = false
}

image {
  registries = ["registry.example.com/*", "docker.io/library/*"]
  deny       = ["docker.io/library/busybox", "registry.example.com/old/*"]
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    root_in_user_namespace = true
    seccomp                = ["localhost", "runtime-default", "unset"]
    proc_mount             = "user-namespace"
    shared_processes       = true
    tokens                 = ["@kubernetes-api", "vault", "https://sts.*"]
  }

  host {
    ports = ["tcp/8000-9000", "udp/53"]
  }

  sandbox {
    runtime = "none"
  }

}

updates {
  kubernetes { min = "1.33" }
  kernel { min = ["5.10.1", "6.1.2"] }
}

workload "api" {
  match { labels = { app = "api" } }
  privileges {
    environment = ["NVIDIA_VISIBLE_DEVICES", "LD_*"]
    seccomp     = ["localhost", "runtime-default"]
  }

}

workload "store" {
  match { labels = { app = "store" } }
  capabilities {
    drop = ["ALL"]
  }

  host {
    users = false
  }

  privileges {
    run_as_non_root = true
    environment     = ["NVIDIA_VISIBLE_DEVICES", "LD_*"]
  }

  container "sidecar" {
    privileges {
      selinux_roles = ["system_r"]
      apparmor      = ["localhost"]
    }

    capabilities {
      drop = ["SYS_ADMIN", "NET_RAW", "MKNOD"]
    }

  }
}

container "proxy" {
  image { registries = ["registry.example.com/team/app"] }
  privileges {
    proc_mount             = "default"
    root_in_user_namespace = true
  }

}

exception "number 1" {
  workload = workload.api
  warn     = ["resources.probes", "resources.ephemeral_storage", "privileges.seccomp"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

exception "number 2" {
  workload = workload.store
  images   = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn     = ["privileges.run_as_non_root"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-2"
  expires  = "2027-06-30"
}

