package profile_test

import (
	"testing"
	"time"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

func set(keys ...string) policy.Setting {
	var s policy.Setting
	for _, key := range keys {
		s.Items = append(s.Items, control.Item{Key: key})
	}
	return s
}

// resolve makes a policy with the workload "api" that demands compiled profiles.
func resolve(t *testing.T, settings policy.Settings, compiled ...policy.CompiledProfiles) (*policy.Policy, *policy.Container) {
	t.Helper()
	values := policy.Settings{
		control.SeccompProfile: set(control.ProfileLocalhost), control.AppArmorProfile: set(control.ProfileRuntimeDefault),
		control.CompiledProfiles: {Value: control.Value{Bool: true}}, control.Undeclared: {Value: control.Value{Text: control.Deny}},
		control.Privileged: {},
	}
	for id, s := range settings {
		values[id] = s
	}
	p, diags := policy.Resolve(&policy.Document{
		Source: policy.Source{Name: "shop"}, Values: values,
		Workloads: []*policy.WorkloadBlock{{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux"}},
	}, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	p.Profiles = compiled
	w, _ := p.Workload("api")
	return p, w.Container(policy.AnyContainer)
}

func TestLocalhost(t *testing.T) {
	plain := policy.CompiledProfiles{Layer: control.SeccompProfile, Localhost: "NAME.json"}
	operator := policy.CompiledProfiles{Layer: control.SeccompProfile, Localhost: "operator/NAME.json"}
	apparmor := policy.CompiledProfiles{Layer: control.AppArmorProfile, Localhost: "NAME"}
	for name, c := range map[string]struct {
		settings policy.Settings
		compiled []policy.CompiledProfiles
		want     string
	}{
		"the first target": {nil, []policy.CompiledProfiles{apparmor, plain, operator}, "bulkhead.shop.api.json"},
		"the operator":     {nil, []policy.CompiledProfiles{operator}, "operator/bulkhead.shop.api.json"},
		"no target":        {nil, []policy.CompiledProfiles{apparmor}, ""},
		"no localhost":     {policy.Settings{control.SeccompProfile: set(control.ProfileRuntimeDefault)}, []policy.CompiledProfiles{plain}, ""},
		"privileged":       {policy.Settings{control.Privileged: {Value: control.Value{Bool: true}}}, []policy.CompiledProfiles{plain}, ""},
		"a sandbox":        {policy.Settings{control.SandboxRuntime: {Value: control.Value{Text: control.GVisor}}}, []policy.CompiledProfiles{plain}, ""},
	} {
		p, api := resolve(t, c.settings, c.compiled...)
		if got := profile.Localhost(p, control.SeccompProfile, api); got != c.want {
			t.Errorf("%s: pods name %q, want %q", name, got, c.want)
		}
		if got := profile.Localhost(p, control.AppArmorProfile, api); got != "" {
			t.Errorf("%s: pods name the AppArmor profile %q, which privileges.apparmor does not allow", name, got)
		}
		stated := false
		for s := range profile.Statements(p) {
			stated = stated || s.Control != nil && s.Control.ID == control.CompiledProfiles
		}
		if stated != (c.want != "") {
			t.Errorf("%s: privileges.compiled_profiles has to be enforced: %v", name, stated)
		}
	}
}
