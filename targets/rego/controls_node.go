package rego

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

var hosts = map[policy.ID]control{
	policy.HostPorts: {value: hostPorts, variable: "allowed", rules: []rule{{
		over: "containers", keys: `["ports", i, "hostPort"]`, problem: `sprintf("the port %v/%v of the node is not allowed", [protocol, value])`,
		where: []string{
			"some i, port in c.spec.ports",
			"value := host_port(c, port)",
			"value != 0",
			`protocol := object.get(port, "protocol", "TCP")`,
			"not host_port_allowed(protocol, value, allowed)",
		},
	}}, functions: `# In the network of the node, every port that is stated is one of the node's.
host_port(c, port) := port.containerPort if {
	c.pod.spec.hostNetwork != false
	not port.hostPort
} else := object.get(port, "hostPort", 0)

host_port_allowed(protocol, value, allowed) if {
	is_number(value)
	some [of, first, last] in allowed
	of == protocol
	first <= value
	value <= last
}
`},
	policy.HostProbes: {value: words, variable: "allowed", functions: isWord("probe_host"), rules: []rule{
		probe(`some name in ["livenessProbe", "readinessProbe", "startupProbe"]`, "c.spec[name][action]", `[name, action, "host"]`),
		probe(`some name in ["postStart", "preStop"]`, "c.spec.lifecycle[name][action]", `["lifecycle", name, action, "host"]`),
	}},
	policy.HostPaths: {value: hostPaths, variable: "allowed", rules: []rule{{
		over: "pods", keys: `["spec", "volumes", i, "hostPath"]`, problem: `sprintf("the path %v of the node is not allowed, or not for writing", [object.get(volume, ["hostPath", "path"], "")])`,
		where: []string{
			"some i, volume in pod.spec.volumes",
			`object.get(volume, "hostPath", null) != null`,
			"not host_path_allowed(pod, volume, allowed)",
		},
	}}, functions: `# A granted path stands for all below it; "" is the root.
host_path_allowed(pod, volume, allowed) if {
	path := trim_right(volume.hostPath.path, "/")
	not contains(path, "..")
	not contains(path, "//")
	some granted, mode in allowed
	startswith(concat("", [path, "/"]), concat("", [granted, "/"]))
	host_path_mode(pod, volume, mode)
}

host_path_mode(_, _, "write")

host_path_mode(pod, volume, "read") if {
	every c in containers { not writes(c, pod, volume) }
}

writes(c, pod, volume) if {
	c.pod.path == pod.path
	some mount in c.spec.volumeMounts
	object.get(mount, "name", "") == object.get(volume, "name", "")
	object.get(mount, "readOnly", false) != true
}
`},
}

func probe(names, action, keys string) rule {
	return rule{
		over: "containers", keys: keys, problem: named("the host"),
		where: []string{
			names,
			`some action in ["httpGet", "tcpSocket"]`,
			"value := " + action + ".host",
			`value != ""`,
			"not probe_host_allowed(value, allowed)",
		},
	}
}

func hostPorts(v policy.Value) string {
	var ports []string
	for _, key := range v.Keys() {
		p, err := policy.ParsePort(key)
		if err != nil {
			panic("rego: a resolved policy holds only valid ports: " + err.Error())
		}
		ports = append(ports, list([]string{quote(strings.ToUpper(p.Protocol)), strconv.Itoa(p.From), strconv.Itoa(p.To)}))
	}
	return list(ports)
}

func hostPaths(v policy.Value) string {
	pairs := make([]string, len(v.Items))
	for i, it := range v.Items {
		pairs[i] = quote(strings.TrimSuffix(it.Key, "/")) + ": " + quote(it.Arg)
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

// nano is the finest amount that Kubernetes knows; in it all amounts are whole.
var nano = new(big.Int).Exp(big.NewInt(10), big.NewInt(9), nil)

// amount writes a quantity in billionths.
func amount(text string) string {
	q, err := resource.ParseQuantity(text)
	if err != nil {
		panic("rego: a resolved policy holds only valid amounts: " + err.Error())
	}
	d := q.AsDec()
	n := new(big.Int).Set(d.UnscaledBig())
	if shift := int64(9) - int64(d.Scale()); shift >= 0 {
		return n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(shift), nil)).String()
	}
	return n.Div(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.Scale())-9), nil)).String()
}

// amountForm are the amounts that Kubernetes and OPA read alike. The rest, which nobody writes, counts as no limit.
const amountForm = "`^[0-9]+(\\.[0-9]+)?([mkMGTPE]|[KMGTPE]i)?$`"

// limit checks that a container states a limit, and one that is small enough. 0 is no limit to Kubernetes.
func limit(name, resource string) control {
	return control{
		value: func(v policy.Value) string { return list([]string{amount(v.Text), quote(v.Text)}) }, variable: "most",
		rules: []rule{{
			over: "lasting_containers", keys: fmt.Sprintf(`["resources", "limits", %q]`, resource),
			problem: fmt.Sprintf(`sprintf("it must state a limit of %s, %%s at most", [most[1]])`, resource),
			// Amounts are counted in billionths, so that 500m and 0.5 are the same.
			where: []string{
				fmt.Sprintf(`value := object.get(c.spec.resources.limits, %q, "")`, resource),
				"within := [n | regex.match(" + amountForm + ", value); n := round(units.parse(value) * 1000000000); n > 0; n <= most[0]]",
				"count(within) == 0",
				fmt.Sprintf("not %s_number_within(value, most)", name),
			},
		}},
		functions: fmt.Sprintf(`# YAML's plain 1 and 0.5 are numbers, not texts.
%s_number_within(value, most) if {
	is_number(value)
	value > 0
	round(value * 1000000000) <= most[0]
}
`, name),
	}
}

var amounts = map[policy.ID]control{
	policy.Memory:           limit("memory", "memory"),
	policy.CPU:              limit("cpu", "cpu"),
	policy.EphemeralStorage: limit("storage", "ephemeral-storage"),
	policy.Hugepages: {value: hugepages, variable: "allowed", rules: []rule{{
		over: "lasting_containers", keys: `["resources", kind, name]`, problem: `sprintf("%s of %v are not allowed", [name, value])`,
		where: []string{
			`some kind in ["limits", "requests"]`,
			"some name, value in c.spec.resources[kind]",
			`startswith(name, "hugepages-")`,
			`not hugepages_within(trim_prefix(name, "hugepages-"), value, allowed)`,
		},
	}}, functions: `# Pairs of page size and the most of it; null is any.
hugepages_within(size, value, allowed) if {
	some [page, most] in allowed
	hugepages_match(hugepages_amount(size), page)
	hugepages_match_amount(hugepages_amount(value), most)
}

hugepages_match(_, null)

hugepages_match(page, page)

hugepages_match_amount(_, null)

hugepages_match_amount(n, most) if n <= most

hugepages_amount(value) := round(units.parse(value) * 1000000000) if regex.match(` + amountForm + `, value)

hugepages_amount(value) := round(value * 1000000000) if is_number(value)
`},
}

func hugepages(v policy.Value) string {
	pairs := make([]string, len(v.Items))
	for i, it := range v.Items {
		page, most := "null", "null"
		if it.Key != "*" {
			page = amount(it.Key)
		}
		if it.Arg != "" {
			most = amount(it.Arg)
		}
		pairs[i] = list([]string{page, most})
	}
	return list(pairs)
}

var volumes = map[policy.ID]control{
	policy.Volumes: {value: keySet, variable: "allowed", rules: []rule{{
		over: "pods", keys: `["spec", "volumes", i, source]`, problem: `sprintf("volumes of the type %s are not allowed", [source])`,
		where: []string{
			"some i, volume in pod.spec.volumes",
			"some source in volume_sources(volume)",
			"not source in allowed",
		},
	}}, functions: `# A volume without a source is an emptyDir.
volume_sources(volume) := sources if {
	sources := object.keys(volume) - {"name"}
	count(sources) > 0
} else := {"emptyDir"}
`},
	policy.SandboxRuntime: {value: func(v policy.Value) string { return quote(v.Text) }, variable: "sandbox", rules: []rule{{
		over: "linux_pods", keys: `["spec", "runtimeClassName"]`, problem: `sprintf("it must name a runtime class of the sandbox %s", [sandbox])`,
		where: []string{"not sandboxed(pod.spec.runtimeClassName, sandbox)"},
	}}, functions: `# Runtime classes are named after their sandbox, by itself or before a dash.
sandboxed(class, class)

sandboxed("runsc", "gvisor")

sandboxed(class, sandbox) if startswith(class, concat("", [sandbox, "-"]))
`},
}

// imageRule checks the images of containers, and of volumes that are images.
func imageRules(test, problem string) []rule {
	return []rule{{
		over: "containers", keys: `["image"]`, problem: problem,
		where: []string{"value := c.spec.image", test},
	}, {
		over: "pods", keys: `["spec", "volumes", i, "image", "reference"]`, problem: problem,
		where: []string{
			"some i, volume in pod.spec.volumes",
			`object.get(volume, "image", null) != null`,
			`value := object.get(volume, ["image", "reference"], "")`,
			test,
		},
	}}
}

var images = map[policy.ID]control{
	policy.Registries: {
		value: registries, variable: "allowed",
		rules: imageRules("not image_allowed(value, allowed)", `sprintf("the image %v is of no registry that is allowed", [value])`),
		functions: `image_allowed(value, allowed) if {
	name := image_name(value)
	some pattern in allowed
	regex.match(pattern, name)
}

# The repository of an image, with its host. What is no reference has none.
image_name(value) := image_normal(parts[1], parts[2]) if {
	[parts] := regex.find_all_string_submatch_n(image_reference, value, -1)
	not regex.match(` + "`^[a-f0-9]{64}$`" + `, value) # the id of an image on the node
}

# The host, the path, the tag and the digest of a reference, as runtimes read
# them (github.com/distribution/reference), but for hosts in upper case.
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
`,
	},
	policy.Digest: {
		value:     yes,
		rules:     imageRules("not has_digest(value)", `sprintf("the image %v must be named by its digest", [value])`),
		functions: "has_digest(value) if regex.match(`@sha256:[0-9a-f]{64}$|@sha512:[0-9a-f]{128}$`, value)\n",
	},
}

// imageReference is the grammar of github.com/distribution/reference. A first part is a host if it has a dot or a colon,
// or is localhost; all else is a path of Docker Hub.
const imageReference = `^(?:((?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9])(?:\.(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]))+(?::[0-9]+)?` +
	`|(?:[a-z0-9]|[a-z0-9][a-z0-9-]*[a-z0-9]):[0-9]+|localhost|\[[a-f0-9:]+\](?::[0-9]+)?)/)?` +
	`([a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)` +
	`(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?` +
	`(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`

// registries writes patterns of repositories as regular expressions over the host and path of an image.
func registries(v policy.Value) string {
	var out []string
	for _, key := range v.Keys() {
		p, err := image.ParsePattern(key)
		if err != nil {
			panic("rego: a resolved policy holds only valid patterns: " + err.Error())
		}
		out = append(out, quote(patternExpression(p.String())))
	}
	return list(out)
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
