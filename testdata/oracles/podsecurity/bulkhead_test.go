package podsecurity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	psa "k8s.io/pod-security-admission/policy"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets/rego"
	"github.com/bulkhead-policy/bulkhead/targets/terraform"
)

// checksOf are the checks that each control stands for. Of several, it is the one
// that counts at the level and version.
var checksOf = map[control.ID][]psa.CheckID{
	control.Escalation:       {"allowPrivilegeEscalation"},
	control.AppArmorProfile:  {"appArmorProfile"},
	control.CapabilitiesAdd:  {"capabilities_baseline", "capabilities_restricted"},
	control.CapabilitiesDrop: {"capabilities_restricted"},
	control.HostNetwork:      {"hostNamespaces"},
	control.HostPID:          {"hostNamespaces"},
	control.HostIPC:          {"hostNamespaces"},
	control.HostPaths:        {"hostPathVolumes", "restrictedVolumes"},
	control.HostPorts:        {"hostPorts"},
	control.HostProbes:       {"hostProbesAndHostLifecycle"},
	control.Privileged:       {"privileged"},
	control.ProcMount:        {"procMount", "procMount_restricted"},
	control.Volumes:          {"restrictedVolumes"},
	control.RunAsNonRoot:     {"runAsNonRoot"},
	control.Users:            {"runAsUser"},
	control.SELinuxTypes:     {"seLinuxOptions"},
	control.SELinuxUsers:     {"seLinuxOptions"},
	control.SELinuxRoles:     {"seLinuxOptions"},
	control.SeccompProfile:   {"seccompProfile_baseline", "seccompProfile_restricted"},
	control.Sysctls:          {"sysctls"},
	control.HostProcess:      {"windowsHostProcess"},
}

// checkOf gives the check that a refusal stands for.
func (r *reference) checkOf(ctrl control.ID, message string) psa.CheckID {
	if ctrl == control.RootInUserNS { // it is about two fields
		ctrl = control.RunAsNonRoot
		if strings.Contains(message, "runAsUser") {
			ctrl = control.Users
		}
	}
	for _, id := range checksOf[ctrl] {
		if r.checks[id] != nil {
			return id
		}
	}
	return psa.CheckID(ctrl) // of no check: never what is wanted
}

// judged is a target's judge, and the artifacts that it was loaded from.
type judged struct {
	target.Judge
	artifacts []target.Artifact
}

// presets compiles each preset for each version, and loads equal artifacts once.
type presets struct {
	target target.Judger
	mu     sync.Mutex
	loaded map[string]*judged
}

func (p *presets) judge(t testing.TB, level api.Level, minor int) *judged {
	t.Helper()
	program, diags := lang.Load("bulkhead:"+string(level), lang.Options{
		Presets: policies.FS, Version: "0.1.0", Kubernetes: fmt.Sprintf("1.%d", minor), Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	artifacts, err := p.target.Emit(program.Policy)
	if err != nil {
		t.Fatal(err)
	}
	var key strings.Builder
	for _, a := range artifacts {
		for line := range strings.Lines(string(a.Body)) {
			if !strings.HasPrefix(strings.TrimSpace(line), "#") { // comments name the version
				key.WriteString(line)
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if j := p.loaded[key.String()]; j != nil {
		return j
	}
	j, err := p.target.Load(target.Environment{}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	p.loaded[key.String()] = &judged{j, artifacts}
	return p.loaded[key.String()]
}

func regoPresets() *presets { return &presets{target: rego.Target{}, loaded: map[string]*judged{}} }

func terraformPresets() *presets {
	return &presets{target: terraform.Target{}, loaded: map[string]*judged{}}
}

// failing gives the checks that what is refused stands for, sorted. The attempt is
// a manifest or a plan, as the target judges it.
func (j *judged) failing(t testing.TB, r *reference, body []byte) []psa.CheckID {
	t.Helper()
	a := j.attempt(t, body)
	v, err := j.Judge.Judge(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	if v.Outcome != target.Allow && v.Outcome != target.Deny {
		t.Fatalf("%v of %s: %+v", v.Outcome, body, v.Findings)
	}
	var out []psa.CheckID
	for _, f := range v.Findings {
		for _, control := range j.controls(f) {
			out = append(out, r.checkOf(control, f.Message))
		}
	}
	if (v.Outcome == target.Deny) != (len(out) > 0) {
		t.Fatalf("%v of %s without a control: %+v", v.Outcome, body, v.Findings)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (j *judged) attempt(t testing.TB, body []byte) attempt.Attempt {
	t.Helper()
	if !strings.HasPrefix(j.artifacts[0].Path, "rego/") {
		return attempt.Plan{File: "plan.json", Body: plan(body)}
	}
	docs, err := input.Read("pod.yaml", body, input.DefaultLimits())
	if err != nil || len(docs) != 1 {
		t.Fatalf("%d documents: %v", len(docs), err)
	}
	return attempt.Manifest{Document: docs[0]}
}

// controls names what stands behind a finding: it says so itself, or the origin of
// its place does.
func (j *judged) controls(f target.Finding) []control.ID {
	if f.Control != "" {
		return []control.ID{control.ID(f.Control)}
	}
	var out []control.ID
	for _, a := range j.artifacts {
		for _, o := range a.Mappings {
			if a.Path == f.Artifact && o.Location == f.Location {
				out = append(out, o.Control.ID)
			}
		}
	}
	return out
}

// plan is a Terraform plan with a manifest.
func plan(manifest []byte) []byte {
	const resource = `{"address":"kubernetes_manifest.p","mode":"managed","type":"kubernetes_manifest","name":"p",`
	return fmt.Appendf(nil, `{"format_version":"1.2","terraform_version":"1.11.4","complete":true,"errored":false,`+
		`"planned_values":{"root_module":{"resources":[`+resource+`"values":{"manifest":%[1]s}}]}},`+
		`"resource_changes":[`+resource+`"change":{"actions":["create"],"after":{"manifest":%[1]s},"after_unknown":{}}}]}`, manifest)
}

// manifest writes a pod as a client sends it: the API server's defaults are not in it.
func manifest(t testing.TB, pod *corev1.Pod) []byte {
	t.Helper()
	p := pod.DeepCopy()
	p.APIVersion, p.Kind = "v1", "Pod"
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
