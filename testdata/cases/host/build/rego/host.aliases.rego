package bulkhead.host

# policy.hcl:27: host.aliases = ["10.0.0.*"]
# METADATA
# title: "Addresses that a pod may give to names by itself (hostAliases)"
# description: "An alias sends a name to any address, past the cluster's DNS and rules on names: clients talk to whoever has that address."
# custom:
#   control: host.aliases
deny contains lasting(pod, "host.aliases", ["spec", "hostAliases", i, "ip"], unset_or(value, null, "hostAliases has an entry without an ip", sprintf("hostAliases must not send names to %v", [json.marshal(value)]))) if {
	some pod in pods
	allowed := {"names": [], "prefixes": ["10.0.0."]}
	some i, item in pod.spec.hostAliases
	value := object.get(item, "ip", null)
	not in_words(value, allowed)
}
