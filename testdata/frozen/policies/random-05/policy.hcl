# Frozen: see README.md of testdata/frozen.

policy "random-05" {
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
  privileged             = false
  escalation             = false
  run_as_non_root        = true
  root_in_user_namespace = false
  users                  = ["1000-1999"]
  compiled_profiles      = true
  sysctls                = []
  sysctl_values          = "numbers"
  proc_mount             = "default"
  shared_processes       = false
}

capabilities {
  add = ["CHOWN"]
}

host {
  network = false
  users   = false
}

resources {
  memory = "256Mi"
  cpu    = "2500m"
  probes = ["readiness"]
}

filesystem {
  read_only_root = true
  write          = ["/tmp/**", "/var/**", "/data/*"]
  kernel_mounts  = false
}

image {
  registries = ["registry.example.com/team/*"]
  deny       = ["docker.io/library/busybox", "registry.example.com/old/*"]
  deny_tags  = ["*-rc"]
  digest     = "required"
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    privileged             = true
    escalation             = true
    root_in_user_namespace = true
    users                  = ["1-2147483647"]
    sysctl_values          = "any"
  }

  filesystem {
    read_only_root = false
    kernel_mounts  = true
  }

  image {
    digest = "optional"
  }

  sandbox {
    runtime = "none"
  }

}

workload "api" {
  match { labels = { app = "api" } }
  capabilities {
    add = []
  }

  filesystem {
    kernel_mounts = false
  }

  privileges {
    shared_processes = false
  }

  container "app" {
    privileges {
      proc_mount        = "default"
      compiled_profiles = true
    }

    resources {
      memory = "256Mi"
    }

  }
}

workload "store" {
  match { labels = { app = "store" } }
  container "app" {
    privileges {
      escalation = true
    }

    filesystem {
      read_only_root = true
    }

    image {
      registries = ["registry.example.com/team/app"]
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
  workload = workload.store
  images   = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn     = ["filesystem.kernel_mounts", "privileges.users"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

