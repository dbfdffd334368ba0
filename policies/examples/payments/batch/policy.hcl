# What runs beside payments, in a namespace of its own.

policy "payments-batch" {
  version    = "1.0.0"
  owner      = "team-payments"
  namespaces = ["payments-batch-${var.env}"]
}

variable "env" { type = string }

extends "central" {
  source  = "../central"
  version = "~> 3.2"
  inputs  = { env = var.env, team = "payments" }
}

filesystem {
  execute = ["/app/*"]
}

workload "settle" {
  for_each = toset(["eu", "us"])
  name     = "settle-${each.key}"
  match { labels = { app = "settle", region = each.key } }
}

# The fraud model is a vendor's native code, which a kernel of its own keeps in.
workload "scoring" {
  match { labels = { app = "scoring" } }
  sandbox { runtime = "gvisor" }
  image { registries = ["registry.example.com/payments/scoring"] }
  resources {
    memory = "2Gi"
    cpu    = "2"
  }
}

peer "ledger" {
  namespaces = ["payments-${var.env}"]
  labels     = { app = "ledger" }
}

flow "settlement reads the ledger" {
  from  = [workload["settle-eu"], workload["settle-us"]]
  to    = peer.ledger
  ports = ["tcp/5432"]
}

flow "settlement asks for scores" {
  from  = [workload["settle-eu"], workload["settle-us"]]
  to    = workload.scoring
  ports = ["tcp/8080"]
}

exception "scoring is kept in by a kernel of its own" {
  workload = workload.scoring
  unheld   = ["filesystem.deny", "filesystem.execute", "filesystem.write", "monitoring", "network.families", "seccomp"]
  owner    = "team-fraud"
  reason   = "in gVisor the node's seccomp, AppArmor and Falco do not see the container's system calls"
  ticket   = "SEC-1420"
  expires  = "2027-12-31"
}
