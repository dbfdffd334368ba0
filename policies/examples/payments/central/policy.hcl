# What the platform team asks of everyone. Teams extend it, state their workloads,
# and make exceptions only from what `delegate` lists.

policy "central" {
  version    = "3.2.0"
  requires   = ">= 0.1"
  owner      = "platform-security"
  undeclared = "ceiling"

  delegate = [
    "capabilities.add",
    "filesystem",
    "image.digest",
    "monitoring",
    "network.families",
    "privileges.root_in_user_namespace",
    "privileges.run_as_non_root",
    "privileges.users",
    "resources",
    "seccomp",
  ]
}

extends "preset" { source = "bulkhead:restricted" }

variable "env" {
  type = string
  validation {
    condition     = contains(["dev", "prod"], var.env)
    error_message = "env is dev or prod."
  }
}

variable "team" { type = string }

platform {
  kubernetes    = "1.34"
  runtime       = "containerd 2.1"
  apparmor      = "3.0"
  architectures = ["amd64", "arm64"]
  api_server    = ["10.96.0.1/32", "10.10.0.0/28"] # the Service, and the endpoints behind it
}

privileges {
  root_in_user_namespace = false
  users                  = ["10000-19999"]
  groups                 = ["10000-19999"]
  fs_group               = ["10000-19999"]
  supplemental_groups    = ["10000-19999"]
  apparmor               = ["localhost"]
  seccomp                = ["localhost"]
  selinux_types          = []
  sysctls                = []
}

host {
  users = false
}

resources {
  memory            = "1Gi"
  cpu               = "1"
  ephemeral_storage = "2Gi"
  hugepages         = {}
}

seccomp {
  deny = ["@io_uring", "@obsolete", "@ptrace", "userfaultfd"]

  rule "no raw sockets" {
    syscalls = ["socket", "socketpair"]
    arg {
      index = 1
      mask  = 15 # SOCK_TYPE_MASK: the bits above are flags
      value = "SOCK_STREAM"
    }
  }
}

filesystem {
  read_only_root = true
  write          = ["/tmp/**"]
  deny = [
    "/proc/sys/**",
    "/sys/kernel/**",
    "/run/secrets/kubernetes.io/**", # tokens are for those who may talk to the API server
    "/var/run/secrets/kubernetes.io/**",
  ]
}

network {
  families = ["unix", "inet", "inet6"]
}

image {
  registries = ["registry.example.com/${var.team}/*"]
  digest     = "required"
}

monitoring {
  violations = "warning"

  detect "interactive-shell" {
    description = "A shell with a terminal: somebody is in the container."
    priority    = "notice"
    condition   = "evt.type in (execve, execveat) and proc.name in (bash, sh, dash, ash) and proc.tty != 0"
  }
}

updates {
  runtime "containerd" { min = "1.7.29" }
  runtime "runc" { min = "1.2.8" }
  kernel { min = "6.1" }
  kubernetes { min = "1.33" }
}

# What kubelets read with --config, and what nodes run.
node {
  seccomp_default         = true
  pod_pids_limit          = 4096
  anonymous_auth          = false
  read_only_port          = false
  protect_kernel_defaults = true
  runtimes                = ["containerd"]
}

ceiling {
  capabilities { add = ["NET_BIND_SERVICE"] }
  filesystem { write = ["/dev/shm/**", "/tmp/**", "/run/**", "/var/cache/**", "/var/lib/**"] }
  resources {
    memory            = "8Gi"
    cpu               = "4"
    ephemeral_storage = "10Gi"
  }
}

# The mesh injects it into every pod; whoever takes its name has to take its image.
container "mesh-proxy" {
  image { registries = ["registry.example.com/platform/mesh-proxy"] }
  filesystem { execute = ["/usr/local/bin/mesh-proxy"] }
}

peer "prometheus" {
  namespaces = ["monitoring"]
  labels     = { app = "prometheus" }
}

flow "metrics are collected" {
  from  = peer.prometheus
  to    = peer.scope
  ports = ["tcp/9090"]
}
