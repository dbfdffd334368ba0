package bulkhead.host

# policy.hcl:27: host.aliases = ["10.0.0.*"]
# METADATA
# title: "Pods may define only the listed addresses in hostAliases"
# description: "An alias maps a name to any address. It bypasses the cluster's DNS and all rules on names."
# custom:
#   control: host.aliases
deny contains lasting(pod, "host.aliases", ["spec", "hostAliases", i, "ip"], unset_or(value, null, "hostAliases has an entry without an ip", typed_text("ip", value, sprintf("hostAliases must not send names to %v", [json.marshal(value)])))) if {
	some pod in pods
	allowed := {"names": [], "prefixes": ["10.0.0."]}
	some i, item in pod.spec.hostAliases
	value := object.get(item, "ip", null)
	not in_words(value, allowed)
}
