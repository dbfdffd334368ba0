# Where images come from and how they are named.

policy "image" {
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

image {
  registries = ["registry.example.com/every/*"]
  deny       = ["registry.example.com/every/legacy-*"]
  deny_tags  = ["latest"]
  digest     = "required"
}

workload "api" {
  match { labels = { app = "api" } }

  container "proxy" {
    image { registries = ["registry.example.com/every/proxy"] }
  }
}

exception "an agent without a digest" {
  images  = ["registry.example.com/every/agent"]
  warn    = ["image.digest"]
  owner   = "platform team"
  reason  = "its vendor moves the tag"
  ticket  = "SEC-2"
  expires = "2027-06-30"
}
