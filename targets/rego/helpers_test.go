package rego

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

var now = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func line(n int) hcl.Range {
	return hcl.Range{Filename: "policy.hcl", Start: hcl.Pos{Line: n, Column: 1}, End: hcl.Pos{Line: n, Column: 9}}
}

func boolean(b bool) control.Value { return control.Value{Bool: b} }

func word(s string) control.Value { return control.Value{Text: s} }

func keys(names ...string) control.Value {
	v := control.Value{}
	for _, n := range names {
		v.Items = append(v.Items, control.Item{Key: n, Range: line(99)})
	}
	return v
}

func settings(values map[control.ID]control.Value) policy.Settings {
	s := policy.Settings{}
	for i, c := range control.Controls() {
		if v, ok := values[c.ID]; ok {
			s[c.ID] = policy.Setting{Value: v, Range: line(i + 10), Policy: "test"}
		}
	}
	return s
}

func document(values map[control.ID]control.Value) *policy.Document {
	return &policy.Document{Source: policy.Source{Name: "test", Version: "1.0.0"}, Range: line(1), Values: settings(values)}
}

// profilesInForce are the profiles of the targets that compile some.
var profilesInForce = []policy.CompiledProfiles{{Layer: control.SeccompProfile, Localhost: "NAME.json"}, {Layer: control.AppArmorProfile, Localhost: "NAME"}}

func resolve(t testing.TB, doc *policy.Document) *policy.Policy {
	t.Helper()
	p, diags := policy.Resolve(doc, now)
	if diags.HasErrors() {
		t.Fatal(diags.Error())
	}
	p.Profiles = profilesInForce
	return p
}

func emit(t testing.TB, p *policy.Policy) []target.Artifact {
	t.Helper()
	artifacts, err := Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	return artifacts
}

func load(t testing.TB, artifacts []target.Artifact) target.Judge {
	t.Helper()
	j, err := Target{}.Load(target.Environment{Now: now}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	if left := j.(*judge).left; left != nil {
		t.Fatalf("the evaluator does not take the bundle: %v", left)
	}
	return j
}

// denied is what OPA gives of main.deny for a document as a whole.
func denied(t testing.TB, j *judge, document *input.Node) any {
	t.Helper()
	query, err := j.query()
	if err != nil {
		t.Fatal(err)
	}
	results, err := query.Eval(context.Background(), rego.EvalParsedInput(term(document).Value))
	if err != nil {
		t.Fatal(err)
	}
	return results[0].Expressions[0].Value.(map[string]any)["deny"]
}

func judgeText(t testing.TB, j target.Judge, manifest string) target.Verdict {
	t.Helper()
	docs, err := input.Read("f.yaml", []byte(manifest), input.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) != 1 {
		t.Fatalf("%d documents", len(docs))
	}
	if holdToOPA(t, j.(*judge), attempt.Manifest{Document: docs[0]}) {
		t.Errorf("left to OPA: %s", manifest)
	}
	v, err := j.Judge(context.Background(), attempt.Manifest{Document: docs[0]})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// baseline and restricted are the Pod Security Standards as the shipped presets state them.
func baseline() map[control.ID]control.Value {
	return map[control.ID]control.Value{
		control.Privileged: boolean(false), control.HostProcess: boolean(false),
		control.HostNetwork: boolean(false), control.HostPID: boolean(false), control.HostIPC: boolean(false),
		control.HostPorts: {}, control.HostPaths: {}, control.HostProbes: {},
		control.CapabilitiesAdd: keys("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
			"SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
		control.SELinuxTypes: keys("container_t", "container_init_t", "container_kvm_t", "container_engine_t"),
		control.SELinuxUsers: {}, control.SELinuxRoles: {},
		control.AppArmorProfile: keys(control.ProfileRuntimeDefault, control.ProfileLocalhost, control.ProfileUnset),
		control.SeccompProfile:  keys(control.ProfileRuntimeDefault, control.ProfileLocalhost, control.ProfileUnset),
		control.ProcMount:       word("default"),
		control.Sysctls: keys("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
			"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
			"net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
			"net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"),
		control.Undeclared: word(control.AsCeiling),
	}
}

func restricted() map[control.ID]control.Value {
	v := baseline()
	v[control.Escalation] = boolean(false)
	v[control.RunAsNonRoot] = boolean(true)
	v[control.Users] = keys("1-2147483647")
	v[control.SeccompProfile] = keys(control.ProfileRuntimeDefault, control.ProfileLocalhost)
	v[control.CapabilitiesDrop] = keys("ALL")
	v[control.CapabilitiesAdd] = keys("NET_BIND_SERVICE")
	v[control.Volumes] = keys("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret")
	return v
}
