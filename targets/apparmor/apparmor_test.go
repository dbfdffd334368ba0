package apparmor_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
)

var update = flag.Bool("update", false, "write the golden files")

var _ target.Judger = apparmor.Target{}

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(m.Run())
}

func TestEmit(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings policy.Settings
	}{
		{"strict", strict()},
		{"open", policy.Settings{control.Privileged: boolean(10, false)}},
		{"newer", with(strict(), control.SeccompAllow, set(23, control.RuntimeDefaultSet))},
		{"newer-open", policy.Settings{control.Privileged: boolean(10, false)}},
		{"hostpaths", with(strict(), control.HostPaths, paths(15, "/run/k3s", "write", "/proc", "read", "/var/run/docker.sock", "read"))},
		{"bpf", with(strict(), control.CapabilitiesAdd, set(13, "BPF"))},
		{"sysadmin", with(strict(), control.CapabilitiesAdd, set(13, "SYS_ADMIN", "CHECKPOINT_RESTORE"))},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := resolve(t, test.settings)
			if strings.HasPrefix(test.name, "newer") {
				p.Platform = apparmor.ParserVersion.With(p.Platform, "4.0")
			}
			artifacts := emit(t, p)
			if len(artifacts) != 1 || artifacts[0].Path != "apparmor/bulkhead.payments.api" {
				t.Fatalf("artifacts: %v", artifacts)
			}
			golden(t, test.name+".golden", artifacts[0].Body, *update)
		})
	}
}

// TestAttempts holds, for each control, an attempt that its profile refuses, that the finding leads back to the
// control, and that loosening what the findings name lets the attempt through.
func TestAttempts(t *testing.T) {
	p := resolve(t, strict())
	artifacts := emit(t, p)
	for _, test := range []struct {
		attempt attempt.Attempt
		want    target.Outcome
		control control.ID
	}{
		{attempt.File{Path: "/tmp/x", Access: "rw"}, target.Allow, ""},
		{attempt.File{Path: "/dev/null", Access: "w"}, target.Allow, ""},
		{attempt.File{Path: "/dev/shm/x", Access: "w"}, target.Deny, control.FilesystemWrite},
		{attempt.File{Path: "/etc/passwd", Access: "w"}, target.Deny, control.FilesystemWrite},
		{attempt.File{Path: "/etc/passwd", Access: "a"}, target.Deny, control.FilesystemWrite},
		{attempt.File{Path: "/etc/passwd", Access: "r"}, target.Allow, ""},
		{attempt.File{Path: "/var/cache/api2/state", Access: "w"}, target.Allow, ""},
		{attempt.File{Path: "/var/cache/api2/state/", Access: "w"}, target.Allow, ""},
		{attempt.File{Path: "/var/cache/api2/other", Access: "w"}, target.Deny, control.FilesystemWrite},
		{attempt.File{Path: "/app/server", Access: "x"}, target.Allow, ""},
		{attempt.File{Path: "/bin/sh", Access: "x"}, target.Deny, control.FilesystemExecute},
		{attempt.File{Path: "/bin/sh", Access: "m"}, target.Allow, ""},
		{attempt.File{Path: "/run/secrets/token", Access: "r"}, target.Deny, control.FilesystemDeny},
		{attempt.File{Path: "/var/run/secrets/token", Access: "r"}, target.Deny, control.FilesystemDeny},
		{attempt.File{Path: "/proc/7/environ", Access: "r"}, target.Deny, control.FilesystemDeny},
		{attempt.File{Path: "/proc/sys/kernel/hostname", Access: "r"}, target.Deny, control.FilesystemDeny},
		{attempt.File{Path: "/host/proc/sys/kernel/hostname", Access: "r"}, target.Deny, control.FilesystemDeny},
		{attempt.File{Path: "/proc/sysrq-trigger", Access: "w"}, target.Deny, control.ProcMount},
		{attempt.File{Path: "/proc/kcore", Access: "r"}, target.Deny, control.ProcMount},
		{attempt.File{Path: "/sys/kernel/uevent_helper", Access: "w"}, target.Deny, control.Privileged},
		{attempt.File{Path: "/host/sys/kernel/uevent_helper", Access: "w"}, target.Deny, control.HostPaths},
		{attempt.File{Path: "/cgroup/release_agent", Access: "w"}, target.Deny, control.HostPaths},
		{attempt.File{Path: "/run/docker.sock", Access: "rw"}, target.Deny, control.HostPaths},
		{attempt.File{Path: "/var/run/docker.sock", Access: "w"}, target.Deny, control.HostPaths},
		{attempt.File{Path: "/host/run/k3s/containerd/containerd.sock", Access: "w"}, target.Deny, control.HostPaths},
		{attempt.Capability{Name: "NET_BIND_SERVICE"}, target.Allow, ""},
		{attempt.Capability{Name: "NET_RAW"}, target.Deny, control.CapabilitiesDrop},
		{attempt.Capability{Name: "SYS_ADMIN"}, target.Deny, control.CapabilitiesAdd},
		{attempt.Socket{Family: "inet"}, target.Allow, ""},
		{attempt.Socket{Family: "packet", Type: "raw"}, target.Deny, control.NetworkFamilies},
		{attempt.Mount{FSType: "proc", Source: "proc", Target: "/mnt"}, target.Deny, control.CapabilitiesAdd},
		{attempt.Mount{Operation: "remount", Target: "/proc/sys", Options: []string{"rw"}}, target.Deny, control.CapabilitiesAdd},
		{attempt.Mount{Operation: "umount", Target: "/proc/sys"}, target.Deny, control.CapabilitiesAdd},
		{attempt.Mount{Operation: "pivot_root", Target: "/x", Source: "/y"}, target.Deny, control.CapabilitiesAdd},
		{attempt.Ptrace{Access: "trace"}, target.Allow, ""},
		{attempt.Ptrace{Access: "trace", Peer: "unconfined"}, target.Deny, control.HostPID},
		{attempt.Ptrace{Access: "readby", Peer: "unconfined"}, target.Allow, ""},
		{attempt.Signal{Access: "send", Signal: "kill"}, target.Allow, ""},
		{attempt.Signal{Access: "send", Signal: "kill", Peer: "unconfined"}, target.Deny, control.HostPID},
		{attempt.Signal{Access: "receive", Signal: "kill", Peer: "/usr/bin/runc"}, target.Allow, ""},
		{attempt.Syscall{Name: "ptrace"}, target.Inapplicable, ""},
	} {
		t.Run(fmt.Sprintf("%T%+v", test.attempt, test.attempt), func(t *testing.T) {
			v := judge(t, artifacts, test.attempt)
			if v.Outcome != test.want {
				t.Fatalf("%v, want %v: %+v", v.Outcome, test.want, v.Findings)
			}
			if test.want == target.Deny {
				ablate(t, p, artifacts, test.attempt, v, test.control)
			}
		})
	}
}

// ablate loosens what the findings name, until the attempt is allowed; the control must be among them.
func ablate(t *testing.T, p *policy.Policy, artifacts []target.Artifact, a attempt.Attempt, v target.Verdict, want control.ID) {
	t.Helper()
	loosened := map[control.ID]bool{}
	for range 5 {
		found := controlsOf(artifacts, v)
		if len(found) == 0 {
			t.Fatalf("nothing leads from %+v to a control", v.Findings)
		}
		var refs []control.Ref
		for id := range found {
			loosened[id] = true
		}
		for id := range loosened {
			refs = append(refs, control.Ref{ID: id})
		}
		artifacts = emit(t, p.Without(refs...))
		if v = judge(t, artifacts, a); v.Outcome == target.Allow || v.Outcome == target.Inapplicable {
			if !loosened[want] {
				t.Errorf("allowed without %v, which should hold it; %s was not asked", loosened, want)
			}
			return
		}
	}
	t.Errorf("still %v with %v loosened: %+v", v.Outcome, loosened, v.Findings)
}

// TestSupport holds that what is claimed changes the bytes when it is loosened.
func TestSupport(t *testing.T) {
	p := resolve(t, strict())
	before := emit(t, p)[0].Body
	claimed := 0
	for s := range p.Statements() {
		support := apparmor.Target{}.Support(p, s)
		switch support.Level {
		case target.Unknown:
			t.Errorf("%s has no answer", s.Control.ID)
		case target.None, target.Partial:
			if support.Reason == "" {
				t.Errorf("%s is %v without a reason", s.Control.ID, support.Level)
			}
		}
		if support.Level != target.Full && support.Level != target.Partial {
			continue
		}
		claimed++
		after := emit(t, p.Without(control.Ref{ID: s.Control.ID}))
		if len(after) > 0 && string(before) == string(after[0].Body) && s.Control.ID != control.ReadOnlyRoot {
			t.Errorf("%s is %v, but loosening it changes nothing", s.Control.ID, support.Level)
		}
	}
	if claimed != 12 {
		t.Errorf("%d controls are claimed", claimed)
	}
}

func TestSupportIsVoid(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(policy.Settings)
		os     string
		files  int
	}{
		{"privileged", func(s policy.Settings) { s[control.Privileged] = boolean(10, true) }, "linux", 0},
		{"sandbox", func(s policy.Settings) { s[control.SandboxRuntime] = text(22, control.GVisor) }, "linux", 0},
	} {
		s := strict()
		test.change(s)
		p := resolve(t, s)
		if n := len(emit(t, p)); n != test.files {
			t.Errorf("%s: %d profiles, want %d", test.name, n, test.files)
		}
		for st := range p.Statements() {
			if support := (apparmor.Target{}).Support(p, st); support.Level != target.None && support.Level != target.NotApplicable {
				t.Errorf("%s: %s is %v", test.name, st.Control.ID, support.Level)
			}
		}
	}
}

// TestHostPaths holds which sockets and aliases stay refused when the policy grants some paths of the node.
func TestHostPaths(t *testing.T) {
	for _, test := range []struct {
		grants  policy.Setting
		path    string
		access  string
		outcome target.Outcome
	}{
		{paths(15), "/run/docker.sock", "w", target.Deny},
		{paths(15, "/run", "write"), "/run/docker.sock", "w", target.Allow},
		{paths(15, "/var/run", "write"), "/host/docker.sock", "w", target.Allow},
		{paths(15, "/", "write"), "/host/run/docker.sock", "w", target.Allow},
		{paths(15, "/run/docker.sock", "read"), "/run/docker.sock", "r", target.Allow},
		{paths(15, "/run/docker.sock", "read"), "/run/docker.sock", "w", target.Deny},
		{paths(15, "/run/docker.sock", "read"), "/elsewhere/docker.sock", "w", target.Deny},
		{paths(15, "/run/docker.sock", "read", "/run", "write"), "/run/docker.sock", "w", target.Allow},
		{paths(15, "/run/docker.sock", "write"), "/run/crio/crio.sock", "w", target.Deny},
		{paths(15, "/run/k3s", "write"), "/run/k3s/containerd/containerd.sock", "w", target.Allow},
		{paths(15, "/run/k3s", "write"), "/run/containerd/containerd.sock", "w", target.Deny},
		{paths(15, "/run/k3s", "write"), "/host/run/containerd/containerd.sock", "r", target.Deny},
		{paths(15, "/runner", "write"), "/run/docker.sock", "w", target.Deny},
		{paths(15, "/proc", "read"), "/host/proc/kcore", "r", target.Allow},
		{paths(15, "/proc", "read"), "/host/proc/sys/kernel/core_pattern", "w", target.Deny},
		{paths(15, "/proc", "write"), "/host/proc/sys/kernel/core_pattern", "w", target.Allow},
		{paths(15, "/proc", "write"), "/proc/sys/kernel/core_pattern", "w", target.Deny},
		{paths(15, "/sys", "write"), "/sys/kernel/uevent_helper", "w", target.Allow},
		{paths(15, "/sys", "read"), "/sys/kernel/debug/x", "r", target.Allow},
		{paths(15, "/sys", "read"), "/sys/kernel/debug/x", "w", target.Deny},
	} {
		settings := policy.Settings{
			control.Privileged: boolean(10, false), control.ProcMount: text(11, "default"), control.HostPaths: test.grants,
		}
		artifacts := emit(t, resolve(t, settings))
		if v := judge(t, artifacts, attempt.File{Path: test.path, Access: test.access}); v.Outcome != test.outcome {
			t.Errorf("%v: %s %s is %v, want %v", test.grants.Items, test.access, test.path, v.Outcome, test.outcome)
		}
	}
}

// TestWarn holds that what an exception has only reported is not refused.
func TestWarn(t *testing.T) {
	s := with(strict(), control.Undeclared, text(2, control.Deny))
	p := resolveDocument(t, &policy.Document{
		Source: policy.Source{Name: "payments", Version: "2.1.0"}, Range: at(1), Namespaces: []control.Item{{Key: "payments"}}, Values: s,
		Workloads: []*policy.WorkloadBlock{{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: at(30)}},
		Exceptions: []*policy.Exception{{Name: "later", Kind: policy.ExceptionWarn, Controls: []control.Item{{Key: string(control.FilesystemWrite)}},
			Owner: "o", Reason: "r", Ticket: "t", Expires: "2026-12-31", Range: at(40)}},
	})
	artifacts := emit(t, p)
	if v := judge(t, artifacts, attempt.File{Path: "/etc/x", Access: "w"}); v.Outcome != target.Allow {
		t.Errorf("writing is %v", v.Outcome)
	}
	if !strings.Contains(string(artifacts[0].Body), "Holds until 2026-12-31") {
		t.Errorf("the profile does not say until when it holds:\n%s", artifacts[0].Body)
	}
}

// TestLinksInProc holds that what is denied by a name that is a link of the kernel's is denied by the name that it resolves to.
func TestLinksInProc(t *testing.T) {
	artifacts := emit(t, resolve(t, with(strict(), control.FilesystemDeny, set(19, "/proc/net/**", "/proc/mounts", "/proc/self/fd/**"))))
	for _, path := range []string{"/proc/7/net/tcp", "/proc/7/task/8/net/tcp", "/host/proc/7/net/tcp", "/proc/7/mounts", "/proc/7/fd/3", "/proc/7/task/9/fd/3"} {
		if v := judge(t, artifacts, attempt.File{Path: path, Access: "r"}); v.Outcome != target.Deny {
			t.Errorf("%s is %v", path, v.Outcome)
		}
	}
	if v := judge(t, artifacts, attempt.File{Path: "/proc/7/status", Access: "r"}); v.Outcome != target.Allow {
		t.Errorf("/proc/7/status is %v", v.Outcome)
	}
}

func TestParserVersion(t *testing.T) {
	p := resolve(t, strict())
	p.Platform = apparmor.ParserVersion.With(p.Platform, "2.13")
	if body := string(emit(t, p)[0].Body); strings.Contains(body, "\nabi ") {
		t.Errorf("a parser without feature sets is given one:\n%s", body)
	}
}

// TestNewer holds what profiles for parsers since 4.0 say of user namespaces, message queues and io_uring: what the
// policy's system calls grant is allowed, what they do not is refused by the control, and older profiles refuse nothing.
func TestNewer(t *testing.T) {
	userns, queue := attempt.Userns{}, attempt.Mqueue{Access: "create", Name: "/q"}
	for _, test := range []struct {
		name    string
		change  func(policy.Settings)
		attempt attempt.Attempt
		want    target.Outcome
		control control.ID
	}{
		{"nothing said", func(policy.Settings) {}, userns, target.Allow, ""},
		{"runtime default", func(s policy.Settings) { s[control.SeccompAllow] = set(23, control.RuntimeDefaultSet) }, userns, target.Deny, control.SeccompAllow},
		{"runtime default with SYS_ADMIN", func(s policy.Settings) {
			s[control.SeccompAllow], s[control.CapabilitiesAdd] = set(23, control.RuntimeDefaultSet), set(13, "SYS_ADMIN")
		}, userns, target.Allow, ""},
		{"a call by name", func(s policy.Settings) { s[control.SeccompAllow] = set(23, control.RuntimeDefaultSet, "unshare") }, userns, target.Allow, ""},
		{"calls without", func(s policy.Settings) { s[control.SeccompAllow] = set(23, "read", "execve") }, userns, target.Deny, control.SeccompAllow},
		{"denied", func(s policy.Settings) { s[control.SeccompDeny] = set(24, "clone", "clone3", "unshare") }, userns, target.Deny, control.SeccompDeny},
		{"queue by default", func(s policy.Settings) { s[control.SeccompAllow] = set(23, control.RuntimeDefaultSet) }, queue, target.Allow, ""},
		{"queue without its call", func(s policy.Settings) { s[control.SeccompAllow] = set(23, "read") }, queue, target.Deny, control.SeccompAllow},
		{"queue denied", func(s policy.Settings) { s[control.SeccompDeny] = set(24, "mq_open") }, queue, target.Deny, control.SeccompDeny},
		{"io_uring is not mediated", func(s policy.Settings) { s[control.SeccompAllow] = set(23, "read") }, attempt.IOUring{Access: "sqpoll"}, target.Allow, ""},
		{"unix by its family", func(policy.Settings) {}, attempt.Unix{Access: "connect", PeerAddress: "@x", Peer: "other"}, target.Allow, ""},
		{"unix without its family", func(s policy.Settings) { s[control.NetworkFamilies] = set(20, "inet") }, attempt.Unix{Access: "connect", PeerAddress: "@x"}, target.Deny, control.NetworkFamilies},
	} {
		t.Run(test.name, func(t *testing.T) {
			settings := strict()
			settings[control.FilesystemWrite] = set(17, "/q") // as which kernels see the queue
			test.change(settings)
			p := resolve(t, settings)
			p.Platform = apparmor.ParserVersion.With(p.Platform, "4.1")
			artifacts := emit(t, p)
			v := judge(t, artifacts, test.attempt)
			if v.Outcome != test.want {
				t.Fatalf("%v, want %v: %+v", v.Outcome, test.want, v.Findings)
			}
			if test.want == target.Deny {
				ablate(t, p, artifacts, test.attempt, v, test.control)
			}
			p.Platform = apparmor.ParserVersion.With(p.Platform, "3.0")
			if _, unix := test.attempt.(attempt.Unix); unix {
				return
			}
			if v := judge(t, emit(t, p), test.attempt); v.Outcome != target.Allow {
				t.Errorf("with feature set 3.0 it is %v: %+v", v.Outcome, v.Findings)
			}
		})
	}
}

// TestQueuesAreFiles holds that a message queue whose name filesystem.write does not grant is refused by kernels that do not mediate queues,
// and is undecided where they may.
func TestQueuesAreFiles(t *testing.T) {
	p := resolve(t, with(strict(), control.SeccompAllow, set(23, control.RuntimeDefaultSet)))
	for version, want := range map[string]target.Outcome{"3.0": target.Deny, "4.1": target.Undecided} {
		p.Platform = apparmor.ParserVersion.With(p.Platform, version)
		artifacts := emit(t, p)
		for access, outcome := range map[string]target.Outcome{"create": want, "write": want, "open": target.Allow, "read": target.Allow, "getattr": target.Allow} {
			if v := judge(t, artifacts, attempt.Mqueue{Access: access, Name: "/queue"}); v.Outcome != outcome {
				t.Errorf("%s: %s is %v, want %v: %+v", version, access, v.Outcome, outcome, v.Findings)
			}
		}
	}
}

func TestLoad(t *testing.T) {
	load := func(text string) error {
		_, err := apparmor.Target{}.Load(target.Environment{}, []target.Artifact{{Path: "apparmor/x", Body: []byte(text)}})
		return err
	}
	for text, want := range map[string]string{
		"":                              "apparmor/x:1:1: the file holds no profile",
		"profile x { /a q, }":           `apparmor/x:1:16: the permissions "q" hold 'q', which is none of r w a l k m x`,
		"profile x {\n  nonsense,\n}\n": `apparmor/x:2:3: expected a rule, found "nonsense,"`,
	} {
		if err := load(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := (apparmor.Target{}).Load(target.Environment{}, nil); err == nil {
		t.Error("nothing at all can be loaded")
	}
}

// TestDisagree holds that two profiles that answer differently leave an attempt undecided.
func TestDisagree(t *testing.T) {
	two := []target.Artifact{
		{Path: "a", Body: []byte("profile a { file, }")},
		{Path: "b", Body: []byte("profile b { /tmp/** r, }")},
	}
	if v := judge(t, two, attempt.File{Path: "/x", Access: "r"}); v.Outcome != target.Undecided || len(v.Findings) != 2 {
		t.Errorf("%+v", v)
	}
	if v := judge(t, two, attempt.File{Path: "/tmp/x", Access: "r"}); v.Outcome != target.Allow {
		t.Errorf("%+v", v)
	}
}
