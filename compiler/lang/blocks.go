package lang

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// rootSchema is what may stand in a policy file.
func rootSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: slices.Concat(
		blocks("policy name", "extends name", "variable name", "locals", "platform", "ceiling", "workload name", "container name",
			"flow name", "peer name", "exception name", "test name"),
		blocks(policy.ControlBlocks()...),
	)}
}

// testSchema is what may stand in a test file.
func testSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: blocks("test name", "peer name", "locals")}
}

// controlBlocks is the schema of a body with control blocks and more.
func controlBlocks(attrs []hcl.AttributeSchema, more ...string) *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attrs, Blocks: append(blocks(policy.ControlBlocks()...), blocks(more...)...)}
}

// header is where a policy is named, for what has no better place.
func (d *decoder) header() hcl.Range {
	if d.doc.Range.Filename != "" {
		return d.doc.Range
	}
	for _, f := range d.folder.rules {
		return f.Body.MissingItemRange()
	}
	return hcl.Range{}
}

// document decodes everything, in order of dependence.
func (d *decoder) decode(given []Variable) {
	var all hcl.Blocks
	for _, f := range d.folder.rules {
		all = append(all, d.content(f.Body, rootSchema()).Blocks...)
	}
	var inTests hcl.Blocks
	for _, f := range d.folder.tests {
		inTests = append(inTests, d.content(f.Body, testSchema()).Blocks...)
	}
	s := &scope{roots: map[string]map[string]cty.Value{}, functions: functions(d.folder.fs)}
	headers := all.OfType("policy")
	if len(headers) > 0 {
		d.doc.Range, d.doc.Name = headers[0].DefRange, headers[0].Labels[0]
	}
	s = s.with("var", d.variables(all.OfType("variable"), given, s))
	s = s.with("local", d.locals(slices.Concat(all.OfType("locals"), inTests.OfType("locals")), s))
	d.policyHeader(headers, s)
	d.parents(all.OfType("extends"), s)

	workloads := d.expand(all.OfType("workload"), s, workloadSchema())
	peers := d.expand(all.OfType("peer"), s, peerSchema())
	testPeers := d.expand(inTests.OfType("peer"), s, peerSchema())
	d.unique(workloads, "workload")
	d.unique(append(slices.Clone(peers), testPeers...), "peer")
	s = s.with("workload", refs("workload", names(workloads)))
	d.decodePeers(append(peers, testPeers...), s)
	s = s.with("peer", refs("peer", append(slices.Sorted(maps.Keys(d.peers)), names(append(peers, testPeers...))...)))
	d.scope = s

	d.platform(all.OfType("platform"), s)
	d.doc.Values = d.undeclared(headers, s)
	maps.Copy(d.doc.Values, d.settings(all, s, inPolicy))
	if ceiling, ok := d.singletons(all.OfType("ceiling"))["ceiling"]; ok {
		d.doc.Ceilings = d.settings(d.content(ceiling.Body, controlBlocks(nil)).Blocks, s, inCeiling)
	}
	for _, w := range workloads {
		d.doc.Workloads = append(d.doc.Workloads, d.workload(w))
	}
	for _, c := range d.expand(all.OfType("container"), s, containerSchema()) {
		d.doc.Containers = append(d.doc.Containers, d.container(c, true))
	}
	d.uniqueContainers(d.doc.Containers)
	for _, f := range d.expand(all.OfType("flow"), s, flowSchema()) {
		d.doc.Flows = append(d.doc.Flows, d.flow(f))
	}
	for _, e := range d.expand(all.OfType("exception"), s, exceptionSchema()) {
		d.doc.Exceptions = append(d.doc.Exceptions, d.exception(e))
	}
	for _, b := range slices.Concat(all.OfType("test"), inTests.OfType("test")) {
		d.tests = append(d.tests, d.test(b))
	}
}

// policyHeader decodes the policy block, of which there is exactly one.
func (d *decoder) policyHeader(headers hcl.Blocks, s *scope) {
	if len(headers) == 0 {
		d.error(d.header(), "No policy block", "A policy says what it is called: policy \"payments\" { version = \"1.0.0\" ... }. Add such a block to one of its files.")
		return
	}
	b, ok := d.singletons(headers)["policy"]
	if !ok {
		return
	}
	if !strings.HasPrefix(d.stack[len(d.stack)-1], presetPrefix) {
		d.name(b.Labels[0], b.LabelRanges[0], "policy")
	}
	body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes("version", "requires", "owner", "namespaces", "undeclared", "delegate")})
	if v, at, ok := d.text(body, "version", s); ok {
		if _, err := semver.StrictNewVersion(v); err != nil {
			d.error(at, "Not a version", "version is a semantic version with three parts, such as \"1.0.0\"; %q is not.", v)
		}
		d.doc.Version = v
	}
	if v, at, ok := d.text(body, "owner", s); ok && d.sentence(v, at, "owner") {
		d.doc.Owner = v
	}
	d.requires(body, s)
	for _, ns := range d.texts(body, "namespaces", s) {
		if !dnsLabel.MatchString(ns.Key) || len(ns.Key) > 63 {
			d.error(ns.Range, "Not a namespace", "A namespace has up to 63 lower-case letters, digits and '-'; %q does not.", ns.Key)
			continue
		}
		d.doc.Namespaces = append(d.doc.Namespaces, ns)
	}
	if _, stated := body.Attributes["namespaces"]; stated && len(d.doc.Namespaces) == 0 && !d.diags.HasErrors() {
		d.error(body.Attributes["namespaces"].Range, "No namespaces", "An empty list would make a policy that holds nothing. Name a namespace, or leave the attribute out of a policy that is only extended.")
	}
	slices.SortFunc(d.doc.Namespaces, func(a, b policy.Item) int { return strings.Compare(a.Key, b.Key) })
	d.doc.Delegate = d.controlNames(body, "delegate", s, true)
}

// undeclared reads what happens to pods that no block describes, which
// stands in the policy block although it is a control.
func (d *decoder) undeclared(headers hcl.Blocks, s *scope) policy.Settings {
	out := policy.Settings{}
	if len(headers) == 0 {
		return out
	}
	body, _, _ := headers[0].Body.PartialContent(&hcl.BodySchema{Attributes: attributes("undeclared")})
	control, _ := policy.Lookup(policy.Undeclared)
	if v, at, ok := d.text(body, "undeclared", s); ok && d.oneOf(v, at, "undeclared", control.Names) {
		out[policy.Undeclared] = policy.Setting{Value: policy.Value{Text: v}, Range: body.Attributes["undeclared"].Range, Policy: d.doc.Name}
	}
	return out
}

// requires refuses a compiler that is too old, or too new, for the policy.
func (d *decoder) requires(body *hcl.BodyContent, s *scope) {
	text, at, ok := d.text(body, "requires", s)
	if !ok {
		return
	}
	constraint, err := semver.NewConstraint(text)
	if err != nil {
		d.error(at, "Not a version constraint", "requires is a constraint such as \">= 0.1\"; %q is not.", text)
		return
	}
	if v, err := semver.NewVersion(d.opts.Version); err == nil && !constraint.Check(v) {
		d.error(at, "Another version required", "This policy requires bulkhead %s, and this is %s.", text, d.opts.Version)
	}
}

// controlNames decodes a list of controls or blocks of controls.
func (d *decoder) controlNames(body *hcl.BodyContent, attr string, s *scope, wildcard bool) []policy.Item {
	var out []policy.Item
	for _, it := range d.texts(body, attr, s) {
		_, isControl := policy.Lookup(policy.ID(it.Key))
		target, isReserved := policy.Reserved(policy.ID(it.Key))
		switch {
		case isControl, slices.Contains(policy.ControlBlocks(), it.Key), wildcard && it.Key == "*":
			out = append(out, it)
		case isReserved && attr == "delegate":
			d.warn(it.Range, "Control not available yet", "%s is a reserved name: %s will hold it. Until then there is nothing to delegate.", it.Key, target)
		case isReserved:
			d.error(it.Range, "Control not available yet", "%s is a reserved name: %s will hold it.", it.Key, target)
		default:
			d.error(it.Range, "Unknown control", "No control is called %q.%s `bulkhead controls` lists them.", it.Key, didYouMean(it.Key, controlIDs()))
		}
	}
	return out
}

func controlIDs() []string {
	var out []string
	for _, c := range policy.Controls() {
		out = append(out, string(c.ID))
	}
	return append(out, policy.ControlBlocks()...)
}

// parents reads what the policy extends; a policy that extends nothing extends
// the baseline, but for the presets themselves.
func (d *decoder) parents(bs hcl.Blocks, s *scope) {
	for _, b := range bs {
		body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes("source!", "version", "inputs")})
		name, at, ok := d.text(body, "source", s)
		if !ok {
			continue
		}
		src := source{resolveDir(d.folder.dir, name), &at}
		d.extend(src, d.inputs(body, s), b.DefRange, func(parent *policy.Document) { d.checkVersion(body, parent, s) })
	}
	if len(bs) == 0 && !strings.HasPrefix(d.stack[len(d.stack)-1], presetPrefix) {
		d.extend(source{name: DefaultPreset}, nil, d.header(), func(*policy.Document) {})
	}
}

// extend reads one extended policy and takes over what is not a value.
func (d *decoder) extend(src source, inputs []Variable, at hcl.Range, check func(*policy.Document)) {
	parent, diags := d.loader.document(src, inputs, d.stack)
	d.diags = append(d.diags, diags...)
	if parent == nil {
		return
	}
	check(parent.doc)
	d.doc.Parents = append(d.doc.Parents, policy.Parent{Document: parent.doc, Range: at})
	maps.Copy(d.peers, parent.peers)
	for _, t := range parent.tests {
		if t.general() && !slices.Contains(d.tests, t) {
			d.tests = append(d.tests, t)
		}
	}
}

func (d *decoder) inputs(body *hcl.BodyContent, s *scope) []Variable {
	attr, ok := body.Attributes["inputs"]
	if !ok {
		return nil
	}
	elements, _ := d.object(attr.Expr, s, "inputs")
	var out []Variable
	for _, e := range elements {
		out = append(out, Variable{Name: e.key.AsString(), Value: e.value, Origin: at(e.at)})
	}
	return out
}

func (d *decoder) checkVersion(body *hcl.BodyContent, doc *policy.Document, s *scope) {
	text, at, ok := d.text(body, "version", s)
	if !ok {
		return
	}
	constraint, err := semver.NewConstraint(text)
	if err != nil {
		d.error(at, "Not a version constraint", "version is a constraint such as \"~> 3.2\"; %q is not.", text)
		return
	}
	v, err := semver.NewVersion(doc.Version)
	if err != nil || !constraint.Check(v) {
		d.error(at, "Another version extended", "%q has the version %q, which %s does not admit.", doc.Name, doc.Version, text)
	}
}

// platform decodes the facts about where the artifacts will run.
func (d *decoder) platform(bs hcl.Blocks, s *scope) {
	b, ok := d.singletons(bs)["platform"]
	if !ok {
		return
	}
	body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes("kubernetes", "runtime", "apparmor", "architectures", "targets", "api_server")})
	p := policy.Platform{Range: b.DefRange}
	version := func(name string) string {
		v, at, ok := d.text(body, name, s)
		if _, err := semver.NewVersion(v); ok && err != nil {
			d.error(at, "Not a version", "%s is a version such as \"1.34\"; %q is not.", name, v)
		}
		return v
	}
	p.Kubernetes, p.AppArmor = version("kubernetes"), version("apparmor")
	if v, at, ok := d.text(body, "runtime", s); ok {
		name, number, _ := strings.Cut(v, " ")
		_, err := semver.NewVersion(number)
		if !slices.Contains(runtimeNames, name) || err != nil {
			d.error(at, "Not a runtime", "runtime is a name and a version such as \"containerd 2.0\"; the names are %s.", join(runtimeNames))
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
	p.Targets = d.texts(body, "targets", s)
	if attr, ok := body.Attributes["targets"]; ok && len(p.Targets) == 0 {
		d.error(attr.Range, "No targets", "Without a target nothing would be held. Leave the attribute out for all targets.")
	}
	for _, it := range d.texts(body, "api_server", s) {
		if c, ok := d.cidr(it); ok {
			p.APIServer = append(p.APIServer, c)
		}
	}
	d.doc.Platform = p
}

func (d *decoder) cidr(it policy.Item) (string, bool) {
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

// instance is one block, or one of those that for_each makes of it.
type instance struct {
	label string
	block *hcl.Block
	body  *hcl.BodyContent
	scope *scope // without names that were not known when it was expanded
	each  map[string]cty.Value
}

func names(list []instance) []string {
	out := make([]string, len(list))
	for i, in := range list {
		out[i] = in.label
	}
	return out
}

// expand reads labelled blocks, each as often as its for_each says.
func (d *decoder) expand(bs hcl.Blocks, s *scope, schema *hcl.BodySchema) []instance {
	var out []instance
	schema.Attributes = append(schema.Attributes, attributes("for_each", "name")...)
	for _, b := range bs {
		body := d.content(b.Body, schema)
		out = append(out, d.instances(b, body, s)...)
	}
	return out
}

// maxInstances bounds for_each.
const maxInstances = 10_000

func (d *decoder) instances(b *hcl.Block, body *hcl.BodyContent, s *scope) []instance {
	attr, ok := body.Attributes["for_each"]
	if !ok {
		if name, ok := body.Attributes["name"]; ok {
			d.error(name.NameRange, "Name without for_each", "The block's label is its name. name is for blocks with for_each, which makes several of one.")
		}
		return []instance{{label: b.Labels[0], block: b, body: body, scope: s}}
	}
	v, ok := d.evaluate(attr.Expr, s)
	if !ok {
		return nil
	}
	if v.IsNull() || !v.CanIterateElements() || v.Type().IsTupleType() || v.Type().IsListType() {
		d.error(attr.Expr.Range(), "Wrong type", "for_each is a set or a map; this is %s. Make a set of a list with toset().", typeName(v))
		return nil
	}
	if v.LengthInt() > maxInstances {
		d.error(attr.Expr.Range(), "Too many blocks", "for_each makes at most %d blocks of one.", maxInstances)
		return nil
	}
	var out []instance
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if key.Type() != cty.String || key.IsNull() {
			d.error(attr.Expr.Range(), "Wrong type", "The elements of for_each are texts.")
			return nil
		}
		each := map[string]cty.Value{"key": key, "value": value}
		own := s.with("each", each)
		label := b.Labels[0] + "-" + key.AsString()
		if name, _, ok := d.text(body, "name", own); ok {
			label = name
		}
		out = append(out, instance{label, b, body, own, each})
	}
	return out
}

// full gives the scope of an instance with everything in it.
func (in instance) full(d *decoder) *scope {
	if in.each == nil {
		return d.scope
	}
	return d.scope.with("each", in.each)
}

// each reads a labelled block inside of a control block.
func (d *decoder) each(b *hcl.Block, s *scope, do func(label string, s *scope, body *hcl.BodyContent), id policy.ID) {
	for _, in := range d.expand(hcl.Blocks{b}, s, labelledSchema(id)) {
		do(in.label, in.scope, in.body)
	}
}

func labelledSchema(id policy.ID) *hcl.BodySchema {
	if id == policy.Detect {
		return &hcl.BodySchema{Attributes: attributes("priority", "condition!", "description")}
	}
	return &hcl.BodySchema{Attributes: attributes("syscalls!"), Blocks: blocks("arg")}
}

func (d *decoder) unique(list []instance, what string) {
	seen := map[string]hcl.Range{}
	for _, in := range list {
		if before, twice := seen[in.label]; twice {
			d.error(in.block.DefRange, "Name used twice", "A %s called %q stands at %s already.", what, in.label, at(before))
		}
		seen[in.label] = in.block.DefRange
	}
}

func workloadSchema() *hcl.BodySchema {
	return controlBlocks(attributes("os"), "match", "container name")
}

func containerSchema() *hcl.BodySchema { return controlBlocks(nil) }

func (d *decoder) workload(in instance) *policy.WorkloadBlock {
	s := in.full(d)
	w := &policy.WorkloadBlock{Name: in.label, OS: "linux", Range: in.block.DefRange}
	d.name(in.label, in.block.LabelRanges[0], "workload")
	if os, at, ok := d.text(in.body, "os", s); ok && d.oneOf(os, at, "os", []string{"linux", "windows"}) {
		w.OS = os
	}
	match, ok := d.singletons(in.body.Blocks.OfType("match"))["match"]
	if ok {
		body := d.content(match.Body, &hcl.BodySchema{Attributes: attributes("labels!")})
		w.Match = d.labels(body, "labels", s)
	}
	if len(w.Match) == 0 && !d.diags.HasErrors() {
		d.error(in.block.DefRange, "Workload without labels", "The workload %q does not say which pods it is: match { labels = { app = %q } }.", in.label, in.label)
	}
	w.Settings = d.settings(in.body.Blocks, s, inWorkload)
	for _, c := range d.expand(in.body.Blocks.OfType("container"), s, containerSchema()) {
		w.Containers = append(w.Containers, d.container(c, false))
	}
	d.uniqueContainers(w.Containers)
	return w
}

func (d *decoder) uniqueContainers(list []*policy.ContainerBlock) {
	seen := map[string]hcl.Range{}
	for _, c := range list {
		if before, twice := seen[c.Name]; twice {
			d.error(c.Range, "Name used twice", "A container called %q stands at %s already.", c.Name, at(before))
		}
		seen[c.Name] = c.Range
	}
}

// container decodes a container block. One at the top speaks of a container in
// every pod, and a name alone proves nothing: it has to say whose image it is.
func (d *decoder) container(in instance, top bool) *policy.ContainerBlock {
	d.name(in.label, in.block.LabelRanges[0], "container")
	c := &policy.ContainerBlock{Name: in.label, Range: in.block.DefRange, Settings: d.settings(in.body.Blocks, in.scope, inContainer)}
	if _, ok := c.Settings[policy.Registries]; top && !ok {
		d.error(in.block.DefRange, "Container without registries", "The container %q holds in every pod, so anyone could use its name. State where its image comes from: image { registries = [...] }.", in.label)
	}
	return c
}

func exceptionSchema() *hcl.BodySchema {
	return &hcl.BodySchema{
		Attributes: attributes("workload", "warn", "unheld", "owner!", "reason!", "ticket!", "expires!"), Blocks: blocks("allow"),
	}
}

func (d *decoder) exception(in instance) *policy.Exception {
	s := in.full(d)
	e := &policy.Exception{Name: in.label, Range: in.block.DefRange, Policy: d.doc.Name}
	d.title(in.label, in.block.LabelRanges[0], "an exception")
	if attr, ok := in.body.Attributes["workload"]; ok {
		if r, ok := d.reference(attr.Expr, s, "workload"); ok {
			e.Workload = r.name
		}
	}
	kinds := 0
	if allow, ok := d.singletons(in.body.Blocks)["allow"]; ok {
		kinds++
		e.Kind = policy.ExceptionAllow
		e.Allow = d.settings(d.content(allow.Body, controlBlocks(nil)).Blocks, s, inException)
		if len(e.Allow) == 0 && !d.diags.HasErrors() {
			d.error(allow.DefRange, "Exception allows nothing", "State in allow what the workload may ask for.")
		}
	}
	for name, kind := range map[string]policy.ExceptionKind{"warn": policy.ExceptionWarn, "unheld": policy.ExceptionUnheld} {
		if attr, ok := in.body.Attributes[name]; ok {
			kinds++
			e.Kind = kind
			if e.Controls = d.controlNames(in.body, name, s, false); len(e.Controls) == 0 && !d.diags.HasErrors() {
				d.error(attr.Range, "Exception names nothing", "State in %s which controls are meant.", name)
			}
		}
	}
	if kinds != 1 {
		d.error(in.block.DefRange, "One kind of exception wanted", "An exception says exactly one of allow, warn and unheld.")
	}
	e.Owner = d.required(in.body, "owner", s)
	e.Reason = d.required(in.body, "reason", s)
	e.Ticket = d.required(in.body, "ticket", s)
	if day, at, ok := d.text(in.body, "expires", s); ok {
		if _, err := time.Parse("2006-01-02", day); err != nil {
			d.error(at, "Not a day", "expires is the last day on which the exception holds, in UTC: \"2027-01-31\"; %q is not a day.", day)
		}
		e.Expires = day
	}
	return e
}

func (d *decoder) required(body *hcl.BodyContent, name string, s *scope) string {
	text, at, ok := d.text(body, name, s)
	if ok {
		d.sentence(text, at, name)
	} else if attr, stated := body.Attributes[name]; stated && !d.diags.HasErrors() {
		d.error(attr.Range, "Wrong type", "%s is a text; null says nothing.", name)
	}
	return text
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
