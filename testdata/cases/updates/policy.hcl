# The least versions of what nodes run.

policy "updates" {
  version    = "1.0.0"
  namespaces = ["shop"]
  undeclared = "ceiling"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes    = "1.34"
  runtime       = "containerd 2.1"
  apparmor      = "3.0"
  architectures = ["amd64"]
  targets       = ["rego", "terraform"]
}

updates {
  runtime "containerd" { min = "1.7.29" }
  kernel { min = "6.1" }
  kubernetes { min = "1.33" }
}
