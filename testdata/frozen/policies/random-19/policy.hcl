# Frozen: see README.md of testdata/frozen.

policy "random-19" {
  version    = "1.0.0"
  namespaces = ["frozen"]
  undeclared = "deny"
}

extends "preset" { source = "bulkhead:restricted" }

platform {
  kubernetes = "1.18"
  runtime    = "containerd 2.1"
  targets    = ["rego"]
}

privileges {
  groups = ["5-9", "1000-2000"]
}

host {
  pid = false
}

resources {
  probes = ["liveness", "readiness", "startup"]
}

updates {
  kernel { min = ["5.10.1", "6.1.2"] }
  kubernetes { min = "1.33" }
}

exception "number 1" {
  warn    = ["host.pid"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-1"
  expires = "2027-06-30"
}

exception "number 2" {
  images  = ["registry.example.com/team/agent", "registry.example.com/agents/*"]
  warn    = ["privileges.groups", "resources.probes"]
  owner   = "team"
  reason  = "it is random"
  ticket  = "SEC-2"
  expires = "2027-06-30"
}

