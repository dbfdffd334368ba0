# Who talks with whom.

test "money takes the one way through the tiers" {
  connection {
    from   = peer.internet
    to     = workload.web
    port   = "tcp/8443"
    expect = "allow"
  }
  connection {
    from   = workload.web
    to     = workload.api
    port   = "tcp/8080"
    expect = "allow"
  }
  connection {
    from   = workload.api
    to     = workload.ledger
    port   = "tcp/5432"
    expect = "allow"
  }
  connection {
    from   = workload.reconcile
    to     = workload.ledger
    port   = "tcp/5432"
    expect = "allow"
  }
  connection {
    from   = workload.api
    to     = peer.acquirer
    port   = "tcp/443"
    expect = "allow"
  }
}

test "no tier is skipped" {
  connection {
    from    = peer.internet
    to      = workload.api
    port    = "tcp/8080"
    expect  = "deny"
    control = "network.default"
  }
  connection {
    from    = peer.internet
    to      = workload.ledger
    port    = "tcp/5432"
    expect  = "deny"
    control = "network.default"
  }
  connection {
    from    = workload.web
    to      = workload.ledger
    port    = "tcp/5432"
    expect  = "deny"
    control = "network.default"
  }
  connection {
    from    = workload.ledger
    to      = workload.api
    port    = "tcp/8080"
    expect  = "deny"
    control = "network.default"
  }
}

test "ports are those of the flow" {
  connection {
    from    = workload.api
    to      = workload.ledger
    port    = "tcp/22"
    expect  = "deny"
    control = "network.default"
  }
  connection {
    from    = peer.internet
    to      = workload.web
    port    = "tcp/8080"
    expect  = "deny"
    control = "network.default"
  }
}

test "of the batch namespace only settlement reads the ledger" {
  connection {
    from   = { namespace = "payments-batch-${var.env}", labels = { app = "settle", region = "eu" } }
    to     = workload.ledger
    port   = "tcp/5432"
    expect = "allow"
  }
  connection {
    from    = { namespace = "payments-batch-${var.env}", labels = { app = "scoring" } }
    to      = workload.ledger
    port    = "tcp/5432"
    expect  = "deny"
    control = "network.default"
  }
}

test "the ledger's data does not leave" {
  connection {
    from    = workload.ledger
    to      = peer.internet
    port    = "tcp/443"
    expect  = "deny"
    control = "network.internet"
  }
  connection {
    from    = workload.ledger
    to      = peer.acquirer
    port    = "tcp/443"
    expect  = "deny"
    control = "network.default"
  }
}

test "nobody asks the cloud for credentials" {
  connection {
    from    = workload.web
    to      = { ip = "169.254.169.254" }
    port    = "tcp/80"
    expect  = "deny"
    control = "network.metadata"
  }
  connection {
    from    = workload.api
    to      = { ip = "169.254.169.254" }
    port    = "tcp/80"
    expect  = "deny"
    control = "network.metadata"
  }
  connection {
    from    = workload.ledger
    to      = { ip = "169.254.169.254" }
    port    = "tcp/80"
    expect  = "deny"
    control = "network.metadata"
  }
  connection {
    from    = workload.reconcile
    to      = { ip = "169.254.169.254" }
    port    = "tcp/80"
    expect  = "deny"
    control = "network.metadata"
  }
}

test "nobody calls the cluster's API server" {
  connection {
    from    = workload.web
    to      = peer.kubernetes_api
    port    = "tcp/443"
    expect  = "deny"
    control = "network.kubernetes_api"
  }
  connection {
    from    = workload.api
    to      = peer.kubernetes_api
    port    = "tcp/443"
    expect  = "deny"
    control = "network.kubernetes_api"
  }
}

test "metrics are collected by prometheus alone" {
  connection {
    from   = peer.prometheus
    to     = workload.ledger
    port   = "tcp/9090"
    expect = "allow"
  }
  connection {
    from    = peer.prometheus
    to      = workload.ledger
    port    = "tcp/5432"
    expect  = "deny"
    control = "network.default"
  }
  connection {
    from    = { namespace = "monitoring", labels = { app = "grafana" } }
    to      = workload.ledger
    port    = "tcp/9090"
    expect  = "deny"
    control = "network.default"
  }
}

test "names are resolved" {
  connection {
    from   = workload.api
    to     = { namespace = "kube-system", labels = { "k8s-app" = "kube-dns" } }
    port   = "udp/53"
    expect = "allow"
  }
}
