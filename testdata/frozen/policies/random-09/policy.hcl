# Frozen: see README.md of testdata/frozen.

policy "random-09" {
  version    = "1.0.0"
  namespaces = ["frozen"]
  undeclared = "ceiling"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.35"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
  pods       = { "example.com/Widget" = ["spec.template"], "ray.io/RayCluster" = ["spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"] }
}

privileges {
  escalation        = false
  run_as_non_root   = true
  groups            = ["7"]
  fs_group          = ["1000-3000"]
  selinux_users     = []
  selinux_roles     = ["system_r"]
  seccomp           = ["localhost", "runtime-default"]
  compiled_profiles = true
  sysctls           = []
  sysctl_values     = "numbers"
  proc_mount        = "user-namespace"
  annotations       = ["io.katacontainers.*", "*.crio.io*"]
}

host {
  network = false
  paths   = { "/var/log" = "read", "/var/cache/node" = "write" }
  probes  = []
}

resources {
  cpu               = "1"
  ephemeral_storage = "1Gi"
  probes            = ["liveness"]
}

filesystem {
  read_only_root = true
  volumes        = []
  sub_paths      = false
}

image {
  registries = ["registry.example.com/*", "docker.io/library/*"]
}

ceiling {
  privileges {
    selinux_users = ["system_u"]
    seccomp       = ["localhost", "runtime-default", "unset"]
    proc_mount    = "unmasked"
  }

}

updates {
  runtime "cri-o" { min = "1.30" }
  runtime "runc" { min = ["1.2.8", "1.3.3", "1.4.0-rc.3"] }
}

workload "api" {
  match { labels = { app = "api" } }
  privileges {
    run_as_non_root = true
    proc_mount      = "user-namespace"
  }

  host {
    network = false
  }

}

workload "store" {
  match { labels = { app = "store" } }
  host {
    network = false
  }

}

exception "number 1" {
  workload = workload.api
  warn     = ["privileges.sysctls", "host.paths"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

exception "number 2" {
  workload = workload.store
  warn     = ["privileges.seccomp", "host.probes", "privileges.fs_group"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-2"
  expires  = "2027-06-30"
}

exception "number 3" {
  workload = workload.store
  images   = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn     = ["host.probes", "resources.cpu", "privileges.escalation"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-3"
  expires  = "2027-06-30"
}

