# Beyond the Pod Security Standards: what they leave open and an application
# rarely needs.

policy "hardened" {
  version  = "1.0.0"
  owner    = "bulkhead"
  delegate = ["*"]
}

extends "restricted" { source = "bulkhead:restricted" }

privileges {
  root_in_user_namespace = false
  apparmor               = ["runtime-default", "localhost"]
  groups                 = ["1-2147483647"]
  fs_group               = ["1-2147483647"]
  supplemental_groups    = ["1-2147483647"]
  selinux_types          = []
  sysctls                = []
  sysctl_values          = "numbers"
  shared_processes       = false

  # Who talks to the API server says so by an exception: a ceiling would hold for pods
  # that no workload describes, and give each of them a token.
  tokens = []

  # What CRI-O, containerd and its plugins, gVisor, Kata, runc and crun act upon, or hand on;
  # Multus, which joins a pod to networks that no NetworkPolicy holds; and what of Istio's
  # puts containers, privileges, another image or volumes into the pod. docs/pod-annotations.md has their sources.
  annotations = [
    "*.cdi.k8s.io/*",
    "*.crio.io*",
    "*.nri.containerd.io*",
    "*.nri.io*",
    "*.noderesource.dev*",
    "bundle",
    "cdi.k8s.io/*",
    "dev.gvisor.*",
    "io.containerd.*",
    "io.containers.*",
    "io.katacontainers.*",
    "io.kubernetes.cri-o.*",
    "io.kubernetes.cri.*",
    "k8s.v1.cni.cncf.io/*",
    "krun.*",
    "module.wasm.image/*",
    "org.criu.config",
    "org.systemd.property.*",
    "proxy.istio.io/config",
    "proxy.istio.io/overrides",
    "run.oci.*",
    "seccomp-profile.kubernetes.cri-o.io*",
    "sidecar.istio.io/bootstrapOverride",
    "sidecar.istio.io/capNetBindService",
    "sidecar.istio.io/enableCoreDump",
    "sidecar.istio.io/interceptionMode",
    "sidecar.istio.io/proxyImage",
    "sidecar.istio.io/userVolume*",
    "v1.multus-cni.io/*",
  ]

  # What the hooks for devices read, and the loader and the C library in whatever they
  # run: GLIBC_TUNABLES (CVE-2023-4911), and where modules of iconv are loaded from.
  environment = [
    "AMD_VISIBLE_DEVICES",
    "ASCEND_VISIBLE_DEVICES",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "HABANA_VISIBLE_DEVICES",
    "LD_*",
    "NVIDIA_*",
  ]
}

ceiling {
  capabilities { add = [] }
  filesystem { write = ["/**"] }
}

host {
  users   = false
  devices = []
}

resources {
  memory            = "4Gi"
  cpu               = "4"
  ephemeral_storage = "10Gi"
  hugepages         = {}
}

seccomp {
  deny = ["@clock", "@io_uring", "@obsolete", "@ptrace", "@raw_io", "userfaultfd"]

  # By routing netlink the C library, Node, Go, Ruby and Erlang list the addresses of the container
  # (getifaddrs). The other protocols reach parts of the kernel that few programs need.
  rule "netlink for routing alone" {
    syscalls = ["socket", "socketpair"]
    alternative {
      arg {
        index  = 0
        not_in = ["AF_NETLINK"]
      }
    }
    alternative {
      arg {
        index = 2
        eq    = "NETLINK_ROUTE"
      }
    }
  }
}

filesystem {
  read_only_root = true
  sub_paths      = false
  kernel_mounts  = false

  # /dev/shm is memory of the pod: semaphores of Python's multiprocessing lie there, and
  # PostgreSQL's shared memory.
  write = ["/dev/shm/**", "/tmp/**"]

  # Where the kernel and its modules lie in memory, and which programs it runs as root. Ordinary
  # programs read other settings in /proc/sys when they start; privileges.proc_mount
  # closes all of them to writing.
  deny = [
    "/proc/iomem",
    "/proc/kallsyms",
    "/proc/modules",
    "/proc/sys/fs/binfmt_misc/**",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/hotplug",
    "/proc/sys/kernel/kptr_restrict",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/usermodehelper/**",
    "/proc/vmallocinfo",
    "/sys/kernel/debug/**",
    "/sys/kernel/notes",
    "/sys/kernel/vmcoreinfo",
    "/sys/module/*/sections/**",
  ]
}

network {
  families = ["unix", "inet", "inet6", "netlink"]
}

image {
  digest = "required"
}

updates {
  # The releases that mend what is known, branch by branch: in containerd that labels of
  # images are orders to it (CVE-2026-53488), and what it takes from checkpoints (CVE-2026-53489,
  # CVE-2026-53492); in CRI-O checkpoints (CVE-2024-8676) and values of sysctls (CVE-2022-0811);
  # in runc CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881.
  runtime "containerd" { min = ["1.7.33", "2.0.10", "2.1.9", "2.2.5", "2.3.2"] }
  runtime "cri-o" { min = ["1.29.11", "1.30.8", "1.31.3"] }
  runtime "runc" { min = ["1.2.8", "1.3.3", "1.4.0-rc.3"] }
  kernel { min = "5.15" }
}
