workload "web" {
  match { labels = { app = "web" } }
  filesystem {
    write   = ["/tmp/**", "/var/cache/nginx/**", "/run/nginx.pid"]
    execute = ["/usr/sbin/nginx"]
  }
  resources { memory = "256Mi" }
}

workload "api" {
  match { labels = { app = "api" } }

  # Changes the ledger's schema before a release starts.
  container "migrate" {
    filesystem { execute = ["/app/migrate"] }
    resources { memory = "128Mi" }
  }
}

workload "ledger" {
  match { labels = { app = "ledger" } }
  filesystem {
    write   = ["/dev/shm/**", "/tmp/**", "/run/postgresql/**", "/var/lib/postgresql/**"]
    execute = ["/usr/lib/postgresql/**"]
  }
  resources {
    memory = "4Gi"
    cpu    = "2"
  }

  # Gives the volume to the database's user, as the storage driver does not.
  container "own-volume" {
    privileges {
      root_in_user_namespace = true
      run_as_non_root        = false
      users                  = [0]
    }
    capabilities { add = ["CHOWN", "FOWNER"] }
    filesystem {
      write   = ["/var/lib/postgresql/**"]
      execute = ["/usr/bin/chown"]
    }
  }
}

workload "reconcile" {
  match { labels = { app = "reconcile" } }
  resources { memory = "512Mi" }
}
