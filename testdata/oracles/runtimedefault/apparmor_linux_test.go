package runtimedefault

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	containerd "github.com/containerd/containerd/v2/contrib/apparmor"
	moby "github.com/moby/profiles/apparmor"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
)

// What the AppArmor profiles of Docker and containerd deny, that of bulkhead:baseline denies.

// runtimeName is that of the runtimes' profiles and of baseline's: who names itself as peer means processes of the same profile.
const runtimeName = "bulkhead.baseline"

// references are the profiles of the runtimes.
func references(t *testing.T) map[string]target.Judge {
	t.Helper()
	dump, err := containerd.DumpDefaultProfile(runtimeName)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]target.Judge{"Docker": load(t, mobyDefault(t)), "containerd": load(t, []byte(dump))}
}

// mobyDefault gives the profile that moby's module would load. It gives it to apparmor_parser alone, so that a script stands in for
// that which keeps what it is given.
func mobyDefault(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	kept := filepath.Join(dir, "profile")
	if err := os.WriteFile(filepath.Join(dir, "apparmor_parser"), []byte("#!/bin/sh\nexec cat > '"+kept+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	before := os.Getenv("PATH")
	t.Setenv("PATH", dir+":"+before)
	err := moby.InstallDefault(runtimeName)
	t.Setenv("PATH", before)
	if err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func load(t *testing.T, body []byte) target.Judge {
	t.Helper()
	j, err := apparmor.Target{}.Load(target.Environment{}, []target.Artifact{{Path: "apparmor/profile", Body: body}})
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	return j
}

// baseline compiles the preset.
func baseline(t *testing.T) target.Judge {
	t.Helper()
	program, diags := lang.Load("bulkhead:baseline", lang.Options{Presets: policies.FS, Version: "0.1.0", Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	artifacts, err := apparmor.Target{}.Emit(program.Policy)
	if err != nil || len(artifacts) != 1 {
		t.Fatalf("%d profiles: %v", len(artifacts), err)
	}
	return load(t, artifacts[0].Body)
}

// wider says why baseline allows an attempt that a runtime's profile refuses; "" of all others.
func wider(a attempt.Attempt) string {
	if s, ok := a.(attempt.Signal); ok && s.Access == "receive" && isRuntime(s.Peer) {
		return "any runtime may stop the containers that it runs: Docker and containerd name themselves alone, and what they start"
	}
	return ""
}

// isRuntime is true of the names under which runtimes run where they are confined.
func isRuntime(peer string) bool {
	return strings.HasPrefix(peer, "/usr/bin/") || peer == "runc" || peer == "containerd"
}

var fileAccesses = []string{"r", "w", "x", "m", "k"}

// attempts are those that can be listed.
func apparmorAttempts() []attempt.Attempt {
	var out []attempt.Attempt
	for _, c := range linux.Capabilities() {
		out = append(out, attempt.Capability{Name: c.Name})
	}
	for _, family := range strings.Fields("unix inet inet6 netlink packet alg vsock rds can tipc bluetooth llc key xdp smc qipcrtr kcm caif nfc x25 ax25 rxrpc phonet") {
		for _, kind := range []string{"stream", "dgram", "raw", "seqpacket"} {
			out = append(out, attempt.Socket{Family: family, Type: kind})
		}
	}
	for _, fstype := range []string{"", "proc", "sysfs", "tmpfs", "cgroup2", "overlay", "bpf"} {
		for _, options := range [][]string{nil, {"rw"}, {"ro"}, {"bind"}, {"rbind"}, {"move"}, {"private"}, {"shared"}} {
			out = append(out, attempt.Mount{FSType: fstype, Options: options, Source: "/a", Target: "/mnt"})
		}
	}
	for _, operation := range []string{"remount", "umount", "pivot_root"} {
		out = append(out, attempt.Mount{Operation: operation, Source: "/mnt/old/", Target: "/mnt/"})
	}
	for _, peer := range []string{"", "unconfined", "other", "runc", "crun", "/usr/bin/dockerd", "/usr/bin/containerd", "docker-default"} {
		for _, access := range []string{"trace", "read", "tracedby", "readby"} {
			out = append(out, attempt.Ptrace{Access: access, Peer: peer})
		}
		for _, access := range []string{"send", "receive"} {
			for _, signal := range []string{"kill", "term", "hup", "exists", "rtmin+3"} {
				out = append(out, attempt.Signal{Access: access, Signal: signal, Peer: peer})
			}
		}
		out = append(out, attempt.Unix{Access: "connect", PeerAddress: "@x", Peer: peer}, attempt.Mqueue{Access: "create", Name: "/q", Peer: peer})
	}
	out = append(out, attempt.Userns{}, attempt.IOUring{Access: "sqpoll"}, attempt.IOUring{Access: "override_creds"})
	for _, path := range []string{"/etc/passwd", "/proc/kcore", "/proc/sysrq-trigger", "/proc/mtrr", "/proc/driver/rtc", "/proc/irq/1/smp_affinity", "/proc/sys/kernel/shmmax",
		"/proc/sys/vm/drop_caches", "/proc/1/comm", "/proc/1/attr/current", "/sys/kernel/uevent_helper", "/sys/fs/cgroup/x/release_agent",
		"/sys/firmware/acpi/tables/DSDT", "/sys/devices/virtual/powercap/x", "/sys/kernel/security/apparmor/.load", "/dev/sda"} {
		for _, access := range fileAccesses {
			out = append(out, attempt.File{Path: path, Access: access, Owner: true}, attempt.File{Path: path, Access: access})
		}
		out = append(out, attempt.File{Path: "/tmp/x", Access: "l", Target: path, Owner: true}, attempt.File{Path: path, Access: "l", Target: "/tmp/x"})
	}
	return out
}

// TestNoWeakerThanRuntimes holds that what a runtime's profile denies is denied by baseline's, or is listed with a reason; each reason
// must be needed.
func TestNoWeakerThanRuntimes(t *testing.T) {
	ours, theirs := baseline(t), references(t)
	reasons := map[string]int{}
	for _, a := range apparmorAttempts() {
		compare(t, ours, theirs, a, reasons)
	}
	t.Logf("%d attempts; listed: %v", len(apparmorAttempts()), reasons)
	if len(reasons) != 1 {
		t.Errorf("the reasons that are needed: %v", reasons)
	}
}

// paths are made of the pieces that the patterns of these profiles look at.
func paths() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"/", "/", "/proc", "/sys", "/fs", "/cgroup", "/kernel", "/shm", "shmmax", "1", "4194305", "self", "s", "k", "f", "sys",
		"sysrq-trigger", "kcore", "firmware", "security", "devices", "virtual", "powercap", "a", "/x", ".", "cg", "fc", "task", "mem", "comm"})
	return rapid.Custom(func(t *rapid.T) string {
		var out strings.Builder
		out.WriteString(rapid.SampledFrom([]string{"/proc/", "/proc/sys/", "/proc/sys/kernel/", "/sys/", "/sys/fs/", "/sys/kernel/", "/"}).Draw(t, "start"))
		for range rapid.IntRange(0, 5).Draw(t, "pieces") {
			out.WriteString(piece.Draw(t, "piece"))
		}
		clean := path.Clean(out.String()) // as the kernel gives it
		if clean != "/" && rapid.Bool().Draw(t, "folder") {
			clean += "/"
		}
		return clean
	})
}

// TestNoWeakerOnFiles is TestNoWeakerThanRuntimes of random paths.
func TestNoWeakerOnFiles(t *testing.T) {
	ours, theirs := baseline(t), references(t)
	paths := paths()
	rapid.Check(t, func(t *rapid.T) {
		a := attempt.File{Path: paths.Draw(t, "path"), Access: rapid.SampledFrom(fileAccesses).Draw(t, "access"), Owner: rapid.Bool().Draw(t, "owner")}
		if rapid.Bool().Draw(t, "link") {
			a.Access, a.Target = "l", paths.Draw(t, "target")
		}
		compare(t, ours, theirs, a, map[string]int{})
	})
}

func compare(t rapid.TB, ours target.Judge, theirs map[string]target.Judge, a attempt.Attempt, reasons map[string]int) {
	t.Helper()
	got := outcome(t, ours, a)
	if got != target.Allow && got != target.Deny {
		t.Errorf("%T%+v is %v", a, a, got)
	}
	for name, j := range theirs {
		if got == target.Deny || outcome(t, j, a) != target.Deny {
			continue
		}
		if why := wider(a); why != "" {
			reasons[why]++
			continue
		}
		t.Errorf("%s denies what baseline allows: %T%+v", name, a, a)
	}
}

func outcome(t rapid.TB, j target.Judge, a attempt.Attempt) target.Outcome {
	t.Helper()
	v, err := j.Judge(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return v.Outcome
}
