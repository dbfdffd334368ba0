# Frozen: see README.md of testdata/frozen.

policy "random-14" {
  version    = "1.0.0"
  namespaces = ["frozen", "other"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.35"
  runtime    = "containerd 2.1"
  targets    = ["rego"]
}

privileges {
  escalation             = false
  run_as_non_root        = true
  root_in_user_namespace = false
  users                  = ["0-2147483647"]
  groups                 = ["5-9", "1000-2000"]
  supplemental_groups    = ["2000"]
  apparmor               = ["localhost"]
  sysctls                = []
  shared_processes       = false
  tokens                 = ["vault"]
  annotations            = ["*.crio.io*"]
  environment            = ["LD_*"]
}

capabilities {
  add = ["CHOWN", "NET_BIND_SERVICE"]
}

host {
  network = false
  ipc     = false
  users   = false
}

resources {
  hugepages = { "2Mi" = "64Mi", "1Gi" = "2Gi" }
}

filesystem {
  write = ["/tmp/**"]
}

image {
  registries = ["registry.example.com/team/*"]
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    escalation = true
    tokens     = ["@kubernetes-api", "vault", "https://sts.*"]
  }

  capabilities {
    add = ["CHOWN", "NET_BIND_SERVICE", "KILL", "SYS_PTRACE"]
  }

  host {
    network = true
    users   = true
  }

  filesystem {
    write = ["/tmp/**", "/var/**", "/data/*"]
  }

  image {
    registries = ["registry.example.com/*", "docker.io/library/*"]
  }

}

exception "writes" {
  unheld  = ["filesystem.write"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-0"
  expires = "2027-06-30"
}

