locals {
  # kubernetes_manifest carries an object as Kubernetes writes it; every other resource writes blocks as lists of one.
  manifests = [for r in var.resources : r.manifest if contains(keys(r), "manifest")]
  typed     = [for r in var.resources : r if !contains(keys(r), "manifest")]

  # Where each kind keeps its pod: the object, the pod's metadata, the pod's spec.
  manifest_pods = concat(
    [for m in local.manifests : { object = m.metadata, metadata = m.metadata, spec = m.spec } if m.kind == "Pod"],
    [for m in local.manifests : { object = m.metadata, metadata = concat(lookup(m.template, "metadata", null)[*], [{}])[0], spec = m.template.spec } if m.kind == "PodTemplate"],
    [for m in local.manifests : { object = m.metadata, metadata = concat(lookup(m.spec.template, "metadata", null)[*], [{}])[0], spec = m.spec.template.spec } if contains(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"], m.kind)],
    [for m in local.manifests : { object = m.metadata, metadata = concat(lookup(m.spec.jobTemplate.spec.template, "metadata", null)[*], [{}])[0], spec = m.spec.jobTemplate.spec.template.spec } if m.kind == "CronJob"],
  )
  typed_pods = concat(
    [for r in local.typed : { object = r.metadata[0], metadata = r.metadata[0], spec = r.spec[0] } if contains(try(keys(r.spec[0]), []), "container")],
    [for r in local.typed : { object = r.metadata[0], metadata = concat(r.spec[0].template[0].metadata, [{}])[0], spec = r.spec[0].template[0].spec[0] } if contains(try(keys(r.spec[0]), []), "template")],
    [for r in local.typed : { object = r.metadata[0], metadata = concat(r.spec[0].job_template[0].spec[0].template[0].metadata, [{}])[0], spec = r.spec[0].job_template[0].spec[0].template[0].spec[0] } if contains(try(keys(r.spec[0]), []), "job_template")],
  )

  # Both in one shape. try() stands around single values only: around a list, one unknown element would hide the others.
  pods = concat(
    [for p in local.typed_pods : {
      object       = "${try(p.object.namespace, "default")}/${try(p.object.name, "?")}"
      namespace    = try(p.object.namespace, null)
      labels       = lookup(p.metadata, "labels", null)
      host_network = try(tostring(p.spec.host_network), null)
      non_root     = try(tostring(p.spec.security_context[0].run_as_non_root), null)
      host_paths   = concat([], [for v in lookup(p.spec, "volume", null)[*] : [for s in lookup(v, "host_path", null)[*] : s.path]]...)
      containers = [for list in [lookup(p.spec, "init_container", null)[*], lookup(p.spec, "container", null)[*]] : [for c in list : {
        name       = try(c.name, "?")
        image      = try(c.image, null)
        privileged = try(tostring(c.security_context[0].privileged), null)
        escalation = try(tostring(c.security_context[0].allow_privilege_escalation), null)
        non_root   = try(tostring(c.security_context[0].run_as_non_root), null)
        add        = concat([], [for s in lookup(c, "security_context", null)[*] : concat([], [for k in lookup(s, "capabilities", null)[*] : lookup(k, "add", null)[*]]...)]...)
        memory     = try(c.resources[0].limits["memory"], null)
      }]]
    }],
    [for p in local.manifest_pods : {
      object       = "${try(p.object.namespace, "default")}/${try(p.object.name, "?")}"
      namespace    = try(p.object.namespace, null)
      labels       = lookup(p.metadata, "labels", null)
      host_network = try(tostring(p.spec.hostNetwork), null)
      non_root     = try(tostring(p.spec.securityContext.runAsNonRoot), null)
      host_paths   = concat([], [for v in lookup(p.spec, "volumes", null)[*] : [for s in lookup(v, "hostPath", null)[*] : s.path]]...)
      containers = [for list in [lookup(p.spec, "initContainers", null)[*], lookup(p.spec, "containers", null)[*], lookup(p.spec, "ephemeralContainers", null)[*]] : [for c in list : {
        name       = try(c.name, "?")
        image      = try(c.image, null)
        privileged = try(tostring(c.securityContext.privileged), null)
        escalation = try(tostring(c.securityContext.allowPrivilegeEscalation), null)
        non_root   = try(tostring(c.securityContext.runAsNonRoot), null)
        add        = concat([], [for s in lookup(c, "securityContext", null)[*] : concat([], [for k in lookup(s, "capabilities", null)[*] : lookup(k, "add", null)[*]]...)]...)
        memory     = try(c.resources.limits.memory, null)
      }]]
    }],
  )

  namespaces = ["payments"]
  workloads = {
    "api" = { "app" = "api" }
    "db"  = { "app" = "db", "tier" = "data" }
  }

  # The pods of the policy's namespaces with the workload that each belongs to, "*" for one that none describes.
  held = [for p in local.pods : merge(p, {
    held     = contains(local.namespaces, coalesce(p.namespace, "payments"))
    workload = concat([for w, labels in local.workloads : w if alltrue([for k, v in labels : try(p.labels[k], null) == v])], ["*"])[0]
  })]

  # One list for each list of containers, so that a list which is not known yet hides no other.
  containers = concat([], [for p in local.held : [for list in p.containers : [for c in list : merge(c, {
    where    = "${p.object} ${c.name}"
    held     = p.held
    workload = p.workload
    exact    = "${p.workload}/${c.name}"
    pod      = { non_root = p.non_root }
  })]]]...)

  memory_units = { "" = 1, "Ki" = 1024, "Mi" = 1048576, "Gi" = 1073741824, "k" = 1000, "M" = 1000000, "G" = 1000000000, "m" = 0.001 }
}
