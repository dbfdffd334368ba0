package lang

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// rootSchema is what may stand in a policy file.
func rootSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: slices.Concat(
		blocks("policy name", "extends name", "variable name", "locals", "platform", "ceiling", "workload name", "container name",
			"flow name", "peer name", "exception name", "test name", "custom name"),
		blocks(control.ControlBlocks()...),
	)}
}

// testSchema is what may stand in a test file.
func testSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: blocks("test name", "peer name", "locals")}
}

// controlBlocks is the schema of a body with control blocks and more.
func controlBlocks(attrs []hcl.AttributeSchema, more ...string) *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attrs, Blocks: append(blocks(control.ControlBlocks()...), blocks(more...)...)}
}

// header is where a policy is named, for what has no better place.
func (d *decoder) header() hcl.Range {
	if d.doc.Range.Filename != "" {
		return d.doc.Range
	}
	for _, f := range slices.Concat(d.folder.rules, d.folder.tests) {
		return f.Body.MissingItemRange()
	}
	return hcl.Range{}
}

// decode reads everything, in order of dependence.
func (d *decoder) decode(given []Variable) {
	s := newScope(functions(d.folder.fs, d.loader.platform))
	if !d.requires(s) {
		return // what this compiler does not know may be why
	}
	all, inTests := d.topLevel()
	headers := all.OfType("policy")
	if len(headers) > 0 {
		d.doc.Range, d.doc.Name = headers[0].DefRange, headers[0].Labels[0]
	}
	s = s.with("var", d.variables(all.OfType("variable"), given, s))
	s = s.with("local", d.locals(slices.Concat(all.OfType("locals"), inTests.OfType("locals")), s))
	if d.surveying {
		d.parents(all.OfType("extends"), s)
		d.platform(all.OfType("platform"), s)
		return
	}
	d.policyHeader(headers, s)
	d.parents(all.OfType("extends"), s)

	workloads := d.named("workload", all, s, workloadSchema())
	peers := append(d.named("peer", all, s, peerSchema()), d.named("peer", inTests, s, peerSchema())...)
	workloads, peers = d.unique(workloads, "workload"), d.unique(peers, "peer")
	s = s.with("workload", refs("workload", names(workloads)))
	d.decodePeers(peers, s)
	s = s.with("peer", refs("peer", append(slices.Sorted(maps.Keys(d.peers)), names(peers)...)))
	d.scope = s

	d.platform(all.OfType("platform"), s)
	d.doc.Values = d.undeclared(headers, s)
	maps.Copy(d.doc.Values, d.settings(all, s, inPolicy))
	if ceiling, ok := d.singletons(all.OfType("ceiling"))["ceiling"]; ok {
		d.doc.Ceilings = d.settings(d.controls(ceiling.Body), s, inCeiling)
	}
	for _, w := range workloads {
		d.doc.Workloads = append(d.doc.Workloads, d.workload(w))
	}
	for _, c := range d.uniquely("container", all, s, containerSchema()) {
		d.doc.Containers = append(d.doc.Containers, d.container(c, true))
	}
	for _, f := range d.uniquely("flow", all, s, flowSchema()) {
		clean := d.watch()
		if flow := d.flow(f); clean() {
			d.doc.Flows = append(d.doc.Flows, flow)
		}
	}
	for _, e := range d.uniquely("exception", all, s, exceptionSchema()) {
		clean := d.watch()
		if exception := d.exception(e); clean() {
			d.doc.Exceptions = append(d.doc.Exceptions, exception)
		}
	}
	for _, in := range d.uniquely("test", append(slices.Clone(all), inTests...), s, testBlockSchema()) {
		d.tests = append(d.tests, d.test(in))
	}
}

// topLevel reads which blocks there are. Where one cannot be read, or is not
// known, it may be any.
func (d *decoder) topLevel() (all, inTests hcl.Blocks) {
	clean := d.watch()
	for _, f := range d.folder.rules {
		all = append(all, d.content(f.Body, rootSchema()).Blocks...)
	}
	for _, b := range all.OfType("custom") {
		d.error(b.DefRange, "Block not available yet", "custom is a reserved name, for rules of the policy's own that only refuse. Until a target holds them, it cannot be used.")
	}
	if !clean() {
		d.unsure(control.Controls()...)
		for _, root := range []string{"var", "local", "workload", "peer"} {
			d.partial[root] = true
		}
	}
	clean = d.watch()
	for _, f := range d.folder.tests {
		inTests = append(inTests, d.content(f.Body, testSchema()).Blocks...)
	}
	if !clean() {
		d.partial["local"], d.partial["peer"] = true, true
	}
	return all, inTests
}

// controls reads a body that holds control blocks and nothing else.
func (d *decoder) controls(body hcl.Body) hcl.Blocks {
	clean := d.watch()
	content := d.content(body, controlBlocks(nil))
	if !clean() {
		d.unsure(control.Controls()...)
	}
	return content.Blocks
}

// named expands the blocks of a type whose names expressions use.
func (d *decoder) named(kind string, all hcl.Blocks, s *scope, schema *hcl.BodySchema) []instance {
	clean := d.watch()
	out := d.expand(all.OfType(kind), s, schema)
	if !clean() {
		d.partial[kind] = true
		d.unsure(control.Controls()...)
	}
	return out
}

// uniquely expands the blocks of a type no two of which may have one name.
func (d *decoder) uniquely(kind string, all hcl.Blocks, s *scope, schema *hcl.BodySchema) []instance {
	return d.unique(d.expand(all.OfType(kind), s, schema), kind)
}

// platform decodes the facts about where the artifacts will run.
func (d *decoder) platform(bs hcl.Blocks, s *scope) {
	b, ok := d.singletons(bs)["platform"]
	if !ok {
		return
	}
	body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes("kubernetes", "runtime", "apparmor", "architectures", "targets", "api_server", "pods")})
	p := policy.Platform{Range: b.DefRange}
	if v, at, ok := d.text(body, "kubernetes", s); ok {
		if _, err := policy.ParseKubernetes(v); err != nil {
			d.error(at, "Unknown version", "kubernetes: %v.", err)
		} else {
			p.Kubernetes = v
		}
	}
	if v, at, ok := d.text(body, "apparmor", s); ok {
		if _, err := semver.NewVersion(v); err != nil {
			d.error(at, "Not a version", "apparmor is a version such as \"3.0\"; %q is not.", v)
		}
		p.AppArmor = v
	}
	if v, at, ok := d.text(body, "runtime", s); ok {
		name, number, _ := strings.Cut(v, " ")
		_, err := semver.NewVersion(number)
		if !slices.Contains(control.RuntimeNames, name) || err != nil {
			d.error(at, "Not a runtime", "runtime is a name and a version such as \"containerd 2.0\"; the names are %s.", join(control.RuntimeNames))
		}
		p.Runtime = v
	}
	for _, it := range d.texts(body, "architectures", s) {
		var known []string
		for _, a := range linux.Architectures() {
			known = append(known, string(a.Arch))
		}
		if d.oneOf(it.Key, it.Range, "An architecture", known) {
			p.Architectures = append(p.Architectures, it.Key)
		}
	}
	slices.Sort(p.Architectures)
	clean := d.watch()
	p.Targets = d.texts(body, "targets", s)
	if p.Targets != nil && len(p.Targets) == 0 && clean() {
		d.error(body.Attributes["targets"].Range, "No targets", "Without a target nothing would be held. Leave the attribute out for all targets.")
	}
	for _, it := range d.texts(body, "api_server", s) {
		if c, ok := d.cidr(it); ok {
			p.APIServer = append(p.APIServer, c)
		}
	}
	p.Pods = d.pods(body, s)
	d.doc.Platform = p
}

func (d *decoder) cidr(it control.Item) (string, bool) {
	p, err := netip.ParsePrefix(it.Key)
	if err != nil || p.Masked() != p {
		hint := ""
		if err == nil {
			hint = fmt.Sprintf(" Did you mean %q?", p.Masked())
		}
		d.error(it.Range, "Not a network", "A network is an address and the length of its prefix, such as \"10.0.0.0/8\"; %q is not.%s", it.Key, hint)
		return "", false
	}
	return p.String(), true
}

// reference decodes workload.NAME or peer.NAME.
func (d *decoder) reference(expr hcl.Expression, s *scope, kinds ...string) (*ref, bool) {
	v, ok := d.evaluate(expr, s)
	if !ok {
		return nil, false
	}
	return d.asReference(v, expr.Range(), kinds...)
}

func (d *decoder) asReference(v cty.Value, at hcl.Range, kinds ...string) (*ref, bool) {
	if !v.IsNull() && v.Type() == refType {
		r := v.EncapsulatedValue().(*ref)
		if slices.Contains(kinds, r.kind) {
			return r, true
		}
	}
	d.error(at, "Wrong type", "A %s is named here, such as %s.NAME; this is %s.", strings.Join(kinds, " or a "), kinds[0], typeName(v))
	return nil, false
}
