package bulkhead.privileges

# policy.hcl:40: privileges.environment = ["LD_*", "NVIDIA_VISIBLE_DEVICES"]
# METADATA
# title: "Containers must not set the listed environment variables"
# description: "Runtime hooks read a container's environment, on the node and as root: for devices, and once for a library to load (CVE-2025-23266)."
# custom:
#   control: privileges.environment
deny contains lasting(c, "privileges.environment", ["env", i, "name"], sprintf("the environment variable %s is not allowed", [json.marshal(value)])) if {
	some c in containers
	refused := {"names": ["NVIDIA_VISIBLE_DEVICES"], "prefixes": ["LD_"]}
	some i, variable in c.spec.env
	value := object.get(variable, "name", "")
	in_words(value, refused)
}

deny contains lasting(c, "privileges.environment", ["envFrom", i, "prefix"], sprintf("with the prefix %s, one of the variables may be one that is not allowed: give another prefix, or name them in env", [json.marshal(prefix)])) if {
	some c in containers
	refused := {"names": ["NVIDIA_VISIBLE_DEVICES"], "prefixes": ["LD_"]}
	some i, source in c.spec.envFrom
	prefix := object.get(source, "prefix", "")
	not environment_apart(prefix, refused)
}

# The names are in another object: all that begin with the prefix may be there.
environment_apart(prefix, refused) if {
	is_string(prefix)
	not environment_hidden(prefix, refused)
}

environment_hidden(prefix, refused) if in_words(prefix, refused)

environment_hidden(prefix, refused) if {
	some name in refused.names
	startswith(name, prefix)
}

environment_hidden(prefix, refused) if {
	some name in refused.prefixes
	startswith(name, prefix)
}
