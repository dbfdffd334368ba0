package rego

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// deciding are the controls that decide whether a profile acts on a container, and so whether it has to be named.
var deciding = []control.ID{control.Privileged, control.SandboxRuntime, control.SeccompProfile, control.AppArmorProfile}

// TestLooseningTakesAwayItsOwn holds the rules to the law of tightening in its strictest form: with one control loosened,
// every pod has the findings that it had, but for those of that control.
func TestLooseningTakesAwayItsOwn(t *testing.T) {
	values := map[control.ID]control.Value{}
	var pods []string
	for _, id := range slices.Sorted(maps.Keys(controlCases)) {
		values[id] = controlCases[id].value
		for i, c := range controlCases[id].cases {
			if i > 3 {
				break // each control is loosened for every pod: four of each will do
			}
			pods = append(pods, podOf(c.pod, c.container))
		}
	}
	p := resolve(t, document(values))
	all := findingsOf(t, p, pods)
	for id := range values {
		got := findingsOf(t, p.Without(control.Ref{ID: id}), pods)
		for i := range pods {
			want := slices.DeleteFunc(slices.Clone(all[i]), func(f target.Finding) bool { return f.Control == string(id) })
			if slices.Contains(deciding, id) {
				got[i] = slices.DeleteFunc(got[i], func(f target.Finding) bool { return f.Control == string(control.CompiledProfiles) })
				want = slices.DeleteFunc(want, func(f target.Finding) bool { return f.Control == string(control.CompiledProfiles) })
			}
			if len(got[i]) == 0 {
				got[i] = nil
			}
			if len(want) == 0 {
				want = nil
			}
			if diff := cmp.Diff(want, got[i]); diff != "" {
				t.Fatalf("without %s, %s:\n%s", id, pods[i], diff)
			}
		}
	}
}

func findingsOf(t *testing.T, p *policy.Policy, pods []string) [][]target.Finding {
	j := load(t, emit(t, p))
	out := make([][]target.Finding, len(pods))
	for i, pod := range pods {
		v := judgeText(t, j, pod)
		if (v.Outcome == target.Deny) != (len(v.Findings) > 0) {
			t.Fatal(fmt.Sprint(v))
		}
		if len(v.Findings) > 0 {
			out[i] = v.Findings
		}
	}
	return out
}

// ladders are values of controls that compare by more than being equal. Some are within others.
var ladders = map[control.ID][]control.Value{
	control.Tokens:      {keys(), keys("vault"), keys("vault", "https://*"), keys("https://sts.*"), keys(control.APIServerToken), keys(control.APIServerToken, "v*"), keys("*")},
	control.Annotations: {keys("*"), keys("*.io*"), keys("*.crio.io*"), keys("devices.crio.io"), keys("io.*", "cdi.k8s.io"), keys("io.katacontainers.*"), keys()},
	control.Environment: {keys("*"), keys("L*", "NVIDIA_VISIBLE_DEVICES"), keys("LD_*"), keys("LD_PRELOAD"), keys("NVIDIA_*"), keys()},
	control.Probes:      {keys("liveness", "readiness", "startup"), keys("liveness", "readiness"), keys("readiness"), keys("startup"), keys()},
	control.FilesystemWrite: {keys(), keys("/tmp"), keys("/tmp/**"), keys("/tmp/*"), keys("/tmp/**", "/var/**"), keys("/var/cache/*/**"), keys("/var/cache/**"),
		keys("/data/**"), keys("/*/**"), keys("/**")},
	control.SysctlValues: {word("numbers"), word("any")},
	control.HostPaths: {control.Value{}, {Items: []control.Item{{Key: "/data", Arg: "read"}}}, {Items: []control.Item{{Key: "/data", Arg: "write"}}},
		{Items: []control.Item{{Key: "/var", Arg: "write"}}}, {Items: []control.Item{{Key: "/var/run", Arg: "write"}}}, {Items: []control.Item{{Key: "/", Arg: "write"}}}},
}

// TestTighteningAllowsNoMore holds the rules to the order of the catalogue: a pod that a value allows, every looser one allows.
func TestTighteningAllowsNoMore(t *testing.T) {
	further := map[control.ID][]string{control.HostPaths: {podOf("volumes: [{name: v, hostPath: {path: /var/run/docker.sock}}],", "")}}
	for _, name := range []string{"devices.crio.io", "io.katacontainers.x", "cdi.k8s.io", "team"} {
		further[control.Annotations] = append(further[control.Annotations], "{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {"+name+": x}}, spec: {containers: [{name: app}]}}")
	}
	for _, id := range slices.Sorted(maps.Keys(ladders)) {
		ctrl, _ := control.Lookup(id)
		pods := further[id]
		for _, c := range controlCases[id].cases {
			pods = append(pods, podOf(c.pod, c.container))
		}
		found := make([][][]target.Finding, len(ladders[id]))
		for i, v := range ladders[id] {
			found[i] = findingsOf(t, resolve(t, document(map[control.ID]control.Value{id: v})), pods)
		}
		differ := false
		for i, tight := range ladders[id] {
			for k, loose := range ladders[id] {
				if !ctrl.Within(tight, loose) {
					continue
				}
				for n, pod := range pods {
					if found[i][n] == nil && found[k][n] != nil {
						t.Errorf("%s: %s allows what %s refuses: %s", id, ctrl.Show(tight), ctrl.Show(loose), pod)
					}
					differ = differ || found[i][n] != nil && found[k][n] == nil
				}
			}
		}
		if !differ {
			t.Errorf("%s: no value is tighter than another", id)
		}
	}
}
