package bulkhead.capabilities

# References to images. What is none has no name and no tag.

image_matches(value, patterns) if {
	name := image_name(value)
	some pattern in patterns
	regex.match(pattern, name)
}

image_apart(value, patterns) if {
	name := image_name(value)
	every pattern in patterns { not regex.match(pattern, name) }
}

tag_apart(value, patterns) if {
	tag := image_tag(value)
	every pattern in patterns { not regex.match(pattern, tag) }
}

# By a digest, runtimes ask for that very image, whatever the tag beside it says.
tag_apart(value, _) if image_digest(value)

# The repository of an image, with its host.
image_name(value) := image_normal(parts[1], parts[2]) if {
	parts := image_parts(value)
}

# The tag that a runtime asks for.
image_tag(value) := object.get({"": "latest"}, parts[3], parts[3]) if {
	parts := image_parts(value)
	parts[4] == ""
}

image_digest(value) if {
	parts := image_parts(value)
	regex.match(`^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`, parts[4])
}

image_parts(value) := parts if {
	[parts] := regex.find_all_string_submatch_n(image_reference, value, -1)
	not regex.match(`^[a-f0-9]{64}$`, value) # the id of an image on the node
	not image_misleads(parts[1], value)
}

# What runtimes take for a host although it is none, and a host that the C library
# may take for another IPv4 address.
image_misleads("", value) if regex.match("^[^/]*[.][^/]*/", value)

image_misleads(host, _) if {
	regex.match(`^(?:.*[.])?(?:[0-9]+|0x[0-9a-f]*)(?::[0-9]+)?$`, host)
	not regex.match(`^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:[.]|:[0-9]+$|$)){4}$`, host)
}

# The host, the path, the tag and the digest.
image_reference := `^(?:((?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))+(?::[0-9]+)?|(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]):[0-9]+|localhost|\[[a-f0-9:]+\](?::[0-9]+)?)/)?([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`

image_normal(host, path) := concat("/", [host, path]) if not host in {"", "docker.io", "index.docker.io"}

image_normal(host, path) := concat("/", ["docker.io", path]) if {
	host in {"", "docker.io", "index.docker.io"}
	contains(path, "/")
}

image_normal(host, path) := concat("/", ["docker.io/library", path]) if {
	host in {"", "docker.io", "index.docker.io"}
	not contains(path, "/")
}
