# The Pod Security Standards' "restricted", in every layer, as of the platform's
# version of Kubernetes. What a version does not ask for yet is null: what baseline
# says of it holds.
#
# https://kubernetes.io/docs/concepts/security/pod-security-standards/

policy "restricted" {
  version  = "1.0.0"
  owner    = "bulkhead"
  delegate = ["*"]
}

extends "baseline" { source = "bulkhead:baseline" }

privileges {
  escalation             = kubernetes("1.8") ? false : null
  run_as_non_root        = true
  root_in_user_namespace = kubernetes("1.35")
  proc_mount             = "default"
  users                  = kubernetes("1.23") ? ["1-2147483647"] : null
  seccomp                = kubernetes("1.19") ? ["runtime-default", "localhost"] : null
}

capabilities {
  drop = kubernetes("1.22") ? ["ALL"] : null
  add  = kubernetes("1.22") ? [] : null
}

ceiling {
  capabilities { add = kubernetes("1.22") ? ["NET_BIND_SERVICE"] : null }
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
