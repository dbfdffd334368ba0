# Capabilities: in manifests and plans, and in the AppArmor profile.

policy "capabilities" {
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
  targets       = ["rego", "terraform", "apparmor"]
}

privileges { privileged = false }

capabilities {
  drop = ["ALL"]
  add  = ["NET_BIND_SERVICE"]
}

workload "api" {
  match { labels = { app = "api" } }

  container "ping" {
    capabilities { add = ["NET_RAW"] }
  }
}

ceiling {
  capabilities { add = ["NET_BIND_SERVICE", "NET_RAW"] }
}

exception "the agent of the api" {
  workload = workload.api
  images   = ["registry.example.com/agent"]
  warn     = ["capabilities.add"]
  owner    = "platform team"
  reason   = "it reads other processes"
  ticket   = "SEC-3"
  expires  = "2027-06-30"
}
