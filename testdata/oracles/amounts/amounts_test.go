// Package amounts holds what the targets read in amounts to resource.ParseQuantity, by which the API server reads them.
package amounts

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets"
	"github.com/bulkhead-policy/bulkhead/targets/rego"
	"github.com/bulkhead-policy/bulkhead/targets/terraform"
)

var now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// most are the limits that texts are compared with: of bytes, of parts of a CPU, and of more than 64 bits of billionths.
var most = []string{"4Gi", "1500m", "7Ti"}

// judges are those of manifests and of plans for a policy with a limit.
func judges(t *testing.T, limit string) map[string]target.Judge {
	t.Helper()
	text := fmt.Sprintf("policy \"amounts\" { version = \"1.0.0\" }\nresources { memory = %q }\n", limit)
	program, diags := lang.Load("amounts", lang.Options{
		Open:    func(string) (fs.FS, error) { return fstest.MapFS{"policy.hcl": {Data: []byte(text)}}, nil },
		Presets: policies.FS, Now: now, Version: "test", Facts: target.Facts(targets.All()),
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	out := map[string]target.Judge{}
	for _, tg := range []interface {
		target.Target
		target.Judger
	}{rego.Target{}, terraform.Target{}} {
		artifacts, err := tg.Emit(program.Policy)
		if err != nil {
			t.Fatal(err)
		}
		j, err := tg.Load(target.Environment{Platform: program.Policy.Platform, Now: now}, artifacts)
		if err != nil {
			t.Fatal(err)
		}
		out[tg.Info().Name] = j
	}
	return out
}

// text draws what looks like an amount: most are some, around the limits.
func text(r *rand.Rand) string {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	whole := pick("", "0", "00", "1", "3", "4", "7", "9", "07", "1024", "1500", "4096", "4294967296", "4294967297", "4294967296000", "7696581394432", "1499999999", "1500000001", "99999999999999999999")
	fraction := pick("", "", "", ".", ".0", ".5", ".000", ".25", ".0000000001", ".999999999999", ".000000000000000000000000001")
	unit := pick("", "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E3", "e+2", "e-3", "e-12", "e09", "e20", "K", "gi", "GB", "e", "mi", " ", "e1.5", "Gib")
	return pick("", "", "", "", "+", "-", "+-") + whole + fraction + unit
}

// within is what the API server and a limit make of a text. A text without a digit is 0 to ParseQuantity.
func within(text string, most resource.Quantity) bool {
	q, err := resource.ParseQuantity(text)
	return err == nil && q.Sign() > 0 && q.Cmp(most) <= 0
}

// document writes a pod whose containers have the texts as limits, as a manifest.
func document(t *testing.T, texts []string) []byte {
	t.Helper()
	var containers []any
	for i, text := range texts {
		containers = append(containers, map[string]any{"name": fmt.Sprint("c", i), "resources": map[string]any{"limits": map[string]any{"memory": text}}})
	}
	body, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "p", "namespace": "x"}, "spec": map[string]any{"containers": containers}})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// plan writes a plan with a manifest.
func plan(t *testing.T, manifest []byte) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"format_version": "1.2", "terraform_version": "1.11.4", "complete": true,
		"planned_values": map[string]any{"root_module": map[string]any{"resources": []any{map[string]any{
			"address": "kubernetes_manifest.r", "mode": "managed", "type": "kubernetes_manifest", "name": "r", "values": map[string]any{"manifest": json.RawMessage(manifest)},
		}}}},
		"resource_changes": []any{map[string]any{
			"address": "kubernetes_manifest.r", "mode": "managed", "type": "kubernetes_manifest", "name": "r",
			"change": map[string]any{"actions": []string{"create"}, "after": map[string]any{"manifest": json.RawMessage(manifest)}, "after_unknown": map[string]any{}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// refused gives the names of the containers that a judge refuses.
func refused(t *testing.T, name string, j target.Judge, manifest []byte) map[string]bool {
	t.Helper()
	var a attempt.Attempt
	if name == "terraform" {
		a = attempt.Plan{File: "plan.json", Body: plan(t, manifest)}
	} else {
		docs, err := input.Read("pod.json", manifest, input.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		a = attempt.Manifest{Document: docs[0]}
	}
	v, err := j.Judge(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, f := range v.Findings {
		if !f.Warning {
			out[f.Container] = true
		}
	}
	return out
}

func TestAmounts(t *testing.T) {
	for n, limit := range most {
		all, quantity := judges(t, limit), resource.MustParse(limit)
		r := rand.New(rand.NewPCG(uint64(n), 7))
		counts := map[bool]int{}
		for range 24 {
			var texts []string
			for range 10 {
				texts = append(texts, text(r))
			}
			body := document(t, texts)
			for name, j := range all {
				got := refused(t, name, j, body)
				for i, text := range texts {
					want := within(text, quantity)
					counts[want]++
					if strings.ContainsAny(text, "0123456789") && got[fmt.Sprint("c", i)] == want {
						t.Errorf("%s, at most %s: %q passes: %v, want %v", name, limit, text, !want, want)
					}
				}
			}
		}
		if counts[true] < 15 || counts[false] < 15 {
			t.Errorf("at most %s: %v of the texts pass", limit, counts)
		}
	}
}
