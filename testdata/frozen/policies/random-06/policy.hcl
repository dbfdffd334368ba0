# Frozen: see README.md of testdata/frozen.

policy "random-06" {
  version    = "1.0.0"
  namespaces = ["frozen", "other"]
  undeclared = "deny"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes = "1.29"
  runtime    = "containerd 2.1"
  targets    = ["rego"]
  pods       = { "example.com/Widget" = ["spec.template"], "ray.io/RayCluster" = ["spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"] }
}

privileges {
  privileged             = false
  run_as_non_root        = true
  root_in_user_namespace = false
  users                  = ["0-2147483647"]
  groups                 = []
  supplemental_groups    = []
  apparmor               = ["localhost", "runtime-default"]
  seccomp                = ["localhost"]
  sysctls                = ["net.ipv4.ip_unprivileged_port_start"]
  sysctl_values          = "numbers"
  proc_mount             = "default"
  host_process           = false
  shared_processes       = false
  annotations            = ["*.crio.io*"]
  environment            = ["LD_*"]
}

capabilities {
  drop = ["SYS_ADMIN", "NET_RAW", "MKNOD"]
  add  = ["CHOWN"]
}

host {
  network = false
  ipc     = false
  probes  = ["localhost", "127.*"]
}

resources {
  hugepages = { "2Mi" = "64Mi", "1Gi" = "2Gi" }
  probes    = ["liveness"]
}

filesystem {
  kernel_mounts = false
}

image {
  deny_tags = ["latest", "dev-*"]
}

sandbox {
  runtime = "gvisor"
}

ceiling {
  privileges {
    privileged = true
  }

  host {
    network = true
    ipc     = true
  }

}

updates {
  kubernetes { min = "1.29" }
  runtime "containerd" { min = "1.7.29" }
  runtime "runc" { min = ["1.2.8", "1.3.3", "1.4.0-rc.3"] }
  kernel { min = "6.1" }
}

