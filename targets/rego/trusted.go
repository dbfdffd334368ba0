package rego

import ()

var annotationsCheck = check{variable: "refused", rules: []rule{{
	over: "pods", keys: `["metadata", "annotations", key]`, problem: `sprintf("the annotation %s is not allowed", [json.marshal(key)])`,
	where: []string{
		"pod.annotations != {}",
		"some key in object.keys(pod.annotations)",
		"some pattern in refused",
		"regex.match(pattern, key)",
	},
}}}

var environmentCheck = check{variable: "refused", rules: []rule{{
	over: "containers", keys: `["env", i, "name"]`, problem: named("the environment variable"),
	where: []string{
		"some i, variable in c.spec.env",
		`value := object.get(variable, "name", "")`,
		"in_words(value, refused)",
	},
}, {
	over: "containers", keys: `["envFrom", i, "prefix"]`, problem: `sprintf("with the prefix %s, one of the variables may be one that is not allowed: give another prefix, or name them in env", [json.marshal(prefix)])`,
	where: []string{
		"some i, source in c.spec.envFrom",
		`prefix := object.get(source, "prefix", "")`,
		"not environment_apart(prefix, refused)",
	},
}}, functions: `# The names are in another object: all that begin with the prefix may be there.
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
`}
