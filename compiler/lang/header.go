package lang

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// policyHeader decodes the policy block, of which there is exactly one.
func (d *decoder) policyHeader(headers hcl.Blocks, s *scope) {
	if len(headers) == 0 {
		if len(d.written("policy")) == 0 { // else it was said what is wrong with it
			d.error(d.header(), "No policy block", "A policy says what it is called: policy \"payments\" { version = \"1.0.0\" ... }. Add such a block to one of its files.")
		}
		return
	}
	b := d.singletons(headers)["policy"]
	if !strings.HasPrefix(d.stack[len(d.stack)-1], presetPrefix) {
		d.name(b.Labels[0], b.LabelRanges[0], "policy")
	}
	body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes("version", "requires", "owner", "namespaces", "undeclared", "delegate", "ignorable")})
	if v, at, ok := d.text(body, "version", s); ok {
		if _, err := semver.StrictNewVersion(v); err != nil {
			d.error(at, "Not a version", "version is a semantic version with three parts, such as \"1.0.0\"; %q is not.", v)
		}
		d.doc.Version = v
	}
	if v, at, ok := d.text(body, "owner", s); ok && d.sentence(v, at, "owner") {
		d.doc.Owner = v
	}
	clean := d.watch()
	namespaces := d.texts(body, "namespaces", s)
	for _, ns := range namespaces {
		if !dnsLabel.MatchString(ns.Key) || len(ns.Key) > 63 {
			d.error(ns.Range, "Not a namespace", "A namespace has up to 63 lower-case letters, digits and '-'; %q does not.", ns.Key)
			continue
		}
		d.doc.Namespaces = append(d.doc.Namespaces, ns)
	}
	if namespaces != nil && len(namespaces) == 0 && clean() {
		d.error(body.Attributes["namespaces"].Range, "No namespaces", "An empty list would make a policy that holds nothing. Name a namespace, or leave the attribute out of a policy that is only extended.")
	}
	slices.SortFunc(d.doc.Namespaces, func(a, b control.Item) int { return strings.Compare(a.Key, b.Key) })
	d.doc.Delegate = d.controlNames(body, "delegate", s, true)
	d.doc.Ignorable = d.controlNames(body, "ignorable", s, false)
}

// undeclared reads what happens to pods that no block describes, which
// stands in the policy block although it is a control.
func (d *decoder) undeclared(headers hcl.Blocks, s *scope) policy.Settings {
	out := policy.Settings{}
	if len(headers) == 0 {
		return out
	}
	body, _, _ := headers[0].Body.PartialContent(&hcl.BodySchema{Attributes: attributes("undeclared")})
	ctrl, _ := control.Lookup(control.Undeclared)
	if v, at, ok := d.text(body, "undeclared", s); ok && d.oneOf(v, at, "undeclared", ctrl.Names) {
		out[control.Undeclared] = policy.Setting{Value: control.Value{Text: v}, Range: body.Attributes["undeclared"].Range, Policy: d.doc.Name}
	}
	return out
}

// pessimistic is the operator "~>", which authors know from Terraform: the last
// number that is stated may grow, those before it may not.
var pessimistic = regexp.MustCompile(`~>\s*v?(\d+)(\.\d+)?(\.\d+)?`)

func newConstraint(text string) (*semver.Constraints, error) {
	return semver.NewConstraint(pessimistic.ReplaceAllStringFunc(text, func(match string) string {
		switch parts := pessimistic.FindStringSubmatch(match); {
		case parts[3] != "":
			return "~" + parts[1] + parts[2] + parts[3]
		case parts[2] != "":
			return fmt.Sprintf(">=%s%s, <=%s", parts[1], parts[2], parts[1])
		default:
			return ">=" + parts[1]
		}
	}))
}

// written lists the blocks of a type at the top of the policy's files, those
// included that cannot be read.
func (d *decoder) written(kind string) []*hclsyntax.Block {
	var out []*hclsyntax.Block
	for _, f := range d.folder.rules {
		for _, b := range f.Body.(*hclsyntax.Body).Blocks {
			if b.Type == kind {
				out = append(out, b)
			}
		}
	}
	return out
}

// requires refuses a compiler that is too old, or too new, for the policy. It is
// asked before anything else is read, since what follows may not be known to
// this compiler.
func (d *decoder) requires(s *scope) bool {
	for _, b := range d.written("policy") {
		body, _, _ := b.Body.PartialContent(&hcl.BodySchema{Attributes: attributes("requires")})
		text, at, ok := d.text(body, "requires", s)
		if !ok {
			continue
		}
		constraint, err := newConstraint(text)
		if err != nil {
			d.error(at, "Not a version constraint", "requires is a constraint such as \">= 0.1\"; %q is not.", text)
			continue
		}
		if v, err := semver.NewVersion(d.opts.Version); err == nil && !constraint.Check(v) {
			d.error(at, "Another version required", "This policy requires bulkhead %s, and this is %s. Install one that fits.", text, d.opts.Version)
			return false
		}
	}
	return true
}

// controlNames decodes a list of controls or blocks of controls.
func (d *decoder) controlNames(body *hcl.BodyContent, attr string, s *scope, wildcard bool) []control.Item {
	var out []control.Item
	for _, it := range d.texts(body, attr, s) {
		_, isControl := control.Lookup(control.ID(it.Key))
		target, isReserved := control.Reserved(control.ID(it.Key))
		switch {
		case isControl, slices.Contains(control.ControlBlocks(), it.Key), wildcard && it.Key == "*":
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
	for _, c := range control.Controls() {
		out = append(out, string(c.ID))
	}
	return append(out, control.ControlBlocks()...)
}

// parents reads what the policy extends; a policy that extends nothing extends
// the baseline, but for the presets themselves.
func (d *decoder) parents(bs hcl.Blocks, s *scope) {
	seen := map[string]hcl.Range{}
	for _, b := range bs {
		if before, twice := seen[b.Labels[0]]; twice {
			d.error(b.LabelRanges[0], "Name used twice", "extends %q stands at %s already. Give each its own name.", b.Labels[0], hcltext.At(before))
		}
		seen[b.Labels[0]] = b.DefRange
		body := d.content(b.Body, &hcl.BodySchema{Attributes: attributes("source!", "version", "inputs")})
		name, at, ok := d.need(body, "source", s)
		if !ok {
			d.unsure(control.Controls()...)
			continue
		}
		place := at
		if inputs, ok := body.Attributes["inputs"]; ok {
			place = inputs.NameRange
		}
		src := source{resolveDir(d.folder.dir, name), &at, &place}
		inputs, ok := d.inputs(body, s)
		if !ok { // nobody knows what the policy would have inherited
			d.partial["peer"] = true
			continue
		}
		d.extend(src, inputs, b.DefRange, func(parent *policy.Document) { d.checkVersion(body, parent, s) })
	}
	if len(d.written("extends")) == 0 && !strings.HasPrefix(d.stack[len(d.stack)-1], presetPrefix) {
		header := d.header()
		d.extend(source{DefaultPreset, &header, &header}, nil, header, func(*policy.Document) {})
	}
}

// extend reads one extended policy and takes over what is not a value.
func (d *decoder) extend(src source, inputs []Variable, at hcl.Range, check func(*policy.Document)) {
	parent, diags := d.loader.document(src, inputs, d.stack)
	d.report(diags...)
	if parent == nil {
		d.unsure(control.Controls()...)
		d.partial["peer"] = true
		return
	}
	check(parent.doc)
	if slices.ContainsFunc(d.doc.Parents, func(p policy.Parent) bool { return p.Document == parent.doc }) {
		d.error(at, "Policy extended twice", "%q is extended at %s already, which says all that it says.", src.name, where(d.doc.Parents, parent.doc))
		return
	}
	d.doc.Parents = append(d.doc.Parents, policy.Parent{Document: parent.doc, Range: at})
	for name, peer := range parent.peers {
		if own, ok := d.peers[name]; ok && !samePeer(own, peer) {
			d.error(at, "Peer inherited twice", "Two of the extended policies have a peer %q, and they differ. One of them has to rename it.", name)
		}
		d.peers[name] = peer
	}
	for _, t := range parent.tests {
		if t.general() && !slices.Contains(d.tests, t) {
			d.tests = append(d.tests, t)
		}
	}
}

func where(parents []policy.Parent, doc *policy.Document) string {
	for _, p := range parents {
		if p.Document == doc {
			return hcltext.At(p.Range)
		}
	}
	return ""
}

func samePeer(a, b *policy.Peer) bool {
	x, y := *a, *b
	x.Range, y.Range = hcl.Range{}, hcl.Range{}
	return reflect.DeepEqual(x, y)
}

// inputs reads the values that an extends block gives to the variables of the
// extended policy; false where they cannot be told.
func (d *decoder) inputs(body *hcl.BodyContent, s *scope) ([]Variable, bool) {
	attr, ok := body.Attributes["inputs"]
	if !ok {
		return nil, true
	}
	clean := d.watch()
	elements, _ := d.object(attr.Expr, s, "inputs")
	var out []Variable
	for _, e := range elements {
		out = append(out, Variable{Name: e.key.AsString(), Value: e.value, Origin: "inputs", at: &e.at})
	}
	if !clean() {
		d.unsure(control.Controls()...)
	}
	return out, clean()
}

func (d *decoder) checkVersion(body *hcl.BodyContent, doc *policy.Document, s *scope) {
	text, at, ok := d.text(body, "version", s)
	if !ok {
		return
	}
	constraint, err := newConstraint(text)
	if err != nil {
		d.error(at, "Not a version constraint", "version is a constraint such as \"~> 3.2\"; %q is not.", text)
		return
	}
	v, err := semver.NewVersion(doc.Version)
	if err != nil || !constraint.Check(v) {
		d.error(at, "Another version extended", "%q has the version %q, which %s does not admit.", doc.Name, doc.Version, text)
	}
}
