package rego

import (
	"regexp"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
)

// imageRules checks the images of containers, and of volumes that are images.
func imageRules(test, problem string) []rule {
	return []rule{{
		over: "containers", keys: `["image"]`, problem: problem,
		where: []string{"value := c.spec.image", test},
	}, {
		over: "pods", keys: `["spec", "volumes", i, "image", "reference"]`, problem: problem, fixed: true,
		where: []string{
			"some i, volume in pod.spec.volumes",
			`object.get(volume, "image", null) != null`,
			`value := object.get(volume, ["image", "reference"], "")`,
			test,
		},
	}}
}

var images = map[control.ID]check{
	control.Registries: {
		value: registries, variable: "allowed", file: imageFile,
		rules: imageRules("not image_allowed(value, allowed)", `sprintf("the image %v is of no registry that is allowed", [value])`),
		functions: `image_allowed(value, allowed) if {
	name := image_name(value)
	some pattern in allowed
	regex.match(pattern, name)
}
`,
	},
	control.ImagesDenied: {
		value: deniedImages, variable: "refused", file: imageFile,
		rules: imageRules("not image_apart(value, refused)", `sprintf("the image %v is refused, or cannot be told from one that is", [value])`),
		functions: `image_apart(value, refused) if {
	name := image_name(value)
	not regex.match(refused, name)
}
`,
	},
	control.TagsDenied: {
		value: tags, variable: "refused", file: imageFile,
		rules: imageRules("not tag_apart(value, refused)", `sprintf("the image %v may not be named by that tag (without one, it is latest)", [value])`),
		functions: `tag_apart(value, refused) if {
	tag := image_tag(value)
	not regex.match(refused, tag)
}

# By a digest, runtimes ask for that very image, whatever the tag beside it says.
tag_apart(value, _) if image_digest(value)
`,
	},
	control.Digest: {
		value:     yes,
		rules:     imageRules("not has_digest(value)", `sprintf("the image %v must be named by its digest", [value])`),
		functions: "has_digest(value) if regex.match(`@sha256:[0-9a-f]{64}$|@sha512:[0-9a-f]{128}$`, value)\n",
	},
}

// imageFile is the file of the bundle that reads references.
const imageFile = "images.rego"

// imageFunctions reads references as runtimes do (github.com/distribution/reference), but for hosts in upper case.
const imageFunctions = `# References to images. What is none has no name and no tag.

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
	regex.match(` + "`^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$`" + `, parts[4])
}

image_parts(value) := parts if {
	[parts] := regex.find_all_string_submatch_n(image_reference, value, -1)
	not regex.match(` + "`^[a-f0-9]{64}$`" + `, value) # the id of an image on the node
}

# The host, the path, the tag and the digest.
image_reference := ` + "`" + imageReference + "`" + `

image_normal(host, path) := concat("/", [host, path]) if not host in {"", "docker.io", "index.docker.io"}

image_normal(host, path) := concat("/", ["docker.io", path]) if {
	host in {"", "docker.io", "index.docker.io"}
	contains(path, "/")
}

image_normal(host, path) := concat("/", ["docker.io/library", path]) if {
	host in {"", "docker.io", "index.docker.io"}
	not contains(path, "/")
}
`

// imageReference is the grammar of github.com/distribution/reference. A first part is a host if it has a dot or a colon,
// or is localhost; all else is a path of Docker Hub.
const imageReference = `^(?:((?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))+(?::[0-9]+)?` +
	`|(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]):[0-9]+|localhost|\[[a-f0-9:]+\](?::[0-9]+)?)/)?` +
	`([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)` +
	`(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?` +
	`(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`

// registries writes patterns of repositories as regular expressions over the host and path of an image.
func registries(v control.Value) string {
	var out []string
	for _, expression := range patternExpressions(v.Keys()) {
		out = append(out, quote(expression))
	}
	return list(out)
}

// anyOf writes patterns of repositories as one regular expression.
func anyOf(v control.Value) string { return quote(strings.Join(patternExpressions(v.Keys()), "|")) }

// deniedImages writes patterns of repositories that are refused, by whatever name of their registry.
func deniedImages(v control.Value) string {
	var all []string
	for _, p := range parsed(v.Keys()) {
		for _, alias := range p.Aliases() {
			all = append(all, patternExpression(alias.String()))
		}
	}
	return quote(strings.Join(all, "|"))
}

func tags(v control.Value) string { return quote(control.PatternsExpression(v.Keys())) }

func patternExpressions(patterns []string) []string {
	var out []string
	for _, p := range parsed(patterns) {
		out = append(out, patternExpression(p.String()))
	}
	return out
}

func parsed(patterns []string) []image.Pattern {
	var out []image.Pattern
	for _, key := range patterns {
		p, err := image.ParsePattern(key)
		if err != nil {
			panic("rego: a resolved policy holds only valid patterns: " + err.Error())
		}
		out = append(out, p)
	}
	return out
}

// patternExpression translates a pattern in its normal form: a star at the end takes all that follows, one within the
// path stays in its segment, and one in front of a host takes labels.
func patternExpression(pattern string) string {
	if pattern == "*" {
		return "^.*$"
	}
	host, path, _ := strings.Cut(pattern, "/")
	var b strings.Builder
	b.WriteString("^")
	if suffix, wild := strings.CutPrefix(host, "*"); wild {
		b.WriteString("[^/]+" + regexp.QuoteMeta(suffix))
	} else {
		b.WriteString(regexp.QuoteMeta(host))
	}
	b.WriteString("/")
	literal, rest := strings.CutSuffix(path, "*")
	for i, part := range strings.Split(literal, "*") {
		if i > 0 {
			b.WriteString("[^/]*")
		}
		b.WriteString(regexp.QuoteMeta(part))
	}
	if rest {
		b.WriteString(".*")
	}
	b.WriteString("$")
	return b.String()
}
