# Frozen: see README.md of testdata/frozen.

policy "random-16" {
  version    = "1.0.0"
  namespaces = ["frozen"]
  undeclared = "ceiling"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.37"
  runtime    = "containerd 2.1"
  targets    = ["rego"]
  pods       = { "example.com/Widget" = ["spec.template"], "ray.io/RayCluster" = ["spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"] }
}

privileges {
  privileged             = false
  escalation             = false
  run_as_non_root        = true
  root_in_user_namespace = false
  selinux_users          = []
  apparmor               = []
  sysctl_values          = "numbers"
  host_process           = false
  environment            = ["AWS_*"]
}

host {
  network = false
  pid     = false
  ipc     = false
  ports   = []
  probes  = []
}

resources {
  memory            = "1.5Gi"
  cpu               = "500m"
  ephemeral_storage = "512Mi"
}

filesystem {
  write = ["/tmp/**", "/var/**", "/data/*"]
}

image {
  deny      = ["registry.example.com/team/legacy-*"]
  deny_tags = ["*-rc"]
}

ceiling {
  privileges {
    root_in_user_namespace = true
    selinux_users          = ["system_u"]
    apparmor               = ["localhost"]
    host_process           = true
  }

  host {
    network = true
    ipc     = true
    probes  = ["localhost", "127.*"]
  }

  resources {
    cpu               = "1"
    ephemeral_storage = "1e10"
  }

}

updates {
  runtime "containerd" { min = "1.7.29" }
  runtime "runc" { min = ["1.2.8", "1.3.3", "1.4.0-rc.3"] }
  kubernetes { min = "1.29" }
}

exception "writes" {
  unheld  = ["filesystem.write"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-0"
  expires = "2027-06-30"
}

exception "number 1" {
  images  = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn    = ["privileges.selinux_users", "privileges.environment"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-1"
  expires = "2027-06-30"
}

