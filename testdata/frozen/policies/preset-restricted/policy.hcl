# Frozen: see README.md of testdata/frozen.

policy "preset-restricted" {
  version    = "1.0.0"
  namespaces = ["frozen"]
}

extends "preset" { source = "bulkhead:restricted" }
