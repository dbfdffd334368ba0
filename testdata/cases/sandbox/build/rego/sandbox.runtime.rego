package bulkhead.sandbox

# Who is held to something else than most are.
sandbox_runtime_of := {
	# policy.hcl:19: sandbox.runtime = "gvisor"
	"inside/*": "gvisor",
}

# METADATA
# title: "A sandbox with a kernel of its own"
# description: "A hole in the kernel that the container sees is not a hole in the node's."
# custom:
#   control: sandbox.runtime
deny contains lasting(pod, "sandbox.runtime", ["spec", "runtimeClassName"], sprintf("it must name a runtime class of the sandbox %s", [sandbox])) if {
	some pod in linux_pods
	sandbox := object.get(sandbox_runtime_of, pod.subject, null)
	sandbox != null
	not sandboxed(pod.spec.runtimeClassName, sandbox)
}

# Runtime classes are named after their sandbox, by itself or before a dash.
sandboxed(class, class)

sandboxed("runsc", "gvisor")

sandboxed(class, sandbox) if startswith(class, concat("", [sandbox, "-"]))
