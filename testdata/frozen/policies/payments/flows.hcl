peer "acquirer" { cidrs = ["198.51.100.0/24"] } # the card network's own addresses

peer "settlement" {
  namespaces = ["payments-batch-${var.env}"]
  labels     = { app = "settle" }
}

flow "shoppers" {
  from  = peer.internet
  to    = workload.web
  ports = ["tcp/8443"]
}

flow "web to api" {
  from  = workload.web
  to    = workload.api
  ports = ["tcp/8080"]
}

flow "the ledger's clients" {
  from  = [workload.api, workload.reconcile, peer.settlement]
  to    = workload.ledger
  ports = ["tcp/5432"]
}

flow "charges" {
  from  = workload.api
  to    = peer.acquirer
  ports = ["tcp/443"]
}
