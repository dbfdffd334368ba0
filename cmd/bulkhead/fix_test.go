package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

const fixPolicy = `policy "shop" {
  version    = "1.0.0"
  owner      = "shop"
  namespaces = ["shop"]
  undeclared = %q
}
extends "preset" { source = "bulkhead:restricted" }
resources { memory = "1Gi" }
workload "web" {
  match {
    labels = { app = "web", tier = "front" }
  }
  container "proxy" {
    seccomp { deny = ["@ptrace"] }
  }
}
workload "free" {
  match { labels = { app = "free" } }
  privileges { compiled_profiles = false }
}
`

// manifestOf draws a manifest of one or two objects, in block or flow style.
func manifestOf(t *rapid.T) string {
	pick := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(t, what) }
	security := func(who, indent string) string {
		var out []string
		for _, field := range []string{
			"privileged: true", "allowPrivilegeEscalation: true", "allowPrivilegeEscalation: false", "runAsNonRoot: true", "capabilities: {drop: [ALL]}",
			"seccompProfile: {type: RuntimeDefault}", "seccompProfile: {type: Localhost, localhostProfile: other.json}", "appArmorProfile: {type: Unconfined}",
			"seccompProfile: {type: Localhost, localhostProfile: bulkhead.shop.web.json}", "appArmorProfile: {type: Localhost, localhostProfile: bulkhead.shop.web.proxy}",
		} {
			key, _, _ := strings.Cut(field, ":")
			if rapid.IntRange(0, 3).Draw(t, who+" "+field) == 0 && !strings.Contains(strings.Join(out, "\n"), key+":") {
				out = append(out, field)
			}
		}
		switch {
		case len(out) == 0:
			return ""
		case rapid.Bool().Draw(t, who+" in braces"):
			return indent + "securityContext: {" + strings.Join(out, ", ") + "} # " + who + "\n"
		}
		return indent + "securityContext: # " + who + "\n" + indent + "  " + strings.Join(out, "\n"+indent+"  ") + "\n"
	}
	object := func(n int) string {
		who := fmt.Sprintf("object %d", n)
		labels := pick(who+" labels", "{}", "{app: web}", "{app: web, tier: front}", "{app: wbe, tier: front}", "{app: free}", "{run: x}")
		text := fmt.Sprintf("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: %s # %d\n  namespace: %s\nspec:\n  template:\n    metadata: {labels: %s}\n    spec:\n",
			pick(who+" name", "web", "free", "other"), n, pick(who+" namespace", "shop", "shop", "shpo", "default", "elsewhere"), labels)
		text += security(who+" pod", "      ") + "      containers:\n"
		for _, c := range []string{"main", "proxy"}[:rapid.IntRange(1, 2).Draw(t, who+" containers")] {
			text += fmt.Sprintf("        - name: %s\n          image: example.com/x # the one\n", c) + security(who+" "+c, "          ")
			if rapid.IntRange(0, 3).Draw(t, who+" "+c+" limit") > 0 {
				text += "          resources: {limits: {memory: 1Gi}}\n"
			}
		}
		return text
	}
	text := object(1)
	if rapid.Bool().Draw(t, "two") {
		text += "---\n" + object(2)
	}
	return text
}

// What is mended has fewer findings and no new one, is mended once, and so is each
// finding alone.
func TestMendedIsBetter(t *testing.T) {
	for _, undeclared := range []string{"ceiling", "deny"} {
		t.Run(undeclared, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "policy.hcl"), fmt.Appendf(nil, fixPolicy, undeclared), 0o600); err != nil {
				t.Fatal(err)
			}
			_, b := compileCase(t, dir)
			checker := check.New(b, target.Environment{Platform: b.Policy.Platform}, "", input.DefaultLimits())
			run := func(body []byte) check.Result {
				return checker.Run(t.Context(), []check.File{{Name: "f.yaml", Open: func() ([]byte, error) { return body, nil }}}, nil)
			}
			improved := 0
			rapid.Check(t, func(rt *rapid.T) {
				body := []byte(manifestOf(rt))
				before := run(body)
				if len(before.Problems) > 0 {
					rt.Fatal(before.Problems)
				}
				fixed, n, err := checker.Fix(t.Context(), "f.yaml", body)
				if err != nil {
					rt.Fatal(err)
				}
				noneNew(rt, before, run(fixed), string(fixed))
				if (n > 0) == bytes.Equal(fixed, body) {
					rt.Errorf("%d mended in\n%s", n, fixed)
				}
				if again, n, err := checker.Fix(t.Context(), "f.yaml", fixed); err != nil || n != 0 || !bytes.Equal(again, fixed) {
					rt.Errorf("%d mended again, %v\n%s", n, err, again)
				}
				for _, f := range before.Findings {
					if mended, ok := checker.Mend(t.Context(), body, f); ok {
						after := run(mended)
						noneNew(rt, before, after, string(mended))
						if countOf(after, f) >= countOf(before, f) {
							rt.Errorf("%s is still there\n%s", f.Message, mended)
						}
						improved++
					}
				}
			})
			if improved < 50 {
				t.Errorf("only %d findings were mended", improved)
			}
		})
	}
}

func countOf(r check.Result, f check.Finding) int {
	n := 0
	for _, other := range r.Findings {
		if other.Fingerprint() == f.Fingerprint() {
			n++
		}
	}
	return n
}

func noneNew(t *rapid.T, before, after check.Result, text string) {
	for _, f := range after.Findings {
		if countOf(after, f) > countOf(before, f) {
			t.Errorf("new: %s\n%s", f.Message, text)
		}
	}
	if len(after.Problems) > 0 || after.Checked < before.Checked {
		t.Errorf("%v, %d checked after %d\n%s", after.Problems, after.Checked, before.Checked, text)
	}
}
