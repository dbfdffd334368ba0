# A kernel of its own for some pods.

policy "sandbox" {
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

sandbox { runtime = "gvisor" }

ceiling {
  sandbox { runtime = "none" }
}

workload "api" {
  match { labels = { app = "api" } }
  sandbox { runtime = "none" }
}

workload "inside" {
  match { labels = { app = "inside" } }
}
