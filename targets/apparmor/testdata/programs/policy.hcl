# A workload that asks for nothing, under the strictest preset: what ordinary programs do when they start must
# be possible there.
policy "programs" {
  version    = "1.0.0"
  owner      = "tests"
  namespaces = ["programs"]
}

extends "hardened" { source = "bulkhead:hardened" }

workload "any" {
  match { labels = { app = "any" } }
}
