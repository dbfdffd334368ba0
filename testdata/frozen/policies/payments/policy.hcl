# Payments: a web tier, an API, and the ledger's database.

policy "payments" {
  version    = "2.1.0"
  requires   = ">= 0.1"
  owner      = "team-payments"
  namespaces = ["payments-${var.env}"]
  undeclared = "deny"
}

variable "env" { type = string }

extends "central" {
  source  = "./central"
  version = "~> 3.2"
  inputs  = { env = var.env, team = "payments" }
}

filesystem {
  execute = ["/app/*"]
}

monitoring {
  detect "ledger-dump" {
    description = "The ledger's tables are copied out."
    priority    = "critical"
    condition   = "evt.type in (execve, execveat) and proc.name in (pg_dump, pg_dumpall, pg_basebackup)"
  }
}

ceiling {
  filesystem { execute = ["/app/*", "/usr/bin/chown", "/usr/lib/postgresql/**", "/usr/sbin/nginx"] }
}
