exception "the ledger's volume is handed over by root" {
  workload = workload.ledger
  allow {
    privileges {
      root_in_user_namespace = true
      run_as_non_root        = false
      users                  = [0]
    }
    capabilities { add = ["CHOWN", "FOWNER"] }
  }
  owner   = "team-ledger"
  reason  = "the storage driver ignores fsGroup, so a volume starts out as root's"
  ticket  = "SEC-1412"
  expires = "2027-12-31"
}

exception "how much CPU the ledger needs is being measured" {
  workload = workload.ledger
  warn     = ["resources.cpu"]
  owner    = "team-ledger"
  reason   = "a limit made month-end closing run into its time-out"
  ticket   = "PAY-377"
  expires  = "2027-09-30"
}
