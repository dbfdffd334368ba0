# Frozen: see README.md of testdata/frozen.

policy "random-18" {
  version    = "1.0.0"
  namespaces = ["frozen", "other"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.24"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
}

privileges {
  privileged          = false
  users               = ["0-2147483647"]
  supplemental_groups = ["7", "1000-3000"]
  selinux_types       = ["container_*", "spc_t"]
  selinux_roles       = ["system_r"]
  apparmor            = []
  seccomp             = ["localhost"]
  compiled_profiles   = true
  sysctls             = ["net.ipv4.ip_unprivileged_port_start"]
  sysctl_values       = "numbers"
  proc_mount          = "default"
  host_process        = false
  shared_processes    = false
}

capabilities {
  drop = ["NET_RAW"]
}

host {
  ipc    = false
  users  = false
  paths  = { "/var/log" = "read", "/var/cache/node" = "write" }
  probes = []
}

resources {
  cpu               = "1"
  ephemeral_storage = "1Gi"
  probes            = ["readiness"]
}

filesystem {
  read_only_root = true
  write          = ["/tmp/**", "/var/**", "/data/*"]
  volumes        = ["configMap", "emptyDir", "hostPath", "projected", "secret", "persistentVolumeClaim"]
  kernel_mounts  = false
}

image {
  registries = ["registry.example.com/*", "docker.io/library/*"]
  deny       = ["registry.example.com/team/legacy-*"]
  deny_tags  = ["*-rc"]
}

ceiling {
  privileges {
    seccomp           = ["localhost", "runtime-default", "unset"]
    compiled_profiles = false
    sysctls           = ["net.ipv4.*", "kernel.shm_rmid_forced"]
    sysctl_values     = "any"
    proc_mount        = "user-namespace"
    host_process      = true
  }

  host {
    users  = true
    probes = ["localhost"]
  }

  resources {
    cpu = "2500m"
  }

  filesystem {
    read_only_root = false
    kernel_mounts  = true
  }

}

workload "api" {
  match { labels = { app = "api" } }
}

exception "number 1" {
  warn    = ["privileges.supplemental_groups"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-1"
  expires = "2027-06-30"
}

exception "number 2" {
  images  = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn    = ["privileges.apparmor", "privileges.selinux_roles"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-2"
  expires = "2027-06-30"
}

