# What the cluster takes, and what it does not.

test "what is deployed is admitted" {
  manifest {
    file   = "deploy/web.yaml"
    expect = "allow"
  }
  manifest {
    file   = "deploy/api.yaml"
    expect = "allow"
  }
  manifest {
    file   = "deploy/ledger.yaml"
    expect = "allow"
  }
  manifest {
    file   = "deploy/reconcile.yaml"
    expect = "allow"
  }
  manifest {
    file   = "deploy/nodes.yaml"
    expect = "allow"
  }
  manifest {
    file   = "deploy/kubelet.yaml"
    expect = "allow"
  }
}

# The plan names its namespace, which only prod has.
test "what terraform plans is admitted" {
  for_each = var.env == "prod" ? toset(["prod"]) : toset([])
  name     = "what terraform plans in ${each.key} is admitted"
  plan {
    file   = "deploy/cluster.plan.json"
    expect = "allow"
  }
}

test "a debug release that takes the node is refused" {
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "privileges.privileged"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "privileges.escalation"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "privileges.root_in_user_namespace"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "privileges.seccomp"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "privileges.apparmor"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "capabilities.add"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "host.network"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "host.pid"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "host.paths"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "resources.memory"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "filesystem.read_only_root"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "filesystem.volumes"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "image.registries"
  }
  manifest {
    file    = "fixtures/breakout.yaml"
    expect  = "deny"
    control = "image.digest"
  }
}

test "terraform cannot plan it either" {
  plan {
    file    = "fixtures/breakout.plan.json"
    expect  = "deny"
    control = "privileges.privileged"
  }
  plan {
    file    = "fixtures/breakout.plan.json"
    expect  = "deny"
    control = "host.network"
  }
  plan {
    file    = "fixtures/breakout.plan.json"
    expect  = "deny"
    control = "host.paths"
  }
  plan {
    file    = "fixtures/breakout.plan.json"
    expect  = "deny"
    control = "filesystem.volumes"
  }
  plan {
    file    = "fixtures/breakout.plan.json"
    expect  = "deny"
    control = "image.registries"
  }
  plan {
    file    = "fixtures/breakout.plan.json"
    expect  = "deny"
    control = "image.digest"
  }
  plan {
    file    = "fixtures/breakout.plan.json"
    expect  = "deny"
    control = "updates.kubernetes"
  }
}

test "another's profile is not one's own" {
  manifest {
    file    = "fixtures/borrowed.yaml"
    expect  = "deny"
    control = "privileges.compiled_profiles"
  }
}

test "pods that nobody described are refused" {
  manifest {
    file    = "fixtures/stranger.yaml"
    expect  = "deny"
    control = "policy.undeclared"
  }
}

test "the ledger's exception is for one container" {
  manifest {
    file    = "fixtures/root.yaml"
    expect  = "deny"
    control = "privileges.root_in_user_namespace"
  }
  manifest {
    file    = "fixtures/root.yaml"
    expect  = "deny"
    control = "capabilities.add"
  }
}
