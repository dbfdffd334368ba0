# Frozen: see README.md of testdata/frozen.

policy "preset-privileged" {
  version    = "1.0.0"
  namespaces = ["frozen"]
}

extends "preset" { source = "bulkhead:privileged" }
