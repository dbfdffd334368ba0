# Finds whose values hold for each pod and container, and reads images and profiles. Nothing here depends on the policy:
# local.namespaces and local.workloads are in workloads.tf.
locals {
  # The pods with the workload that each belongs to: "*" is a pod that no workload describes. A label that a pod lacks
  # is written as a space, which no label can be.
  held_pods = [for p in local.pods : merge(p, {
    where    = "${p.namespace == null ? "default" : p.namespace}/${p.name}"
    held     = local.namespaces == null ? true : (p.namespace == null ? true : anytrue([for n in local.namespaces : n == p.namespace]))
    workload = concat([for w in [for g in local.workloads : lookup(g.names, join("/", [for k in g.labels : try(p.labels[k], " ")]), null)] : w if w != null], ["*"])[0]
    seccomp  = p.seccomp == null ? null : lookup(local.profile_kinds, p.seccomp, p.seccomp)
    apparmor = p.apparmor == null ? null : lookup(local.profile_kinds, p.apparmor, p.apparmor)
  })]

  # A list for each list of containers: one that is known only after apply hides no other.
  containers = concat([], [for p in local.held_pods : [for list in p.containers : [for c in list : merge(c, {
    where = "${p.where} ${c.name}"
    held  = p.held
    pod = {
      os           = p.os
      non_root     = p.non_root
      user         = p.user
      group        = p.group
      seccomp      = p.seccomp
      selinux_type = p.selinux_type
      selinux_user = p.selinux_user
      selinux_role = p.selinux_role
      host_process = p.host_process
    }
    exact   = "${p.workload}/${c.name}" # the container's own values
    any     = "${p.workload}/*"         # those of the other containers of its workload
    seccomp = c.seccomp == null ? p.seccomp : lookup(local.profile_kinds, c.seccomp, c.seccomp)
    apparmors = [
      try([for a in [p.annotations["container.apparmor.security.beta.kubernetes.io/${c.name}"]] : startswith(a, "localhost/") ? "localhost" : lookup(local.profile_annotations, a, a)][0], null),
      c.apparmor == null ? p.apparmor : lookup(local.profile_kinds, c.apparmor, c.apparmor),
      p.apparmor,
    ]
    image = try([for m in [regex(local.image_reference, c.image)] : [for host in [m.host == null ? "docker.io" : (m.host == "index.docker.io" ? "docker.io" : m.host)] : {
      name   = "${host}/${host != "docker.io" ? "" : (length(split("/", m.path)) > 1 ? "" : "library/")}${m.path}"
      digest = m.digest
    }][0] if m.host != null ? true : length(regexall(local.no_reference, c.image)) == 0][0], null)
  })]]]...)

  # The grammar of image references, with the host in lower case; and what it takes although runtimes do not.
  image_reference = "^(?:(?P<host>localhost(?::[0-9]+)?|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:[.][a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::[0-9]+)?|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?:[0-9]+)/)?(?P<path>[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*)*)(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@(?P<digest>sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$"
  no_reference    = "^[^/]*[.][^/]*/|^[0-9a-f]{64}$"

  # Kinds of profiles, as the policy names them.
  profile_kinds       = { RuntimeDefault = "runtime-default", Localhost = "localhost", Unconfined = "unconfined" }
  profile_annotations = { "runtime/default" = "runtime-default", unconfined = "unconfined", "" = "unset" }
}
