package target_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

func TestManifest(t *testing.T) {
	p := resolve(t, api, web, noPID, states(control.HostIPC, control.Value{Bool: false}, 9), unheld("later", "", "host.pid", "2027-06-01"), unheld("sooner", "", "host.ipc", "2027-02-03"))
	allow := control.Ref{ID: control.SeccompAllow}
	a := fake{name: "a", support: holding(target.Support{Level: target.None, Reason: "No."}, control.HostPID, control.HostIPC), artifacts: []target.Artifact{
		{Path: "a/2", Body: []byte("two"), Mappings: []target.SourceMapping{
			{Location: "x", Control: allow, Range: line(3)}, {Location: "y", Control: control.Ref{ID: control.Detect, Label: "d"}, Range: line(3)},
		}, Diagnostics: []target.Diagnostic{{Lint: "l", Location: "x", Message: "m"}, {Lint: "l", Location: "x", Message: "m", Warning: true}}},
		{Path: "a/1", Body: []byte("one"), Containers: []string{"api/*"}, Mappings: []target.SourceMapping{
			{Location: "x", Control: allow, Range: line(3)}, {Location: "y", Control: control.Ref{ID: control.Detect, Label: "d"}, Range: line(3)},
			{Location: "z", Control: allow, Range: line(3), Subject: "s"}, {Location: "x", Control: allow, Range: line(3), Container: "api/*"},
			{Location: "x", Control: allow, Range: line(4)}, {Control: allow},
		}, Diagnostics: []target.Diagnostic{{Lint: "l", Location: "x", Message: "m"}}},
	}}
	b, diags, err := target.Compile(p, []target.Target{a, fake{name: "b", support: always(target.Support{Level: target.NotApplicable})}}, nil)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	m := b.Manifest("9.9", []target.Source{{Path: "p.hcl", Body: []byte("input")}}, b.All())
	sum := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	none := map[string]target.SupportEntry{"a": {Level: "none", Reason: "No."}}
	want := target.Manifest{
		Bulkhead: "9.9", Namespaces: []string{"shop"},
		Policy:  target.ManifestPolicy{Name: "p", Version: "1.2.3", Owner: "us"},
		Extends: []target.ManifestPolicy{{Name: "base", Version: "1.0.0"}},
		Inputs:  []target.ManifestFile{{Path: "p.hcl", SHA256: sum("input")}},
		Artifacts: []target.ManifestFile{
			{Path: "a/1", SHA256: sum("one"), Containers: []string{"api/*"}, Origins: []int{0, 1, 2, 3}, Notes: []int{0}},
			{Path: "a/2", SHA256: sum("two"), Origins: []int{4, 1}, Notes: []int{0, 1}},
		},
		Origins: []target.ManifestOrigin{
			{Control: "seccomp.allow", File: "p.hcl", Line: 3, Places: []string{"x", "z s"}},
			{Control: "monitoring.detect.d", File: "p.hcl", Line: 3, Places: []string{"y"}},
			{Control: "seccomp.allow", File: "p.hcl", Line: 4, Places: []string{"x"}},
			{Control: "seccomp.allow"},
			{Control: "seccomp.allow", File: "p.hcl", Line: 3, Places: []string{"x"}},
		},
		Notes: []target.ManifestNote{{Lint: "l", Place: "x", Message: "m"}, {Lint: "l", Place: "x", Message: "m", Warning: true}},
		Supports: []target.ManifestSupport{
			{Control: "policy.undeclared", Value: `"deny"`, File: "p.hcl", Line: 5, Targets: map[string]target.SupportEntry{"a": {Level: "full", Manner: "prevents"}}},
			{Control: "host.pid", Value: "false", File: "p.hcl", Line: 8, Containers: []string{"api/*", "web/*"}, Targets: none},
			{Control: "host.ipc", Value: "false", File: "p.hcl", Line: 9, Containers: []string{"api/*", "web/*"}, Targets: none},
		},
		Gaps: []target.ManifestGap{
			{Control: "host.pid", Containers: []string{"api/*", "web/*"}, Exception: "later", Expires: "2027-06-01"},
			{Control: "host.ipc", Containers: []string{"api/*", "web/*"}, Exception: "sooner", Expires: "2027-02-03"},
		},
		Exceptions: []target.ManifestException{
			{Name: "later", Owner: "us", Reason: "known", Ticket: "T-1", Expires: "2027-06-01"},
			{Name: "sooner", Owner: "us", Reason: "known", Ticket: "T-1", Expires: "2027-02-03"},
		},
		ValidUntil: "2027-02-03",
	}
	if d := cmp.Diff(want, m); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	body, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, _ := b.Manifest("9.9", []target.Source{{Path: "p.hcl", Body: []byte("input")}}, b.All()).Encode()
		if string(again) != string(body) {
			t.Fatal("the manifest is not the same twice")
		}
	}
	read, err := target.ReadManifest(body)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, read); d != "" {
		t.Errorf("written and read (-want +got)\n%s", d)
	}
}

// What is empty is an empty list, not null, and nothing ends where there are no
// exceptions.
func TestManifestOfLittle(t *testing.T) {
	b, diags, err := target.Compile(resolve(t), []target.Target{fake{name: "a"}}, nil)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	body, err := b.Manifest("9.9", nil, nil).Encode()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "bulkhead": "9.9",
  "policy": {
    "name": "p",
    "version": "1.2.3",
    "owner": "us"
  },
  "extends": [
    {
      "name": "base",
      "version": "1.0.0"
    }
  ],
  "namespaces": [
    "shop"
  ],
  "inputs": [],
  "artifacts": [],
  "origins": [],
  "notes": [],
  "supports": [
    {
      "control": "policy.undeclared",
      "value": "\"deny\"",
      "file": "p.hcl",
      "line": 5,
      "targets": {
        "a": {
          "level": "full",
          "manner": "prevents"
        }
      }
    }
  ],
  "gaps": [],
  "exceptions": []
}
`
	if d := cmp.Diff(want, string(body)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// A manifest of an earlier version, which had the origins in the artifacts, and one whose indexes lead nowhere, are errors.
func TestReadManifestRefuses(t *testing.T) {
	for _, body := range []string{
		`{"bulkhead": "0.4.0", "artifacts": [{"path": "a", "origins": [{"control": "host.pid"}]}]}`,
		`{"bulkhead": "0.5.0", "artifacts": [{"path": "a", "origins": [1]}], "origins": [{"control": "host.pid"}]}`,
		`{"bulkhead": "0.5.0", "artifacts": [{"path": "a", "origins": [-1]}], "origins": [{"control": "host.pid"}]}`,
	} {
		if _, err := target.ReadManifest([]byte(body)); err == nil || !strings.Contains(err.Error(), "compile again") {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Equal profiles of many containers have their origins and notes in the manifest once, so that
// it grows by their names and hashes.
func TestManifestSharesOrigins(t *testing.T) {
	size := func(containers int) int {
		a := fake{name: "a"}
		for i := range containers {
			at := target.Artifact{Path: fmt.Sprintf("a/%04d", i), Body: []byte("same"), Containers: []string{fmt.Sprintf("api/%04d", i)}}
			for place := range 100 {
				at.Mappings = append(at.Mappings, target.SourceMapping{Location: fmt.Sprintf("/place/%d", place), Control: control.Ref{ID: control.SeccompAllow}, Range: line(3)})
			}
			a.artifacts = append(a.artifacts, at)
		}
		b, diags, err := target.Compile(resolve(t), []target.Target{a}, nil)
		if err != nil || diags.HasErrors() {
			t.Fatal(err, diags)
		}
		body, err := b.Manifest("9.9", nil, b.All()).Encode()
		if err != nil {
			t.Fatal(err)
		}
		return len(body)
	}
	if more := (size(101) - size(1)) / 100; more > 400 {
		t.Errorf("each more container adds %d bytes", more)
	}
}

// What was written down leads back to the same statements as the origins that it was written from.
func TestStatements(t *testing.T) {
	origins := []target.ManifestOrigin{
		{Control: "a", Line: 1, Places: []string{"/x", "/d one"}}, {Control: "b", Line: 2, Places: []string{"/d"}}, {Control: "c", Line: 3},
	}
	for _, test := range []struct{ place, subject, want string }{
		{"/x", "", "a c"}, {"/d", "one", "a c"}, {"/d", "two", "b c"}, {"/d", "", "b c"}, {"/e", "", "c"}, {"", "", "c"},
	} {
		var got []string
		for _, o := range target.Statements(origins, target.Finding{Location: test.place, Subject: test.subject}) {
			got = append(got, o.Control)
		}
		if g := strings.Join(got, " "); g != test.want {
			t.Errorf("behind %q %q stand %q, want %q", test.place, test.subject, g, test.want)
		}
	}
}
