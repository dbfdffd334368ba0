# Frozen: see README.md of testdata/frozen.

policy "preset-baseline" {
  version    = "1.0.0"
  namespaces = ["frozen"]
}

extends "preset" { source = "bulkhead:baseline" }
