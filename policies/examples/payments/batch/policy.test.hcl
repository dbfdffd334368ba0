# The tests of ../central hold here too: `bulkhead test` runs them first.

test "what is deployed is admitted" {
  manifest {
    file   = "deploy/settle.yaml"
    expect = "allow"
  }
  manifest {
    file   = "deploy/scoring.yaml"
    expect = "allow"
  }
}

test "a vendor's code needs a kernel of its own" {
  manifest {
    file    = "fixtures/unboxed.yaml"
    expect  = "deny"
    control = "sandbox.runtime"
  }
}

test "settlement runs under its own profiles" {
  manifest {
    file    = "fixtures/borrowed.yaml"
    expect  = "deny"
    control = "privileges.compiled_profiles"
  }
}

test "settlement runs its own program" {
  workload  = workload["settle-eu"]
  container = "settle"
  file {
    path   = "/app/settle"
    access = "execute"
    expect = "allow"
  }
  file {
    path    = "/usr/bin/curl"
    access  = "execute"
    expect  = "deny"
    control = "filesystem.execute"
  }
}

test "settlement reads the ledger and asks for scores" {
  connection {
    from   = workload["settle-eu"]
    to     = peer.ledger
    port   = "tcp/5432"
    expect = "allow"
  }
  connection {
    from   = workload["settle-us"]
    to     = workload.scoring
    port   = "tcp/8080"
    expect = "allow"
  }
}

test "a vendor's code talks to nobody" {
  connection {
    from    = workload.scoring
    to      = peer.ledger
    port    = "tcp/5432"
    expect  = "deny"
    control = "network.default"
  }
  connection {
    from    = workload.scoring
    to      = peer.internet
    port    = "tcp/443"
    expect  = "deny"
    control = "network.internet"
  }
  connection {
    from    = workload.scoring
    to      = { ip = "169.254.169.254" }
    port    = "tcp/80"
    expect  = "deny"
    control = "network.metadata"
  }
  connection {
    from    = workload.scoring
    to      = peer.kubernetes_api
    port    = "tcp/443"
    expect  = "deny"
    control = "network.kubernetes_api"
  }
}
