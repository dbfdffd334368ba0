# Who may talk with whom, and the families of sockets.

policy "network" {
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
  api_server    = ["10.0.0.1/32"]
  targets       = ["networkpolicy", "seccomp", "apparmor", "rego"]
}

privileges { privileged = false }

host { network = false }

network {
  default        = "deny"
  dns            = false
  families       = ["unix", "inet", "inet6"]
  metadata       = "deny"
  kubernetes_api = "flows"
  internet       = "flows"
}

seccomp { allow = ["read", "socket", "socketpair", "write"] }

workload "api" {
  match { labels = { app = "api" } }
}

workload "store" {
  match { labels = { app = "store" } }
}

flow "api to store" {
  from  = workload.api
  to    = workload.store
  ports = ["tcp/5432"]
}

flow "api to the internet" {
  from  = workload.api
  to    = peer.internet
  ports = ["tcp/443"]
}
