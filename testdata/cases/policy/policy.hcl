# What every artifact has around its controls: who is who, and what is tried.

policy "policy" {
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
  pods = {
    "example.com/Widget" = ["spec.template"]
    "ray.io/RayCluster"  = ["spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"]
  }
  targets = ["rego", "terraform"]
}

privileges { privileged = false }

workload "api" {
  match { labels = { app = "api" } }

  container "migrate" {
    privileges { privileged = true }
  }
}

ceiling {
  privileges { privileged = true }
}
