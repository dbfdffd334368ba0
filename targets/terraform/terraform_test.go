package terraform_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/terraform"
)

var update = flag.Bool("update", false, "record the golden files anew")

// policies are the ones that the real Terraform tries out.
func policies(t testing.TB) map[string]*policy.Policy {
	t.Helper()
	return map[string]*policy.Policy{
		"strict":   resolve(t, document(strict())),
		"rows":     resolve(t, withRows()),
		"reported": resolve(t, withWarning()),
		"loose":    resolve(t, document(nil)),
		"hostile":  resolve(t, hostile()),
		"nobody": resolve(t, &policy.Document{
			Source: policy.Source{Name: "nobody", Version: "1.0.0", Path: "policy.hcl"}, Range: at(1),
			Values: policy.Settings{control.Undeclared: text(2, control.Deny)},
		}),
		"anybody": resolve(t, &policy.Document{
			Source: policy.Source{Name: "anybody", Version: "1.0.0", Path: "policy.hcl"}, Range: at(1),
			Values: policy.Settings{control.Privileged: boolean(2, false), control.Registries: set(3, "docker.io/library/redis", "quay.io/*/base")},
		}),
	}
}

// withRows has workloads, containers and undeclared pods that differ.
func withRows() *policy.Document {
	doc := document(strict())
	doc.Values[control.Undeclared] = text(2, control.AsCeiling)
	doc.Ceilings = policy.Settings{
		control.CapabilitiesAdd: set(60, "NET_BIND_SERVICE", "CHOWN"),
		control.Memory:          text(61, "2Gi"),
		control.HostNetwork:     boolean(62, true),
	}
	doc.Workloads[0].Settings = policy.Settings{control.CapabilitiesAdd: set(70, "NET_BIND_SERVICE")}
	doc.Workloads[0].Containers = []*policy.ContainerBlock{
		{Name: "migrate", Range: at(71), Settings: policy.Settings{control.CapabilitiesAdd: set(72), control.Memory: text(73, "1Gi")}},
	}
	doc.Workloads = append(doc.Workloads,
		&policy.WorkloadBlock{Name: "shard-eu", Match: map[string]string{"app": "shard", "region": "eu"}, OS: "linux", Range: at(80), Settings: policy.Settings{control.HostNetwork: boolean(81, true)}},
		&policy.WorkloadBlock{Name: "shard-us", Match: map[string]string{"app": "shard", "region": "us"}, OS: "linux", Range: at(82)},
		&policy.WorkloadBlock{Name: "win", Match: map[string]string{"app": "win"}, OS: "windows", Range: at(83)},
	)
	return doc
}

// withWarning has a control of which violations are only reported for one workload.
func withWarning() *policy.Document {
	doc := document(strict())
	doc.Workloads = append(doc.Workloads, &policy.WorkloadBlock{Name: "web", Match: map[string]string{"app": "web"}, OS: "linux", Range: at(52)})
	doc.Exceptions = []*policy.Exception{{
		Name: "old image", Kind: policy.ExceptionWarn, Workload: "api", Controls: []control.Item{{Key: "filesystem.read_only_root", Range: at(90)}},
		Owner: "team", Reason: "writes\nto /etc", Ticket: "SEC-1", Expires: "2027-01-31", Policy: "payments", Range: at(90),
	}}
	return doc
}

// hostile has texts that would be code if they were not quoted.
func hostile() *policy.Document {
	doc := document(strict())
	doc.Name, doc.Version = "x\"\n}\nresource \"a\" \"b\" {", "${file(\"/etc/passwd\")}"
	doc.Namespaces = []control.Item{{Key: `a"b`}, {Key: "${local.pods}"}, {Key: "%{ if true }"}, {Key: "c\nd"}}
	doc.Workloads[0].Match = map[string]string{`"${x}`: "%{ for", "\\": "*/ }\n"}
	doc.Exceptions = []*policy.Exception{{
		Name: "\" # \u2028 }", Kind: policy.ExceptionWarn, Controls: []control.Item{{Key: "host.network", Range: at(90)}},
		Owner: "\r\n}", Reason: "${a}\n}\nlocals {", Ticket: "*/", Expires: "2027-01-31", Policy: "payments", Range: at(90),
	}}
	return doc
}

// TestModuleUnderTerraform has the real Terraform read, format and test modules.
func TestModuleUnderTerraform(t *testing.T) {
	terraformBinary(t)
	for name, p := range policies(t) {
		t.Run(name, func(t *testing.T) {
			dir := write(t, emit(t, p))
			runTerraform(t, dir, "fmt", "-check", "-recursive", "-diff")
			runTerraform(t, dir, "init", "-no-color")
			runTerraform(t, dir, "validate", "-no-color")
			out := runTerraform(t, dir, "test", "-no-color")
			if !strings.Contains(out, "Success!") || strings.Contains(out, "Success! 0 passed") {
				t.Error(out)
			}
			if passes := strings.Contains(out, `"a_pod_that_the_policy_allows"... pass`); passes != (name != "nobody") {
				t.Errorf("the run that passes: %v\n%s", passes, out)
			}
			if fails := strings.Contains(out, `"pods_that_violate_the_policy"... pass`); fails != (name != "loose") {
				t.Errorf("the run that fails: %v\n%s", fails, out)
			}
		})
	}
}

// TestFormatted holds what is emitted to the format of `terraform fmt`, where
// there is no terraform too.
func TestFormatted(t *testing.T) {
	for name, p := range policies(t) {
		for _, a := range emit(t, p) {
			if formatted := hclwrite.Format(a.Body); string(formatted) != string(a.Body) {
				t.Errorf("%s: %s is not formatted:\n%s", name, a.Path, cmp.Diff(string(formatted), string(a.Body)))
			}
		}
	}
}

func TestSupport(t *testing.T) {
	p := resolve(t, document(strict()))
	held := map[control.ID]bool{}
	for s := range p.Statements() {
		support := terraform.Target{}.Support(p, s)
		if support.Level == target.Unknown {
			t.Errorf("%s: no answer", s.Control.ID)
		}
		if support.Enforces(s) {
			held[s.Control.ID] = true
		}
	}
	for id := range strict() {
		if !held[id] && id != control.KubernetesVersion && id != control.FilesystemWrite { // held in part
			t.Errorf("%s is stated and not held", id)
		}
	}
	if s := (terraform.Target{}).Support(p, policy.Statement{Flow: &policy.Flow{}}); s.Level != target.NotApplicable {
		t.Error("flows are another layer's business")
	}
}

// TestLooseningChangesTheModule: a control that is said to be held and that
// changes nothing when it is loosened would be a claim without substance.
func TestLooseningChangesTheModule(t *testing.T) {
	p := resolve(t, document(strict()))
	before := bodies(emit(t, p))
	for id := range strict() {
		if bodies(emit(t, p.Without(control.Ref{ID: id}))) == before {
			t.Errorf("loosening %s changes nothing", id)
		}
	}
}

func bodies(artifacts []target.Artifact) string {
	var all strings.Builder
	for _, a := range artifacts {
		fmt.Fprintf(&all, "%s\n%s\n", a.Path, a.Body)
	}
	return all.String()
}

func TestGolden(t *testing.T) {
	for name, p := range map[string]*policy.Policy{"rows": resolve(t, withRows()), "reported": resolve(t, withWarning())} {
		artifacts := emit(t, p)
		if bodies(artifacts) != bodies(emit(t, p)) {
			t.Errorf("%s: two emissions differ", name)
		}
		for _, a := range artifacts {
			path := filepath.Join("testdata", name, filepath.FromSlash(a.Path))
			if _, err := os.Stat(filepath.Join("static", filepath.Base(a.Path))); err == nil {
				continue // does not depend on the policy
			}
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, a.Body, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != string(a.Body) {
				t.Errorf("%s differs; look at it and run `go test ./targets/terraform -run TestGolden -update`", path)
			}
		}
	}
}

func TestLoadErrors(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"syntax", "locals {", "main.tf:1"},
		{"no conditions", "locals {\n}\n", "without a precondition or check"},
	} {
		_, err := terraform.Target{}.Load(target.Environment{}, []target.Artifact{{Path: "main.tf", Body: []byte(test.body)}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
	if _, err := (terraform.Target{}).Load(target.Environment{}, nil); err == nil {
		t.Error("no artifacts were loaded")
	}
	j := load(t, emit(t, resolve(t, document(strict()))))
	if v, err := j.Judge(context.Background(), attempt.Syscall{Name: "read"}); err != nil || v.Outcome != target.Inapplicable {
		t.Errorf("a system call: got %v, %v", v, err)
	}
	if _, err := j.Judge(context.Background(), attempt.Plan{File: "x.json", Body: []byte("{")}); err == nil || !strings.HasPrefix(err.Error(), "x.json: ") {
		t.Errorf("a plan that is none: got %v", err)
	}
}
