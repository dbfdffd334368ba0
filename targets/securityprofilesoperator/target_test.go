package securityprofilesoperator_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp"
	"github.com/bulkhead-policy/bulkhead/targets/securityprofilesoperator"
	"github.com/bulkhead-policy/bulkhead/targets/securityprofilesoperator/object"
)

var subject securityprofilesoperator.Target

// now is before every exception of these tests ends.
var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

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

// only lets one call be made with some values of an argument.
func only(call string, index int, values ...uint64) policy.Setting {
	rule := &control.SyscallRule{Range: at(12), Syscalls: []control.Item{{Key: call, Range: at(12)}}, Args: []control.ArgCondition{{Index: index, In: values}}}
	return policy.Setting{Value: control.Value{Items: []control.Item{{Key: "only", Body: rule, Range: at(12)}}}, Range: at(12)}
}

// resolve makes a policy with the workload "api", whose container "json" has values of its own, as has a sidecar of every pod.
func resolve(t rapid.TB, settings policy.Settings, arches ...string) *policy.Policy {
	t.Helper()
	values := policy.Settings{control.Undeclared: text(2, control.Allow), control.Privileged: {Range: at(3)}, control.CapabilitiesAdd: set(4)}
	for id, s := range settings {
		values[id] = s
	}
	p, diags := policy.Resolve(&policy.Document{
		Source: policy.Source{Name: "shop", Version: "2.1.0", Path: "policy.hcl"},
		Range:  at(1), Namespaces: []control.Item{{Key: "shop"}},
		Platform:   platform.Architectures.With(platform.Facts{}, arches),
		Values:     values,
		Workloads:  []*policy.WorkloadBlock{{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: at(30), Containers: []*policy.ContainerBlock{{Name: "json", Range: at(31)}}}},
		Containers: []*policy.ContainerBlock{{Name: "proxy", Range: at(40)}},
	}, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

func emit(t rapid.TB, from target.Target, p *policy.Policy) []target.Artifact {
	t.Helper()
	artifacts, err := target.Emit(from, p)
	if err != nil {
		t.Fatal(err)
	}
	return artifacts
}

func load(t rapid.TB, from target.Judger, p *policy.Policy, artifacts ...target.Artifact) target.Judge {
	t.Helper()
	j, err := from.Load(target.Environment{Platform: p.Platform, Now: now}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestObject(t *testing.T) {
	p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "read", "write", "personality", "socket"), control.SeccompRule: only("personality", 0, 0, 8),
		control.NetworkFamilies: set(11, "unix", "inet")}, "amd64")
	artifacts := emit(t, subject, p)
	i := slices.IndexFunc(artifacts, func(a target.Artifact) bool { return slices.Contains(a.Containers, "api/*") })
	want := `# Compiled by Bulkhead from the policy shop 2.1.0; change the policy, not this file.
# A pod names it as operator/bulkhead.shop.api.json.
apiVersion: security-profiles-operator.x-k8s.io/v1
kind: SeccompProfile
metadata:
  labels:
    app.kubernetes.io/managed-by: bulkhead
    app.kubernetes.io/part-of: shop
  name: bulkhead.shop.api
spec:
  architectures:
  - SCMP_ARCH_X86_64
  defaultAction: SCMP_ACT_ERRNO
  syscalls:
  - action: SCMP_ACT_ALLOW
    names:
    - read
    - write
`
	body, rest := string(artifacts[i].Body), ""
	if len(body) > len(want) {
		body, rest = body[:len(want)], body[len(want):]
	}
	if d := cmp.Diff(want, body); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	for _, want := range []string{
		"  - action: SCMP_ACT_ALLOW\n    args:\n    - index: 0\n      op: SCMP_CMP_EQ\n      value: 8\n    names:\n    - personality\n",
		"  - action: SCMP_ACT_ERRNO\n    errnoRet: 38\n",
	} {
		if !strings.Contains(rest, want) {
			t.Errorf("the rules have no\n%s\nbut\n%s", want, rest)
		}
	}
	j := load(t, subject, p, artifacts[i])
	v, err := j.Judge(t.Context(), attempt.Syscall{Name: "personality", Args: [6]uint64{3}})
	if err != nil || v.Outcome != target.Deny || len(v.Findings) != 1 {
		t.Fatalf("%+v %v", v, err)
	}
	f := v.Findings[0]
	if f.Location != "/spec/defaultAction" || !strings.Contains(f.Message, "(line 13, column 18)") {
		t.Errorf("the finding is at %q, and says %s", f.Location, f.Message)
	}
	if got := target.Controls(artifacts, f); len(got) != 1 || got[0].ID != control.SeccompRule {
		t.Errorf("it comes from %v", got)
	}
}

// TestNames holds the names of objects to what the API server takes, and the files that the operator makes of them to the names of the
// profiles.
func TestNames(t *testing.T) {
	p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "@runtime-default")})
	var got []string
	subdomain := regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	for _, a := range emit(t, subject, p) {
		objects, err := object.Parse(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		if len(objects) != 1 {
			t.Fatalf("%s has %d objects", a.Path, len(objects))
		}
		read := objects[0]
		if !subdomain.MatchString(read.Name) || a.Path != "security-profiles-operator/seccomp/"+read.Name+".yaml" {
			t.Errorf("%s is called %q", a.Path, read.Name)
		}
		for c := range p.Subjects() {
			if want := "operator/" + profile.Name(p, c) + ".json"; c.Declared() && a.For(c.ID()) && object.Localhost(read.Name) != want {
				t.Errorf("%s is installed as %s, and the profile is called %s", a.Path, object.Localhost(read.Name), want)
			}
		}
		got = append(got, strings.Join(a.Containers, " ")+" "+object.Localhost(read.Name))
	}
	slices.Sort(got)
	want := []string{
		"*/* operator/bulkhead.shop.json",
		"*/proxy operator/bulkhead.shop.undeclared.container.proxy.json",
		"api/* operator/bulkhead.shop.api.json",
		"api/json operator/bulkhead.shop.api.json.json",
		"api/proxy operator/bulkhead.shop.api.proxy.json",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

// TestSaysWhatSeccompSays holds objects to the profiles of the target seccomp: the same verdict, decided at the same place, from the same
// statements.
func TestSaysWhatSeccompSays(t *testing.T) {
	names := []string{"socket", "socketcall", "connect", "clone", "clone3", "ptrace", "personality", "mount", "io_uring_setup", "read", "ipc"}
	var every []string
	for _, call := range linux.Syscalls() {
		every = append(every, call.Name)
	}
	rapid.Check(t, func(t *rapid.T) {
		settings := policy.Settings{control.SeccompAllow: set(10, rapid.SampledFrom([]string{"*", "@runtime-default"}).Draw(t, "allow"))}
		if rapid.Bool().Draw(t, "denies") {
			settings[control.SeccompDeny] = set(13, rapid.SliceOfNDistinct(rapid.SampledFrom(names), 1, 4, rapid.ID).Draw(t, "deny")...)
		}
		if rapid.Bool().Draw(t, "narrows") {
			settings[control.SeccompRule] = only(rapid.SampledFrom([]string{"socket", "personality", "clone", "ioctl"}).Draw(t, "narrowed"), rapid.IntRange(0, 2).Draw(t, "index"), 0, 2, 0xffffffff)
		}
		if rapid.Bool().Draw(t, "families") {
			settings[control.NetworkFamilies] = set(11, "unix", "inet6")
		}
		arches := rapid.SampledFrom([][]string{{"amd64"}, {"amd64", "arm64"}, {"386", "amd64"}}).Draw(t, "architectures")
		p := resolve(t, settings, arches...)
		profiles, objects := emit(t, seccomp.Target{}, p), emit(t, subject, p)
		if len(profiles) != len(objects) {
			t.Fatalf("%d profiles and %d objects", len(profiles), len(objects))
		}
		which := rapid.IntRange(0, len(profiles)-1).Draw(t, "profile")
		container := profiles[which].Containers[0]
		i := slices.IndexFunc(objects, func(a target.Artifact) bool { return a.For(container) })
		plain, operator := load(t, seccomp.Target{}, p, profiles[which]), load(t, subject, p, objects[i])
		for range 200 {
			call := attempt.Syscall{Arch: rapid.SampledFrom([]string{"", "amd64", "386", "arm64"}).Draw(t, "arch")}
			call.Name = rapid.SampledFrom(rapid.SampledFrom([][]string{names, every}).Draw(t, "from")).Draw(t, "call")
			for i := range call.Args {
				call.Args[i] = rapid.SampledFrom([]uint64{0, 1, 2, 10, 0xffffffff, 1 << 32, 0x7e020000}).Draw(t, "argument")
			}
			want, err := plain.Judge(t.Context(), call)
			if err != nil {
				t.Fatal(err)
			}
			got, err := operator.Judge(t.Context(), call)
			if err != nil {
				t.Fatal(err)
			}
			if got.Outcome != want.Outcome || !slices.Equal(behind(objects, got), behind(profiles, want)) {
				t.Fatalf("%+v: %v %v, and seccomp says %v %v", call, got, behind(objects, got), want, behind(profiles, want))
			}
		}
	})
}

// behind tells where the findings of a verdict were decided, and from which statements that came.
func behind(artifacts []target.Artifact, v target.Verdict) []string {
	var out []string
	for _, f := range v.Findings {
		place := strings.TrimPrefix(f.Location, "/spec")
		out = append(out, fmt.Sprint(place, f.Subject, target.Controls(artifacts, f)))
	}
	return out
}

func TestSupport(t *testing.T) {
	ask := func(settings policy.Settings) map[control.ID]target.Support {
		p := resolve(t, settings)
		out := map[control.ID]target.Support{}
		for s := range p.Statements() {
			if s.Container == nil || s.Container.ID() == "api/*" {
				out[s.Control.ID] = subject.Support(p, s)
			}
		}
		return out
	}
	calls := policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.NetworkFamilies: set(11, "unix"), control.FilesystemDeny: set(14, "/etc/shadow"),
		control.CapabilitiesDrop: set(15, "ALL")}
	got := ask(calls)
	for id, want := range map[control.ID]target.Level{control.SeccompAllow: target.Full, control.NetworkFamilies: target.Full,
		control.FilesystemDeny: target.None, control.CapabilitiesDrop: target.None} {
		if s, ok := got[id]; !ok || s.Level != want || want == target.None && !strings.Contains(s.Reason, "AppArmorProfile") {
			t.Errorf("%s: %+v, want %v", id, s, want)
		}
	}

	calls[control.SeccompErrno] = text(16, "ENOSYS")
	for _, id := range []control.ID{control.SeccompAllow, control.NetworkFamilies} {
		if s := ask(calls)[id]; s.Level != target.None || s.Range != at(16) || !strings.Contains(s.Reason, "defaultErrnoRet") {
			t.Errorf("%s with another error: %+v", id, s)
		}
	}
	if artifacts := emit(t, subject, resolve(t, calls)); len(artifacts) > 0 {
		t.Errorf("%d objects are written of profiles that they cannot say", len(artifacts))
	}
}

// TestNoProfileIsAnAppArmorProfile shows why none is written: even the loosest profile of the target apparmor has rules that the operator's
// object cannot say.
func TestNoProfileIsAnAppArmorProfile(t *testing.T) {
	var loosest []control.Ref
	for _, c := range control.Controls() {
		if c.ID != control.Privileged { // containers that may be privileged have no profile
			loosest = append(loosest, control.Ref{ID: c.ID})
		}
	}
	unsaid := regexp.MustCompile(`(?m)^ +signal\b`)
	for _, p := range []*policy.Policy{resolve(t, nil), resolve(t, nil).Without(loosest...)} {
		profiles := emit(t, apparmor.Target{}, p)
		if len(profiles) == 0 {
			t.Error("no profile is written")
		}
		for _, a := range profiles {
			if !unsaid.Match(a.Body) {
				t.Errorf("%s could be said:\n%s", a.Path, a.Body)
			}
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	const head = "apiVersion: security-profiles-operator.x-k8s.io/v1\nkind: SeccompProfile\nmetadata: {name: a}\n"
	for _, test := range []struct{ body, want string }{
		{"", "a.yaml: the file is empty"},
		{head + "spec:\n  defaultAction: SCMP_ACT_ERRNO\n  defaultErrnoRet: 38\n", "a.yaml: line 6, column 3: spec.defaultErrnoRet: there is no such field"},
		{head + "spec:\n  defaultAction: SCMP_ACT_REFUSE\n", `a.yaml: /defaultAction: "SCMP_ACT_REFUSE" is not an action`},
	} {
		_, err := subject.Load(target.Environment{}, []target.Artifact{{Path: "a.yaml", Body: []byte(test.body)}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s", test.body, err, test.want)
		}
	}
	if _, err := subject.Load(target.Environment{}, nil); err == nil {
		t.Error("no object is loaded")
	}
}

func TestEmitIsDeterministic(t *testing.T) {
	settings := policy.Settings{control.SeccompAllow: set(10, "@runtime-default"), control.SeccompRule: only("personality", 0, 0, 8)}
	first, again := emit(t, subject, resolve(t, settings)), emit(t, subject, resolve(t, settings))
	if d := cmp.Diff(first, again, cmp.Comparer(func(a, b control.Ref) bool { return a == b })); d != "" {
		t.Error(d)
	}
}

// TestLint holds what is said of an object to what is said of its profile, with the places of the object.
func TestLint(t *testing.T) {
	body := `apiVersion: security-profiles-operator.x-k8s.io/v1
kind: SeccompProfile
metadata:
  name: web
spec:
  defaultAction: SCMP_ACT_ALLOW
  syscalls:
  - action: SCMP_ACT_ERRNO
    names: [socket]
    args: [{index: 0, op: SCMP_CMP_EQ, value: 16}]
`
	notes, err := subject.Lint(target.Environment{}, target.Artifact{Path: "web.yaml", Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(notes, func(n target.Diagnostic) bool { return n.Lint == "unsafe-comparison" })
	if i < 0 {
		t.Fatalf("nothing is said of a comparison that refuses one value: %+v", notes)
	}
	if n := notes[i]; !strings.HasPrefix(n.Location, "/spec/syscalls/0") || n.Line < 8 || n.Line > 10 {
		t.Errorf("it is said of %q, line %d", n.Location, n.Line)
	}
	if _, err := subject.Lint(target.Environment{}, target.Artifact{Path: "web.yaml", Body: []byte("kind: Pod")}); err == nil || !strings.Contains(err.Error(), "web.yaml: line 1") {
		t.Errorf("a pod: %v", err)
	}
}

// TestWarnsOnce holds that what two targets warn of alike is said once.
func TestWarnsOnce(t *testing.T) {
	p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "read"), control.SeccompDeny: set(13, "ptrace"), control.SeccompRule: only("personality", 0, 0)})
	warnings := func(targets ...target.Target) map[string]int {
		_, diags, err := target.Compile(p, append(targets, everything{}), nil)
		if err != nil || diags.HasErrors() {
			t.Fatal(err, diags)
		}
		count := map[string]int{}
		for _, d := range diags {
			count[d.Error()]++
		}
		return count
	}
	want := warnings(seccomp.Target{})
	if len(want) == 0 {
		t.Fatal("nothing is warned of")
	}
	if d := cmp.Diff(want, warnings(seccomp.Target{}, subject)); d != "" {
		t.Errorf("by both (-want +got)\n%s", d)
	}
	if d := cmp.Diff(want, warnings(subject)); d != "" {
		t.Errorf("by the objects (-want +got)\n%s", d)
	}
}

// everything holds all that a policy says, and writes nothing.
type everything struct{}

func (everything) Info() target.Info { return target.Info{Name: "everything", Default: true} }

func (everything) Support(*policy.Policy, policy.Statement) target.Support {
	return target.Support{Level: target.Full, Mode: control.Prevents}
}

func (everything) Emit(*policy.Policy) ([]target.Artifact, error) { return nil, nil }
