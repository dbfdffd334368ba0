# Invariants of what is seen.

test "a shell with a terminal is seen" {
  event {
    fields  = { "evt.type" = "execve", "proc.name" = "bash", "proc.tty" = 34816 }
    expect  = "alert"
    control = "monitoring.detect.interactive-shell"
  }
}

test "what is refused is reported" {
  event {
    fields  = { "evt.type" = "unshare", "evt.arg.flags" = "CLONE_NEWUSER", "evt.res" = "EPERM" }
    expect  = "alert"
    control = "monitoring.violations"
  }
}
