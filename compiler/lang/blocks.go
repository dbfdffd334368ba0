package lang

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
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

func (d *decoder) cidr(it control.Item) (string, bool) {
	network, problem := platform.ParseNetwork(it.Key)
	if problem != "" {
		d.error(it.Range, "Not a network", "%s", problem)
	}
	return network, problem == ""
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
