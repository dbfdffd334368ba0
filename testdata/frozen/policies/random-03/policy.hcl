# Frozen: see README.md of testdata/frozen.

policy "random-03" {
  version    = "1.0.0"
  namespaces = ["frozen", "other"]
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.37"
  runtime    = "containerd 2.1"
  targets    = ["rego", "seccomp", "apparmor"]
  apparmor   = "3.0"
}

privileges {
  escalation             = false
  root_in_user_namespace = false
  fs_group               = ["2000"]
  supplemental_groups    = ["7", "1000-3000"]
  selinux_types          = []
  selinux_roles          = []
  apparmor               = ["localhost"]
  compiled_profiles      = true
  sysctl_values          = "numbers"
  environment            = ["AWS_*"]
}

host {
  network = false
  ports   = ["tcp/8080"]
}

resources {
  ephemeral_storage = "512Mi"
  hugepages         = { "2Mi" = "64Mi", "1Gi" = "2Gi" }
  probes            = ["liveness", "readiness", "startup"]
}

filesystem {
  read_only_root = true
  write          = ["/tmp/**", "/var/**", "/data/*"]
  sub_paths      = false
  kernel_mounts  = false
}

image {
  registries = ["registry.example.com/team/app"]
  deny       = ["docker.io/library/busybox", "registry.example.com/old/*"]
  deny_tags  = ["*-rc"]
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    apparmor      = ["localhost", "runtime-default", "unset"]
    sysctl_values = "any"
  }

  filesystem {
    sub_paths = true
  }

  image {
    registries = ["registry.example.com/*", "docker.io/library/*"]
  }

}

updates {
  runtime "containerd" { min = "1.7.29" }
}

workload "api" {
  match { labels = { app = "api" } }
  image {
    deny = ["docker.io/library/busybox", "registry.example.com/old/*"]
  }

  privileges {
    selinux_roles       = []
    supplemental_groups = []
  }

  sandbox {
    runtime = "gvisor"
  }

  resources {
    hugepages = {}
  }

  container "sidecar" {
    privileges {
      selinux_roles = []
      environment   = ["NVIDIA_VISIBLE_DEVICES", "LD_*"]
    }

    filesystem {
      write = ["/tmp/**", "/var/cache/*/**"]
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
  warn     = ["host.ports", "resources.ephemeral_storage"]
  owner    = "team"
  reason   = "it is random"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

exception "number 2" {
  images  = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn    = ["resources.hugepages", "image.registries", "filesystem.kernel_mounts"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-2"
  expires = "2027-06-30"
}

