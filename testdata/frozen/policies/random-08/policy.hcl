# Frozen: see README.md of testdata/frozen.

policy "random-08" {
  version    = "1.0.0"
  namespaces = ["frozen", "other"]
  undeclared = "ceiling"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.31"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
}

privileges {
  privileged        = false
  escalation        = false
  users             = ["1-2147483647"]
  groups            = ["7"]
  selinux_types     = []
  apparmor          = ["localhost", "runtime-default"]
  seccomp           = ["localhost", "runtime-default", "unset"]
  compiled_profiles = true
  host_process      = false
  tokens            = []
}

capabilities {
  drop = ["ALL"]
}

host {
  network = false
  paths   = {}
  probes  = []
}

resources {
  ephemeral_storage = "512Mi"
}

filesystem {
  read_only_root = true
  volumes        = ["configMap", "emptyDir", "hostPath", "projected", "secret", "persistentVolumeClaim"]
}

image {
  registries = ["registry.example.com/*", "docker.io/library/*"]
  deny       = ["docker.io/library/busybox", "registry.example.com/old/*"]
  deny_tags  = ["latest"]
  digest     = "required"
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    users             = ["0-2147483647"]
    compiled_profiles = false
  }

  resources {
    ephemeral_storage = "1Gi"
  }

  image {
    digest = "optional"
  }

}

workload "api" {
  match { labels = { app = "api" } }
  privileges {
    selinux_types = []
  }

  image {
    digest = "optional"
  }

  host {
    paths  = {}
    probes = []
  }

  capabilities {
    drop = ["ALL"]
  }

}

exception "number 1" {
  workload = workload.api
  images   = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn     = ["privileges.escalation", "image.deny_tags"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

