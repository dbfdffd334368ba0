# What Falco reports.

test "a dump of the ledger is seen" {
  workload = workload.ledger
  event {
    fields  = { "evt.type" = "execve", "proc.name" = "pg_dump", "proc.tty" = 0, "proc.exepath" = "/usr/lib/postgresql/17/bin/pg_dump" }
    expect  = "alert"
    control = "monitoring.detect.ledger-dump"
  }
}

test "the API at work is silent" {
  workload  = workload.api
  container = "api"
  event {
    fields = { "evt.type" = "execve", "proc.name" = "api", "proc.tty" = 0, "proc.exepath" = "/app/api", "proc.exe" = "/app/api", "user.uid" = 10102, "container.image.repository" = "registry.example.com/payments/api" }
    expect = "silent"
  }
}

test "tools that came with an attack are seen" {
  workload = workload.web
  event {
    fields  = { "evt.type" = "execve", "proc.name" = "xmrig", "proc.tty" = 0, "proc.exepath" = "/tmp/xmrig", "evt.res" = "EACCES", "evt.arg.filename" = "/tmp/xmrig" }
    expect  = "alert"
    control = "filesystem.execute"
  }
}
