# Frozen: see README.md of testdata/frozen.

policy "random-20" {
  version    = "1.0.0"
  namespaces = ["frozen"]
  undeclared = "deny"
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
  users                  = ["0-2147483647"]
  groups                 = ["5-9", "1000-2000"]
  fs_group               = ["2000"]
  selinux_types          = ["container_*", "spc_t"]
  selinux_users          = []
  apparmor               = []
  seccomp                = ["localhost", "runtime-default"]
  compiled_profiles      = true
  sysctl_values          = "numbers"
  annotations            = ["cdi.k8s.io"]
}

capabilities {
  drop = ["SYS_ADMIN", "NET_RAW", "MKNOD"]
  add  = ["CHOWN"]
}

host {
  pid   = false
  users = false
  ports = ["tcp/8000-9000", "udp/53"]
}

resources {
  memory            = "512Mi"
  cpu               = "500m"
  ephemeral_storage = "1e10"
  hugepages         = {}
}

filesystem {
  read_only_root = true
  volumes        = ["configMap", "emptyDir", "secret"]
}

image {
  registries = ["registry.example.com/team/app"]
  deny       = ["docker.io/library/busybox", "registry.example.com/old/*"]
  deny_tags  = ["latest", "dev-*"]
  digest     = "required"
}

ceiling {
  privileges {
    root_in_user_namespace = true
    seccomp                = ["localhost", "runtime-default", "unset"]
    compiled_profiles      = false
    sysctl_values          = "any"
  }

  capabilities {
    add = ["CHOWN", "NET_BIND_SERVICE", "KILL", "SYS_PTRACE"]
  }

  host {
    pid = true
  }

  resources {
    memory = "1.5Gi"
    cpu    = "2500m"
  }

  filesystem {
    read_only_root = false
    volumes        = ["configMap", "emptyDir", "hostPath", "projected", "secret", "persistentVolumeClaim"]
  }

}

updates {
  kubernetes { min = "1.29" }
}

workload "api" {
  match { labels = { app = "api" } }
  resources {
    hugepages = {}
  }

  privileges {
    selinux_users = []
  }

  container "sidecar" {
    privileges {
      selinux_types     = ["container_*", "spc_t"]
      compiled_profiles = true
    }

  }
}

container "proxy" {
  image { registries = ["registry.example.com/team/app"] }
  privileges {
    groups = ["5-9", "1000-2000"]
  }

}

exception "number 1" {
  workload = workload.api
  warn     = ["filesystem.volumes", "image.registries"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

