# What a container may write, execute and mount.

policy "filesystem" {
  version    = "1.0.0"
  namespaces = ["shop"]
  undeclared = "deny"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes    = "1.34"
  runtime       = "containerd 2.1"
  apparmor      = "3.0"
  architectures = ["amd64"]
  targets       = ["rego", "terraform", "apparmor"]
}

privileges { privileged = false }

filesystem {
  read_only_root = true
  write          = ["/tmp/**", "/var/cache/app/**"]
  execute        = ["/app/**", "/usr/bin/*"]
  deny           = ["/proc/sys/**", "/sys/kernel/**"]
  volumes        = ["configMap", "emptyDir", "secret"]
  sub_paths      = false
  kernel_mounts  = false
}

workload "api" {
  match { labels = { app = "api" } }

  container "migrate" {
    filesystem { write = ["/tmp/**"] }
  }
}

exception "an agent writes to its root" {
  images  = ["registry.example.com/agent", "registry.example.com/agents/*"]
  warn    = ["filesystem.read_only_root"]
  owner   = "platform team"
  reason  = "its updates are unpacked in place"
  ticket  = "SEC-2"
  expires = "2027-06-30"
}
