# Who a container runs as, and what it may reach by that.

policy "privileges" {
  version    = "1.0.0"
  namespaces = ["shop"]
  undeclared = "ceiling"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes    = "1.34"
  runtime       = "containerd 2.1"
  apparmor      = "3.0"
  architectures = ["amd64"]
  targets       = ["rego", "terraform"]
}

privileges {
  privileged             = false
  escalation             = false
  run_as_non_root        = true
  root_in_user_namespace = false
  users                  = ["1000-1999"]
  groups                 = ["1000-1999"]
  fs_group               = [2000]
  supplemental_groups    = [2000]
  selinux_types          = ["container_t"]
  selinux_users          = []
  selinux_roles          = []
  apparmor               = ["localhost"]
  seccomp                = ["localhost"]
  sysctls                = ["net.ipv4.ip_unprivileged_port_start"]
  sysctl_values          = "numbers"
  proc_mount             = "default"
  host_process           = false
  shared_processes       = false
  tokens                 = ["vault"]
  annotations            = ["*.crio.io*", "io.katacontainers.*"]
  environment            = ["LD_*", "NVIDIA_VISIBLE_DEVICES"]

  supplemental_groups_policy = "strict"
}

workload "api" {
  match { labels = { app = "api" } }
}
