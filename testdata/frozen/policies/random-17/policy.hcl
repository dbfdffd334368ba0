# Frozen: see README.md of testdata/frozen.

policy "random-17" {
  version    = "1.0.0"
  namespaces = ["frozen"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.35"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
}

privileges {
  privileged             = false
  escalation             = false
  root_in_user_namespace = false
  users                  = ["0-2147483647"]
  supplemental_groups    = ["2000"]
  selinux_types          = ["container_*", "spc_t"]
  selinux_roles          = ["system_r", "object_*"]
  apparmor               = []
  seccomp                = ["localhost"]
  compiled_profiles      = true
  proc_mount             = "user-namespace"
  host_process           = false
  shared_processes       = false
}

capabilities {
  add = []
}

host {
  network = false
  pid     = false
  paths   = { "/var" = "write" }
  probes  = ["localhost", "127.*"]
}

resources {
  memory    = "512Mi"
  cpu       = "500m"
  hugepages = {}
  probes    = ["readiness"]
}

filesystem {
  read_only_root = true
  kernel_mounts  = false
}

image {
  deny_tags = ["*-rc"]
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    privileged             = true
    escalation             = true
    root_in_user_namespace = true
    supplemental_groups    = ["7", "1000-3000"]
    proc_mount             = "unmasked"
  }

  host {
    pid = true
  }

  resources {
    memory = "1.5Gi"
  }

}

workload "api" {
  match { labels = { app = "api" } }
}

exception "number 1" {
  workload = workload.api
  warn     = ["privileges.host_process", "privileges.apparmor", "filesystem.kernel_mounts"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

exception "number 2" {
  workload = workload.api
  images   = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn     = ["resources.cpu", "privileges.selinux_roles"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-2"
  expires  = "2027-06-30"
}

