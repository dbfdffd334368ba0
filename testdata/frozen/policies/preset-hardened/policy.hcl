# Frozen: see README.md of testdata/frozen.

policy "preset-hardened" {
  version    = "1.0.0"
  namespaces = ["frozen"]
}

extends "preset" { source = "bulkhead:hardened" }
