test "what we deploy is admitted" {
  manifest {
    file   = "fixtures/web.yaml"
    expect = "allow"
  }
}

test "a privileged pod is refused" {
  manifest {
    file    = "fixtures/privileged.yaml"
    expect  = "deny"
    control = "privileges.privileged"
  }
}

test "no new user namespaces" {
  syscall {
    name    = "unshare"
    args    = ["CLONE_NEWUSER"]
    expect  = "deny"
    control = "seccomp.allow"
  }
}

test "the node's settings cannot be changed from a container" {
  workload = workload.web
  file {
    path    = "/proc/sys/kernel/core_pattern"
    access  = "write"
    expect  = "deny"
    control = "privileges.proc_mount"
  }
}

test "shoppers come in, and the cloud's credentials stay out of reach" {
  connection {
    from   = peer.internet
    to     = workload.web
    port   = "tcp/8080"
    expect = "allow"
  }
  connection {
    from    = workload.web
    to      = { ip = "169.254.169.254" }
    port    = "tcp/80"
    expect  = "deny"
    control = "network.default"
  }
}
