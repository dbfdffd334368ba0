# Frozen: see README.md of testdata/frozen.

policy "random-02" {
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
  escalation        = false
  run_as_non_root   = true
  groups            = []
  fs_group          = ["1000-3000"]
  selinux_types     = ["container_t"]
  selinux_roles     = ["system_r", "object_*"]
  seccomp           = ["localhost", "runtime-default"]
  compiled_profiles = true
  sysctl_values     = "numbers"
  proc_mount        = "default"
  shared_processes  = false
  annotations       = ["io.katacontainers.*", "*.crio.io*"]
}

capabilities {
  drop = ["NET_RAW"]
  add  = ["CHOWN", "NET_BIND_SERVICE"]
}

host {
  network = false
  pid     = false
  users   = false
  ports   = []
  paths   = {}
}

resources {
  memory = "512Mi"
  cpu    = "500m"
  probes = ["readiness"]
}

filesystem {
  read_only_root = true
  write          = ["/tmp/**"]
  sub_paths      = false
}

image {
  registries = ["registry.example.com/*", "docker.io/library/*"]
  deny       = ["docker.io/library/busybox", "registry.example.com/old/*"]
  digest     = "required"
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  capabilities {
    add = ["CHOWN", "NET_BIND_SERVICE", "KILL", "SYS_PTRACE"]
  }

  host {
    network = true
    pid     = true
    paths   = { "/var/log" = "read", "/var/cache/node" = "write" }
  }

  filesystem {
    sub_paths = true
  }

  image {
    digest = "optional"
  }

}

workload "api" {
  match { labels = { app = "api" } }
  privileges {
    shared_processes = false
    groups           = []
  }

  host {
    paths = { "/var/log" = "read", "/var/cache/node" = "write" }
  }

  filesystem {
    read_only_root = true
  }

  capabilities {
    add = ["CHOWN", "NET_BIND_SERVICE", "KILL", "SYS_PTRACE"]
  }

  container "app" {
    privileges {
      selinux_types = []
      proc_mount    = "default"
    }

    resources {
      memory = "512Mi"
    }

  }
}

workload "store" {
  match { labels = { app = "store" } }
  resources {
    cpu = "500m"
  }

  image {
    registries = ["registry.example.com/team/*"]
  }

  host {
    paths = { "/var/log/app" = "read" }
  }

  privileges {
    selinux_types = []
  }

  container "app" {
    privileges {
      seccomp = ["localhost"]
    }

    filesystem {
      write = ["/tmp/**"]
    }

  }
}

exception "writes" {
  unheld  = ["filesystem.write"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-0"
  expires = "2027-06-30"
}

exception "number 1" {
  workload = workload.api
  warn     = ["host.ports", "resources.cpu", "resources.probes"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

exception "number 2" {
  workload = workload.store
  warn     = ["filesystem.sub_paths", "privileges.groups"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-2"
  expires  = "2027-06-30"
}

exception "number 3" {
  workload = workload.api
  images   = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn     = ["filesystem.read_only_root", "privileges.groups", "resources.probes"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-3"
  expires  = "2027-06-30"
}

