# What each container may do once it runs.

test "a program that came with an attack does not start" {
  file {
    path    = "/tmp/xmrig"
    access  = "execute"
    expect  = "deny"
    control = "filesystem.execute"
  }
  file {
    path    = "/usr/bin/wget"
    access  = "execute"
    expect  = "deny"
    control = "filesystem.execute"
  }
}

test "the web tier serves, and nothing else" {
  workload  = workload.web
  container = "nginx"
  file {
    path   = "/usr/sbin/nginx"
    access = "execute"
    expect = "allow"
  }
  file {
    path   = "/var/cache/nginx/proxy/1"
    access = "write"
    expect = "allow"
  }
  file {
    path   = "/etc/nginx/nginx.conf"
    access = "read"
    expect = "allow"
  }
  file {
    path    = "/etc/nginx/nginx.conf"
    access  = "write"
    expect  = "deny"
    control = "filesystem.write"
  }
  file {
    path    = "/bin/sh"
    access  = "execute"
    expect  = "deny"
    control = "filesystem.execute"
  }
}

test "the API runs its own program" {
  workload  = workload.api
  container = "api"
  file {
    path   = "/app/api"
    access = "execute"
    expect = "allow"
  }
  file {
    path   = "/tmp/upload"
    access = "write"
    expect = "allow"
  }
  file {
    path    = "/app/api"
    access  = "write"
    expect  = "deny"
    control = "filesystem.write"
  }
}

test "a migration runs nothing but the migration" {
  workload  = workload.api
  container = "migrate"
  file {
    path   = "/app/migrate"
    access = "execute"
    expect = "allow"
  }
  file {
    path    = "/app/api"
    access  = "execute"
    expect  = "deny"
    control = "filesystem.execute"
  }
}

test "the database writes its data" {
  workload  = workload.ledger
  container = "postgres"
  file {
    path   = "/dev/shm/PostgreSQL.1"
    access = "write"
    expect = "allow"
  }
  file {
    path   = "/var/lib/postgresql/17/main/base/1"
    access = "write"
    expect = "allow"
  }
  file {
    path   = "/usr/lib/postgresql/17/bin/postgres"
    access = "execute"
    expect = "allow"
  }
  file {
    path    = "/usr/lib/postgresql/17/bin/postgres"
    access  = "write"
    expect  = "deny"
    control = "filesystem.write"
  }
  capability {
    name    = "CHOWN"
    expect  = "deny"
    control = "capabilities.drop"
  }
}

test "who hands the volume over can do just that" {
  workload  = workload.ledger
  container = "own-volume"
  capability {
    name   = "CHOWN"
    expect = "allow"
  }
  capability {
    name    = "DAC_OVERRIDE"
    expect  = "deny"
    control = "capabilities.drop"
  }
  syscall {
    name   = "fchownat"
    expect = "allow"
  }
  file {
    path   = "/usr/bin/chown"
    access = "execute"
    expect = "allow"
  }
  file {
    path    = "/bin/sh"
    access  = "execute"
    expect  = "deny"
    control = "filesystem.execute"
  }
  file {
    path    = "/run/postgresql/x"
    access  = "write"
    expect  = "deny"
    control = "filesystem.write"
  }
}

test "the mesh's proxy runs in every pod" {
  container = "mesh-proxy"
  file {
    path   = "/usr/local/bin/mesh-proxy"
    access = "execute"
    expect = "allow"
  }
  file {
    path    = "/app/api"
    access  = "execute"
    expect  = "deny"
    control = "filesystem.execute"
  }
}

test "nothing is mounted over the ledger" {
  workload = workload.ledger
  mount {
    options = ["bind"]
    source  = "/tmp"
    target  = "/var/lib/postgresql"
    expect  = "deny"
    control = "capabilities.add"
  }
  mount {
    operation = "umount"
    target    = "/var/lib/postgresql"
    expect    = "deny"
    control   = "capabilities.add"
  }
}
