# What of the node a pod may reach.

policy "host" {
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

host {
  network = false
  pid     = false
  ipc     = false
  users   = false
  ports   = ["tcp/8443"]
  paths   = { "/var/log/app" = "read" }
  probes  = []
  aliases = ["10.0.0.*"]
  devices = ["example.com/*", "claim:gpu"]
}

workload "api" {
  match { labels = { app = "api" } }
}

workload "store" {
  match { labels = { app = "store" } }
  host { ports = [] }
}
