package lang

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"net/netip"
	"path"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Test is a test block: attempts, and what must become of each.
type Test struct {
	Name      string
	Workload  string // "": every workload
	Container string // "": every container
	Targets   []control.Item
	Attempts  []*Attempt
	Range     hcl.Range

	containerRange hcl.Range
}

// Attempt is one attempt of a test.
type Attempt struct {
	Kind   attempt.Kind
	Expect string // "allow", "deny", "alert" or "silent"
	// Control is what must be behind a deny or an alert; empty with the others.
	Control      control.Ref
	ControlRange hcl.Range
	Range        hcl.Range
	// Value is the attempt; nil where it is made from a Fixture.
	Value   attempt.Attempt
	Fixture *Fixture

	fields map[string]any
	ends   map[string]*ref
	ranges map[string]hcl.Range
	peers  map[string]*policy.Peer
}

// Fixture is a file that an attempt is made of.
type Fixture struct {
	Name  string // as diagnostics name it
	Range hcl.Range

	fs   fs.FS
	path string
}

// Read gives the content of a fixture of at most the given number of bytes.
func (f *Fixture) Read(limit int64) ([]byte, error) { return readFile(f.fs, f.path, limit) }

// general reports whether a test means the same in every policy that extends
// the one it stands in: it names no workload.
func (t *Test) general() bool {
	return t.Workload == "" && !slices.ContainsFunc(t.Attempts, func(a *Attempt) bool {
		for _, end := range a.ends {
			if end.kind == "workload" {
				return true
			}
		}
		return false
	})
}

func kindBlocks() []string {
	var out []string
	for _, s := range attempt.Schemas() {
		out = append(out, string(s.Kind))
	}
	return out
}

func testBlockSchema() *hcl.BodySchema {
	return &hcl.BodySchema{Attributes: attributes("workload", "container", "targets", "description"), Blocks: blocks(kindBlocks()...)}
}

func (d *decoder) test(in instance) *Test {
	s := in.full(d)
	t := &Test{Name: in.label, Range: in.block.DefRange}
	d.title(t.Name, in.at, "a test")
	if attr, ok := in.body.Attributes["workload"]; ok {
		if r, ok := d.reference(attr.Expr, s, "workload"); ok {
			t.Workload = r.name
		}
	}
	if name, at, ok := d.text(in.body, "container", s); ok && d.name(name, at, "container") {
		t.Container, t.containerRange = name, at
	}
	clean := d.watch()
	t.Targets = d.texts(in.body, "targets", s)
	if t.Targets != nil && len(t.Targets) == 0 && clean() {
		d.error(in.body.Attributes["targets"].Range, "No targets", "Without a target nothing would be tried. Leave the attribute out for all targets.")
	}
	for _, a := range in.body.Blocks {
		made := d.attempt(a, s)
		t.Attempts = append(t.Attempts, made)
		if schema, _ := attempt.Lookup(made.Kind); (t.Workload != "" || t.Container != "") && schema.Subject == attempt.ByItself {
			d.error(a.DefRange, "Conflicting subject", "A %s states its subject itself, so the test's workload and container do not apply to it. Move it to a test without them.", made.Kind)
		}
	}
	if len(t.Attempts) == 0 && clean() {
		d.error(in.block.DefRange, "Test without attempts", "The test %q tries nothing, so it could not fail. Attempts are blocks: %s.", t.Name, join(kindBlocks()))
	}
	return t
}

func (d *decoder) attempt(b *hcl.Block, s *scope) *Attempt {
	schema, _ := attempt.Lookup(attempt.Kind(b.Type))
	body := &hcl.BodySchema{Attributes: attributes("expect!", "control")}
	for _, f := range schema.Fields {
		body.Attributes = append(body.Attributes, hcl.AttributeSchema{Name: f.Name, Required: f.Required})
	}
	content := d.content(b.Body, body)
	a := &Attempt{Kind: schema.Kind, Range: b.DefRange, fields: map[string]any{}, ends: map[string]*ref{}, ranges: map[string]hcl.Range{}, peers: d.peers}
	d.expectation(a, schema.Outcomes, content, s)
	for _, f := range schema.Fields {
		if attr, ok := content.Attributes[f.Name]; ok {
			d.field(a, f, attr, s)
		}
	}
	return a
}

// expectation reads what must become of an attempt, and the control behind it.
func (d *decoder) expectation(a *Attempt, outcomes attempt.Outcomes, content *hcl.BodyContent, s *scope) {
	expect, at, ok := d.need(content, "expect", s)
	if !ok || !d.oneOf(expect, at, "expect", slices.Sorted(slices.Values([]string{outcomes.Passed, outcomes.Caught}))) {
		return
	}
	a.Expect = expect
	needs := expect == outcomes.Caught
	clean := d.watch()
	ctrl, at, stated := d.text(content, "control", s)
	switch {
	case !clean():
	case needs && !stated:
		d.error(a.Range, "Control not named", "An attempt that expects %q names the control behind it, so that a refusal for another reason does not count: control = \"seccomp.allow\".", expect)
	case !needs && stated:
		d.error(at, "Control without a refusal", "An attempt that expects %q has no control behind it.", expect)
	case stated:
		ref, ok := control.ParseRef(ctrl)
		if !ok {
			d.error(at, "Unknown control", "No control is called %q.%s `bulkhead controls` lists them.", ctrl, didYouMean(ctrl, controlIDs()))
		}
		a.Control, a.ControlRange = ref, at
	}
}

// field reads one field of an attempt into the shape that JSON would give it.
func (d *decoder) field(a *Attempt, f attempt.Field, attr *hcl.Attribute, s *scope) {
	a.ranges[f.Name] = attr.Expr.Range()
	v, ok := d.evaluate(attr.Expr, s)
	switch {
	case !ok, v.IsNull() && !f.Required:
		return
	case f.File:
		d.fixture(a, v, attr.Expr.Range())
		return
	case !v.IsNull() && v.Type() == refType:
		r := v.EncapsulatedValue().(*ref)
		if !f.End {
			d.error(attr.Expr.Range(), "Wrong type", "%s is not a %s.", f.Name, r.kind)
			return
		}
		a.ends[f.Name] = r
		return
	}
	encoded, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		d.error(attr.Expr.Range(), "Wrong type", "%s cannot be made of this value: %s.", f.Name, err)
		return
	}
	a.fields[f.Name] = decodeJSON(encoded)
}

func (d *decoder) fixture(a *Attempt, v cty.Value, at hcl.Range) {
	name, ok := d.asText(v, at, "file")
	if !ok {
		return
	}
	if err := below(name); err != nil {
		d.error(at, "File outside of the policy", "%s.", err)
		return
	}
	f := &Fixture{Name: d.shown(d.folder.dir, name), Range: at, fs: d.folder.fs, path: path.Clean(name)}
	if info, err := fs.Stat(f.fs, f.path); err != nil {
		d.error(at, "File not found", "There is no file %q: %s.", f.Name, cause(err))
	} else if info.IsDir() {
		d.error(at, "File not found", "%q is a folder. Name a file in it.", f.Name)
	}
	a.Fixture = f
}

// bindTests makes the attempts of tests, now that the policy is resolved: ends
// of connections are pods of its namespaces.
func (p *Program) bindTests() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, t := range p.Tests {
		for _, a := range t.Attempts {
			if d := p.labelKnown(a); d != nil {
				diags = append(diags, d)
			}
			if a.Fixture != nil {
				continue
			}
			if d := p.bind(a); d != nil {
				diags = append(diags, d)
			}
		}
	}
	return diags
}

func (p *Program) bind(a *Attempt) *hcl.Diagnostic {
	for _, name := range slices.Sorted(maps.Keys(a.ends)) {
		end, problem := p.end(a.ends[name], a.peers)
		if problem != "" {
			at := a.ranges[name]
			return errorf(&at, "End not known", "%s", problem)
		}
		a.fields[name] = end
	}
	value, err := attempt.New(a.Kind, a.fields)
	if err != nil {
		at, hint := a.Range, ""
		if field, ok := err.(*attempt.FieldError); ok {
			if r, stated := a.ranges[field.Field]; stated {
				at = r
			}
			text, _ := a.fields[field.Field].(string)
			hint = didYouMean(text, field.Known)
		}
		return errorf(&at, "Attempt cannot be made", "%s: %s.%s", a.Kind, err, hint)
	}
	a.Value = value
	return nil
}

// labelKnown refuses the name of a labelled block that the policy does not have.
func (p *Program) labelKnown(a *Attempt) *hcl.Diagnostic {
	if a.Control.Label == "" {
		return nil
	}
	var labels []string
	settings := []policy.Settings{p.Policy.Settings}
	for c := range p.Policy.Subjects() {
		settings = append(settings, c.Settings)
	}
	for _, s := range settings {
		for _, it := range s[a.Control.ID].Items {
			if it.Key == a.Control.Label {
				return nil
			}
			if name := string(a.Control.ID) + "." + it.Key; !slices.Contains(labels, name) {
				labels = append(labels, name)
			}
		}
	}
	has := "There are none."
	if len(labels) > 0 {
		has = "There are: " + join(labels) + "."
	}
	return errorf(&a.ControlRange, "Unknown control", "No %s is called %q.%s %s", a.Control.ID, a.Control.Label, didYouMean(a.Control.String(), labels), has)
}

// everywhere are all addresses.
var everywhere = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}

// end gives what a reference stands for: pods of every namespace that it names, and
// every address.
func (p *Program) end(r *ref, peers map[string]*policy.Peer) (attempt.End, string) {
	var namespaces []string
	for _, ns := range p.Policy.Namespaces {
		namespaces = append(namespaces, ns.Key)
	}
	if r.kind == "workload" {
		w, ok := p.Policy.Workload(r.name)
		if !ok || len(namespaces) == 0 {
			return attempt.End{}, "The policy names no namespace, so its workloads are nowhere. State namespaces in the policy block."
		}
		end := attempt.End{Labels: w.Match, Many: &attempt.Many{Namespaces: namespaces}}
		if w.Ports != nil {
			end.Ports = map[string]string{}
		}
		for name, port := range w.Ports {
			end.Ports[name] = port.String()
		}
		return end, ""
	}
	api := networks(platform.APIServer.Of(p.Policy.Platform))
	peer := peers[r.name]
	switch peer.Kind {
	case policy.PeerPods:
		return attempt.End{Labels: peer.Labels, Many: &attempt.Many{Namespaces: peer.Namespaces}}, ""
	case policy.PeerCIDRs:
		return attempt.End{Many: &attempt.Many{Networks: networks(peer.CIDRs), Except: networks(peer.Except)}}, ""
	case policy.PeerInternet:
		except := slices.Concat(p.Policy.Platform.NotInternet(), address.Metadata(), api)
		return attempt.End{Many: &attempt.Many{Networks: everywhere, Except: except}}, ""
	case policy.PeerAny:
		return attempt.End{Many: &attempt.Many{Namespaces: []string{"*"}, Networks: everywhere, Except: slices.Concat(address.Metadata(), address.With(address.Loopback), api)}}, ""
	case policy.PeerKubernetesAPI:
		if len(api) == 0 {
			return attempt.End{}, "Where the API server is, platform.api_server has to say."
		}
		return attempt.End{Many: &attempt.Many{Networks: api}}, ""
	case policy.PeerScope:
		if len(namespaces) == 0 {
			return attempt.End{}, "The policy names no namespace, so peer.scope is nowhere."
		}
		return attempt.End{Many: &attempt.Many{Namespaces: namespaces}}, ""
	}
	return attempt.End{}, "A peer known by host names has no address that a test could use. Name one: { ip = \"...\" }."
}

// networks reads CIDRs that were checked. IPv4 written as IPv6 becomes IPv4, as
// which packets have it.
func networks(texts []string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range texts {
		n := netip.MustParsePrefix(text)
		if n.Addr().Is4In6() && n.Bits() >= 96 {
			n = netip.PrefixFrom(n.Addr().Unmap(), n.Bits()-96)
		}
		out = append(out, n)
	}
	return out
}

func decodeJSON(encoded []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	var out any
	if err := decoder.Decode(&out); err != nil {
		panic("lang: cty wrote JSON that cannot be read: " + err.Error())
	}
	return out
}
