# Frozen: see README.md of testdata/frozen.

policy "random-01" {
  version    = "1.0.0"
  namespaces = ["frozen", "other"]
  undeclared = "deny"
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
  root_in_user_namespace = false
  groups                 = []
  selinux_types          = ["container_t"]
  selinux_users          = []
  apparmor               = ["localhost", "runtime-default"]
  sysctls                = ["net.ipv4.*", "kernel.shm_rmid_forced"]
  proc_mount             = "default"
  host_process           = false
  environment            = ["NVIDIA_VISIBLE_DEVICES", "LD_*"]
}

host {
  network = false
  pid     = false
  ipc     = false
  paths   = {}
  probes  = []
}

resources {
  hugepages = { "2Mi" = "64Mi" }
  probes    = ["readiness"]
}

filesystem {
  volumes = ["emptyDir"]
}

image {
  registries = ["registry.example.com/*", "docker.io/library/*"]
  deny_tags  = ["latest"]
  digest     = "required"
}

ceiling {
  privileges {
    apparmor = ["localhost", "runtime-default", "unset"]
  }

  host {
    pid = true
  }

}

updates {
  kernel { min = ["5.10.1", "6.1.2"] }
  kubernetes { min = "1.29" }
}

