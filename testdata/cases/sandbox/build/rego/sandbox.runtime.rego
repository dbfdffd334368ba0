package bulkhead.sandbox

# Who is held to something else than most are.
sandbox_runtime_of := {
	# policy.hcl:19: sandbox.runtime = "gvisor"
	"inside/*": {"names": ["gvisor", "runsc"], "prefixes": ["gvisor-"]},
}

# METADATA
# title: "Pods must run in a sandbox with a kernel of its own"
# description: "A hole in the kernel that the container sees is not a hole in the node's."
# custom:
#   control: sandbox.runtime
deny contains lasting(pod, "sandbox.runtime", ["spec", "runtimeClassName"], unset_or(value, "", sprintf("no runtimeClassName is set; use %s", [names_of(allowed)]), typed_text("runtimeClassName", value, sprintf("runtimeClassName %v is no runtime class of the sandbox", [json.marshal(value)])))) if {
	some pod in linux_pods
	allowed := object.get(sandbox_runtime_of, pod.subject, null)
	allowed != null
	value := pod.spec.runtimeClassName
	not in_words(value, allowed)
}
