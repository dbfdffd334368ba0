# How much of the node a container may take, and the probes that it must have.

policy "resources" {
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

resources {
  memory            = "512Mi"
  cpu               = "1"
  ephemeral_storage = "1Gi"
  hugepages         = { "2Mi" = "64Mi" }
  probes            = ["liveness", "readiness"]
  io                = ["low", "normal"]
}

workload "api" {
  match { labels = { app = "api" } }
}
