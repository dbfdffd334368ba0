package rego

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// deciding are the controls that decide whether a profile acts on a container, and so whether it has to be named.
var deciding = []policy.ID{policy.Privileged, policy.SandboxRuntime, policy.SeccompProfile, policy.AppArmorProfile}

// TestLooseningTakesAwayItsOwn holds the rules to the law of tightening in its strictest form: with one control loosened,
// every pod has the findings that it had, but for those of that control.
func TestLooseningTakesAwayItsOwn(t *testing.T) {
	values := map[policy.ID]policy.Value{}
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
		got := findingsOf(t, p.Without(policy.Ref{ID: id}), pods)
		for i := range pods {
			want := slices.DeleteFunc(slices.Clone(all[i]), func(f target.Finding) bool { return f.Control == string(id) })
			if slices.Contains(deciding, id) {
				got[i] = slices.DeleteFunc(got[i], func(f target.Finding) bool { return f.Control == string(policy.CompiledProfiles) })
				want = slices.DeleteFunc(want, func(f target.Finding) bool { return f.Control == string(policy.CompiledProfiles) })
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
var ladders = map[policy.ID][]policy.Value{
	policy.Tokens:      {keys(), keys("vault"), keys("vault", "https://*"), keys("https://sts.*"), keys(policy.APIServerToken), keys(policy.APIServerToken, "v*"), keys("*")},
	policy.Annotations: {keys("*"), keys("*.io*"), keys("*.crio.io*"), keys("devices.crio.io"), keys("io.*", "cdi.k8s.io"), keys("io.katacontainers.*"), keys()},
	policy.Environment: {keys("*"), keys("L*", "NVIDIA_VISIBLE_DEVICES"), keys("LD_*"), keys("LD_PRELOAD"), keys("NVIDIA_*"), keys()},
	policy.Probes:      {keys("liveness", "readiness", "startup"), keys("liveness", "readiness"), keys("readiness"), keys("startup"), keys()},
	policy.FilesystemWrite: {keys(), keys("/tmp"), keys("/tmp/**"), keys("/tmp/*"), keys("/tmp/**", "/var/**"), keys("/var/cache/*/**"), keys("/var/cache/**"),
		keys("/data/**"), keys("/*/**"), keys("/**")},
	policy.SysctlValues: {word("numbers"), word("any")},
	policy.HostPaths: {policy.Value{}, {Items: []policy.Item{{Key: "/data", Arg: "read"}}}, {Items: []policy.Item{{Key: "/data", Arg: "write"}}},
		{Items: []policy.Item{{Key: "/var", Arg: "write"}}}, {Items: []policy.Item{{Key: "/var/run", Arg: "write"}}}, {Items: []policy.Item{{Key: "/", Arg: "write"}}}},
}

// TestTighteningAllowsNoMore holds the rules to the order of the catalogue: a pod that a value allows, every looser one allows.
func TestTighteningAllowsNoMore(t *testing.T) {
	further := map[policy.ID][]string{policy.HostPaths: {podOf("volumes: [{name: v, hostPath: {path: /var/run/docker.sock}}],", "")}}
	for _, name := range []string{"devices.crio.io", "io.katacontainers.x", "cdi.k8s.io", "team"} {
		further[policy.Annotations] = append(further[policy.Annotations], "{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {"+name+": x}}, spec: {containers: [{name: app}]}}")
	}
	for _, id := range slices.Sorted(maps.Keys(ladders)) {
		control, _ := policy.Lookup(id)
		pods := further[id]
		for _, c := range controlCases[id].cases {
			pods = append(pods, podOf(c.pod, c.container))
		}
		found := make([][][]target.Finding, len(ladders[id]))
		for i, v := range ladders[id] {
			found[i] = findingsOf(t, resolve(t, document(map[policy.ID]policy.Value{id: v})), pods)
		}
		differ := false
		for i, tight := range ladders[id] {
			for k, loose := range ladders[id] {
				if !control.Within(tight, loose) {
					continue
				}
				for n, pod := range pods {
					if found[i][n] == nil && found[k][n] != nil {
						t.Errorf("%s: %s allows what %s refuses: %s", id, control.Show(tight), control.Show(loose), pod)
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
