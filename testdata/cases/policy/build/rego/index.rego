# Who is who: which kinds hold pods, which namespaces the policy holds, which
# workload a pod is, and which containers have values of their own.
package bulkhead.policy

# The platform's Kubernetes: 1.34.
exempts_windows := true

knows_user_namespaces := true

has_seccomp_field := true

has_apparmor_field := true

has_recursive_read_only := true

has_pod_limits := true

# Kinds of objects that hold a pod, by their API group, and where. "/" is the core
# group, and "" stands for objects without an apiVersion.
pod_kinds := {
	"Configuration": {"": ["spec", "template"], "serving.knative.dev": ["spec", "template"]},
	"CronJob": {"": ["spec", "jobTemplate", "spec", "template"], "batch": ["spec", "jobTemplate", "spec", "template"]},
	"DaemonSet": {"": ["spec", "template"], "apps": ["spec", "template"], "extensions": ["spec", "template"]},
	"Deployment": {"": ["spec", "template"], "apps": ["spec", "template"], "extensions": ["spec", "template"]},
	"DeploymentConfig": {"": ["spec", "template"], "/": ["spec", "template"], "apps.openshift.io": ["spec", "template"]},
	"Job": {"": ["spec", "template"], "batch": ["spec", "template"]},
	"Pod": {"": [], "/": []},
	"PodTemplate": {"": ["template"], "/": ["template"]},
	"ReplicaSet": {"": ["spec", "template"], "apps": ["spec", "template"], "extensions": ["spec", "template"]},
	"ReplicationController": {"": ["spec", "template"], "/": ["spec", "template"]},
	"Revision": {"": [], "serving.knative.dev": []},
	"Rollout": {"": ["spec", "template"], "argoproj.io": ["spec", "template"]},
	"Service": {"serving.knative.dev": ["spec", "template"]},
	"StatefulSet": {"": ["spec", "template"], "apps": ["spec", "template"]},
	"Widget": {"": ["spec", "template"], "example.com": ["spec", "template"]},
}

# Fields by which an object of a kind names another one whose pods it runs.
references := {
	"Rollout": {"": ["spec", "workloadRef"], "argoproj.io": ["spec", "workloadRef"]},
}

# What a container of a kind is called that states no name.
unnamed := {
	"Configuration": {"": "user-container", "serving.knative.dev": "user-container"},
	"Revision": {"": "user-container", "serving.knative.dev": "user-container"},
	"Service": {"serving.knative.dev": "user-container"},
}

# Kinds whose pods stand where the policy says: each path as what lies between its *.
many_kinds := {
	"RayCluster": {"": [[["spec", "headGroupSpec", "template"]], [["spec", "workerGroupSpecs"], ["template"]]], "ray.io": [[["spec", "headGroupSpec", "template"]], [["spec", "workerGroupSpecs"], ["template"]]]},
}

held(namespace) if namespace in {"shop"}

# Without a namespace, an object is taken for one of the policy's only one.
held("")

# The workload that a pod with these labels is, or * for one that none describes.
workload_of(labels, os) := name if {
	name := described(labels, os)
} else := "*"

described(labels, _) := workloads_1[labels.app]

workloads_1 := {
	# policy.hcl:25
	"api": "api",
}

describes_workloads := true

named_containers := {
	"api": {
		# policy.hcl:28
		"migrate": "api/migrate",
	},
}

# policy.hcl:6: undeclared = "deny"
# METADATA
# title: "Pods must be described by a workload block"
# description: "A pod that no workload block describes may use everything up to the ceiling."
# custom:
#   control: policy.undeclared
deny contains found(pod, "policy.undeclared", ["metadata", "labels"], "no workload of the policy has these labels") if {
	some pod in all_pods
	pod.workload == "*"
}

refused(pod) if pod.workload == "*"
