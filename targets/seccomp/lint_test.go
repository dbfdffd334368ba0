package seccomp_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp"
)

// warnedOf gives the lints that warn, by name.
func warnedOf(t testing.TB, environment target.Environment, body []byte) []string {
	t.Helper()
	notes, err := seccomp.Target{}.Lint(environment, target.Artifact{Path: "x.json", Body: body})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range notes {
		if n.Line < 1 || n.Column < 1 || n.Message == "" {
			t.Errorf("it has no position, or says nothing: %+v", n)
		}
		if n.Warning {
			names = append(names, n.Lint)
		}
	}
	return names
}

// moby's default is not warned of, but for the call of i386 that it leaves open knowingly.
func TestLintsOfMobysDefault(t *testing.T) {
	body, err := json.Marshal(control.RuntimeDefault())
	if err != nil {
		t.Fatal(err)
	}
	for _, capabilities := range [][]string{nil, {}, {"SYS_ADMIN", "SYS_MODULE", "SYS_TIME"}} {
		environment := target.Environment{Platform: platform.Capabilities.With(platform.Runtime.With(platform.Facts{}, "docker"), capabilities)}
		if got := warnedOf(t, environment, body); !slices.Equal(got, []string{"multiplexed-call"}) {
			t.Errorf("with %v: %v", capabilities, got)
		}
	}
}

func TestLintsOfEmittedProfiles(t *testing.T) {
	families := set(13, "unix", "inet", "inet6")
	for name, test := range map[string]struct {
		settings policy.Settings
		arches   []string
		want     []string
	}{
		"runtime default":            {policy.Settings{control.SeccompAllow: set(10, "@runtime-default")}, nil, nil},
		"families":                   {policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.NetworkFamilies: families}, []string{"386", "amd64"}, nil},
		"socketcall left open":       {policy.Settings{control.SeccompAllow: set(10, "@runtime-default")}, []string{"386", "amd64"}, []string{"multiplexed-call"}},
		"everything":                 {policy.Settings{control.SeccompAllow: set(10, "*")}, nil, nil},
		"no end":                     {policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompDeny: set(11, "exit_group")}, nil, []string{"runtime-needs"}},
		"allowed without capability": {policy.Settings{control.SeccompAllow: set(10, "@runtime-default", "swapon")}, nil, []string{"allowed-for-nothing"}},
		"capability without a call": {policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompDeny: set(11, "@module"),
			control.CapabilitiesAdd: set(12, "SYS_MODULE")}, nil, []string{"capability-for-nothing"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := resolve(t, test.settings, test.arches...)
			b, diags, err := target.Compile(p, []target.Target{seccomp.Target{}, holdsTheRest{}}, nil)
			if err != nil || diags.HasErrors() {
				t.Fatal(diags, err)
			}
			for _, a := range b.Artifacts["seccomp"] {
				if !strings.HasSuffix(a.Path, "api.json") {
					continue
				}
				var got []string
				for _, n := range a.Diagnostics {
					if slices.Contains(filter.LintNames(), n.Lint) && n.Warning {
						got = append(got, n.Lint)
					}
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("got %v, want %v", got, test.want)
				}
			}
			for _, d := range diags {
				if d.Subject == nil || d.Subject.Start.Line < 4 {
					t.Errorf("the warning stands at no statement: %v", d)
				}
			}
			if len(test.want) > 0 && len(diags) == 0 {
				t.Error("the author is not warned")
			}
		})
	}
}

// holdsTheRest holds what a profile does not.
type holdsTheRest struct{}

func (holdsTheRest) Info() target.Info { return target.Info{Name: "rest", Default: true} }
func (holdsTheRest) Support(*policy.Policy, policy.Statement) target.Support {
	return target.Support{Level: target.Full, Mode: control.Prevents}
}
func (holdsTheRest) Emit(*policy.Policy) ([]target.Artifact, error) { return nil, nil }

// Each lint is explained in the documentation.
func TestLintsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/targets/seccomp.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range filter.LintNames() {
		if !strings.Contains(string(page), "\n| `"+name+"` |") {
			t.Errorf("docs/targets/seccomp.md has no row for %s", name)
		}
	}
}

func BenchmarkLint(b *testing.B) {
	body := one(b, resolve(b, policy.Settings{control.SeccompAllow: set(10, "@runtime-default")})).Body
	for b.Loop() {
		warnedOf(b, target.Environment{Platform: platform.Capabilities.With(platform.Facts{}, []string{})}, body)
	}
}
