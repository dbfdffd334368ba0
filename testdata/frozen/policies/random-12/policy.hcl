# Frozen: see README.md of testdata/frozen.

policy "random-12" {
  version    = "1.0.0"
  namespaces = ["frozen"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.34"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
}

privileges {
  escalation          = false
  run_as_non_root     = true
  groups              = ["7"]
  fs_group            = ["1000-3000"]
  supplemental_groups = []
  selinux_types       = ["container_*", "spc_t"]
  selinux_roles       = ["system_r", "object_*"]
  sysctl_values       = "numbers"
  host_process        = false
  shared_processes    = false
  tokens              = ["@kubernetes-api", "vault", "https://sts.*"]
}

capabilities {
  drop = ["NET_RAW"]
  add  = ["CHOWN", "NET_BIND_SERVICE"]
}

host {
  ipc   = false
  ports = ["tcp/8000-9000", "udp/53"]
  paths = { "/var/log/app" = "read" }
}

resources {
  memory = "256Mi"
  probes = ["readiness"]
}

filesystem {
  sub_paths     = false
  kernel_mounts = false
}

image {
  registries = ["registry.example.com/team/*"]
  deny_tags  = ["latest", "dev-*"]
}

ceiling {
  privileges {
    escalation          = true
    groups              = ["5-9", "1000-2000"]
    supplemental_groups = ["2000"]
  }

  host {
    ipc = true
  }

  resources {
    memory = "512Mi"
  }

  filesystem {
    kernel_mounts = true
  }

  image {
    registries = ["registry.example.com/*", "docker.io/library/*"]
  }

}

exception "number 1" {
  warn    = ["capabilities.add"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-1"
  expires = "2027-06-30"
}

exception "number 2" {
  images  = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn    = ["privileges.run_as_non_root", "resources.memory", "privileges.groups"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-2"
  expires = "2027-06-30"
}

