package falco

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/address"
	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/falco/rules"
)

func at(line int) hcl.Range {
	return hcl.Range{Filename: "policy.hcl", Start: hcl.Pos{Line: line, Column: 3}, End: hcl.Pos{Line: line, Column: 9}}
}

func items(keys ...string) control.Value {
	var v control.Value
	for _, k := range keys {
		v.Items = append(v.Items, control.Item{Key: k})
	}
	return v
}

// settings states controls, each at a line of its own.
func settings(line int, stated map[control.ID]control.Value) policy.Settings {
	out := policy.Settings{}
	for _, c := range control.Controls() {
		if v, ok := stated[c.ID]; ok {
			out[c.ID] = policy.Setting{Value: v, Range: at(line), Policy: "payments"}
			line++
		}
	}
	return out
}

func resolve(t testing.TB, doc *policy.Document) *policy.Policy {
	t.Helper()
	p, diags := policy.Resolve(doc, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

func detect(label, condition string) control.Value {
	return control.Value{Items: []control.Item{{Key: label, Body: &control.Detection{
		Priority: "notice", Condition: condition, Range: at(90), ConditionRange: at(91)}}}}
}

// document is a policy with two workloads, one of them with a container of its own.
func document() *policy.Document {
	return &policy.Document{
		Source: policy.Source{Name: "payments", Version: "2.1.0"}, Range: at(1),
		Namespaces: []control.Item{{Key: "payments-prod"}, {Key: "payments-test"}},
		Platform:   platform.APIServer.With(platform.Architectures.With(platform.Facts{}, []string{"amd64"}), []string{"10.96.0.1/32"}),
		Values: settings(10, map[control.ID]control.Value{
			control.Undeclared:        {Text: control.Deny},
			control.Privileged:        {Bool: false},
			control.Escalation:        {Bool: false},
			control.RunAsNonRoot:      {Bool: true},
			control.ProcMount:         {Text: "default"},
			control.CapabilitiesDrop:  items("ALL"),
			control.CapabilitiesAdd:   items(),
			control.HostNetwork:       {Bool: false},
			control.HostPID:           {Bool: false},
			control.HostIPC:           {Bool: false},
			control.HostPaths:         items(),
			control.SeccompAllow:      items("@runtime-default"),
			control.SeccompDeny:       items("@ptrace", "@io_uring"),
			control.ReadOnlyRoot:      {Bool: true},
			control.FilesystemWrite:   items("/tmp/**"),
			control.FilesystemExecute: items("/app/**", "/usr/bin/*", "/bin/sh"),
			control.FilesystemDeny:    items("/proc/sys/**", "/etc/shadow"),
			control.NetworkDefault:    {Text: control.Deny},
			control.NetworkDNS:        {Bool: false},
			control.NetworkFamilies:   items("unix", "inet", "inet6"),
			control.Metadata:          {Text: control.Deny},
			control.KubernetesAPI:     {Text: control.Deny},
			control.Internet:          {Text: control.Deny},
			control.Registries:        items("registry.example.com/payments/*"),
			control.Violations:        {Text: "warning"},
			control.Detect:            detect("shell", "evt.type = execve and proc.name in (bash, sh) and proc.tty != 0"),
			control.SeccompRule: {Items: []control.Item{{Key: "families", Body: &control.SyscallRule{
				Syscalls: []control.Item{{Key: "socket"}}, Args: []control.ArgCondition{{Index: 0, In: []uint64{1, 2, 10}}}}}}},
		}),
		Workloads: []*policy.WorkloadBlock{
			{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: at(50),
				Settings: settings(51, map[control.ID]control.Value{control.FilesystemWrite: items()}),
				Containers: []*policy.ContainerBlock{{Name: "migrate", Range: at(60),
					Settings: settings(61, map[control.ID]control.Value{control.FilesystemWrite: items("/tmp/**")})}}},
			{Name: "shard-eu", Match: map[string]string{"app": "shard"}, OS: "linux", Range: at(70)},
		},
	}
}

func emit(t testing.TB, p *policy.Policy) string {
	t.Helper()
	artifacts, err := Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(artifacts) != 1 {
		t.Fatalf("%d artifacts", len(artifacts))
	}
	return string(artifacts[0].Body)
}

// fired tries an event of the shard's pod and gives the controls of the rules that
// fire.
func fired(t testing.TB, artifacts []target.Artifact, fields map[string]any) string {
	t.Helper()
	j, err := Target{}.Load(target.Environment{}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	event := map[string]any{"k8s.ns.name": "payments-prod", "k8s.pod.label[app]": "shard", "container.name": "main"}
	for k, v := range fields {
		if event[k] = v; v == nil {
			delete(event, k)
		}
	}
	v, err := j.Judge(context.Background(), attempt.Event{Fields: event})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range v.Findings {
		_, name, _ := strings.Cut(f.Location, ": ")
		names = append(names, name)
	}
	if (v.Outcome == target.Alert) != (len(names) > 0) {
		t.Fatalf("outcome %s with findings %v", v.Outcome, v.Findings)
	}
	return strings.Join(names, " ")
}

func TestEvents(t *testing.T) {
	p := resolve(t, document())
	artifacts, err := Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	program := map[string]any{"evt.type": "execve", "proc.exepath": "/app/server", "proc.name": "server", "user.uid": 1000,
		"container.privileged": false, "container.image.repository": "registry.example.com/payments/shard"}
	with := func(fields map[string]any) map[string]any {
		out := map[string]any{}
		for k, v := range program {
			out[k] = v
		}
		for k, v := range fields {
			out[k] = v
		}
		return out
	}
	cases := []struct {
		name   string
		fields map[string]any
		want   string
	}{
		{"an ordinary program", program, ""},
		{"another namespace", with(map[string]any{"k8s.ns.name": "other", "user.uid": 0}), ""},
		{"a pod without a workload", with(map[string]any{"k8s.pod.label[app]": "x"}), "policy.undeclared"},
		{"a privileged container", with(map[string]any{"container.privileged": true}), "privileges.privileged"},
		{"a disk of the node", map[string]any{"evt.type": "openat", "fd.name": "/dev/nvme0n1", "evt.is_open_write": false}, "privileges.privileged"},
		{"root", with(map[string]any{"user.uid": 0}), "privileges.run_as_non_root"},
		{"sudo", with(map[string]any{"proc.name": "sudo", "proc.exepath": "/usr/bin/sudo"}), "privileges.escalation"},
		{"the node's processes", with(map[string]any{"container.host_pid": true}), "host.pid"},
		{"another registry", with(map[string]any{"container.image.repository": "docker.io/library/busybox"}), "image.registries"},
		{"a planted program", with(map[string]any{"proc.exepath": "/tmp/x"}), "filesystem.execute"},
		{"a program below a single star", with(map[string]any{"proc.exepath": "/usr/bin/a/b"}), "filesystem.execute"},
		{"a planted program that was refused", with(map[string]any{"evt.failed": true, "evt.res": "EACCES", "evt.arg.filename": "/tmp/x"}), "filesystem.execute"},
		{"a program that is looked for in a folder", with(map[string]any{"evt.failed": true, "evt.res": "ENOENT", "evt.arg.filename": "/sbin/x"}), ""},
		{"an interactive shell", with(map[string]any{"proc.exepath": "/bin/sh", "proc.name": "sh", "proc.tty": 34816}), "monitoring.detect.shell"},
		{"a new namespace", map[string]any{"evt.type": "unshare", "evt.arg.flags": "CLONE_NEWUSER|CLONE_NEWNS", "evt.res": "EPERM"}, "capabilities.add seccomp.allow"},
		{"a new namespace by clone", map[string]any{"evt.type": "clone", "evt.arg.flags": "CLONE_NEWUSER"}, "capabilities.add seccomp.allow"},
		{"a thread", map[string]any{"evt.type": "clone", "evt.arg.flags": "CLONE_THREAD|CLONE_VM"}, ""},
		{"ptrace", map[string]any{"evt.type": "ptrace"}, "capabilities.add seccomp.deny"},
		{"io_uring", map[string]any{"evt.type": "io_uring_setup"}, "seccomp.allow seccomp.deny"},
		{"a module", map[string]any{"evt.type": "finit_module"}, "capabilities.add seccomp.allow"},
		{"a keyring", map[string]any{"evt.type": "keyctl"}, "seccomp.allow"},
		{"an internet socket", map[string]any{"evt.type": "socket", "evt.arg.domain": "AF_INET", "evt.arg.type": "1"}, ""},
		{"a local socket, as Falco may call it", map[string]any{"evt.type": "socket", "evt.arg.domain": "AF_LOCAL", "evt.arg.type": "1"}, ""},
		{"a local socket, with both names", map[string]any{"evt.type": "socket", "evt.arg.domain": "AF_LOCAL|AF_UNIX", "evt.arg.type": "1"}, ""},
		{"a local socket that is called raw", map[string]any{"evt.type": "socket", "evt.arg.domain": "AF_LOCAL|AF_UNIX", "evt.arg.type": "524291"}, ""},
		{"a packet socket", map[string]any{"evt.type": "socket", "evt.arg.domain": "AF_PACKET", "evt.arg.type": "3"}, "capabilities.drop seccomp.rule network.families"},
		{"a vsock, which has no name", map[string]any{"evt.type": "socket", "evt.arg.domain": "40", "evt.arg.type": "1"}, "seccomp.allow seccomp.rule network.families"},
		{"chroot", map[string]any{"evt.type": "chroot"}, "capabilities.drop seccomp.allow"},
		{"a device node", map[string]any{"evt.type": "mknodat", "evt.arg.dev": "2048"}, "capabilities.drop"},
		{"a pipe with a name", map[string]any{"evt.type": "mknodat", "evt.arg.dev": "0"}, ""},
		{"reading a file", map[string]any{"evt.type": "openat", "fd.name": "/etc/passwd", "evt.is_open_write": false}, ""},
		{"writing where one may", map[string]any{"evt.type": "openat", "fd.name": "/tmp/a/b", "evt.is_open_write": true}, ""},
		{"writing to nowhere", map[string]any{"evt.type": "openat", "fd.name": "/dev/null", "evt.is_open_write": true}, ""},
		{"writing elsewhere", map[string]any{"evt.type": "openat", "fd.name": "/etc/passwd", "evt.is_open_write": true}, "filesystem.write"},
		{"writing to a read-only file system", map[string]any{"evt.type": "mkdir", "evt.res": "EROFS"}, "filesystem.read_only_root"},
		{"renaming out of where one may", map[string]any{"evt.type": "rename", "fs.path.source": "/tmp/a", "fs.path.target": "/app/server"}, "filesystem.write"},
		{"reading what is denied", map[string]any{"evt.type": "open", "fd.name": "/etc/shadow", "evt.res": "EACCES"}, "filesystem.deny"},
		{"the core pattern", map[string]any{"evt.type": "openat", "fd.name": "/host/proc/sys/kernel/core_pattern", "evt.is_open_write": true, "evt.res": "EACCES"},
			"privileges.proc_mount filesystem.write filesystem.deny"},
		{"a release agent", map[string]any{"evt.type": "openat", "fd.name": "/tmp/cg/release_agent", "evt.is_open_write": true}, "capabilities.add"},
		{"the runtime's socket", map[string]any{"evt.type": "connect", "fd.name": "ffff->eeee /host/run/containerd/containerd.sock"}, "host.paths"},
		{"the metadata service", map[string]any{"evt.type": "connect", "fd.sip": "169.254.169.254", "fd.sport": 80}, "network.metadata"},
		{"the API server", map[string]any{"evt.type": "connect", "fd.sip": "10.96.0.1", "fd.sport": 443}, "network.kubernetes_api"},
		{"a name", map[string]any{"evt.type": "sendto", "fd.sip": "10.96.0.10", "fd.sport": 53}, "network.dns"},
		{"the internet", map[string]any{"evt.type": "connect", "fd.sip": "203.0.113.7", "fd.sport": 443}, "network.internet"},
		{"the kubelet", map[string]any{"evt.type": "connect", "fd.sip": "10.0.0.5", "fd.sport": 10250}, "network.default"},
		{"another pod", map[string]any{"evt.type": "connect", "fd.sip": "10.0.0.5", "fd.sport": 5432}, ""},
		{"a container with a value of its own", map[string]any{"evt.type": "openat", "fd.name": "/tmp/x", "evt.is_open_write": true,
			"k8s.pod.label[app]": "api", "container.name": "migrate"}, ""},
		{"the other containers of the pod", map[string]any{"evt.type": "openat", "fd.name": "/tmp/x", "evt.is_open_write": true,
			"k8s.pod.label[app]": "api", "container.name": "server"}, "filesystem.write"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := fired(t, artifacts, c.fields); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestEgressIsWatched: contact with the services of nodes is a violation of the control that decides what pods may connect
// with.
func TestEgressIsWatched(t *testing.T) {
	kubelet := map[string]any{"evt.type": "connect", "fd.sip": "10.0.0.5", "fd.sport": 10250}
	for want, stated := range map[string]map[control.ID]control.Value{
		"network.egress": {control.NetworkEgress: {Text: control.Deny}, control.NetworkDefault: {Text: control.Allow}},
		"":               {control.NetworkEgress: {Text: control.Allow}},
	} {
		doc := document()
		for id, s := range settings(200, stated) {
			doc.Values[id] = s
		}
		artifacts, err := Target{}.Emit(resolve(t, doc))
		if err != nil {
			t.Fatal(err)
		}
		if got := fired(t, artifacts, kubelet); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestMetadataAddresses holds that contact with each known service is reported.
func TestMetadataAddresses(t *testing.T) {
	artifacts, err := Target{}.Emit(resolve(t, document()))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range address.MetadataServices() {
		event := map[string]any{"evt.type": "connect", "fd.sip": s.Address.String(), "fd.sport": 80}
		if got := fired(t, artifacts, event); !strings.Contains(got, "network.metadata") {
			t.Errorf("%v: got %q", s.Address, got)
		}
	}
}

// TestAblation holds that each control's rule goes away when the control is
// loosened, and no other does: bytes change for whatever Support claims to watch.
func TestAblation(t *testing.T) {
	p := resolve(t, document())
	whole := emit(t, p)
	for s := range p.Statements() {
		support := Target{}.Support(p, s)
		if support.Level == target.Unknown {
			t.Errorf("%s: no answer", s.Control.ID)
		}
		if support.Mode != control.Detects {
			continue
		}
		loosened, err := Target{}.Emit(p.Without(control.Ref{ID: s.Control.ID}))
		if err != nil {
			t.Fatal(err)
		}
		body := ""
		if len(loosened) > 0 {
			body = string(loosened[0].Body)
		}
		if body == whole {
			t.Errorf("%s: loosening changes nothing, but support is %s", s.Control.ID, support.Level)
		}
		if name := "rule: '" + ruleName(p, string(s.Control.ID)); strings.Contains(body, name+"'") {
			t.Errorf("%s: its rule is still there", s.Control.ID)
		}
	}
}

func TestOrigins(t *testing.T) {
	p := resolve(t, document())
	artifacts, err := Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	set, err := rules.Load(rules.File{Name: "x", Body: artifacts[0].Body})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Warnings) > 0 {
		t.Errorf("Falco would complain: %v", set.Warnings)
	}
	for _, r := range set.Rules {
		found := false
		for _, o := range artifacts[0].Mappings {
			found = found || o.Location == r.Name && strings.HasSuffix(r.Name, o.Control.String()) && o.Range.Filename != ""
		}
		if !found {
			t.Errorf("rule %q has no origin", r.Name)
		}
	}
	if artifacts[0].Path != "falco/payments.yaml" {
		t.Errorf("path %s", artifacts[0].Path)
	}
}

var update = flag.Bool("update", false, "record what is emitted as what is wanted")

// TestGolden shows the whole file but for descriptions, whose words are the
// catalogue's. It is recorded with -update, and only where it loads, which Emit
// makes sure of.
func TestGolden(t *testing.T) {
	got := regexp.MustCompile("(?m)^  desc: .*\n").ReplaceAllString(emit(t, resolve(t, document())), "")
	const name = "testdata/payments.yaml"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s; run go test ./targets/falco -update if it should:\n%s", name, diff)
	}
}

func TestDeterministic(t *testing.T) {
	a, b := emit(t, resolve(t, document())), emit(t, resolve(t, document()))
	if a != b {
		t.Error("two emissions differ")
	}
}

func TestSupportOfDetections(t *testing.T) {
	cases := []struct{ condition, want string }{
		{"evt.type = execve and proc.name = sh", ""},
		{"evt.type = execve and proc.nme = sh", "did you mean 'proc.name'?"},
		{"evt.type = socket and evt.arg.domain = AF_VSOCK", "no name for the address family AF_VSOCK"},
		{"spawned_process", "is a macro"},
		{"evt.type = execve) or (evt.type = open", "expected"},
		{"evt.type = 'a", "quote is not closed"},
	}
	for _, c := range cases {
		doc := document()
		doc.Values[control.Detect] = policy.Setting{Value: detect("x", c.condition), Range: at(89)}
		p := resolve(t, doc)
		for s := range p.Statements() {
			if s.Control == nil || s.Control.ID != control.Detect {
				continue
			}
			support := Target{}.Support(p, s)
			if c.want == "" && support.Level != target.Full || c.want != "" && (support.Level != target.None || !strings.Contains(support.Reason, c.want) || support.Range != at(91)) {
				t.Errorf("%s: %+v", c.condition, support)
			}
		}
		if body := emit(t, p); strings.Contains(body, "detect.x") != (c.want == "") {
			t.Errorf("%s: emitted against its support", c.condition)
		}
	}
}

func TestMonitoringOff(t *testing.T) {
	doc := document()
	doc.Values[control.Violations] = policy.Setting{Value: control.Value{Text: control.Off}, Range: at(5)}
	delete(doc.Values, control.Detect)
	p := resolve(t, doc)
	artifacts, err := Target{}.Emit(p)
	if err != nil || len(artifacts) != 0 {
		t.Errorf("emitted %v, %v", artifacts, err)
	}
	for s := range p.Statements() {
		if l := (Target{}).Support(p, s).Level; l != target.NotApplicable {
			t.Errorf("%s: %s", s.Control.ID, l)
		}
	}
}

// TestWarningsAreReported holds that what an exception only warns of is reported:
// it is refused by nobody else.
func TestWarningsAreReported(t *testing.T) {
	doc := document()
	doc.Exceptions = []*policy.Exception{{Name: "legacy", Kind: policy.ExceptionWarn, Workload: "shard-eu", Policy: "payments",
		Controls: []control.Item{{Key: string(control.FilesystemWrite)}, {Key: string(control.CapabilitiesDrop)}},
		Owner:    "o", Reason: "r", Ticket: "t", Expires: "2027-01-31", Range: at(95)}}
	p := resolve(t, doc)
	artifacts, err := Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	for want, fields := range map[string]map[string]any{
		"filesystem.write":                {"evt.type": "openat", "fd.name": "/etc/passwd", "evt.is_open_write": true},
		"capabilities.drop seccomp.allow": {"evt.type": "chroot"},
	} {
		if got := fired(t, artifacts, fields); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestHostileNames holds that what an author writes stays a value.
func TestHostileNames(t *testing.T) {
	for _, hostile := range []string{`" or evt.num > 0 or "`, "a\nb: c", "%proc.name", "${x}", `\`, "a) or (b", "# c", "bulkhead_payments_PODS", "'"} {
		doc := document()
		doc.Workloads[1].Match = map[string]string{"app": hostile, "tier " + hostile: "x"}
		p := resolve(t, doc)
		artifacts, err := Target{}.Emit(p)
		if err != nil {
			t.Errorf("%q: %v", hostile, err)
			continue
		}
		event := map[string]any{"evt.type": "chroot"}
		if got := fired(t, artifacts, event); got != "" {
			t.Errorf("%q: another pod's event fires %s", hostile, got)
		}
		event["k8s.pod.label[app]"], event[argument("k8s.pod.label", "tier "+hostile)] = hostile, "x"
		if got := fired(t, artifacts, event); got != "capabilities.drop seccomp.allow" {
			t.Errorf("%q: the pod's own event fires %s", hostile, got)
		}
	}
}

func TestSandboxSeesNothing(t *testing.T) {
	doc := document()
	doc.Values[control.SandboxRuntime] = policy.Setting{Value: control.Value{Text: control.GVisor}, Range: at(5)}
	p := resolve(t, doc)
	if artifacts, err := (Target{}).Emit(p); err != nil || len(artifacts) != 0 {
		t.Errorf("emitted %v, %v", artifacts, err)
	}
}

func TestNothingToReport(t *testing.T) {
	doc := document()
	doc.Values = settings(10, map[control.ID]control.Value{control.Violations: {Text: "warning"}, control.Memory: {Text: "1Gi"}})
	doc.Workloads[0].Settings, doc.Workloads[0].Containers = nil, nil
	p := resolve(t, doc)
	for s := range p.Statements() {
		if l := (Target{}).Support(p, s).Level; s.Control.ID == control.Violations && l != target.None {
			t.Errorf("%s", l)
		}
	}
}

func TestLoadRefusesSilence(t *testing.T) {
	for _, body := range []string{"", "[]", "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  enabled: false\n  condition: evt.type = open\n"} {
		_, err := Target{}.Load(target.Environment{}, []target.Artifact{{Path: "x.yaml", Body: []byte(body)}})
		if err == nil {
			t.Errorf("%q loads", body)
		}
	}
	_, err := Target{}.Load(target.Environment{}, []target.Artifact{{Path: "x.yaml", Body: []byte("- rule: r")}})
	if err == nil || !strings.Contains(err.Error(), "x.yaml:1:3") {
		t.Errorf("got %v", err)
	}
}

func TestJudge(t *testing.T) {
	body := "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: evt.type = open and evt.rawarg.flags = 1\n"
	j, err := Target{}.Load(target.Environment{}, []target.Artifact{{Path: "x.yaml", Body: []byte(body)}})
	if err != nil {
		t.Fatal(err)
	}
	v, err := j.Judge(context.Background(), attempt.Event{Fields: map[string]any{"evt.type": "open"}})
	if err != nil || v.Outcome != target.Undecided || len(v.Findings) != 1 || !strings.Contains(v.Findings[0].Message, "evt.rawarg.flags") {
		t.Errorf("got %+v, %v", v, err)
	}
	if v, err := j.Judge(context.Background(), attempt.Event{Fields: map[string]any{"evt.type": "close"}}); err != nil || v.Outcome != target.Silent {
		t.Errorf("got %+v, %v", v, err)
	}
	if v, err := j.Judge(context.Background(), attempt.Syscall{}); err != nil || v.Outcome != target.Inapplicable {
		t.Errorf("got %+v, %v", v, err)
	}
	if _, err := j.Judge(context.Background(), attempt.Event{Fields: map[string]any{"evt.typ": "close"}}); err == nil {
		t.Error("an unknown field is no error")
	}
}

func BenchmarkEmit(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			doc := document()
			doc.Workloads = nil
			for i := range n {
				doc.Workloads = append(doc.Workloads, &policy.WorkloadBlock{Name: fmt.Sprintf("w%d", i), OS: "linux",
					Match:    map[string]string{"app": fmt.Sprintf("w%d", i)},
					Settings: settings(100, map[control.ID]control.Value{control.FilesystemWrite: items(), control.Metadata: {Text: control.Deny}})})
			}
			p := resolve(b, doc)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := (Target{}).Emit(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestLeftOut holds that contact with what a peer leaves out is reported, unless another flow leads there.
func TestLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		also []string
		want bool
	}{"left out": {nil, true}, "of another flow": {[]string{"203.0.113.0/28"}, false}} {
		d := document()
		d.Values[control.Internet] = policy.Setting{Value: control.Value{Text: control.ByFlows}, Range: at(20)}
		peer := func(cidrs, except []string) policy.EndRef {
			return policy.EndRef{Peer: &policy.Peer{Name: "p", Kind: policy.PeerCIDRs, CIDRs: cidrs, Except: except}, Range: at(90)}
		}
		flow := &policy.FlowBlock{Name: "out", Range: at(90), From: []policy.EndRef{{Workload: "api"}},
			To: []policy.EndRef{peer([]string{"203.0.113.0/24"}, []string{"203.0.113.0/29"})}, Ports: []control.Port{{Protocol: "tcp", From: 443, To: 443}}}
		if c.also != nil {
			flow.To = append(flow.To, peer(c.also, nil))
		}
		d.Flows = []*policy.FlowBlock{flow}
		artifacts, err := Target{}.Emit(resolve(t, d))
		if err != nil {
			t.Fatal(err)
		}
		for ip, want := range map[string]bool{"203.0.113.7": c.want, "203.0.113.77": false, "198.51.100.1": true} {
			event := map[string]any{"evt.type": "connect", "fd.sip": ip, "fd.sport": 443, "k8s.pod.label[app]": "api"}
			if got := strings.Contains(fired(t, artifacts, event), "network.internet"); got != want {
				t.Errorf("%s: contact with %s is reported: %v, want %v", name, ip, got, want)
			}
		}
	}
}
