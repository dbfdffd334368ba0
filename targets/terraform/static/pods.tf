# Reads pods out of the resources, whatever kind they are of, into one shape. Nothing here depends on the policy.
#
# try() stands around single values only. Around a list it would make all of the list unknown as soon as one value in
# it is known only after apply, and a violation beside that value would not be seen before. lookup(...)[*] reads a list,
# a block or an object that may be missing or null: as its elements, or as none.
locals {
  # kubernetes_manifest carries an object as Kubernetes writes it. Every other resource writes a block as a list of one.
  # A kind of the same name in a group of somebody else is another kind.
  manifests = [for m in [for r in var.resources : r.manifest if contains(keys(r), "manifest")] : m if contains(local.pod_groups, split("/", try(m.apiVersion, "v1"))[0])]
  typed     = [for r in var.resources : r if !contains(keys(r), "manifest")]

  # Where each kind keeps its pod: the metadata of the object, those of the pod, and the pod's spec.
  manifest_pods = concat(
    [], # kinds
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

  # Attributes that are true or false are read as text, since a manifest may write either. What is there and cannot be
  # read is "?" or -1, which no control takes: null only stands for what is not stated. Where an object stands for a block or a list for an
  # object, nothing in it would be found; shapes, which nobody reads, makes that an error.
  #
  # Capabilities are dropped by names in any case, as runtimes read them; ALL only as Pod Security reads it.
  pods = concat(
    [for p in local.typed_pods : {
      name                = try(length(p.object.generate_name) > 0 ? "${p.object.generate_name}*" : p.object.name, p.object.name, "?")
      namespace           = try(p.object.namespace == "" ? null : p.object.namespace, null)
      labels              = lookup(p.metadata, "labels", null)
      annotations         = lookup(p.metadata, "annotations", null)
      os                  = try(p.spec.os[0].name, null)
      runtime_class       = try(p.spec.runtime_class_name, null)
      host_network        = try(tostring(p.spec.host_network), [p.spec.host_network, "?"][1], null)
      host_pid            = try(tostring(p.spec.host_pid), [p.spec.host_pid, "?"][1], null)
      host_ipc            = try(tostring(p.spec.host_ipc), [p.spec.host_ipc, "?"][1], null)
      host_users          = try(tostring(p.spec.host_users), [p.spec.host_users, "?"][1], null)
      share_processes     = try(tostring(p.spec.share_process_namespace), [p.spec.share_process_namespace, "?"][1], null)
      automount           = try(tostring(p.spec.automount_service_account_token), [p.spec.automount_service_account_token, "?"][1], null)
      restart             = try(tostring(p.spec.restart_policy), [p.spec.restart_policy, "?"][1], null)
      non_root            = try(tostring(p.spec.security_context[0].run_as_non_root), [p.spec.security_context[0].run_as_non_root, "?"][1], null)
      user                = try(tonumber(p.spec.security_context[0].run_as_user), [p.spec.security_context[0].run_as_user, -1][1], null)
      group               = try(tonumber(p.spec.security_context[0].run_as_group), [p.spec.security_context[0].run_as_group, -1][1], null)
      fs_group            = try(tonumber(p.spec.security_context[0].fs_group), [p.spec.security_context[0].fs_group, -1][1], null)
      supplemental_groups = concat([], [for s in lookup(p.spec, "security_context", null)[*] : lookup(s, "supplemental_groups", null)[*]]...)
      sysctls             = concat([], [for s in lookup(p.spec, "security_context", null)[*] : [for c in lookup(s, "sysctl", null)[*] : c.name]]...)
      sysctl_values       = concat([], [for s in lookup(p.spec, "security_context", null)[*] : [for c in lookup(s, "sysctl", null)[*] : try(tostring(c.value), [c.value, "?"][1], null)]]...)
      seccomp             = try(p.spec.security_context[0].seccomp_profile[0].type, null)
      seccomp_file        = try(p.spec.security_context[0].seccomp_profile[0].localhost_profile, null)
      apparmor            = try(p.spec.security_context[0].app_armor_profile[0].type, null)
      apparmor_file       = try(p.spec.security_context[0].app_armor_profile[0].localhost_profile, null)
      selinux_type        = try(p.spec.security_context[0].se_linux_options[0].type, null)
      selinux_user        = try(p.spec.security_context[0].se_linux_options[0].user, null)
      selinux_role        = try(p.spec.security_context[0].se_linux_options[0].role, null)
      host_process        = try(tostring(p.spec.security_context[0].windows_options[0].host_process), [p.spec.security_context[0].windows_options[0].host_process, "?"][1], null)
      limits              = concat([], [for r in lookup(p.spec, "resources", null)[*] : concat([], [for l in lookup(r, "limits", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
      requests            = []
      volumes = [for v in lookup(p.spec, "volume", null)[*] : {
        name   = try(tostring(v.name), [v.name, "?"][1], null)
        path   = try(v.host_path[0].path, null)
        image  = try(v.image[0].reference, null)
        tokens = concat([], [for j in lookup(v, "projected", null)[*] : concat([], [for x in lookup(j, "sources", null)[*] : [for k in lookup(x, "service_account_token", null)[*] : try(tostring(k.audience), [k.audience, "?"][1], null)]]...)]...)
        pages  = try(startswith(v.empty_dir[0].medium, "HugePages") ? v.empty_dir[0].medium : null, v.empty_dir[0].medium == null ? null : "?", null)
        types  = [for k, s in v : { name = lookup(local.volume_types, k, k), set = k == "name" ? false : length(s[*]) > 0 }]
      }]
      shapes = [for o in concat(
        [for name in ["security_context"] : lookup(p.spec, name, null)],
        concat([], [for s in lookup(p.spec, "security_context", null)[*] : [for name in ["seccomp_profile", "app_armor_profile", "se_linux_options", "windows_options"] : lookup(s, name, null)]]...),
        [for v in lookup(p.spec, "volume", null)[*] : lookup(v, "empty_dir", null)],
      ) : o == null ? 0 : length(concat([], o))]
      containers = [for i, list in [lookup(p.spec, "init_container", null)[*], lookup(p.spec, "container", null)[*]] : [for c in list : {
        name           = try(c.name, "?")
        lasting        = i < 2 # an ephemeral container cannot state resources
        init           = i == 0
        image          = try(c.image, null)
        privileged     = try(tostring(c.security_context[0].privileged), [c.security_context[0].privileged, "?"][1], null)
        escalation     = try(tostring(c.security_context[0].allow_privilege_escalation), [c.security_context[0].allow_privilege_escalation, "?"][1], null)
        read_only_root = try(tostring(c.security_context[0].read_only_root_filesystem), [c.security_context[0].read_only_root_filesystem, "?"][1], null)
        non_root       = try(tostring(c.security_context[0].run_as_non_root), [c.security_context[0].run_as_non_root, "?"][1], null)
        user           = try(tonumber(c.security_context[0].run_as_user), [c.security_context[0].run_as_user, -1][1], null)
        group          = try(tonumber(c.security_context[0].run_as_group), [c.security_context[0].run_as_group, -1][1], null)
        seccomp        = try(c.security_context[0].seccomp_profile[0].type, null)
        seccomp_file   = try(c.security_context[0].seccomp_profile[0].localhost_profile, null)
        apparmor       = try(c.security_context[0].app_armor_profile[0].type, null)
        apparmor_file  = try(c.security_context[0].app_armor_profile[0].localhost_profile, null)
        selinux_type   = try(c.security_context[0].se_linux_options[0].type, null)
        selinux_user   = try(c.security_context[0].se_linux_options[0].user, null)
        selinux_role   = try(c.security_context[0].se_linux_options[0].role, null)
        host_process   = try(tostring(c.security_context[0].windows_options[0].host_process), [c.security_context[0].windows_options[0].host_process, "?"][1], null)
        proc_mount     = try(c.security_context[0].proc_mount, null)
        add            = concat([], [for s in lookup(c, "security_context", null)[*] : concat([], [for k in lookup(s, "capabilities", null)[*] : lookup(k, "add", null)[*]]...)]...)
        drop           = [for x in concat([], [for s in lookup(c, "security_context", null)[*] : concat([], [for k in lookup(s, "capabilities", null)[*] : lookup(k, "drop", null)[*]]...)]...) : try(x == "ALL" ? x : (upper(x) == "ALL" ? "" : upper(x)), "")]
        ports          = [for port in lookup(c, "port", null)[*] : { number = try(tonumber(port.host_port), [port.host_port, -1][1], null), inner = try(tonumber(port.container_port), [port.container_port, -1][1], null), protocol = try(lower(port.protocol), port.protocol == null ? null : "?", null) }]
        mounts         = [for m in lookup(c, "volume_mount", null)[*] : { name = try(tostring(m.name), [m.name, "?"][1], null), read_only = try(tostring(m.read_only), [m.read_only, "?"][1], null), path = try(tostring(m.mount_path), [m.mount_path, "?"][1], null), parts = [try(tostring(m.sub_path), [m.sub_path, "?"][1], null), try(tostring(m.sub_path_expr), [m.sub_path_expr, "?"][1], null)] }]
        devices        = [for d in lookup(c, "volume_device", null)[*] : try(tostring(d.device_path), [d.device_path, "?"][1], null)]
        env            = [for e in lookup(c, "env", null)[*] : try(tostring(e.name), [e.name, "?"][1], null)]
        env_from       = [for e in lookup(c, "env_from", null)[*] : try(tostring(e.prefix), [e.prefix, ""][1], null)]
        restart        = try(tostring(c.restart_policy), [c.restart_policy, "?"][1], null)
        limits         = concat([], [for r in lookup(c, "resources", null)[*] : concat([], [for l in lookup(r, "limits", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
        requests       = [] # the provider fills them in, and without a limit Kubernetes takes none of huge pages
        probes = [
          { name = "liveness", set = length(lookup(c, "liveness_probe", null)[*]) > 0 },
          { name = "readiness", set = length(lookup(c, "readiness_probe", null)[*]) > 0 },
          { name = "startup", set = length(lookup(c, "startup_probe", null)[*]) > 0 },
        ]
        hosts = [
          try(c.liveness_probe[0].http_get[0].host, null), try(c.liveness_probe[0].tcp_socket[0].host, null),
          try(c.readiness_probe[0].http_get[0].host, null), try(c.readiness_probe[0].tcp_socket[0].host, null),
          try(c.startup_probe[0].http_get[0].host, null), try(c.startup_probe[0].tcp_socket[0].host, null),
          try(c.lifecycle[0].post_start[0].http_get[0].host, null), try(c.lifecycle[0].post_start[0].tcp_socket[0].host, null),
          try(c.lifecycle[0].pre_stop[0].http_get[0].host, null), try(c.lifecycle[0].pre_stop[0].tcp_socket[0].host, null),
        ]
        shapes = [for o in concat(
          [for name in ["security_context", "liveness_probe", "readiness_probe", "startup_probe", "lifecycle"] : lookup(c, name, null)],
          concat([], [for s in lookup(c, "security_context", null)[*] : [for name in ["seccomp_profile", "app_armor_profile", "se_linux_options", "windows_options"] : lookup(s, name, null)]]...),
          concat([], [for s in lookup(c, "lifecycle", null)[*] : [for name in ["post_start", "pre_stop"] : lookup(s, name, null)]]...),
          concat([], [for s in concat([], [for list in ["liveness_probe", "readiness_probe", "startup_probe"] : lookup(c, list, null)[*]]...) : [for name in ["http_get", "tcp_socket"] : lookup(s, name, null)]]...),
          concat([], [for s in concat([], [for l in lookup(c, "lifecycle", null)[*] : concat([], [for name in ["post_start", "pre_stop"] : lookup(l, name, null)[*]]...)]...) : [for name in ["http_get", "tcp_socket"] : lookup(s, name, null)]]...),
        ) : o == null ? 0 : length(concat([], o))]
      }]]
    }],
    [for p in local.manifest_pods : {
      name                = try(length(p.object.generateName) > 0 ? "${p.object.generateName}*" : p.object.name, p.object.name, "?")
      namespace           = try(p.object.namespace == "" ? null : p.object.namespace, null)
      labels              = lookup(p.metadata, "labels", null)
      annotations         = lookup(p.metadata, "annotations", null)
      os                  = try(p.spec.os.name, null)
      runtime_class       = try(p.spec.runtimeClassName, null)
      host_network        = try(tostring(p.spec.hostNetwork), [p.spec.hostNetwork, "?"][1], null)
      host_pid            = try(tostring(p.spec.hostPID), [p.spec.hostPID, "?"][1], null)
      host_ipc            = try(tostring(p.spec.hostIPC), [p.spec.hostIPC, "?"][1], null)
      host_users          = try(tostring(p.spec.hostUsers), [p.spec.hostUsers, "?"][1], null)
      share_processes     = try(tostring(p.spec.shareProcessNamespace), [p.spec.shareProcessNamespace, "?"][1], null)
      automount           = try(tostring(p.spec.automountServiceAccountToken), [p.spec.automountServiceAccountToken, "?"][1], null)
      restart             = try(tostring(p.spec.restartPolicy), [p.spec.restartPolicy, "?"][1], null)
      non_root            = try(tostring(p.spec.securityContext.runAsNonRoot), [p.spec.securityContext.runAsNonRoot, "?"][1], null)
      user                = try(tonumber(p.spec.securityContext.runAsUser), [p.spec.securityContext.runAsUser, -1][1], null)
      group               = try(tonumber(p.spec.securityContext.runAsGroup), [p.spec.securityContext.runAsGroup, -1][1], null)
      fs_group            = try(tonumber(p.spec.securityContext.fsGroup), [p.spec.securityContext.fsGroup, -1][1], null)
      supplemental_groups = concat([], [for s in lookup(p.spec, "securityContext", null)[*] : lookup(s, "supplementalGroups", null)[*]]...)
      sysctls             = concat([], [for s in lookup(p.spec, "securityContext", null)[*] : [for c in lookup(s, "sysctls", null)[*] : c.name]]...)
      sysctl_values       = concat([], [for s in lookup(p.spec, "securityContext", null)[*] : [for c in lookup(s, "sysctls", null)[*] : try(tostring(c.value), [c.value, "?"][1], null)]]...)
      seccomp             = try(p.spec.securityContext.seccompProfile.type, null)
      seccomp_file        = try(p.spec.securityContext.seccompProfile.localhostProfile, null)
      apparmor            = try(p.spec.securityContext.appArmorProfile.type, null)
      apparmor_file       = try(p.spec.securityContext.appArmorProfile.localhostProfile, null)
      selinux_type        = try(p.spec.securityContext.seLinuxOptions.type, null)
      selinux_user        = try(p.spec.securityContext.seLinuxOptions.user, null)
      selinux_role        = try(p.spec.securityContext.seLinuxOptions.role, null)
      host_process        = try(tostring(p.spec.securityContext.windowsOptions.hostProcess), [p.spec.securityContext.windowsOptions.hostProcess, "?"][1], null)
      limits              = concat([], [for r in lookup(p.spec, "resources", null)[*] : concat([], [for l in lookup(r, "limits", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
      requests            = concat([], [for r in lookup(p.spec, "resources", null)[*] : concat([], [for l in lookup(r, "requests", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
      volumes = [for v in lookup(p.spec, "volumes", null)[*] : {
        name   = try(tostring(v.name), [v.name, "?"][1], null)
        path   = try(v.hostPath.path, null)
        image  = try(v.image.reference, null)
        tokens = concat([], [for j in lookup(v, "projected", null)[*] : concat([], [for x in lookup(j, "sources", null)[*] : [for k in lookup(x, "serviceAccountToken", null)[*] : try(tostring(k.audience), [k.audience, "?"][1], null)]]...)]...)
        pages  = try(startswith(v.emptyDir.medium, "HugePages") ? v.emptyDir.medium : null, v.emptyDir.medium == null ? null : "?", null)
        types  = [for k, s in v : { name = k, set = k == "name" ? false : s != null }]
      }]
      shapes = [for o in concat(
        [for name in ["securityContext"] : lookup(p.spec, name, null)],
        concat([], [for s in lookup(p.spec, "securityContext", null)[*] : [for name in ["seccompProfile", "appArmorProfile", "seLinuxOptions", "windowsOptions"] : lookup(s, name, null)]]...),
        [for v in lookup(p.spec, "volumes", null)[*] : lookup(v, "emptyDir", null)],
      ) : o == null ? 0 : length(keys(o))]
      containers = [for i, list in [lookup(p.spec, "initContainers", null)[*], lookup(p.spec, "containers", null)[*], lookup(p.spec, "ephemeralContainers", null)[*]] : [for c in list : {
        name           = try(c.name, "?")
        lasting        = i < 2 # an ephemeral container cannot state resources
        init           = i == 0
        image          = try(c.image, null)
        privileged     = try(tostring(c.securityContext.privileged), [c.securityContext.privileged, "?"][1], null)
        escalation     = try(tostring(c.securityContext.allowPrivilegeEscalation), [c.securityContext.allowPrivilegeEscalation, "?"][1], null)
        read_only_root = try(tostring(c.securityContext.readOnlyRootFilesystem), [c.securityContext.readOnlyRootFilesystem, "?"][1], null)
        non_root       = try(tostring(c.securityContext.runAsNonRoot), [c.securityContext.runAsNonRoot, "?"][1], null)
        user           = try(tonumber(c.securityContext.runAsUser), [c.securityContext.runAsUser, -1][1], null)
        group          = try(tonumber(c.securityContext.runAsGroup), [c.securityContext.runAsGroup, -1][1], null)
        seccomp        = try(c.securityContext.seccompProfile.type, null)
        seccomp_file   = try(c.securityContext.seccompProfile.localhostProfile, null)
        apparmor       = try(c.securityContext.appArmorProfile.type, null)
        apparmor_file  = try(c.securityContext.appArmorProfile.localhostProfile, null)
        selinux_type   = try(c.securityContext.seLinuxOptions.type, null)
        selinux_user   = try(c.securityContext.seLinuxOptions.user, null)
        selinux_role   = try(c.securityContext.seLinuxOptions.role, null)
        host_process   = try(tostring(c.securityContext.windowsOptions.hostProcess), [c.securityContext.windowsOptions.hostProcess, "?"][1], null)
        proc_mount     = try(c.securityContext.procMount, null)
        add            = concat([], [for s in lookup(c, "securityContext", null)[*] : concat([], [for k in lookup(s, "capabilities", null)[*] : lookup(k, "add", null)[*]]...)]...)
        drop           = [for x in concat([], [for s in lookup(c, "securityContext", null)[*] : concat([], [for k in lookup(s, "capabilities", null)[*] : lookup(k, "drop", null)[*]]...)]...) : try(x == "ALL" ? x : (upper(x) == "ALL" ? "" : upper(x)), "")]
        ports          = [for port in lookup(c, "ports", null)[*] : { number = try(tonumber(port.hostPort), [port.hostPort, -1][1], null), inner = try(tonumber(port.containerPort), [port.containerPort, -1][1], null), protocol = try(lower(port.protocol), port.protocol == null ? null : "?", null) }]
        mounts         = [for m in lookup(c, "volumeMounts", null)[*] : { name = try(tostring(m.name), [m.name, "?"][1], null), read_only = try(tostring(m.readOnly), [m.readOnly, "?"][1], null), path = try(tostring(m.mountPath), [m.mountPath, "?"][1], null), parts = [try(tostring(m.subPath), [m.subPath, "?"][1], null), try(tostring(m.subPathExpr), [m.subPathExpr, "?"][1], null)] }]
        devices        = [for d in lookup(c, "volumeDevices", null)[*] : try(tostring(d.devicePath), [d.devicePath, "?"][1], null)]
        env            = [for e in lookup(c, "env", null)[*] : try(tostring(e.name), [e.name, "?"][1], null)]
        env_from       = [for e in lookup(c, "envFrom", null)[*] : try(tostring(e.prefix), [e.prefix, ""][1], null)]
        restart        = try(tostring(c.restartPolicy), [c.restartPolicy, "?"][1], null)
        limits         = concat([], [for r in lookup(c, "resources", null)[*] : concat([], [for l in lookup(r, "limits", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
        requests       = concat([], [for r in lookup(c, "resources", null)[*] : concat([], [for l in lookup(r, "requests", null)[*] : [for k, v in l : { name = k, amount = try([for m in [regex(local.quantity, v)] : tonumber("${m[0]}${lookup(local.exponents, m[1], m[1])}") * lookup(local.multipliers, m[1], 1)][0], null) }]]...)]...)
        probes = [
          { name = "liveness", set = length(lookup(c, "livenessProbe", null)[*]) > 0 },
          { name = "readiness", set = length(lookup(c, "readinessProbe", null)[*]) > 0 },
          { name = "startup", set = length(lookup(c, "startupProbe", null)[*]) > 0 },
        ]
        hosts = [
          try(c.livenessProbe.httpGet.host, null), try(c.livenessProbe.tcpSocket.host, null),
          try(c.readinessProbe.httpGet.host, null), try(c.readinessProbe.tcpSocket.host, null),
          try(c.startupProbe.httpGet.host, null), try(c.startupProbe.tcpSocket.host, null),
          try(c.lifecycle.postStart.httpGet.host, null), try(c.lifecycle.postStart.tcpSocket.host, null),
          try(c.lifecycle.preStop.httpGet.host, null), try(c.lifecycle.preStop.tcpSocket.host, null),
        ]
        shapes = [for o in concat(
          [for name in ["securityContext", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] : lookup(c, name, null)],
          concat([], [for s in lookup(c, "securityContext", null)[*] : [for name in ["seccompProfile", "appArmorProfile", "seLinuxOptions", "windowsOptions"] : lookup(s, name, null)]]...),
          concat([], [for s in lookup(c, "lifecycle", null)[*] : [for name in ["postStart", "preStop"] : lookup(s, name, null)]]...),
          concat([], [for s in concat([], [for list in ["livenessProbe", "readinessProbe", "startupProbe"] : lookup(c, list, null)[*]]...) : [for name in ["httpGet", "tcpSocket"] : lookup(s, name, null)]]...),
          concat([], [for s in concat([], [for l in lookup(c, "lifecycle", null)[*] : concat([], [for name in ["postStart", "preStop"] : lookup(l, name, null)[*]]...)]...) : [for name in ["httpGet", "tcpSocket"] : lookup(s, name, null)]]...),
        ) : o == null ? 0 : length(keys(o))]
      }]]
    }],
  )

  # The groups of the kinds that hold a pod.
  pod_groups = [] # groups

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
  quantity    = "^([0-9]+(?:[.][0-9]*)?|[.][0-9]+)(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,2})$"
  exponents   = { "" = "", n = "e-9", u = "e-6", m = "e-3", k = "e3", M = "e6", G = "e9", T = "e12", P = "e15", E = "e18", Ki = "", Mi = "", Gi = "", Ti = "", Pi = "", Ei = "" }
  multipliers = { Ki = 1024, Mi = 1048576, Gi = 1073741824, Ti = 1099511627776, Pi = 1125899906842624, Ei = 1152921504606846976 }
}
