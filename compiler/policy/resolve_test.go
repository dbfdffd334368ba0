package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"pgregory.net/rapid"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// drawSettings states some of the controls that may stand in a place.
func drawSettings(t *rapid.T, label, policy string, may func(*Control) bool) Settings {
	out := Settings{}
	for i, c := range catalogue {
		if !may(c) || rapid.IntRange(0, 9).Draw(t, label+" states "+string(c.ID)) > 0 {
			continue
		}
		v := drawValue(t, c, label+" "+string(c.ID))
		if c.Type == Blocks && len(v.Items) == 0 || c.Type == Quantity && v.Text == "" || c.Type == Version && v.Text == "" {
			continue // cannot be written
		}
		for j := range v.Items {
			v.Items[j].Range = at(i + 1) // by which repair finds it
		}
		out[c.ID] = Setting{Value: v, Policy: policy, Range: at(i + 1)}
	}
	return out
}

func raisable(c *Control) bool { return c.Order == Grant || c.Order == Scale }

// drawChain generates a policy and a line of policies that it extends.
func drawChain(t *rapid.T) *Document {
	var parent *Document
	for i := range rapid.IntRange(1, 3).Draw(t, "policies") {
		name := fmt.Sprintf("p%d", i)
		doc := &Document{Source: Source{Name: name}, Range: at(1)}
		doc.Values = drawSettings(t, name, name, func(*Control) bool { return true })
		doc.Ceilings = drawSettings(t, name+" ceiling", name, raisable)
		if parent != nil {
			doc.Parents = []Parent{{Document: parent, Range: at(2)}}
		}
		parent = doc
	}
	parent.Namespaces = []Item{{Key: "n"}}
	for _, name := range []string{"v", "w"} {
		w := &WorkloadBlock{Name: name, Match: map[string]string{"app": name}, OS: "linux", Range: at(3)}
		w.Settings = drawSettings(t, name, parent.Name, func(c *Control) bool { return c.Scope != OfPolicy })
		w.Containers = []*ContainerBlock{{Name: "c", Range: at(4), Settings: drawSettings(t, name+"/c", parent.Name, func(c *Control) bool { return c.Scope == OfContainer })}}
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
				for _, control := range catalogue {
					got, ceiling := c.Settings[control.ID], level.ceilings[control.ID]
					if !control.Within(got.Value, ceiling.Value) {
						t.Fatalf("%s of %s is %s, above the ceiling of %s, %s", control.ID, c.ID(), control.Show(got.Value), level.doc.Name, control.Show(ceiling.Value))
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
				control, _ := Lookup(id)
				got := w.Container("c").Settings[id]
				if control.Order != Refusal && control.Show(got.Value) != control.Show(stated.sorted()) {
					t.Fatalf("%s is %s, stated is %s", id, control.Show(got.Value), control.Show(stated.Value))
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
		refs := rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) Ref {
			return Ref{ID: rapid.SampledFrom(catalogue).Draw(t, "control").ID}
		}), func(r Ref) Ref { return r }).Draw(t, "refs")
		loose := map[ID]bool{}
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
			for _, control := range catalogue {
				got := c.Settings[control.ID]
				was, ok := original[c.ID()]
				switch {
				case loose[control.ID] && control.Restricts(got.Value):
					t.Fatalf("%s still restricts %s: %s", control.ID, c.ID(), control.Show(got.Value))
				case ok && !loose[control.ID] && control.Show(got.Value) != control.Show(was.Settings[control.ID].Value):
					t.Fatalf("%s of %s has changed", control.ID, c.ID())
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
	detect := Setting{Value: Value{Items: []Item{{Key: "a", Body: &Detection{}}, {Key: "b", Body: &Detection{}}}}, Range: at(1)}
	doc := &Document{Source: Source{Name: "p"}, Namespaces: []Item{{Key: "n"}}, Values: Settings{Detect: detect},
		Workloads: []*WorkloadBlock{{Name: "w", Match: map[string]string{"app": "w"}}}}
	p, diags := Resolve(doc, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	q := p.Without(Ref{Detect, "a"})
	for c := range q.Subjects() {
		if v := c.Get(Detect); v.Has("a") || !v.Has("b") {
			t.Errorf("%s: %v", c.ID(), v.Keys())
		}
	}
	if c := p.Workloads[0].Container("any"); !c.Get(Detect).Has("a") {
		t.Error("the policy itself has changed")
	}
}

func dump(p *Policy) string {
	var out strings.Builder
	for c := range p.Subjects() {
		for _, control := range catalogue {
			s := c.Settings[control.ID]
			fmt.Fprintln(&out, c.ID(), control.ID, control.Show(s.Value), s.Range, s.Policy)
		}
	}
	for _, control := range catalogue {
		fmt.Fprintln(&out, control.ID, control.Show(p.Settings[control.ID].Value))
	}
	return out.String()
}

// TestStatements holds that a control of the policy is stated once, not once for
// each container.
func TestStatements(t *testing.T) {
	doc := &Document{Source: Source{Name: "p"}, Namespaces: []Item{{Key: "n"}},
		Values: Settings{
			KernelVersion: {Value: Value{Text: "6.1"}, Range: at(1)},
			Undeclared:    {Value: Value{Text: Deny}, Range: at(2)},
			HostPID:       {Value: Value{Bool: false}, Range: at(3)},
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
			s.Items = append(s.Items, Item{Key: n})
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
		c := &Container{Workload: &Workload{}, Settings: Settings{Privileged: {}, CapabilitiesDrop: test.drop, CapabilitiesAdd: test.add}}
		got := c.Capabilities()
		v := Value{}
		for _, name := range got {
			v.Items = append(v.Items, Item{Key: name})
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
