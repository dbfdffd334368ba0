# Invariants of what a container may do once it runs.

test "no new namespaces" {
  syscall {
    name    = "unshare"
    args    = ["CLONE_NEWUSER"]
    expect  = "deny"
    control = "seccomp.allow"
  }
  syscall {
    name    = "clone"
    args    = ["CLONE_NEWUSER|CLONE_NEWNS"]
    expect  = "deny"
    control = "seccomp.allow"
  }
}

test "calls that lead out of containers stay closed" {
  syscall {
    name    = "bpf"
    expect  = "deny"
    control = "seccomp.deny"
  }
  syscall {
    name    = "io_uring_setup"
    expect  = "deny"
    control = "seccomp.deny"
  }
  syscall {
    name    = "ptrace"
    expect  = "deny"
    control = "seccomp.deny"
  }
}

test "the same calls are refused on arm64" {
  syscall {
    name    = "unshare"
    arch    = "arm64"
    args    = ["CLONE_NEWUSER"]
    expect  = "deny"
    control = "seccomp.allow"
  }
}

test "programs can still do what programs do" {
  syscall {
    name   = "read"
    expect = "allow"
  }
  syscall {
    name   = "execve"
    expect = "allow"
  }
  syscall {
    name   = "futex"
    expect = "allow"
  }
  syscall {
    name   = "socket"
    args   = ["AF_INET", "SOCK_STREAM|SOCK_CLOEXEC"]
    expect = "allow"
  }
  socket {
    family = "inet"
    expect = "allow"
  }
}

test "no raw sockets" {
  syscall {
    name    = "socket"
    args    = ["AF_INET", "SOCK_RAW"]
    expect  = "deny"
    control = "seccomp.rule.no raw sockets"
  }
}

test "no sockets of rare families" {
  syscall {
    name    = "socket"
    args    = ["AF_ALG", "SOCK_STREAM"]
    expect  = "deny"
    control = "network.families"
  }
  socket {
    family  = "packet"
    type    = "raw"
    expect  = "deny"
    control = "network.families"
  }
}

test "the node's settings cannot be changed" {
  file {
    path    = "/proc/sys/kernel/core_pattern"
    access  = "write"
    expect  = "deny"
    control = "filesystem.deny"
  }
  file {
    path    = "/proc/sysrq-trigger"
    access  = "write"
    expect  = "deny"
    control = "privileges.proc_mount"
  }
}

test "a container's token is out of its reach" {
  file {
    path    = "/run/secrets/kubernetes.io/serviceaccount/token"
    access  = "read"
    expect  = "deny"
    control = "filesystem.deny"
  }
}

test "programs cannot be replaced" {
  file {
    path    = "/usr/bin/env"
    access  = "write"
    expect  = "deny"
    control = "filesystem.write"
  }
}

test "nothing is mounted" {
  mount {
    fstype  = "ext4"
    source  = "/dev/sda1"
    target  = "/mnt"
    expect  = "deny"
    control = "capabilities.add"
  }
}

test "administration of the node is not for containers" {
  capability {
    name    = "SYS_ADMIN"
    expect  = "deny"
    control = "capabilities.add"
  }
  capability {
    name    = "NET_RAW"
    expect  = "deny"
    control = "capabilities.drop"
  }
}

test "processes outside are left alone" {
  ptrace {
    access  = "trace"
    peer    = "unconfined"
    expect  = "deny"
    control = "host.pid"
  }
  signal {
    access  = "send"
    signal  = "kill"
    peer    = "unconfined"
    expect  = "deny"
    control = "host.pid"
  }
  signal {
    access = "receive"
    signal = "term"
    peer   = "unconfined"
    expect = "allow"
  }
}
