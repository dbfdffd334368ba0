# Resources by case, as a caller of the module would give them. U is a text that is known only after apply, D a value of which
# not even the type is known.

good_pod = [
  { metadata = [{ name = "api", namespace = "payments", labels = tomap({ app = "api" }) }], spec = [{
    host_network = false, volume = [], init_container = [], security_context = [{ run_as_non_root = true }]
    container = [{ name = "api", image = "i", security_context = [{ privileged = false, run_as_non_root = null, capabilities = [{ add = ["NET_BIND_SERVICE"], drop = ["ALL"] }] }], resources = [{ limits = tomap({ memory = "256Mi" }) }] }]
  }] },
]

deployment_with_an_unknown_environment = [
  { metadata = [{ name = "api", namespace = "payments", labels = null }], spec = [{ replicas = 2, template = [{ metadata = [{ labels = tomap({ app = "api", rev = U }), annotations = tomap({ sum = U }) }], spec = [{
    host_network = null, volume = [], init_container = [], security_context = []
    container = [{ name = "api", env = [{ name = "A", value = U }], security_context = [{ privileged = true, run_as_non_root = true, capabilities = [] }], resources = [{ limits = tomap({ memory = "256Mi" }) }] }]
  }] }] }] },
]

unknown_list_of_init_containers_beside_a_privileged_one = [
  { metadata = [{ name = "api", namespace = "payments" }], spec = [{ template = [{ metadata = [{ labels = tomap({ app = "api" }) }], spec = [{
    host_network = true, init_container = D, volume = [{ name = "v", host_path = [{ path = "/etc" }] }, { name = "w", host_path = [{ path = U }] }]
    container = [{ name = "api", security_context = [{ privileged = true, capabilities = [{ add = [U, "SYS_ADMIN"] }] }], resources = D }]
  }] }] }] },
]

unknown_leaves = [
  { metadata = [{ name = "db", namespace = "payments" }], spec = [{ template = [{ metadata = [{ labels = tomap({ app = "db", tier = "data" }) }], spec = [{
    host_network = U == "x", volume = [{ name = "v", host_path = [{ path = U }] }], init_container = [{ name = "setup", security_context = [{ privileged = U == "x", run_as_non_root = true, capabilities = [{ add = ["CHOWN", U] }] }] }]
    container = [{ name = "db", security_context = [{ privileged = false, run_as_non_root = U == "x" }], resources = [{ limits = tomap({ memory = U }) }] }]
  }] }] }] },
]

unknown_security_context = [
  { metadata = [{ name = "db", namespace = "payments" }], spec = [{ container = [{ name = "db", security_context = D, resources = [] }] }] },
]

unknown_label_leaves_the_workload_open = [
  { metadata = [{ name = "x", namespace = "payments", labels = tomap({ app = U }) }], spec = [{ security_context = [{ run_as_non_root = true }], container = [{ name = "setup", security_context = [{ capabilities = [{ add = ["NET_BIND_SERVICE"] }] }], resources = [{ limits = tomap({ memory = "1Gi" }) }] }] }] },
]

unknown_namespace = [
  { metadata = [{ name = "x", namespace = U }], spec = [{ host_network = true, container = [{ name = "a", security_context = [{ privileged = true }] }] }] },
]

another_namespace = [
  { metadata = [{ name = "x", namespace = "kube-system" }], spec = [{ host_network = true, container = [{ name = "a", security_context = [{ privileged = true }] }] }] },
]

unknown_spec_beside_a_bad_one = [
  { metadata = [{ name = "x", namespace = "payments" }], spec = D },
  { metadata = [{ name = "y", namespace = "payments" }], spec = [{ host_network = true, container = [{ name = "a" }] }] },
]

unknown_manifest = [{ manifest = D }]

unknown_resource = [D]

cron_job = [
  { metadata = [{ name = "x", namespace = "payments" }], spec = [{ schedule = "0 0 * * *", job_template = [{ metadata = [], spec = [{ template = [{ metadata = [{ labels = {} }], spec = [{ container = [{ name = "a", security_context = [{ privileged = true }] }] }] }] }] }] }] },
]

what_is_no_pod = [
  { metadata = [{ name = "x", namespace = "payments" }], spec = [{ selector = {}, port = [{ port = 80 }], type = "ClusterIP" }] },
  { metadata = [{ name = "x", namespace = "payments" }], data = { a = U } },
  { manifest = { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "x" } } },
]

manifests = [
  { manifest = { apiVersion = "apps/v1", kind = "Deployment", metadata = { name = "x", namespace = "payments" }, spec = { template = { metadata = { labels = { app = "db", tier = "data" } }, spec = {
    initContainers = [{ name = "setup", securityContext = { runAsNonRoot = true, capabilities = { add = ["CHOWN"] } }, resources = { limits = { memory = "1Gi" } } }]
    containers     = [{ name = "db", securityContext = { privileged = "true" }, resources = { limits = { memory = 100 } } }]
  } } } } },
  { manifest = { apiVersion = "batch/v1", kind = "CronJob", metadata = { name = "y", namespace = "payments" }, spec = { jobTemplate = { spec = { template = { spec = { hostNetwork = true, containers = [{ name = "a", image = U }] } } } } } } },
  { manifest = { apiVersion = "v1", kind = "Pod", metadata = { name = "z" }, spec = { volumes = [{ name = "v", hostPath = { path = "/var/log" } }, { name = "e" }], containers = [{ name = "a", securityContext = null }], ephemeralContainers = null } } },
]

manifest_with_unknown_leaves = [
  { manifest = { apiVersion = "v1", kind = "Pod", metadata = { name = "z", namespace = "payments", labels = { app = "api" } }, spec = { hostNetwork = U, containers = [{ name = "api", securityContext = { privileged = U, runAsNonRoot = true, capabilities = { add = [U] } }, resources = { limits = { memory = U } } }] } } },
]

empty = []
