package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/control/controltest"
)

// at is a place in a policy, so that a setting counts as stated.
func at(line int) hcl.Range {
	pos := hcl.Pos{Line: line, Column: 1}
	return hcl.Range{Filename: "p.hcl", Start: pos, End: pos}
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// drawSettings states some of the controls that may stand in a place.
func drawSettings(t *rapid.T, label, policy string, may func(*control.Control) bool) Settings {
	out := Settings{}
	for i, c := range control.Controls() {
		if !may(c) || rapid.IntRange(0, 9).Draw(t, label+" states "+string(c.ID)) > 0 {
			continue
		}
		v := controltest.Value(t, c, label+" "+string(c.ID))
		if c.Type == control.Blocks && len(v.Items) == 0 || c.Type == control.Quantity && v.Text == "" || c.Type == control.Version && v.Text == "" {
			continue // cannot be written
		}
		for j := range v.Items {
			v.Items[j].Range = at(i + 1) // by which repair finds it
		}
		out[c.ID] = Setting{Value: v, Policy: policy, Range: at(i + 1)}
	}
	return out
}

func raisable(c *control.Control) bool {
	return c.Order == control.AllowSet || c.Order == control.Ordered
}

// drawChain generates a policy and a line of policies that it extends.
func drawChain(t *rapid.T) *Document {
	var parent *Document
	for i := range rapid.IntRange(1, 3).Draw(t, "policies") {
		name := fmt.Sprintf("p%d", i)
		doc := &Document{Source: Source{Name: name}, Range: at(1)}
		doc.Values = drawSettings(t, name, name, func(*control.Control) bool { return true })
		doc.Ceilings = drawSettings(t, name+" ceiling", name, raisable)
		if parent != nil {
			doc.Parents = []Parent{{Document: parent, Range: at(2)}}
		}
		parent = doc
	}
	parent.Namespaces = []control.Item{{Key: "n"}}
	for _, name := range []string{"v", "w"} {
		w := &WorkloadBlock{Name: name, Match: map[string]string{"app": name}, OS: "linux", Range: at(3)}
		w.Settings = drawSettings(t, name, parent.Name, func(c *control.Control) bool { return c.Scope != control.OfPolicy })
		w.Containers = []*ContainerBlock{{Name: "c", Range: at(4), Settings: drawSettings(t, name+"/c", parent.Name, func(c *control.Control) bool { return c.Scope == control.OfContainer })}}
		parent.Workloads = append(parent.Workloads, w)
	}
	return parent
}

// repair takes away what the resolver refuses, so that most chains resolve: a
// chain that states anything at random nearly never does.
func repair(doc *Document, diags hcl.Diagnostics) {
	refused := map[string]bool{}
	for _, d := range diags {
		refused[fmt.Sprint(d.Subject.Start.Line)] = true
	}
	clean := func(s Settings) {
		for id, setting := range s {
			if refused[fmt.Sprint(setting.Range.Start.Line)] {
				delete(s, id)
			}
		}
	}
	clean(doc.Values)
	clean(doc.Ceilings)
	for _, w := range doc.Workloads {
		clean(w.Settings)
		for _, c := range w.Containers {
			clean(c.Settings)
		}
	}
	for _, p := range doc.Parents {
		repair(p.Document, diags)
	}
}

// drawResolved generates a chain and resolves it.
func drawResolved(t *rapid.T) (*Document, *Policy) {
	doc := drawChain(t)
	for range 20 {
		p, diags := Resolve(doc, now)
		if !diags.HasErrors() {
			return doc, p
		}
		repair(doc, diags)
	}
	t.Fatal("a chain that cannot be repaired")
	return nil, nil
}

// TestTightenOnly holds the law of the language: what a container gets lies
// within the ceiling of its policy and of every policy above, and what any of
// them refuses stays refused.
func TestTightenOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, p := drawResolved(t)
		for level, diags := newLevel(doc); level != nil; {
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			for c := range p.Subjects() {
				for _, ctrl := range control.Controls() {
					got, ceiling := c.Settings[ctrl.ID], level.ceilings[ctrl.ID]
					if !ctrl.Within(got.Value, ceiling.Value) {
						t.Fatalf("%s of %s is %s, above the ceiling of %s, %s", ctrl.ID, c.ID(), ctrl.Show(got.Value), level.doc.Name, ctrl.Show(ceiling.Value))
					}
				}
			}
			if len(level.parents) == 0 {
				break
			}
			level = level.parents[0]
		}
	})
}

// TestNearestDecides holds that what a container states is what it gets.
func TestNearestDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, p := drawResolved(t)
		for _, block := range doc.Workloads {
			w, _ := p.Workload(block.Name)
			for id, stated := range block.Containers[0].Settings {
				ctrl, _ := control.Lookup(id)
				got := w.Container("c").Settings[id]
				if ctrl.Order != control.DenySet && ctrl.Show(got.Value) != ctrl.Show(stated.Sorted()) {
					t.Fatalf("%s is %s, stated is %s", id, ctrl.Show(got.Value), ctrl.Show(stated.Value))
				}
			}
		}
	})
}

// TestWithout holds that ablation loosens what it is asked to and nothing else,
// in a copy.
func TestWithout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		_, p := drawResolved(t)
		before := dump(p)
		refs := rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) control.Ref {
			return control.Ref{ID: rapid.SampledFrom(control.Controls()).Draw(t, "control").ID}
		}), func(r control.Ref) control.Ref { return r }).Draw(t, "refs")
		loose := map[control.ID]bool{}
		for _, r := range refs {
			loose[r.ID] = true
		}
		q := p.Without(refs...)
		if after := dump(p); before != after {
			t.Fatalf("the policy itself has changed:\n%s\n%s", before, after)
		}
		original := map[string]*Container{}
		for c := range p.Subjects() {
			original[c.ID()] = c
		}
		for c := range q.Subjects() {
			if c.Workload == original["v/*"].Workload {
				t.Fatal("the copy shares a workload")
			}
			for _, ctrl := range control.Controls() {
				got := c.Settings[ctrl.ID]
				was, ok := original[c.ID()]
				switch {
				case loose[ctrl.ID] && ctrl.Restricts(got.Value):
					t.Fatalf("%s still restricts %s: %s", ctrl.ID, c.ID(), ctrl.Show(got.Value))
				case ok && !loose[ctrl.ID] && !loose[got.Via] && ctrl.Show(got.Value) != ctrl.Show(was.Settings[ctrl.ID].Value):
					t.Fatalf("%s of %s has changed", ctrl.ID, c.ID())
				}
			}
		}
		for _, w := range q.Workloads {
			for _, c := range w.Containers {
				if c.Workload != w {
					t.Fatal("a container of the copy belongs to another workload")
				}
			}
		}
	})
}

func TestWithoutLabel(t *testing.T) {
	detect := Setting{Value: control.Value{Items: []control.Item{{Key: "a", Body: &control.Detection{}}, {Key: "b", Body: &control.Detection{}}}}, Range: at(1)}
	doc := &Document{Source: Source{Name: "p"}, Namespaces: []control.Item{{Key: "n"}}, Values: Settings{control.Detect: detect},
		Workloads: []*WorkloadBlock{{Name: "w", Match: map[string]string{"app": "w"}}}}
	p, diags := Resolve(doc, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	q := p.Without(control.Ref{ID: control.Detect, Label: "a"})
	for c := range q.Subjects() {
		if v := c.Get(control.Detect); v.Has("a") || !v.Has("b") {
			t.Errorf("%s: %v", c.ID(), v.Keys())
		}
	}
	if c := p.Workloads[0].Container("any"); !c.Get(control.Detect).Has("a") {
		t.Error("the policy itself has changed")
	}
}

func dump(p *Policy) string {
	var out strings.Builder
	for c := range p.Subjects() {
		for _, ctrl := range control.Controls() {
			s := c.Settings[ctrl.ID]
			fmt.Fprintln(&out, c.ID(), ctrl.ID, ctrl.Show(s.Value), s.Range, s.Policy)
		}
	}
	for _, ctrl := range control.Controls() {
		fmt.Fprintln(&out, ctrl.ID, ctrl.Show(p.Settings[ctrl.ID].Value))
	}
	return out.String()
}

// TestStatements holds that a control of the policy is stated once, not once for
// each container.
func TestStatements(t *testing.T) {
	doc := &Document{Source: Source{Name: "p"}, Namespaces: []control.Item{{Key: "n"}},
		Values: Settings{
			control.KernelVersion: {Value: control.Value{Text: "6.1"}, Range: at(1)},
			control.Undeclared:    {Value: control.Value{Text: control.Deny}, Range: at(2)},
			control.HostPID:       {Value: control.Value{Bool: false}, Range: at(3)},
		},
		Workloads: []*WorkloadBlock{{Name: "w", Match: map[string]string{"app": "w"}, OS: "linux"}, {Name: "v", Match: map[string]string{"app": "v"}, OS: "windows"}}}
	p, diags := Resolve(doc, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var got []string
	for s := range p.Statements() {
		who := "policy"
		if s.Container != nil {
			who = s.Container.ID()
		}
		got = append(got, fmt.Sprint(who, " ", s.Control.ID))
	}
	want := "[policy policy.undeclared policy updates.kernel w/* host.pid]" // Windows has no such namespace
	if fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestCapabilities(t *testing.T) {
	items := func(names ...string) Setting {
		var s Setting
		for _, n := range names {
			s.Items = append(s.Items, control.Item{Key: n})
		}
		return s
	}
	tests := []struct {
		name      string
		drop, add Setting
		has, not  []string
		warn      bool
	}{
		{"default", items(), items(), []string{"CHOWN", "NET_RAW"}, []string{"SYS_ADMIN"}, false},
		{"drop one", items("NET_RAW"), items(), []string{"CHOWN"}, []string{"NET_RAW"}, false},
		{"drop all, add one", items("ALL"), items("NET_BIND_SERVICE"), []string{"NET_BIND_SERVICE"}, []string{"CHOWN"}, false},
		{"add all", items("ALL"), items("ALL"), []string{"SYS_ADMIN", "CHOWN"}, nil, false},
		{"dropping only warned of", items("ALL"), items(), []string{"CHOWN"}, []string{"SYS_ADMIN"}, true},
	}
	for _, test := range tests {
		if test.warn {
			test.drop.Warn = &Exception{}
		}
		c := &Container{Workload: &Workload{}, Settings: Settings{control.Privileged: {}, control.CapabilitiesDrop: test.drop, control.CapabilitiesAdd: test.add}}
		got := c.Capabilities()
		v := control.Value{}
		for _, name := range got {
			v.Items = append(v.Items, control.Item{Key: name})
		}
		for _, name := range test.has {
			if !v.Has(name) {
				t.Errorf("%s: %s is missing in %v", test.name, name, got)
			}
		}
		for _, name := range test.not {
			if v.Has(name) {
				t.Errorf("%s: %s is in %v", test.name, name, got)
			}
		}
	}
}

// TestSources holds the order of the sources: the policy, then what it extends, depth first, each once however many extend it.
func TestSources(t *testing.T) {
	extending := func(name string, parents ...*Document) *Document {
		doc := &Document{Source: Source{Name: name, Version: "1.0.0"}, Range: at(1)}
		for _, p := range parents {
			doc.Parents = append(doc.Parents, Parent{Document: p, Range: at(2)})
		}
		return doc
	}
	base := extending("base")
	p, diags := Resolve(extending("own", extending("left", base), extending("right", base)), now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var got []string
	for _, s := range p.Sources {
		got = append(got, s.Name)
	}
	if want := []string{"own", "left", "base", "right"}; !slices.Equal(got, want) {
		t.Errorf("sources %q, want %q", got, want)
	}
}
