# What the configuration of kubelets must state, and which runtimes nodes may run.

policy "node" {
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
  targets       = ["rego"]
}

node {
  seccomp_default         = true
  pod_pids_limit          = 4096
  anonymous_auth          = false
  read_only_port          = false
  protect_kernel_defaults = true
  runtimes                = ["containerd", "cri-o"]
}
