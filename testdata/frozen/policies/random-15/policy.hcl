# Frozen: see README.md of testdata/frozen.

policy "random-15" {
  version    = "1.0.0"
  namespaces = ["frozen", "other"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.31"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
}

privileges {
  privileged             = false
  escalation             = false
  root_in_user_namespace = false
  selinux_types          = []
  selinux_roles          = ["system_r"]
  seccomp                = ["localhost", "runtime-default", "unset"]
  compiled_profiles      = true
  sysctls                = []
  sysctl_values          = "numbers"
  environment            = ["AWS_*"]
}

capabilities {
  drop = ["SYS_ADMIN", "NET_RAW", "MKNOD"]
}

host {
  network = false
  pid     = false
  ipc     = false
  users   = false
}

resources {
  memory = "1.5Gi"
  cpu    = "1"
}

filesystem {
  read_only_root = true
  volumes        = ["configMap", "emptyDir", "secret"]
  kernel_mounts  = false
}

ceiling {
  privileges {
    selinux_types     = ["container_*", "spc_t"]
    compiled_profiles = false
  }

  host {
    ipc   = true
    users = true
  }

  filesystem {
    read_only_root = false
  }

}

workload "api" {
  match { labels = { app = "api" } }
  privileges {
    root_in_user_namespace = false
  }

  host {
    users = false
  }

  container "app" {
    privileges {
      selinux_roles = ["system_r"]
      seccomp       = ["localhost"]
      environment   = ["NVIDIA_VISIBLE_DEVICES", "LD_*"]
    }

    capabilities {
      drop = ["NET_RAW"]
    }

  }
}

workload "store" {
  match { labels = { app = "store" } }
  resources {
    memory = "256Mi"
  }

  privileges {
    compiled_profiles = false
    selinux_roles     = []
    seccomp           = ["localhost", "runtime-default", "unset"]
  }

  filesystem {
    volumes = ["emptyDir"]
  }

  container "sidecar" {
    resources {
      memory = "256Mi"
    }

    filesystem {
      read_only_root = true
    }

  }
}

workload "batch" {
  match { labels = { app = "batch" } }
  host {
    users = false
  }

  filesystem {
    read_only_root = false
  }

  privileges {
    environment = ["AWS_*"]
  }

  container "app" {
    capabilities {
      drop = ["SYS_ADMIN", "NET_RAW", "MKNOD"]
    }

    privileges {
      environment   = ["LD_*"]
      selinux_roles = ["system_r"]
    }

    resources {
      memory = "256Mi"
    }

  }
}

exception "number 1" {
  workload = workload.api
  warn     = ["filesystem.read_only_root", "resources.cpu"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

exception "number 2" {
  workload = workload.store
  warn     = ["privileges.seccomp", "privileges.sysctls", "filesystem.read_only_root"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-2"
  expires  = "2027-06-30"
}

