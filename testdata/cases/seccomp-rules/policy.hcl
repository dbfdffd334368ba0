# Conditions on the arguments of system calls. not_in, which takes up to 32 rules a value, has tests of its own.

policy "seccomp-rules" {
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
  targets       = ["seccomp", "security-profiles-operator", "rego"]
}

seccomp {
  allow = ["clone", "ioctl", "mmap", "mprotect", "personality", "socketpair"]

  rule "no address space randomisation switched off" {
    syscalls = ["personality"]
    arg {
      index = 0
      in    = [0, "0xffffffff"]
    }
  }

  rule "mappings for oneself or for sharing" {
    syscalls = ["mmap"]
    arg {
      index   = 3
      has_any = ["MAP_PRIVATE", "MAP_SHARED"]
    }
  }

  rule "no growing mappings" {
    syscalls = ["mprotect"]
    arg {
      index    = 2
      has_none = ["PROT_GROWSDOWN", "PROT_GROWSUP"]
    }
  }

  rule "pairs of streams" {
    syscalls = ["socketpair"]
    arg {
      index = 0
      eq    = "AF_UNIX"
    }
    arg {
      index = 1
      mask  = 15
      value = "SOCK_STREAM"
    }
  }
}

privileges {
  privileged        = false
  seccomp           = ["localhost"]
  compiled_profiles = true
}

workload "api" {
  match { labels = { app = "api" } }
}
