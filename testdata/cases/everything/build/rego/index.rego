# Who is who: which namespaces the policy holds, which workload a pod is, and
# which containers have values of their own.
package bulkhead.everything

# The platform's Kubernetes: 1.34.
exempts_windows := true

knows_user_namespaces := true

held(namespace) if namespace in {"every"}

# Without a namespace, an object is taken for one of the policy's only one.
held("")

# The workload that a pod with these labels is, or * for one that none describes.
workload_of(labels, os) := name if {
	name := described(labels, os)
} else := "*"

described(labels, _) := workloads_1[labels.app]

workloads_1 := {
	# policy.hcl:160
	"api": "api",
	# policy.hcl:168
	"inside": "inside",
	# policy.hcl:173
	"store": "store",
}

named_containers := {
	"api": {
		# policy.hcl:163
		"migrate": "api/migrate",
	},
}

# policy.hcl:7: undeclared = "deny"
# METADATA
# title: "Pods that no workload block describes"
# description: "A pod that nobody described runs with whatever it asks for, up to the ceiling."
# custom:
#   control: policy.undeclared
deny contains found(pod, "policy.undeclared", ["metadata", "labels"], "no workload of the policy has these labels") if {
	some pod in all_pods
	pod.workload == "*"
}

refused(pod) if pod.workload == "*"
