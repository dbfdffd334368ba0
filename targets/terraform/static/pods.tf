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
        [for v in lookup(p.spec, "volume", null)[*] : lookup(v, "empty_dir", null)],
      ) : o == null ? 0 : length(concat([], o))]
      containers = [for i, list in [lookup(p.spec, "init_container", null)[*], lookup(p.spec, "container", null)[*]] : [for c in list : {
        name    = try(c.name, "?")
        lasting = i < 2 # an ephemeral container cannot state resources
        init    = i == 0
        # fields of a container, typed
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
        ) : o == null ? 0 : length(concat([], o))]
      }]]
    }],
    [for p in local.manifest_pods : {
      name        = try(length(p.object.generateName) > 0 ? "${p.object.generateName}*" : p.object.name, p.object.name, "?")
      namespace   = try(p.object.namespace == "" ? null : p.object.namespace, null)
      labels      = lookup(p.metadata, "labels", null)
      annotations = lookup(p.metadata, "annotations", null)
      # fields of a pod, manifest
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
        [for v in lookup(p.spec, "volumes", null)[*] : lookup(v, "emptyDir", null)],
      ) : o == null ? 0 : length(keys(o))]
      containers = [for i, list in [lookup(p.spec, "initContainers", null)[*], lookup(p.spec, "containers", null)[*], lookup(p.spec, "ephemeralContainers", null)[*]] : [for j, c in list : {
        name    = length(try(c.name == null ? "" : c.name, "")) > 0 ? c.name : (p.unnamed == null ? "?" : (i == 1 ? (length(list) == 1 ? p.unnamed : "${p.unnamed}-${j}") : "?"))
        lasting = i < 2 # an ephemeral container cannot state resources
        init    = i == 0
        # fields of a container, manifest
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
  # amounts
}
