package seccomp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/santhosh-tekuri/jsonschema/v5"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp"
)

// now is before every exception of these tests ends.
var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// at is where a test's policy states something.
func at(line int) hcl.Range {
	return hcl.Range{Filename: "policy.hcl", Start: hcl.Pos{Line: line, Column: 3}, End: hcl.Pos{Line: line, Column: 9}}
}

func set(line int, keys ...string) policy.Setting {
	s := policy.Setting{Range: at(line)}
	for _, key := range keys {
		s.Items = append(s.Items, control.Item{Key: key, Range: at(line)})
	}
	return s
}

func text(line int, value string) policy.Setting {
	return policy.Setting{Value: control.Value{Text: value}, Range: at(line)}
}

func rules(items ...control.Item) policy.Setting {
	return policy.Setting{Value: control.Value{Items: items}, Range: at(12)}
}

func rule(label string, calls []string, args ...control.ArgCondition) control.Item {
	body := &control.SyscallRule{Range: at(12), Args: args}
	for _, call := range calls {
		body.Syscalls = append(body.Syscalls, control.Item{Key: call, Range: at(12)})
	}
	return control.Item{Key: label, Body: body, Range: at(12)}
}

// either is a rule that one of the alternatives is enough for.
func either(label string, calls []string, alternatives ...[]control.ArgCondition) control.Item {
	it := rule(label, calls)
	it.Body.(*control.SyscallRule).Alternatives = alternatives
	return it
}

func in(index int, values ...uint64) control.ArgCondition {
	return control.ArgCondition{Index: index, In: values}
}

func notIn(index int, values ...uint64) control.ArgCondition {
	return control.ArgCondition{Index: index, NotIn: values}
}

func hasAny(index int, bits uint64) control.ArgCondition {
	return control.ArgCondition{Index: index, HasAny: bits}
}

func masked(index int, mask, value uint64) control.ArgCondition {
	return control.ArgCondition{Index: index, Masked: true, Mask: mask, Value: value}
}

// resolve makes a policy with the workload "api" for the architectures.
func resolve(t rapid.TB, settings policy.Settings, arches ...string) *policy.Policy {
	t.Helper()
	values := policy.Settings{control.Undeclared: text(2, control.Deny), control.CapabilitiesAdd: set(4)}
	for id, s := range settings {
		values[id] = s
	}
	if _, ok := values[control.Privileged]; !ok {
		values[control.Privileged] = policy.Setting{Range: at(3)}
	}
	p, diags := policy.Resolve(&policy.Document{
		Source: policy.Source{Name: "payments", Version: "2.1.0", Path: "policy.hcl"},
		Range:  at(1), Namespaces: []control.Item{{Key: "payments"}},
		Platform:  platform.Architectures.With(platform.Facts{}, arches),
		Values:    values,
		Workloads: []*policy.WorkloadBlock{{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: at(30)}},
	}, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

// emit gives the profiles of a policy, each of them checked by its schema.
func emit(t rapid.TB, p *policy.Policy) []target.Artifact {
	t.Helper()
	artifacts, err := seccomp.Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range artifacts {
		schema, err := jsonschema.CompileString("schema.json", string(a.Schema))
		if err != nil {
			t.Fatal(err)
		}
		dec := json.NewDecoder(bytes.NewReader(a.Body))
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Fatalf("%s: %v\n%s", a.Path, err, a.Body)
		}
		f, err := filter.Read(a.Body, filter.Node{})
		if err != nil {
			t.Fatalf("%s: %v\n%s", a.Path, err, a.Body)
		}
		if notes := append(f.Dropped(), f.Unknown()...); len(notes) > 0 {
			t.Errorf("%s has parts without effect: %v", a.Path, notes)
		}
	}
	return artifacts
}

func one(t rapid.TB, p *policy.Policy) target.Artifact {
	t.Helper()
	artifacts := emit(t, p)
	if len(artifacts) != 1 {
		t.Fatalf("%d artifacts, want 1", len(artifacts))
	}
	return artifacts[0]
}

// judge tries one call against the profiles of a policy.
func judge(t testing.TB, p *policy.Policy, arch, name string, args ...uint64) target.Verdict {
	t.Helper()
	j, err := seccomp.Target{}.Load(target.Environment{Platform: p.Platform, Now: now}, emit(t, p))
	if err != nil {
		t.Fatal(err)
	}
	call := attempt.Syscall{Arch: arch, Name: name}
	copy(call.Args[:], args)
	v, err := j.Judge(context.Background(), call)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// controlsBehind names the controls that the findings of a verdict come from.
func controlsBehind(artifacts []target.Artifact, v target.Verdict) []string {
	var out []string
	for _, f := range v.Findings {
		for _, ref := range target.Controls(artifacts, f) {
			if !slices.Contains(out, ref.String()) {
				out = append(out, ref.String())
			}
		}
	}
	slices.Sort(out)
	return out
}
