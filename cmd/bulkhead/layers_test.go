package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets"
)

// writePolicy writes a policy of one file, and gives its folder.
func writePolicy(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "policy.hcl"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// layersOf is a policy that chooses targets and extends something.
func layersOf(source, rest string, names ...string) string {
	return fmt.Sprintf(`
policy "one-layer" {
  version    = "1.0.0"
  owner      = "us"
  namespaces = ["shop"]
}
platform { targets = ["%s"] }
extends "above" { source = %q }
workload "web" {
  match { labels = { app = "web" } }
}
%s`, strings.Join(names, `", "`), source, rest)
}

// Whoever wants one layer gets it, and everything that a preset states for others is listed.
func TestOneLayer(t *testing.T) {
	for _, tg := range targets.All() {
		for _, preset := range []string{"privileged", "baseline", "restricted", "hardened"} {
			name := tg.Info().Name
			t.Run(name+"/"+preset, func(t *testing.T) {
				t.Parallel()
				dir, out := writePolicy(t, layersOf("bulkhead:"+preset, "", name)), filepath.Join(t.TempDir(), "build")
				code, valid, errs := invoke(t, "", "validate", dir)
				if code != 0 {
					t.Fatalf("validate: %s", errs)
				}
				code, compiled, errs := invoke(t, "", "compile", "-o", out, dir)
				if code != 0 {
					t.Fatalf("compile: %s", errs)
				}
				body, err := os.ReadFile(filepath.Join(out, target.ManifestName))
				if err != nil {
					t.Fatal(err)
				}
				var m target.Manifest
				if err := json.Unmarshal(body, &m); err != nil {
					t.Fatal(err)
				}
				for _, s := range m.Supports {
					line := "  " + s.Control + " "
					listed := strings.Contains(valid, line) && strings.Contains(compiled, line)
					gap := slices.ContainsFunc(m.Gaps, func(g target.ManifestGap) bool { return g.Control == s.Control && len(g.LeftOut) > 0 })
					if none := s.Targets[name].Level != target.Full.String(); none && !(listed && gap) {
						t.Errorf("%s is not enforced and not listed: listed %v, a gap in the manifest %v", s.Control, listed, gap)
					}
				}
			})
		}
	}
}

// What the policy itself states fails at its line, whether or not a preset states the same.
func TestOneLayerLeavesOutNothingOfTheAuthor(t *testing.T) {
	for _, c := range []struct{ target, preset, states, wants string }{
		{"networkpolicy", "baseline", "privileges {\n  privileged = false\n}", "privileges.privileged = false"},
		{"networkpolicy", "hardened", "seccomp {\n  deny = [\"getcpu\"]\n}", "seccomp.deny = "},
		{"networkpolicy", "baseline", "workload \"db\" {\n  match { labels = { app = \"db\" } }\n  host { pid = false }\n}", "host.pid = false"},
		{"networkpolicy", "privileged", "workload \"db\" {\n  match { labels = { app = \"db\" } }\n  host { network = true }\n}\nnetwork { default = \"deny\" }", "network.default = \"deny\" in db/*"},
		{"seccomp", "baseline", "network { default = \"deny\" }", "network.default = \"deny\""},
		{"falco", "baseline", "host { pid = false }", "host.pid = false"},
		{"rego", "privileged", "flow \"x\" {\n  from  = workload.web\n  to    = workload.web\n  ports = [\"tcp/80\"]\n}", "The flow \"x\""},
		// No choice of layers is behind it: a flow of the author opens addresses among which the API server may be.
		{"networkpolicy", "baseline", "peer \"ten\" { cidrs = [\"10.0.0.0/8\"] }\nflow \"x\" {\n  from  = workload.web\n  to    = peer.ten\n  ports = [\"tcp/443\"]\n}", "network.kubernetes_api = \"flows\""},
	} {
		t.Run(c.target+" "+c.wants, func(t *testing.T) {
			t.Parallel()
			code, out, errs := invoke(t, "", "validate", writePolicy(t, layersOf("bulkhead:"+c.preset, c.states, c.target)))
			if text := strings.Join(strings.Fields(errs), " "); code == 0 || !strings.Contains(text, c.wants) || strings.Count(errs, "Error: ") != 1 {
				t.Errorf("exit %d, want one error about %s: %s%s", code, c.wants, out, errs)
			}
		})
	}
}

// A policy below cannot switch a layer off of one above, which holds by itself what its preset states.
func TestOneLayerBelowAPolicyOfAll(t *testing.T) {
	for _, c := range []struct {
		name, platform string
		code           int
	}{
		{"of all", "", 2},
		{"of the same", `platform { targets = ["networkpolicy"] }`, 0},
		{"of two", `platform { targets = ["networkpolicy", "rego"] }`, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			central := writePolicy(t, `
policy "central" {
  version = "1.0.0"
  owner   = "us"
}
`+c.platform+`
extends "preset" { source = "bulkhead:baseline" }
`)
			dir := writePolicy(t, layersOf("../"+filepath.Base(central), "", "networkpolicy"))
			code, out, errs := invoke(t, "", "validate", dir)
			if code != c.code {
				t.Fatalf("exit %d, want %d: %s%s", code, c.code, out, errs)
			}
			if refused := strings.Contains(out, "host.pid "); code == 0 && refused != (c.name == "of the same") {
				t.Errorf("host.pid is left out: %v", refused)
			}
			if text := strings.Join(strings.Fields(errs), " "); code != 0 && !strings.Contains(text, "every policy that this one extends names its targets too") {
				t.Errorf("no remedy: %s", errs)
			}
		})
	}
}

// Layers that are about the same pods go together: the watch of one is not made of what another takes for granted.
func TestTwoLayersAssumeNothingToWatch(t *testing.T) {
	dir, out := writePolicy(t, layersOf("bulkhead:privileged", "network { default = \"deny\" }\nmonitoring { violations = \"warning\" }", "networkpolicy", "falco")), filepath.Join(t.TempDir(), "build")
	if code, said, errs := invoke(t, "", "compile", "-o", out, dir); code != 0 {
		t.Fatal(said, errs)
	}
	body, err := os.ReadFile(filepath.Join(out, "falco", "one-layer.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), "host.network") || strings.Contains(string(body), "privileges.privileged") {
		t.Errorf("Falco watches what nobody states:\n%s", body)
	}
}
