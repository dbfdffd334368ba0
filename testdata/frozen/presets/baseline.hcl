# The Pod Security Standards' "baseline", in every layer: what manifests may ask
# for is what the standard says, and the layers below hold a container to what
# its runtime gives by default. Networks are closed but for the flows that a
# policy states, as flows would mean nothing otherwise.
#
# The standard differs by version of Kubernetes: kubernetes("1.27") is what holds
# from 1.27 on. Which version it is, platform.kubernetes says, or --kubernetes; else
# it is the newest that is known.
#
# https://kubernetes.io/docs/concepts/security/pod-security-standards/

policy "baseline" {
  version    = "1.0.0"
  owner      = "bulkhead"
  undeclared = "ceiling"
  delegate   = ["*"]
}

privileges {
  privileged   = false
  proc_mount   = kubernetes("1.35") ? "user-namespace" : "default"
  host_process = false
  apparmor     = ["runtime-default", "localhost", "unset"]
  seccomp      = ["runtime-default", "localhost", "unset"]
  selinux_types = concat(
    ["container_t", "container_init_t", "container_kvm_t"],
    kubernetes("1.31") ? ["container_engine_t"] : [],
  )
  selinux_users = []
  selinux_roles = []
  sysctls = concat(
    [
      "kernel.shm_rmid_forced",
      "net.ipv4.ip_local_port_range",
      "net.ipv4.ip_unprivileged_port_start",
      "net.ipv4.ping_group_range",
      "net.ipv4.tcp_syncookies",
    ],
    kubernetes("1.27") ? ["net.ipv4.ip_local_reserved_ports"] : [],
    kubernetes("1.29") ? [
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.tcp_keepalive_intvl",
      "net.ipv4.tcp_keepalive_probes",
      "net.ipv4.tcp_keepalive_time",
    ] : [],
    kubernetes("1.32") ? ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"] : [],
    kubernetes("1.37") ? ["net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_slow_start_after_idle"] : [],
  )

  # Beyond the standard, and of described workloads only: what is compiled for them
  # would hold nowhere if their pods did not name it.
  compiled_profiles = true
}

ceiling {
  privileges { compiled_profiles = false }
}

capabilities {
  # NET_RAW is missing on purpose: the standard lets a runtime's default keep it,
  # but nobody may ask for it.
  add = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
  ]
}

host {
  network = false
  pid     = false
  ipc     = false
  ports   = []
  paths   = {}
  probes  = kubernetes("1.34") ? [] : ["*"]
}

seccomp {
  allow = ["@runtime-default"]
}

network {
  default        = "deny"
  dns            = true
  metadata       = "deny"
  kubernetes_api = "flows"
  internet       = "flows"
}

monitoring {
  violations = "warning"
}
