# Frozen: see README.md of testdata/frozen.

policy "random-07" {
  version    = "1.0.0"
  namespaces = ["frozen"]
  undeclared = "deny"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.34"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
}

privileges {
  escalation        = false
  run_as_non_root   = true
  groups            = ["7"]
  selinux_types     = []
  selinux_roles     = []
  apparmor          = ["localhost", "runtime-default", "unset"]
  compiled_profiles = true
  sysctl_values     = "numbers"
  proc_mount        = "default"
  host_process      = false
  tokens            = ["vault", "https://sts.*"]
  annotations       = ["*.crio.io*"]
  environment       = ["LD_*"]
}

capabilities {
  add = ["CHOWN", "NET_BIND_SERVICE", "KILL", "SYS_PTRACE"]
}

host {
  pid    = false
  ipc    = false
  probes = ["localhost", "127.*"]
}

resources {
  cpu               = "1"
  ephemeral_storage = "512Mi"
  hugepages         = { "2Mi" = "64Mi" }
  probes            = ["liveness", "readiness", "startup"]
}

filesystem {
  write         = ["/tmp/**", "/var/cache/*/**"]
  volumes       = ["configMap", "emptyDir", "hostPath", "projected", "secret", "persistentVolumeClaim"]
  kernel_mounts = false
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    run_as_non_root   = false
    compiled_profiles = false
    proc_mount        = "unmasked"
    host_process      = true
    tokens            = ["@kubernetes-api", "vault", "https://sts.*"]
  }

  resources {
    cpu = "2500m"
  }

  filesystem {
    kernel_mounts = true
  }

}

updates {
  kubernetes { min = "1.29" }
  runtime "runc" { min = ["1.2.8", "1.3.3", "1.4.0-rc.3"] }
}

workload "api" {
  match { labels = { app = "api" } }
  privileges {
    sysctl_values = "numbers"
  }

}

workload "store" {
  match { labels = { app = "store" } }
  privileges {
    apparmor = ["localhost"]
    tokens   = []
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
  warn     = ["privileges.environment", "filesystem.volumes"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

