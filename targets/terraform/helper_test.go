package terraform_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/terraform"
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

func boolean(line int, value bool) policy.Setting {
	return policy.Setting{Value: control.Value{Bool: value}, Range: at(line)}
}

func pairs(line int, pairs ...string) policy.Setting {
	s := policy.Setting{Range: at(line)}
	for i := 0; i < len(pairs); i += 2 {
		s.Items = append(s.Items, control.Item{Key: pairs[i], Arg: pairs[i+1], Range: at(line)})
	}
	return s
}

// strict restricts all that the target holds but block I/O classes, of which annotations speak that other cases change.
func strict() policy.Settings {
	return policy.Settings{
		control.Undeclared:         text(2, control.Deny),
		control.Privileged:         boolean(10, false),
		control.Escalation:         boolean(11, false),
		control.RunAsNonRoot:       boolean(12, true),
		control.RootInUserNS:       boolean(12, false),
		control.Users:              set(13, "1000-1999", "65534"),
		control.Groups:             set(14, "1-2147483647"),
		control.FSGroup:            set(15, "2000"),
		control.SupplementalGroups: set(16),
		control.SELinuxTypes:       set(17, "container_t", "svirt_*"),
		control.SELinuxUsers:       set(18),
		control.SELinuxRoles:       set(19),
		control.AppArmorProfile:    set(20, "localhost", "runtime-default", "unset"),
		control.SeccompProfile:     set(21, "localhost", "runtime-default"),
		control.Sysctls:            set(22, "kernel.shm_rmid_forced", "net.ipv4.tcp_*"),
		control.SysctlValues:       text(22, "numbers"),
		control.ProcMount:          text(23, "default"),
		control.HostProcess:        boolean(24, false),
		control.SharedProcesses:    boolean(24, false),
		control.Tokens:             set(24, "vault", "https://sts.*"),
		control.Annotations:        set(24, "io.katacontainers.*", "*.crio.io*"),
		control.Environment:        set(24, "LD_*", "NVIDIA_VISIBLE_DEVICES"),
		control.CapabilitiesDrop:   set(25, "ALL"),
		control.CapabilitiesAdd:    set(26),
		control.HostNetwork:        boolean(27, false),
		control.HostPID:            boolean(28, false),
		control.HostIPC:            boolean(29, false),
		control.HostUsers:          boolean(30, false),
		control.HostPorts:          set(31, "tcp/9100", "udp/4000-4100"),
		control.HostPaths:          pairs(32, "/var/log", "read", "/var/cache/node", "write"),
		control.HostProbes:         set(33, "localhost"),
		control.Memory:             text(34, "512Mi"),
		control.CPU:                text(35, "1500m"),
		control.EphemeralStorage:   text(36, "1Gi"),
		control.Hugepages:          pairs(37, "2Mi", "64Mi"),
		control.Probes:             set(37, "liveness", "readiness"),
		control.ReadOnlyRoot:       boolean(38, true),
		control.Volumes:            set(39, "configMap", "emptyDir", "hostPath", "projected", "secret"),
		control.FilesystemWrite:    set(39, "/tmp/**", "/var/cache/*/**", "/etc/app.conf"),
		control.SubPaths:           boolean(39, false),
		control.KernelMounts:       boolean(39, false),
		control.Registries:         set(40, "registry.example.com/payments/*", "*.example.org/base"),
		control.ImagesDenied:       set(40, "docker.io/acme/*", "registry.example.com/payments/old"),
		control.TagsDenied:         set(40, "latest", "dev-*"),
		control.Digest:             text(41, control.Required),
		control.KubernetesVersion:  text(42, "1.33"),
		control.SandboxRuntime:     text(43, control.GVisor),
	}
}

// document is a policy with one workload, held to the settings.
func document(settings policy.Settings) *policy.Document {
	return &policy.Document{
		Source: policy.Source{Name: "payments", Version: "2.1.0", Path: "policy.hcl"},
		Range:  at(1), Namespaces: []control.Item{{Key: "payments"}},
		Values:    settings,
		Workloads: []*policy.WorkloadBlock{{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: at(50)}},
	}
}

// profilesInForce are the profiles of the targets that compile some.
var profilesInForce = []policy.CompiledProfiles{{Layer: control.SeccompProfile, Localhost: "NAME.json"}, {Layer: control.AppArmorProfile, Localhost: "NAME"}}

func resolve(t testing.TB, doc *policy.Document) *policy.Policy {
	t.Helper()
	p, diags := policy.Resolve(doc, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	p.Profiles = profilesInForce
	return p
}

// emit makes a module with its tests, as compile writes it.
func emit(t testing.TB, p *policy.Policy) []target.Artifact {
	t.Helper()
	artifacts, err := terraform.Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := terraform.Target{}.Tests(p)
	if err != nil {
		t.Fatal(err)
	}
	return append(artifacts, tests...)
}

func load(t testing.TB, artifacts []target.Artifact) target.Judge {
	t.Helper()
	j, err := terraform.Target{}.Load(target.Environment{}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func judge(t testing.TB, j target.Judge, plan []byte) target.Verdict {
	t.Helper()
	v, err := j.Judge(context.Background(), attempt.Plan{File: "plan.json", Body: plan})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// controlsOf gives the controls that findings come from, with warnings marked.
func controlsOf(artifacts []target.Artifact, v target.Verdict) []string {
	var out []string
	seen := map[string]bool{}
	for _, f := range v.Findings {
		for _, a := range artifacts {
			for _, o := range a.Mappings {
				if a.Path != f.Artifact || o.Location != f.Location {
					continue
				}
				name := string(o.Control.ID)
				if f.Warning {
					name += " (warning)"
				}
				if !seen[name] {
					seen[name] = true
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// resource is one resource of a test's plan.
type planResource struct{ typ, values, unknown string }

// planOf writes a plan of resources.
func planOf(resources ...planResource) []byte {
	var planned, changes []string
	for i, r := range resources {
		address := fmt.Sprintf("%s.r%d", r.typ, i)
		unknown := r.unknown
		if unknown == "" {
			unknown = "{}"
		}
		planned = append(planned, fmt.Sprintf(`{"address":%q,"mode":"managed","type":%q,"name":"r%d","values":%s}`, address, r.typ, i, r.values))
		changes = append(changes, fmt.Sprintf(`{"address":%q,"mode":"managed","type":%q,"name":"r%d","change":{"actions":["create"],"after":%s,"after_unknown":%s}}`, address, r.typ, i, r.values, unknown))
	}
	return fmt.Appendf(nil, `{"format_version":"1.2","terraform_version":"1.11.4","complete":true,"errored":false,"planned_values":{"root_module":{"resources":[%s]}},"resource_changes":[%s]}`,
		strings.Join(planned, ","), strings.Join(changes, ","))
}

// terraformBinary finds the binary that the module is made for. Without it a
// test is skipped, except in CI, where it must be there.
func terraformBinary(t testing.TB) string {
	t.Helper()
	bin, err := exec.LookPath("terraform")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("terraform is not installed")
		}
		t.Skip("terraform is not installed")
	}
	return bin
}

// runTerraform runs terraform in a folder without anybody's configuration.
func runTerraform(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), terraformBinary(t), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("terraform %v: %v\n%s", args, err, out.Bytes())
	}
	return out.String()
}

// write writes artifacts below a new folder and gives the module's.
func write(t testing.TB, artifacts []target.Artifact) string {
	t.Helper()
	dir := t.TempDir()
	for _, a := range artifacts {
		path := filepath.Join(dir, filepath.FromSlash(a.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, a.Body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "terraform")
}
