# What is reported of what other controls refuse, and detections of the author's own.

policy "monitoring" {
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
  targets       = ["falco", "rego", "seccomp", "apparmor"]
}

monitoring {
  violations = "warning"
  detect "interactive-shell" {
    priority  = "notice"
    condition = "evt.type = execve and proc.name in (bash, sh) and proc.tty != 0"
  }
}

privileges { privileged = false }

seccomp {
  allow = ["read", "write", "execve", "mount"]
  deny  = ["mount"]
}

filesystem {
  write   = ["/tmp/**"]
  execute = ["/app/**"]
  deny    = ["/sys/kernel/**"]
}

workload "api" {
  match { labels = { app = "api" } }
}

workload "quiet" {
  match { labels = { app = "quiet" } }
  monitoring { violations = "critical" }
}
