# The Pod Security Standards' "restricted", in every layer.
#
# https://kubernetes.io/docs/concepts/security/pod-security-standards/

policy "restricted" {
  version  = "1.0.0"
  owner    = "bulkhead"
  delegate = ["*"]
}

extends "baseline" { source = "bulkhead:baseline" }

privileges {
  escalation      = false
  run_as_non_root = true
  proc_mount      = "default"
  users           = ["1-2147483647"]
  seccomp         = ["runtime-default", "localhost"]
}

capabilities {
  drop = ["ALL"]
  add  = []
}

ceiling {
  capabilities { add = ["NET_BIND_SERVICE"] }
}

filesystem {
  volumes = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
  ]
}

seccomp {
  deny = ["@bpf", "@keyring", "@module", "@mount", "@reboot", "@swap"]
}

network {
  families = ["unix", "inet", "inet6", "netlink"]
}
