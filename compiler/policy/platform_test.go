package policy_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// A policy that extends another can add targets, addresses of the API server and
// kinds with pods, but cannot switch a layer off, open an address that is kept
// closed or leave a pod unread.
func TestPlatformFactsAddUp(t *testing.T) {
	central := &policy.Document{Source: policy.Source{Name: "central"}, Platform: facts("1.33", "10.0.0.1/32", []string{"rego", "seccomp"},
		kind("Fleet", "spec.main", "spec.all.*"), kind("Widget", "spec.template"))}
	team := &policy.Document{Source: policy.Source{Name: "team"}, Parents: []policy.Parent{{Document: central}}, Platform: facts("1.34", "10.9.9.9/32", []string{"falco", "rego"},
		kind("Fleet", "spec.main", "spec.more.*"), kind("Gadget", "spec.template"))}
	p, diags := policy.Resolve(team, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var targets []string
	for _, it := range platform.Targets.Of(p.Platform) {
		targets = append(targets, it.Key)
	}
	if !slices.Equal(targets, []string{"rego", "seccomp", "falco"}) || !slices.Equal(platform.APIServer.Of(p.Platform), []string{"10.0.0.1/32", "10.9.9.9/32"}) {
		t.Errorf("targets %v, API server %v", targets, platform.APIServer.Of(p.Platform))
	}
	want := []platform.PodKind{kind("Fleet", "spec.main", "spec.all.*", "spec.more.*"), kind("Widget", "spec.template"), kind("Gadget", "spec.template")}
	if !reflect.DeepEqual(platform.Pods.Of(p.Platform), want) {
		t.Errorf("pods %v, want %v", platform.Pods.Of(p.Platform), want)
	}
	if len(platform.Pods.Of(central.Platform)[0].Paths) != 2 {
		t.Error("the extended policy has changed")
	}
	if platform.Kubernetes.Of(p.Platform) != "1.34" {
		t.Errorf("Kubernetes %s: a plain fact is the nearest policy's", platform.Kubernetes.Of(p.Platform))
	}
}

func facts(kubernetes, apiServer string, targets []string, pods ...platform.PodKind) platform.Facts {
	f := platform.Kubernetes.With(platform.Facts{}, kubernetes)
	f = platform.APIServer.With(f, []string{apiServer})
	f = platform.Targets.With(f, keys(targets).Items)
	return platform.Pods.With(f, pods)
}

func kind(name string, paths ...string) platform.PodKind {
	k := platform.PodKind{Group: "example.com", Kind: name}
	for _, path := range paths {
		k.Paths = append(k.Paths, control.Item{Key: path})
	}
	return k
}

// What is dropped by name stays dropped, whatever is added.
func TestDroppedCapabilitiesStayDropped(t *testing.T) {
	for _, c := range []struct{ drop, add, without, with []string }{
		{drop: []string{"NET_RAW"}, add: []string{"ALL"}, without: []string{"NET_RAW"}, with: []string{"SYS_ADMIN", "CHOWN"}},
		{drop: []string{"ALL"}, add: []string{"CHOWN"}, without: []string{"KILL"}, with: []string{"CHOWN"}},
		{drop: []string{"ALL", "CHOWN"}, add: []string{"CHOWN", "KILL"}, without: []string{"CHOWN"}, with: []string{"KILL"}},
		{drop: nil, add: []string{"SYS_TIME"}, without: []string{"SYS_ADMIN"}, with: []string{"SYS_TIME", "NET_RAW"}},
	} {
		settings := policy.Defaults()
		settings[control.Privileged] = policy.Setting{}
		settings[control.CapabilitiesDrop] = policy.Setting{Value: keys(c.drop)}
		settings[control.CapabilitiesAdd] = policy.Setting{Value: keys(c.add)}
		got := (&policy.Container{Workload: &policy.Workload{Name: "w"}, Settings: settings}).Capabilities()
		for _, name := range c.without {
			if slices.Contains(got, name) {
				t.Errorf("drop %v, add %v: %s is left", c.drop, c.add, name)
			}
		}
		for _, name := range c.with {
			if !slices.Contains(got, name) {
				t.Errorf("drop %v, add %v: %s is missing", c.drop, c.add, name)
			}
		}
	}
}

func keys(list []string) control.Value {
	var v control.Value
	for _, k := range list {
		v.Items = append(v.Items, control.Item{Key: k})
	}
	return v
}
