package target_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// described is a target that is nothing but its description.
type described struct{ is target.Info }

func (d described) Info() target.Info { return d.is }

func (described) Support(*policy.Policy, policy.Statement) target.Support { return target.Support{} }
func (described) Emit(*policy.Policy) ([]target.Artifact, error)          { return nil, nil }

func TestTargetsInForce(t *testing.T) {
	all := []target.Target{
		described{target.Info{Name: "pods", Default: true}},
		described{target.Info{Name: "plain", Default: true, Group: "network plugin"}},
		described{target.Info{Name: "mesh", Group: "network plugin"}},
		described{target.Info{Name: "extra"}},
	}
	for _, c := range []struct {
		name   string
		listed []string
		want   []string
		said   string
		line   int
	}{
		{"none listed: the defaults", nil, []string{"pods", "plain"}, "", 0},
		{"a list takes the place of the defaults", []string{"extra", "pods"}, []string{"pods", "extra"}, "", 0},
		{"a default member of a group gives way", []string{"mesh", "pods"}, []string{"pods", "mesh"}, "", 0},
		{"two of a group", []string{"mesh", "pods", "plain"}, nil, "mesh and plain are both for the network plugin", 3},
		{"one of a group twice", []string{"mesh", "mesh"}, []string{"mesh"}, "", 0},
		{"an unknown one", []string{"pods", "walls"}, nil, `No target is called "walls". There are: pods, plain, mesh, extra.`, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var items []control.Item
			for i, name := range c.listed {
				items = append(items, control.Item{Key: name, Range: line(i + 1)})
			}
			p := &policy.Policy{Platform: platform.Targets.With(platform.Facts{}, items)}
			chosen, diags := target.Select(p, all)
			if c.said != "" {
				if len(diags) != 1 || !strings.Contains(diags[0].Detail, c.said) || diags[0].Subject.Start.Line != c.line {
					t.Errorf("%v, want %q at line %d", diags, c.said, c.line)
				}
				return
			}
			if got := target.Names(chosen); diags.HasErrors() || !slices.Equal(got, c.want) {
				t.Errorf("in force: %v (%v), want %v", got, diags, c.want)
			}
		})
	}
}

// Pods name the profile of the first target in force that compiles one.
func TestProfilesOfTargetsInForce(t *testing.T) {
	one := described{target.Info{Name: "one", Profiles: []policy.CompiledProfiles{{Layer: control.SeccompProfile, Localhost: "NAME.json"}}}}
	two := described{target.Info{Name: "two", Profiles: []policy.CompiledProfiles{{Layer: control.SeccompProfile, Localhost: "own/NAME.json"}}}}
	c := &policy.Container{Workload: &policy.Workload{Name: "api", OS: "linux"}, Name: policy.AnyContainer, Settings: policy.Defaults()}
	c.Settings[control.Privileged] = policy.Setting{}
	for _, test := range []struct {
		targets []target.Target
		want    string
	}{
		{nil, ""},
		{[]target.Target{one, two}, "bulkhead.shop.api.json"},
		{[]target.Target{two}, "own/bulkhead.shop.api.json"},
	} {
		p := target.InForce(&policy.Policy{Name: "shop"}, test.targets)
		if got := profile.Localhost(p, control.SeccompProfile, c); got != test.want {
			t.Errorf("%v: pods name %q, want %q", target.Names(test.targets), got, test.want)
		}
		if got := profile.Localhost(p, control.AppArmorProfile, c); got != "" {
			t.Errorf("pods name %q, which nobody compiles", got)
		}
	}
}
