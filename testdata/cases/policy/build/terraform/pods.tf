# Reads pods out of the resources, whatever kind they are of, into one shape. Nothing here depends on the policy.
#
# try() stands around single values only. Around a list it would make all of the list unknown as soon as one value in
# it is known only after apply, and a violation beside that value would not be seen before. lookup(...)[*] reads a list,
# a block or an object that may be missing or null: as its elements, or as none.
locals {
  # kubernetes_manifest carries an object as Kubernetes writes it. Every other resource writes a block as a list of one.
  # A kind of the same name in a group of somebody else is another kind.
  manifests = [for m in [for r in var.resources : r.manifest if contains(keys(r), "manifest")] : {
    object = m
    kind   = length(try(m.apiVersion == null ? "" : m.apiVersion, "")) == 0 ? m.kind : "${split("/", trimprefix(m.apiVersion, "/"))[0]}/${m.kind}"
  }]
  typed = [for r in var.resources : r if !contains(keys(r), "manifest")]

  # Where each kind keeps its pod: the metadata of the object, those of the pod, and the pod's spec.
  manifest_pods = concat(
    [for m in local.manifests : {
      object   = m.object.metadata
      metadata = concat(lookup(m.object.spec.template, "metadata", null)[*], [{}])[0]
      spec     = m.object.spec.template.spec
      unnamed  = "user-container"
    } if contains(["Configuration", "serving.knative.dev/Configuration", "serving.knative.dev/Service"], m.kind)],
    [for m in local.manifests : {
      object   = m.object.metadata
      metadata = concat(lookup(m.object.spec.jobTemplate.spec.template, "metadata", null)[*], [{}])[0]
      spec     = m.object.spec.jobTemplate.spec.template.spec
      unnamed  = null
    } if contains(["CronJob", "batch/CronJob"], m.kind)],
    [for m in local.manifests : {
      object   = m.object.metadata
      metadata = concat(lookup(m.object.spec.template, "metadata", null)[*], [{}])[0]
      spec     = m.object.spec.template.spec
      unnamed  = null
    } if contains(["DaemonSet", "Deployment", "DeploymentConfig", "Job", "ReplicaSet", "ReplicationController", "StatefulSet", "apps.openshift.io/DeploymentConfig", "apps/DaemonSet", "apps/Deployment", "apps/ReplicaSet", "apps/StatefulSet", "batch/Job", "extensions/DaemonSet", "extensions/Deployment", "extensions/ReplicaSet", "v1/DeploymentConfig", "v1/ReplicationController"], m.kind)],
    [for m in local.manifests : {
      object   = m.object.metadata
      metadata = m.object.metadata
      spec     = m.object.spec
      unnamed  = null
    } if contains(["Pod", "v1/Pod"], m.kind)],
    [for m in local.manifests : {
      object   = m.object.metadata
      metadata = concat(lookup(m.object.template, "metadata", null)[*], [{}])[0]
      spec     = m.object.template.spec
      unnamed  = null
    } if contains(["PodTemplate", "v1/PodTemplate"], m.kind)],
    [for m in local.manifests : {
      object   = m.object.metadata
      metadata = m.object.metadata
      spec     = m.object.spec
      unnamed  = "user-container"
    } if contains(["Revision", "serving.knative.dev/Revision"], m.kind)],
    [for m in local.manifests : {
      object   = m.object.metadata
      metadata = concat(lookup(m.object.spec.template, "metadata", null)[*], [{}])[0]
      spec     = m.object.spec.template.spec
      unnamed  = null
    } if contains(["Rollout", "argoproj.io/Rollout"], m.kind) ? (length(concat([], [for x in lookup(m.object, "spec", null)[*] : lookup(x, "workloadRef", null)[*]]...)) == 0 ? true : length(concat([], [for x in concat([], [for x in lookup(m.object, "spec", null)[*] : lookup(x, "template", null)[*]]...) : lookup(x, "spec", null)[*]]...)) > 0) : false],
  )
  typed_pods = concat(
    [for r in local.typed : {
      object   = r.metadata[0]
      metadata = r.metadata[0]
      spec     = r.spec[0]
    } if contains(try(keys(r.spec[0]), []), "container")],
    [for r in local.typed : {
      object   = r.metadata[0]
      metadata = concat(lookup(r.spec[0].template[0], "metadata", null)[*], [{}])[0]
      spec     = r.spec[0].template[0].spec[0]
    } if contains(try(keys(r.spec[0]), []), "template")],
    [for r in local.typed : {
      object   = r.metadata[0]
      metadata = concat(lookup(r.spec[0].job_template[0].spec[0].template[0], "metadata", null)[*], [{}])[0]
      spec     = r.spec[0].job_template[0].spec[0].template[0].spec[0]
    } if contains(try(keys(r.spec[0]), []), "job_template")],
  )

  # Values are read as text, also true and false, since a manifest may write either. What is there and cannot be read is
  # "?" or -1, which no control takes: null only stands for what is not stated. Where an object stands for a block or a
  # list for an object, nothing in it would be found; shapes, which nobody reads, makes that an error.
  #
  # Capabilities are dropped by names in any case, as runtimes read them; ALL only as Pod Security reads it.
  pods = concat(
    [for p in local.typed_pods : {
      name        = try(length(p.object.generate_name) > 0 ? "${p.object.generate_name}*" : p.object.name, p.object.name, "?")
      namespace   = try(p.object.namespace == "" ? null : p.object.namespace, null)
      labels      = lookup(p.metadata, "labels", null)
      annotations = lookup(p.metadata, "annotations", null)
      # fields of a pod, typed
      os                  = try(tostring(p.spec.os[0].name), [p.spec.os[0].name, "?"][1], null)
      runtime_class       = try(tostring(p.spec.runtime_class_name), [p.spec.runtime_class_name, "?"][1], null)
      host_network        = try(tostring(p.spec.host_network), [p.spec.host_network, "?"][1], null)
      host_pid            = try(tostring(p.spec.host_pid), [p.spec.host_pid, "?"][1], null)
      host_ipc            = try(tostring(p.spec.host_ipc), [p.spec.host_ipc, "?"][1], null)
      host_users          = try(tostring(p.spec.host_users), [p.spec.host_users, "?"][1], null)
      share_processes     = try(tostring(p.spec.share_process_namespace), [p.spec.share_process_namespace, "?"][1], null)
      automount           = try(tostring(p.spec.automount_service_account_token), [p.spec.automount_service_account_token, "?"][1], null)
      restart             = try(tostring(p.spec.restart_policy), [p.spec.restart_policy, "?"][1], null)
      host_aliases        = [for x in lookup(p.spec, "host_aliases", null)[*] : try(tostring(x.ip), [x.ip, "?"][1], null)]
      non_root            = try(tostring(p.spec.security_context[0].run_as_non_root), [p.spec.security_context[0].run_as_non_root, "?"][1], null)
      user                = try(tonumber(p.spec.security_context[0].run_as_user), [p.spec.security_context[0].run_as_user, -1][1], null)
      group               = try(tonumber(p.spec.security_context[0].run_as_group), [p.spec.security_context[0].run_as_group, -1][1], null)
      fs_group            = try(tonumber(p.spec.security_context[0].fs_group), [p.spec.security_context[0].fs_group, -1][1], null)
      supplemental_groups = [for x in concat([], [for o in lookup(p.spec, "security_context", null)[*] : lookup(o, "supplemental_groups", null)[*]]...) : try(tonumber(x), -1)]
      groups_policy       = try(tostring(p.spec.security_context[0].supplemental_groups_policy), [p.spec.security_context[0].supplemental_groups_policy, "?"][1], null)
      sysctls             = [for x in concat([], [for o in lookup(p.spec, "security_context", null)[*] : lookup(o, "sysctl", null)[*]]...) : try(tostring(x.name), [x.name, "?"][1], null)]
      sysctl_values       = [for x in concat([], [for o in lookup(p.spec, "security_context", null)[*] : lookup(o, "sysctl", null)[*]]...) : try(tostring(x.value), [x.value, "?"][1], null)]
      seccomp             = try([for t in [try(tostring(p.spec.security_context[0].seccomp_profile[0].type), [p.spec.security_context[0].seccomp_profile[0].type, "?"][1], null)] : t == null ? (p.spec.security_context[0].seccomp_profile[0] == null ? null : "") : t][0], null)
      seccomp_file        = try(tostring(p.spec.security_context[0].seccomp_profile[0].localhost_profile), [p.spec.security_context[0].seccomp_profile[0].localhost_profile, "?"][1], null)
      apparmor            = try([for t in [try(tostring(p.spec.security_context[0].app_armor_profile[0].type), [p.spec.security_context[0].app_armor_profile[0].type, "?"][1], null)] : t == null ? (p.spec.security_context[0].app_armor_profile[0] == null ? null : "") : t][0], null)
      apparmor_file       = try(tostring(p.spec.security_context[0].app_armor_profile[0].localhost_profile), [p.spec.security_context[0].app_armor_profile[0].localhost_profile, "?"][1], null)
      selinux_type        = try(tostring(p.spec.security_context[0].se_linux_options[0].type), [p.spec.security_context[0].se_linux_options[0].type, "?"][1], null)
      selinux_user        = try(tostring(p.spec.security_context[0].se_linux_options[0].user), [p.spec.security_context[0].se_linux_options[0].user, "?"][1], null)
      selinux_role        = try(tostring(p.spec.security_context[0].se_linux_options[0].role), [p.spec.security_context[0].se_linux_options[0].role, "?"][1], null)
      host_process        = try(tostring(p.spec.security_context[0].windows_options[0].host_process), [p.spec.security_context[0].windows_options[0].host_process, "?"][1], null)
      # what is read by hand
      limits   = concat([], [for r in lookup(p.spec, "resources", null)[*] : concat([], [for l in lookup(r, "limits", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
      requests = []
      claims   = [for q in lookup(p.spec, "resource_claim", null)[*] : try("claim:${q.resource_claim_name == null ? q.resource_claim_template_name : q.resource_claim_name}", "claim:${q.resource_claim_template_name}", "claim:${q.resource_claim_name}", "claim:?")]
      volumes = [for v in lookup(p.spec, "volume", null)[*] : {
        name         = try(tostring(v.name), [v.name, "?"][1], null)
        path         = try(v.host_path[0].path, null)
        kind         = try(tostring(v.host_path[0].type), [v.host_path[0].type, "?"][1], null)
        image        = try(v.image[0].reference, null)
        tokens       = concat([], [for j in lookup(v, "projected", null)[*] : concat([], [for x in lookup(j, "sources", null)[*] : [for k in lookup(x, "service_account_token", null)[*] : try(tostring(k.audience), [k.audience, "?"][1], null)]]...)]...)
        certificates = concat([], [for j in lookup(v, "projected", null)[*] : concat([], [for x in lookup(j, "sources", null)[*] : [for k in lookup(x, "pod_certificate", null)[*] : try(tostring(k.signer_name), [k.signer_name, "?"][1], null)]]...)]...)
        unknown      = concat([], [for j in lookup(v, "projected", null)[*] : concat([], [for x in lookup(j, "sources", null)[*] : [for k, s in x : length(s[*]) > 0 if !contains(["cluster_trust_bundle", "config_map", "downward_api", "pod_certificate", "secret", "service_account_token"], k)]]...)]...)
        pages        = try(startswith(v.empty_dir[0].medium, "HugePages") ? v.empty_dir[0].medium : null, v.empty_dir[0].medium == null ? null : "?", null)
        types        = [for k, s in v : { name = lookup(local.volume_types, k, k), set = k == "name" ? false : length(s[*]) > 0 }]
      }]
      shapes = [for o in concat(
        # objects of a pod, typed
        [for name in ["os", "security_context"] : lookup(p.spec, name, null)],
        concat([], [for o in lookup(p.spec, "security_context", null)[*] : [for name in ["seccomp_profile", "app_armor_profile", "se_linux_options", "windows_options"] : lookup(o, name, null)]]...),
        [for v in lookup(p.spec, "volume", null)[*] : lookup(v, "empty_dir", null)],
      ) : o == null ? 0 : length(concat([], o))]
      containers = [for i, list in [lookup(p.spec, "init_container", null)[*], lookup(p.spec, "container", null)[*]] : [for c in list : {
        name    = try(c.name, "?")
        lasting = i < 2 # an ephemeral container cannot state resources
        init    = i == 0
        # fields of a container, typed
        restart        = try(tostring(c.restart_policy), [c.restart_policy, "?"][1], null)
        non_root       = try(tostring(c.security_context[0].run_as_non_root), [c.security_context[0].run_as_non_root, "?"][1], null)
        user           = try(tonumber(c.security_context[0].run_as_user), [c.security_context[0].run_as_user, -1][1], null)
        group          = try(tonumber(c.security_context[0].run_as_group), [c.security_context[0].run_as_group, -1][1], null)
        seccomp        = try([for t in [try(tostring(c.security_context[0].seccomp_profile[0].type), [c.security_context[0].seccomp_profile[0].type, "?"][1], null)] : t == null ? (c.security_context[0].seccomp_profile[0] == null ? null : "") : t][0], null)
        seccomp_file   = try(tostring(c.security_context[0].seccomp_profile[0].localhost_profile), [c.security_context[0].seccomp_profile[0].localhost_profile, "?"][1], null)
        apparmor       = try([for t in [try(tostring(c.security_context[0].app_armor_profile[0].type), [c.security_context[0].app_armor_profile[0].type, "?"][1], null)] : t == null ? (c.security_context[0].app_armor_profile[0] == null ? null : "") : t][0], null)
        apparmor_file  = try(tostring(c.security_context[0].app_armor_profile[0].localhost_profile), [c.security_context[0].app_armor_profile[0].localhost_profile, "?"][1], null)
        selinux_type   = try(tostring(c.security_context[0].se_linux_options[0].type), [c.security_context[0].se_linux_options[0].type, "?"][1], null)
        selinux_user   = try(tostring(c.security_context[0].se_linux_options[0].user), [c.security_context[0].se_linux_options[0].user, "?"][1], null)
        selinux_role   = try(tostring(c.security_context[0].se_linux_options[0].role), [c.security_context[0].se_linux_options[0].role, "?"][1], null)
        host_process   = try(tostring(c.security_context[0].windows_options[0].host_process), [c.security_context[0].windows_options[0].host_process, "?"][1], null)
        image          = try(tostring(c.image), [c.image, "?"][1], null)
        privileged     = try(tostring(c.security_context[0].privileged), [c.security_context[0].privileged, "?"][1], null)
        escalation     = try(tostring(c.security_context[0].allow_privilege_escalation), [c.security_context[0].allow_privilege_escalation, "?"][1], null)
        read_only_root = try(tostring(c.security_context[0].read_only_root_filesystem), [c.security_context[0].read_only_root_filesystem, "?"][1], null)
        proc_mount     = try(tostring(c.security_context[0].proc_mount), [c.security_context[0].proc_mount, "?"][1], null)
        add            = [for x in concat([], [for o in lookup(c, "security_context", null)[*] : concat([], [for o in lookup(o, "capabilities", null)[*] : lookup(o, "add", null)[*]]...)]...) : try(tostring(x), "?")]
        env            = [for x in lookup(c, "env", null)[*] : try(tostring(x.name), [x.name, "?"][1], null)]
        sub_paths      = concat([], [for x in lookup(c, "volume_mount", null)[*] : [try(tostring(x.sub_path), [x.sub_path, "?"][1], null), try(tostring(x.sub_path_expr), [x.sub_path_expr, "?"][1], null)]]...)
        devices        = [for x in lookup(c, "volume_device", null)[*] : try(tostring(x.device_path), [x.device_path, "?"][1], null)]
        probe_hosts    = [try(tostring(c.liveness_probe[0].http_get[0].host), [c.liveness_probe[0].http_get[0].host, "?"][1], null), try(tostring(c.liveness_probe[0].tcp_socket[0].host), [c.liveness_probe[0].tcp_socket[0].host, "?"][1], null), try(tostring(c.readiness_probe[0].http_get[0].host), [c.readiness_probe[0].http_get[0].host, "?"][1], null), try(tostring(c.readiness_probe[0].tcp_socket[0].host), [c.readiness_probe[0].tcp_socket[0].host, "?"][1], null), try(tostring(c.startup_probe[0].http_get[0].host), [c.startup_probe[0].http_get[0].host, "?"][1], null), try(tostring(c.startup_probe[0].tcp_socket[0].host), [c.startup_probe[0].tcp_socket[0].host, "?"][1], null)]
        hook_hosts     = [try(tostring(c.lifecycle[0].post_start[0].http_get[0].host), [c.lifecycle[0].post_start[0].http_get[0].host, "?"][1], null), try(tostring(c.lifecycle[0].post_start[0].tcp_socket[0].host), [c.lifecycle[0].post_start[0].tcp_socket[0].host, "?"][1], null), try(tostring(c.lifecycle[0].pre_stop[0].http_get[0].host), [c.lifecycle[0].pre_stop[0].http_get[0].host, "?"][1], null), try(tostring(c.lifecycle[0].pre_stop[0].tcp_socket[0].host), [c.lifecycle[0].pre_stop[0].tcp_socket[0].host, "?"][1], null)]
        # what is read by hand
        drop     = [for x in concat([], [for s in lookup(c, "security_context", null)[*] : concat([], [for k in lookup(s, "capabilities", null)[*] : lookup(k, "drop", null)[*]]...)]...) : try(x == "ALL" ? x : (upper(x) == "ALL" ? "" : upper(x)), "")]
        ports    = [for port in lookup(c, "port", null)[*] : { number = try(tonumber(port.host_port), [port.host_port, -1][1], null), inner = try(tonumber(port.container_port), [port.container_port, -1][1], null), protocol = try(lower(port.protocol), port.protocol == null ? null : "?", null) }]
        mounts   = [for m in lookup(c, "volume_mount", null)[*] : { name = try(tostring(m.name), [m.name, "?"][1], null), read_only = try(tostring(m.read_only), [m.read_only, "?"][1], null), path = try(tostring(m.mount_path), [m.mount_path, "?"][1], null), recursive = null, propagation = try(tostring(m.mount_propagation), [m.mount_propagation, "?"][1], null) }]
        env_from = [for e in lookup(c, "env_from", null)[*] : try(tostring(e.prefix), [e.prefix, ""][1], null)]
        limits   = concat([], [for r in lookup(c, "resources", null)[*] : concat([], [for l in lookup(r, "limits", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
        requests = [] # the provider fills them in, and without a limit Kubernetes takes none of huge pages
        probes = [
          { name = "liveness", set = length(lookup(c, "liveness_probe", null)[*]) > 0 },
          { name = "readiness", set = length(lookup(c, "readiness_probe", null)[*]) > 0 },
          { name = "startup", set = length(lookup(c, "startup_probe", null)[*]) > 0 },
        ]
        shapes = [for o in concat(
          # objects of a container, typed
          [for name in ["security_context", "liveness_probe", "readiness_probe", "startup_probe", "lifecycle"] : lookup(c, name, null)],
          concat([], [for o in lookup(c, "security_context", null)[*] : [for name in ["seccomp_profile", "app_armor_profile", "se_linux_options", "windows_options"] : lookup(o, name, null)]]...),
          concat([], [for o in concat([], [for name in ["liveness_probe", "readiness_probe", "startup_probe"] : lookup(c, name, null)[*]]...) : [for name in ["http_get", "tcp_socket"] : lookup(o, name, null)]]...),
          concat([], [for o in lookup(c, "lifecycle", null)[*] : [for name in ["post_start", "pre_stop"] : lookup(o, name, null)]]...),
          concat([], [for o in concat([], [for o in lookup(c, "lifecycle", null)[*] : concat([], [for name in ["post_start", "pre_stop"] : lookup(o, name, null)[*]]...)]...) : [for name in ["http_get", "tcp_socket"] : lookup(o, name, null)]]...),
        ) : o == null ? 0 : length(concat([], o))]
      }]]
    }],
    [for p in local.manifest_pods : {
      name        = try(length(p.object.generateName) > 0 ? "${p.object.generateName}*" : p.object.name, p.object.name, "?")
      namespace   = try(p.object.namespace == "" ? null : p.object.namespace, null)
      labels      = lookup(p.metadata, "labels", null)
      annotations = lookup(p.metadata, "annotations", null)
      # fields of a pod, manifest
      os                  = try(tostring(p.spec.os.name), [p.spec.os.name, "?"][1], null)
      runtime_class       = try(tostring(p.spec.runtimeClassName), [p.spec.runtimeClassName, "?"][1], null)
      host_network        = try(tostring(p.spec.hostNetwork), [p.spec.hostNetwork, "?"][1], null)
      host_pid            = try(tostring(p.spec.hostPID), [p.spec.hostPID, "?"][1], null)
      host_ipc            = try(tostring(p.spec.hostIPC), [p.spec.hostIPC, "?"][1], null)
      host_users          = try(tostring(p.spec.hostUsers), [p.spec.hostUsers, "?"][1], null)
      share_processes     = try(tostring(p.spec.shareProcessNamespace), [p.spec.shareProcessNamespace, "?"][1], null)
      automount           = try(tostring(p.spec.automountServiceAccountToken), [p.spec.automountServiceAccountToken, "?"][1], null)
      restart             = try(tostring(p.spec.restartPolicy), [p.spec.restartPolicy, "?"][1], null)
      host_aliases        = [for x in lookup(p.spec, "hostAliases", null)[*] : try(tostring(x.ip), [x.ip, "?"][1], null)]
      non_root            = try(tostring(p.spec.securityContext.runAsNonRoot), [p.spec.securityContext.runAsNonRoot, "?"][1], null)
      user                = try(tonumber(p.spec.securityContext.runAsUser), [p.spec.securityContext.runAsUser, -1][1], null)
      group               = try(tonumber(p.spec.securityContext.runAsGroup), [p.spec.securityContext.runAsGroup, -1][1], null)
      fs_group            = try(tonumber(p.spec.securityContext.fsGroup), [p.spec.securityContext.fsGroup, -1][1], null)
      supplemental_groups = [for x in concat([], [for o in lookup(p.spec, "securityContext", null)[*] : lookup(o, "supplementalGroups", null)[*]]...) : try(tonumber(x), -1)]
      groups_policy       = try(tostring(p.spec.securityContext.supplementalGroupsPolicy), [p.spec.securityContext.supplementalGroupsPolicy, "?"][1], null)
      sysctls             = [for x in concat([], [for o in lookup(p.spec, "securityContext", null)[*] : lookup(o, "sysctls", null)[*]]...) : try(tostring(x.name), [x.name, "?"][1], null)]
      sysctl_values       = [for x in concat([], [for o in lookup(p.spec, "securityContext", null)[*] : lookup(o, "sysctls", null)[*]]...) : try(tostring(x.value), [x.value, "?"][1], null)]
      seccomp             = try([for t in [try(tostring(p.spec.securityContext.seccompProfile.type), [p.spec.securityContext.seccompProfile.type, "?"][1], null)] : t == null ? (p.spec.securityContext.seccompProfile == null ? null : "") : t][0], null)
      seccomp_file        = try(tostring(p.spec.securityContext.seccompProfile.localhostProfile), [p.spec.securityContext.seccompProfile.localhostProfile, "?"][1], null)
      apparmor            = try([for t in [try(tostring(p.spec.securityContext.appArmorProfile.type), [p.spec.securityContext.appArmorProfile.type, "?"][1], null)] : t == null ? (p.spec.securityContext.appArmorProfile == null ? null : "") : t][0], null)
      apparmor_file       = try(tostring(p.spec.securityContext.appArmorProfile.localhostProfile), [p.spec.securityContext.appArmorProfile.localhostProfile, "?"][1], null)
      selinux_type        = try(tostring(p.spec.securityContext.seLinuxOptions.type), [p.spec.securityContext.seLinuxOptions.type, "?"][1], null)
      selinux_user        = try(tostring(p.spec.securityContext.seLinuxOptions.user), [p.spec.securityContext.seLinuxOptions.user, "?"][1], null)
      selinux_role        = try(tostring(p.spec.securityContext.seLinuxOptions.role), [p.spec.securityContext.seLinuxOptions.role, "?"][1], null)
      host_process        = try(tostring(p.spec.securityContext.windowsOptions.hostProcess), [p.spec.securityContext.windowsOptions.hostProcess, "?"][1], null)
      # what is read by hand
      limits   = concat([], [for r in lookup(p.spec, "resources", null)[*] : concat([], [for l in lookup(r, "limits", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
      requests = concat([], [for r in lookup(p.spec, "resources", null)[*] : concat([], [for l in lookup(r, "requests", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
      claims   = [for q in lookup(p.spec, "resourceClaims", null)[*] : try("claim:${q.resourceClaimName == null ? q.resourceClaimTemplateName : q.resourceClaimName}", "claim:${q.resourceClaimTemplateName}", "claim:${q.resourceClaimName}", "claim:?")]
      volumes = [for v in lookup(p.spec, "volumes", null)[*] : {
        name         = try(tostring(v.name), [v.name, "?"][1], null)
        path         = try(v.hostPath.path, null)
        kind         = try(tostring(v.hostPath.type), [v.hostPath.type, "?"][1], null)
        image        = try(v.image.reference, null)
        tokens       = concat([], [for j in lookup(v, "projected", null)[*] : concat([], [for x in lookup(j, "sources", null)[*] : [for k in lookup(x, "serviceAccountToken", null)[*] : try(tostring(k.audience), [k.audience, "?"][1], null)]]...)]...)
        certificates = concat([], [for j in lookup(v, "projected", null)[*] : concat([], [for x in lookup(j, "sources", null)[*] : [for k in lookup(x, "podCertificate", null)[*] : try(tostring(k.signerName), [k.signerName, "?"][1], null)]]...)]...)
        unknown      = concat([], [for j in lookup(v, "projected", null)[*] : concat([], [for x in lookup(j, "sources", null)[*] : [for k, s in x : s != null if !contains(["clusterTrustBundle", "configMap", "downwardAPI", "podCertificate", "secret", "serviceAccountToken"], k)]]...)]...)
        pages        = try(startswith(v.emptyDir.medium, "HugePages") ? v.emptyDir.medium : null, v.emptyDir.medium == null ? null : "?", null)
        types        = [for k, s in v : { name = k, set = k == "name" ? false : s != null }]
      }]
      shapes = [for o in concat(
        # objects of a pod, manifest
        [for name in ["os", "securityContext"] : lookup(p.spec, name, null)],
        concat([], [for o in lookup(p.spec, "securityContext", null)[*] : [for name in ["seccompProfile", "appArmorProfile", "seLinuxOptions", "windowsOptions"] : lookup(o, name, null)]]...),
        [for v in lookup(p.spec, "volumes", null)[*] : lookup(v, "emptyDir", null)],
      ) : o == null ? 0 : length(keys(o))]
      containers = [for i, list in [lookup(p.spec, "initContainers", null)[*], lookup(p.spec, "containers", null)[*], lookup(p.spec, "ephemeralContainers", null)[*]] : [for j, c in list : {
        name    = length(try(c.name == null ? "" : c.name, "")) > 0 ? c.name : (p.unnamed == null ? "?" : (i == 1 ? (length(list) == 1 ? p.unnamed : "${p.unnamed}-${j}") : "?"))
        lasting = i < 2 # an ephemeral container cannot state resources
        init    = i == 0
        # fields of a container, manifest
        restart        = try(tostring(c.restartPolicy), [c.restartPolicy, "?"][1], null)
        non_root       = try(tostring(c.securityContext.runAsNonRoot), [c.securityContext.runAsNonRoot, "?"][1], null)
        user           = try(tonumber(c.securityContext.runAsUser), [c.securityContext.runAsUser, -1][1], null)
        group          = try(tonumber(c.securityContext.runAsGroup), [c.securityContext.runAsGroup, -1][1], null)
        seccomp        = try([for t in [try(tostring(c.securityContext.seccompProfile.type), [c.securityContext.seccompProfile.type, "?"][1], null)] : t == null ? (c.securityContext.seccompProfile == null ? null : "") : t][0], null)
        seccomp_file   = try(tostring(c.securityContext.seccompProfile.localhostProfile), [c.securityContext.seccompProfile.localhostProfile, "?"][1], null)
        apparmor       = try([for t in [try(tostring(c.securityContext.appArmorProfile.type), [c.securityContext.appArmorProfile.type, "?"][1], null)] : t == null ? (c.securityContext.appArmorProfile == null ? null : "") : t][0], null)
        apparmor_file  = try(tostring(c.securityContext.appArmorProfile.localhostProfile), [c.securityContext.appArmorProfile.localhostProfile, "?"][1], null)
        selinux_type   = try(tostring(c.securityContext.seLinuxOptions.type), [c.securityContext.seLinuxOptions.type, "?"][1], null)
        selinux_user   = try(tostring(c.securityContext.seLinuxOptions.user), [c.securityContext.seLinuxOptions.user, "?"][1], null)
        selinux_role   = try(tostring(c.securityContext.seLinuxOptions.role), [c.securityContext.seLinuxOptions.role, "?"][1], null)
        host_process   = try(tostring(c.securityContext.windowsOptions.hostProcess), [c.securityContext.windowsOptions.hostProcess, "?"][1], null)
        image          = try(tostring(c.image), [c.image, "?"][1], null)
        privileged     = try(tostring(c.securityContext.privileged), [c.securityContext.privileged, "?"][1], null)
        escalation     = try(tostring(c.securityContext.allowPrivilegeEscalation), [c.securityContext.allowPrivilegeEscalation, "?"][1], null)
        read_only_root = try(tostring(c.securityContext.readOnlyRootFilesystem), [c.securityContext.readOnlyRootFilesystem, "?"][1], null)
        proc_mount     = try(tostring(c.securityContext.procMount), [c.securityContext.procMount, "?"][1], null)
        add            = [for x in concat([], [for o in lookup(c, "securityContext", null)[*] : concat([], [for o in lookup(o, "capabilities", null)[*] : lookup(o, "add", null)[*]]...)]...) : try(tostring(x), "?")]
        env            = [for x in lookup(c, "env", null)[*] : try(tostring(x.name), [x.name, "?"][1], null)]
        sub_paths      = concat([], [for x in lookup(c, "volumeMounts", null)[*] : [try(tostring(x.subPath), [x.subPath, "?"][1], null), try(tostring(x.subPathExpr), [x.subPathExpr, "?"][1], null)]]...)
        devices        = [for x in lookup(c, "volumeDevices", null)[*] : try(tostring(x.devicePath), [x.devicePath, "?"][1], null)]
        probe_hosts    = [try(tostring(c.livenessProbe.httpGet.host), [c.livenessProbe.httpGet.host, "?"][1], null), try(tostring(c.livenessProbe.tcpSocket.host), [c.livenessProbe.tcpSocket.host, "?"][1], null), try(tostring(c.readinessProbe.httpGet.host), [c.readinessProbe.httpGet.host, "?"][1], null), try(tostring(c.readinessProbe.tcpSocket.host), [c.readinessProbe.tcpSocket.host, "?"][1], null), try(tostring(c.startupProbe.httpGet.host), [c.startupProbe.httpGet.host, "?"][1], null), try(tostring(c.startupProbe.tcpSocket.host), [c.startupProbe.tcpSocket.host, "?"][1], null)]
        hook_hosts     = [try(tostring(c.lifecycle.postStart.httpGet.host), [c.lifecycle.postStart.httpGet.host, "?"][1], null), try(tostring(c.lifecycle.postStart.tcpSocket.host), [c.lifecycle.postStart.tcpSocket.host, "?"][1], null), try(tostring(c.lifecycle.preStop.httpGet.host), [c.lifecycle.preStop.httpGet.host, "?"][1], null), try(tostring(c.lifecycle.preStop.tcpSocket.host), [c.lifecycle.preStop.tcpSocket.host, "?"][1], null)]
        # what is read by hand
        drop     = [for x in concat([], [for s in lookup(c, "securityContext", null)[*] : concat([], [for k in lookup(s, "capabilities", null)[*] : lookup(k, "drop", null)[*]]...)]...) : try(x == "ALL" ? x : (upper(x) == "ALL" ? "" : upper(x)), "")]
        ports    = [for port in lookup(c, "ports", null)[*] : { number = try(tonumber(port.hostPort), [port.hostPort, -1][1], null), inner = try(tonumber(port.containerPort), [port.containerPort, -1][1], null), protocol = try(lower(port.protocol), port.protocol == null ? null : "?", null) }]
        mounts   = [for m in lookup(c, "volumeMounts", null)[*] : { name = try(tostring(m.name), [m.name, "?"][1], null), read_only = try(tostring(m.readOnly), [m.readOnly, "?"][1], null), path = try(tostring(m.mountPath), [m.mountPath, "?"][1], null), recursive = try(tostring(m.recursiveReadOnly), [m.recursiveReadOnly, "?"][1], null), propagation = try(tostring(m.mountPropagation), [m.mountPropagation, "?"][1], null) }]
        env_from = [for e in lookup(c, "envFrom", null)[*] : try(tostring(e.prefix), [e.prefix, ""][1], null)]
        limits   = concat([], [for r in lookup(c, "resources", null)[*] : concat([], [for l in lookup(r, "limits", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
        requests = concat([], [for r in lookup(c, "resources", null)[*] : concat([], [for l in lookup(r, "requests", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
        probes = [
          { name = "liveness", set = length(lookup(c, "livenessProbe", null)[*]) > 0 },
          { name = "readiness", set = length(lookup(c, "readinessProbe", null)[*]) > 0 },
          { name = "startup", set = length(lookup(c, "startupProbe", null)[*]) > 0 },
        ]
        shapes = [for o in concat(
          # objects of a container, manifest
          [for name in ["securityContext", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] : lookup(c, name, null)],
          concat([], [for o in lookup(c, "securityContext", null)[*] : [for name in ["seccompProfile", "appArmorProfile", "seLinuxOptions", "windowsOptions"] : lookup(o, name, null)]]...),
          concat([], [for o in concat([], [for name in ["livenessProbe", "readinessProbe", "startupProbe"] : lookup(c, name, null)[*]]...) : [for name in ["httpGet", "tcpSocket"] : lookup(o, name, null)]]...),
          concat([], [for o in lookup(c, "lifecycle", null)[*] : [for name in ["postStart", "preStop"] : lookup(o, name, null)]]...),
          concat([], [for o in concat([], [for o in lookup(c, "lifecycle", null)[*] : concat([], [for name in ["postStart", "preStop"] : lookup(o, name, null)[*]]...)]...) : [for name in ["httpGet", "tcpSocket"] : lookup(o, name, null)]]...),
        ) : o == null ? 0 : length(keys(o))]
      }]]
    }],
  )

  # Names of volume types as Kubernetes writes them.
  volume_types = {
    aws_elastic_block_store = "awsElasticBlockStore"
    azure_disk              = "azureDisk"
    azure_file              = "azureFile"
    ceph_fs                 = "cephfs"
    config_map              = "configMap"
    downward_api            = "downwardAPI"
    empty_dir               = "emptyDir"
    flex_volume             = "flexVolume"
    gce_persistent_disk     = "gcePersistentDisk"
    git_repo                = "gitRepo"
    host_path               = "hostPath"
    persistent_volume_claim = "persistentVolumeClaim"
    photon_persistent_disk  = "photonPersistentDisk"
    vsphere_volume          = "vsphereVolume"
  }

  # Amounts, as Kubernetes writes them: a number, and a unit or an exponent.
  quantity    = "^[+]?([0-9]+(?:[.][0-9]*)?|[.][0-9]+)(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?0*[0-9]{1,2})$"
  exponents   = { "" = "", n = "e-9", u = "e-6", m = "e-3", k = "e3", M = "e6", G = "e9", T = "e12", P = "e15", E = "e18", Ki = "", Mi = "", Gi = "", Ti = "", Pi = "", Ei = "" }
  multipliers = { Ki = 1024, Mi = 1048576, Gi = 1073741824, Ti = 1099511627776, Pi = 1125899906842624, Ei = 1152921504606846976 }
}
