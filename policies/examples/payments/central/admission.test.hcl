# Invariants of admission: they hold in every policy that extends this one.

test "nobody is root, or in a group of the node's" {
  manifest {
    file    = "fixtures/identity.yaml"
    expect  = "deny"
    control = "privileges.run_as_non_root"
  }
  manifest {
    file    = "fixtures/identity.yaml"
    expect  = "deny"
    control = "privileges.users"
  }
  manifest {
    file    = "fixtures/identity.yaml"
    expect  = "deny"
    control = "privileges.groups"
  }
  manifest {
    file    = "fixtures/identity.yaml"
    expect  = "deny"
    control = "privileges.fs_group"
  }
  manifest {
    file    = "fixtures/identity.yaml"
    expect  = "deny"
    control = "privileges.supplemental_groups"
  }
  manifest {
    file    = "fixtures/identity.yaml"
    expect  = "deny"
    control = "privileges.escalation"
  }
}

test "nobody is root in a user namespace either" {
  manifest {
    file    = "fixtures/mapped.yaml"
    expect  = "deny"
    control = "privileges.root_in_user_namespace"
  }
}

test "the walls of a container stay up" {
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "privileges.privileged"
  }
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "privileges.proc_mount"
  }
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "privileges.apparmor"
  }
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "privileges.seccomp"
  }
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "privileges.selinux_types"
  }
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "privileges.selinux_users"
  }
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "privileges.selinux_roles"
  }
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "privileges.sysctls"
  }
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "capabilities.add"
  }
  manifest {
    file    = "fixtures/profiles.yaml"
    expect  = "deny"
    control = "capabilities.drop"
  }
}

test "the node's namespaces, ports, files and addresses stay closed" {
  manifest {
    file    = "fixtures/host.yaml"
    expect  = "deny"
    control = "host.network"
  }
  manifest {
    file    = "fixtures/host.yaml"
    expect  = "deny"
    control = "host.pid"
  }
  manifest {
    file    = "fixtures/host.yaml"
    expect  = "deny"
    control = "host.ipc"
  }
  manifest {
    file    = "fixtures/host.yaml"
    expect  = "deny"
    control = "host.users"
  }
  manifest {
    file    = "fixtures/host.yaml"
    expect  = "deny"
    control = "host.ports"
  }
  manifest {
    file    = "fixtures/host.yaml"
    expect  = "deny"
    control = "host.paths"
  }
  manifest {
    file    = "fixtures/host.yaml"
    expect  = "deny"
    control = "host.probes"
  }
  manifest {
    file    = "fixtures/host.yaml"
    expect  = "deny"
    control = "filesystem.volumes"
  }
}

test "no process of a Windows node" {
  manifest {
    file    = "fixtures/windows.yaml"
    expect  = "deny"
    control = "privileges.host_process"
  }
}

test "nobody takes more of a node than the ceiling" {
  manifest {
    file    = "fixtures/greedy.yaml"
    expect  = "deny"
    control = "resources.memory"
  }
  manifest {
    file    = "fixtures/greedy.yaml"
    expect  = "deny"
    control = "resources.cpu"
  }
  manifest {
    file    = "fixtures/greedy.yaml"
    expect  = "deny"
    control = "resources.ephemeral_storage"
  }
  manifest {
    file    = "fixtures/greedy.yaml"
    expect  = "deny"
    control = "resources.hugepages"
  }
  manifest {
    file    = "fixtures/greedy.yaml"
    expect  = "deny"
    control = "filesystem.read_only_root"
  }
  manifest {
    file    = "fixtures/greedy.yaml"
    expect  = "deny"
    control = "image.registries"
  }
  manifest {
    file    = "fixtures/greedy.yaml"
    expect  = "deny"
    control = "image.digest"
  }
}

test "the mesh's name needs the mesh's image" {
  manifest {
    file    = "fixtures/impostor.yaml"
    expect  = "deny"
    control = "image.registries"
  }
}

test "nodes are kept current" {
  manifest {
    file    = "fixtures/nodes.yaml"
    expect  = "deny"
    control = "updates.runtime.containerd"
  }
  manifest {
    file    = "fixtures/nodes.yaml"
    expect  = "deny"
    control = "updates.runtime.runc"
  }
  manifest {
    file    = "fixtures/nodes.yaml"
    expect  = "deny"
    control = "updates.kernel"
  }
  manifest {
    file    = "fixtures/nodes.yaml"
    expect  = "deny"
    control = "updates.kubernetes"
  }
}

test "nodes run what the policy is written for" {
  manifest {
    file    = "fixtures/nodes.yaml"
    expect  = "deny"
    control = "node.runtimes"
  }
}

test "kubelets are closed, and limit processes" {
  manifest {
    file    = "fixtures/kubelet.yaml"
    expect  = "deny"
    control = "node.anonymous_auth"
  }
  manifest {
    file    = "fixtures/kubelet.yaml"
    expect  = "deny"
    control = "node.read_only_port"
  }
  manifest {
    file    = "fixtures/kubelet.yaml"
    expect  = "deny"
    control = "node.pod_pids_limit"
  }
  manifest {
    file    = "fixtures/kubelet.yaml"
    expect  = "deny"
    control = "node.protect_kernel_defaults"
  }
  manifest {
    file    = "fixtures/kubelet.yaml"
    expect  = "deny"
    control = "node.seccomp_default"
  }
}
