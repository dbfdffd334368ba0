# Invariants of the network.

test "another namespace is kept out" {
  connection {
    from    = { namespace = "some-other-team" }
    to      = peer.scope
    port    = "tcp/8080"
    expect  = "deny"
    control = "network.default"
  }
}
