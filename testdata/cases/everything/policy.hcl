# States every control, so that what each target holds of it can be shown.

policy "everything" {
  version    = "1.0.0"
  owner      = "bulkhead"
  namespaces = ["every"]
  undeclared = "deny"
}

extends "preset" { source = "bulkhead:privileged" }

platform {
  kubernetes    = "1.34"
  runtime       = "containerd 2.1"
  apparmor      = "3.0"
  architectures = ["amd64", "arm64"]
  api_server    = ["10.0.0.1/32"]
  pods = {
    "example.com/Widget" = ["spec.template"]
    "ray.io/RayCluster"  = ["spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"]
  }
}

privileges {
  privileged             = false
  escalation             = false
  run_as_non_root        = true
  root_in_user_namespace = false
  users                  = ["1000-1999"]
  groups                 = ["1000-1999"]
  fs_group               = [2000]
  supplemental_groups    = [2000]
  selinux_types          = ["container_t"]
  selinux_users          = []
  selinux_roles          = []
  apparmor               = ["localhost"]
  seccomp                = ["localhost"]
  compiled_profiles      = true
  sysctls                = ["net.ipv4.ip_unprivileged_port_start"]
  sysctl_values          = "numbers"
  proc_mount             = "default"
  host_process           = false
  shared_processes       = false
  tokens                 = ["vault"]
  annotations            = ["*.crio.io*", "io.katacontainers.*"]
  environment            = ["LD_*", "NVIDIA_VISIBLE_DEVICES"]

  supplemental_groups_policy = "strict"
}

capabilities {
  drop = ["ALL"]
  add  = ["NET_BIND_SERVICE"]
}

host {
  network = false
  pid     = false
  ipc     = false
  users   = false
  ports   = ["tcp/8443"]
  paths   = { "/var/log/app" = "read" }
  probes  = []
  aliases = ["10.0.0.*"]
  devices = ["example.com/*", "claim:gpu"]
}

resources {
  memory            = "512Mi"
  cpu               = "1"
  ephemeral_storage = "1Gi"
  hugepages         = { "2Mi" = "64Mi" }
  probes            = ["liveness", "readiness"]
  io                = ["low", "normal"]
}

node {
  seccomp_default         = true
  pod_pids_limit          = 4096
  anonymous_auth          = false
  read_only_port          = false
  protect_kernel_defaults = true
  runtimes                = ["containerd", "cri-o"]
}

seccomp {
  allow = ["@runtime-default"]
  deny  = ["@ptrace", "vmsplice"]
  errno = "EPERM"

  rule "no address space randomisation switched off" {
    syscalls = ["personality"]
    arg {
      index = 0
      in    = [0, "0xffffffff"]
    }
  }

  rule "nothing typed into terminals" {
    syscalls = ["ioctl"]
    arg {
      index  = 1
      not_in = ["TIOCLINUX", "TIOCSTI"]
    }
  }

  rule "mappings for oneself or for sharing" {
    syscalls = ["mmap"]
    arg {
      index   = 3
      has_any = ["MAP_PRIVATE", "MAP_SHARED"]
    }
  }

  rule "no growing mappings" {
    syscalls = ["mprotect"]
    arg {
      index    = 2
      has_none = ["PROT_GROWSDOWN", "PROT_GROWSUP"]
    }
  }

  rule "pairs of streams" {
    syscalls = ["socketpair"]
    arg {
      index = 0
      eq    = "AF_UNIX"
    }
    arg {
      index = 1
      mask  = 15
      value = "SOCK_STREAM"
    }
  }
}

filesystem {
  read_only_root = true
  write          = ["/tmp/**", "/var/cache/app/**"]
  execute        = ["/app/**", "/usr/bin/*"]
  deny           = ["/proc/sys/**", "/sys/kernel/**"]
  volumes        = ["configMap", "emptyDir", "secret"]
  sub_paths      = false
  kernel_mounts  = false
}

network {
  default        = "deny"
  dns            = false
  families       = ["unix", "inet", "inet6"]
  metadata       = "deny"
  kubernetes_api = "flows"
  internet       = "flows"
}

image {
  registries = ["registry.example.com/every/*"]
  deny       = ["registry.example.com/every/legacy-*"]
  deny_tags  = ["latest"]
  digest     = "required"
}

monitoring {
  violations = "warning"
  detect "interactive-shell" {
    priority  = "notice"
    condition = "evt.type = execve and proc.name in (bash, sh) and proc.tty != 0"
  }
}

updates {
  runtime "containerd" { min = "1.7.29" }
  kernel { min = "6.1" }
  kubernetes { min = "1.33" }
}

sandbox {
  runtime = "none"
}

workload "api" {
  match { labels = { app = "api" } }

  container "migrate" {
    filesystem { write = ["/tmp/**"] }
  }
}

workload "inside" {
  match { labels = { app = "inside" } }
  sandbox { runtime = "gvisor" }
}

workload "store" {
  match { labels = { app = "store" } }
  network {
    egress  = "deny"
    ingress = "deny"
  }
  host { ports = [] }
}

flow "api to store" {
  from  = workload.api
  to    = workload.store
  ports = ["tcp/5432"]
}

flow "api to the internet" {
  from  = workload.api
  to    = peer.internet
  ports = ["tcp/443"]
}

exception "the sandbox's own kernel stands in their place" {
  workload = workload.inside
  unheld   = ["seccomp", "filesystem.write", "filesystem.execute", "filesystem.deny", "network.families", "monitoring"]
  owner    = "platform team"
  reason   = "runsc does not load the pod's filter or profile"
  ticket   = "SEC-1"
  expires  = "2027-06-30"
}

exception "the vendor's agent writes to its root" {
  images  = ["registry.example.com/every/agent", "registry.example.com/every/agents/*"]
  warn    = ["filesystem.read_only_root", "image.digest"]
  owner   = "platform team"
  reason  = "its updates are unpacked in place"
  ticket  = "SEC-2"
  expires = "2027-06-30"
}

exception "the agent of the api" {
  workload = workload.api
  images   = ["registry.example.com/every/agent"]
  warn     = ["capabilities.add"]
  owner    = "platform team"
  reason   = "it reads other processes"
  ticket   = "SEC-3"
  expires  = "2027-06-30"
}
