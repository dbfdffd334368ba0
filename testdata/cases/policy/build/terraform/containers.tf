# Finds whose values hold for each pod and container, and reads images and profiles. Nothing here depends on the policy:
# local.namespaces, local.workloads and what the platform knows are in workloads.tf.
locals {
  # The pods with the workload that each belongs to: "*" is a pod that no workload describes. A label that a pod lacks
  # is written as a space, which no label can be.
  told_pods = [for p in local.pods : merge(p, {
    where    = "${p.namespace == null ? "default" : p.namespace}/${p.name}"
    held     = local.namespaces == null ? true : (p.namespace == null ? true : anytrue([for n in local.namespaces : n == p.namespace]))
    workload = concat([for w in [for g in local.workloads : g.windows ? (p.os == "windows" ? lookup(g.names, join("/", [for k in g.labels : try(p.labels[k], " ")]), null) : null) : lookup(g.names, join("/", [for k in g.labels : try(p.labels[k], " ")]), null)] : w if w != null], ["*"])[0]
    seccomp = local.seccomp_field ? p.seccomp : try(
      [for a in [p.annotations["seccomp.security.alpha.kubernetes.io/pod"]] : startswith(a, "localhost/") ? "Localhost" : lookup(local.seccomp_annotations, a, "?")][0],
      p.annotations["seccomp.security.alpha.kubernetes.io/pod"] == null ? null : "?", null,
    )
  })]

  # Of the pods that nobody describes, those that say so are for Windows, where the fields of Linux mean nothing. A
  # workload is what the policy says it is.
  held_pods = [for p in local.told_pods : merge(p, {
    windows   = local.windows_exempt ? (p.os == "windows" ? p.workload == "*" : false) : false
    own_users = local.user_namespaces ? p.host_users == "false" : false
    any       = "${p.workload}/*"
  })]

  # A list for each list of containers: one that is known only after apply hides no other.
  containers = concat([], [for p in local.held_pods : [for list in p.containers : [for c in list : merge(c, {
    where = "${p.where} ${c.name}"
    held  = p.held
    pod = {
      host_network = p.host_network
      host_users   = p.host_users
      own_users    = p.own_users
      volumes      = p.volumes
      annotations  = p.annotations
      limits       = p.limits
      # fields that containers inherit
      restart       = p.restart
      non_root      = p.non_root
      user          = p.user
      group         = p.group
      seccomp       = p.seccomp
      seccomp_file  = p.seccomp_file
      apparmor      = p.apparmor
      apparmor_file = p.apparmor_file
      selinux_type  = p.selinux_type
      selinux_user  = p.selinux_user
      selinux_role  = p.selinux_role
      host_process  = p.host_process
    }
    exact   = "${p.workload}/${c.name}" # the container's own values
    any     = p.any                     # those of the other containers of its workload
    windows = p.windows
    seccomp = local.seccomp_field ? (c.seccomp == null ? p.seccomp : c.seccomp) : try(
      [for a in [p.annotations["container.seccomp.security.alpha.kubernetes.io/${c.name}"]] : startswith(a, "localhost/") ? "Localhost" : lookup(local.seccomp_annotations, a, "?")][0],
      p.annotations["container.seccomp.security.alpha.kubernetes.io/${c.name}"] == null ? p.seccomp : "?", p.seccomp,
    )
    # The profiles of the node that it names; null is none.
    seccomp_file = local.seccomp_field ? (c.seccomp == null ? (p.seccomp == "Localhost" ? p.seccomp_file : null) : (c.seccomp == "Localhost" ? c.seccomp_file : null)) : try(
      [for a in [p.annotations["container.seccomp.security.alpha.kubernetes.io/${c.name}"]] : startswith(a, "localhost/") ? trimprefix(a, "localhost/") : null][0],
      [for a in [p.annotations["seccomp.security.alpha.kubernetes.io/pod"]] : startswith(a, "localhost/") ? trimprefix(a, "localhost/") : null][0],
      null,
    )
    apparmor_file = (local.apparmor_field ? (c.apparmor == null ? p.apparmor != null : true) : false) ? (c.apparmor == null ? (p.apparmor == "Localhost" ? p.apparmor_file : null) : (c.apparmor == "Localhost" ? c.apparmor_file : null)) : try(
      [for a in [p.annotations["container.apparmor.security.beta.kubernetes.io/${c.name}"]] : startswith(a, "localhost/") ? trimprefix(a, "localhost/") : null][0], null,
    )
    # An annotation that is empty states that there is none.
    apparmor_empty = try(p.annotations["container.apparmor.security.beta.kubernetes.io/${c.name}"] == "", false)
    apparmors = [
      try([for a in [p.annotations["container.apparmor.security.beta.kubernetes.io/${c.name}"]] : startswith(a, "localhost/") ? "Localhost" : lookup(local.profile_annotations, a, "?")][0], p.annotations["container.apparmor.security.beta.kubernetes.io/${c.name}"] == null ? null : "?", null),
      c.apparmor == null ? p.apparmor : c.apparmor,
      p.apparmor,
    ]
  })]]]...)

  # What image each container runs, and each volume of the type image holds: its full name, tag and digest; null where it is
  # no reference.
  images = [for list in concat(
    [for list in local.containers : [for c in list : merge(c, { written = c.image, volume = false })]],
    [for p in local.held_pods : [for v in p.volumes : { where = p.where, held = p.held, exact = p.any, any = p.any, written = v.image, volume = true } if anytrue([for t in v.types : t.name == "image" ? t.set : false])]],
    ) : [for c in list : merge(c, {
      image = try([for m in [regex(local.image_reference, c.written)] : [for host in [m.host == null ? "docker.io" : (m.host == "index.docker.io" ? "docker.io" : m.host)] : {
        name   = "${host}/${host != "docker.io" ? "" : (length(split("/", m.path)) > 1 ? "" : "library/")}${m.path}"
        tag    = m.digest == null ? (m.tag == null ? "latest" : m.tag) : null # by a digest, whatever the tag says
        digest = m.digest
      }][0] if m.host != null ? (length(regexall(local.numeric_host, m.host)) > 0 ? length(regexall(local.ipv4_host, m.host)) > 0 : true) : length(regexall(local.no_reference, c.written)) == 0][0], null)
  })]]

  # What huge pages each container asks for, and each pod for all of them. A volume has pages of the size that it names, or
  # (*) of the one that the pod asks for; how much it holds is limited by the resources.
  hugepages = concat(
    [for list in local.images : [for c in list : { where = c.where, held = c.held, exact = c.exact, any = c.any, windows = c.windows, image = c.image, volume = false, pages = [c.limits, c.requests] } if !c.volume]],
    [for p in local.held_pods : [{ where = p.where, held = p.held, exact = p.any, any = p.any, windows = p.windows, image = null, volume = true, pages = [p.limits, p.requests, [for v in p.volumes : {
      name   = v.pages == null ? "none" : (v.pages == "HugePages" ? "hugepages-*" : "hugepages-${trimprefix(v.pages, "HugePages-")}")
      amount = 0
    }]] }]],
  )

  # The grammar of image references, with the host in lower case; and what it takes although runtimes do not.
  image_reference = "^(?:(?P<host>localhost(?::[0-9]+)?|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:[.][a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?::[0-9]+)?|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?:[0-9]+|[[][a-f0-9:]+[]](?::[0-9]+)?)/)?(?P<path>[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[.]|__?|-+)[a-z0-9]+)*)*)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$"
  no_reference    = "^[^/]*[.][^/]*/|^[0-9a-f]{64}$"

  # A host that ends in a number is an IPv4 address, in one of several spellings to the C library; one is taken.
  numeric_host = "^(?:.*[.])?(?:[0-9]+|0x[0-9a-f]*)(?::[0-9]+)?$"
  ipv4_host    = "^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:[.]|:[0-9]+$|$)){4}$"

  # Kinds of profiles that annotations name, in the words of the fields; what is none is "?", which no policy allows.
  profile_annotations = { "runtime/default" = "RuntimeDefault", unconfined = "Unconfined", "" = null }
  seccomp_annotations = { "runtime/default" = "RuntimeDefault", "docker/default" = "RuntimeDefault", unconfined = "Unconfined" }
}
