# System calls, as the runtime and the operator read them, and which profile a container names.

policy "seccomp" {
  version    = "1.0.0"
  namespaces = ["shop"]
  undeclared = "deny"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes    = "1.34"
  runtime       = "containerd 2.1"
  apparmor      = "3.0"
  architectures = ["amd64"]
  targets       = ["seccomp", "rego"]
}

seccomp {
  allow = ["exit_group", "mmap", "ptrace", "read", "vmsplice", "write"]
  deny  = ["@ptrace", "vmsplice"]
  errno = "ENOSYS"
}

privileges {
  privileged        = false
  seccomp           = ["localhost"]
  compiled_profiles = true
}

workload "api" {
  match { labels = { app = "api" } }
}
