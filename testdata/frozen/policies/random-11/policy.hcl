# Frozen: see README.md of testdata/frozen.

policy "random-11" {
  version    = "1.0.0"
  namespaces = ["frozen"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.22"
  runtime    = "containerd 2.1"
  targets    = ["rego"]
}

privileges {
  privileged          = false
  users               = ["1000"]
  fs_group            = ["1000-3000"]
  supplemental_groups = ["2000"]
  selinux_types       = ["container_t"]
  host_process        = false
  shared_processes    = false
  tokens              = ["@kubernetes-api", "vault", "https://sts.*"]
}

capabilities {
  add = []
}

host {
  network = false
  pid     = false
  ipc     = false
  users   = false
  paths   = { "/var" = "write" }
  probes  = ["localhost", "127.*"]
}

resources {
  cpu    = "2500m"
  probes = ["liveness", "readiness", "startup"]
}

filesystem {
  write = ["/tmp/**", "/var/cache/*/**"]
}

image {
  deny_tags = ["*-rc"]
}

ceiling {
  privileges {
    privileged          = true
    supplemental_groups = ["7", "1000-3000"]
  }

  host {
    network = true
    ipc     = true
    users   = true
  }

}

updates {
  kernel { min = ["5.10.1", "6.1.2"] }
  kubernetes { min = "1.33" }
}

workload "api" {
  match { labels = { app = "api" } }
  host {
    network = true
    probes  = ["localhost"]
  }

  container "app" {
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
  warn     = ["image.deny_tags"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

exception "number 2" {
  workload = workload.api
  images   = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn     = ["host.probes", "privileges.users"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-2"
  expires  = "2027-06-30"
}

