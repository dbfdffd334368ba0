package apparmor_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
)

// lawAttempts are attempts of every kind around what profiles decide.
func lawAttempts() []attempt.Attempt {
	var out []attempt.Attempt
	for _, mount := range []string{"", "/host"} {
		for _, path := range []string{"/tmp/x", "/etc/passwd", "/app/server", "/bin/sh", "/proc/sys/kernel/core_pattern", "/proc/kcore",
			"/proc/1/mem", "/proc/1/environ", "/sys/kernel/uevent_helper", "/sys/fs/bpf/x", "/run/docker.sock", "/run/secrets/x", "/run/k3s/containerd/containerd.sock"} {
			for _, access := range []string{"r", "w", "x", "m", "k"} {
				out = append(out, attempt.File{Path: mount + path, Access: access})
			}
		}
	}
	for _, name := range []string{"SYS_ADMIN", "NET_RAW", "NET_BIND_SERVICE", "CHOWN", "BPF"} {
		out = append(out, attempt.Capability{Name: name})
	}
	for _, family := range []string{"inet", "unix", "packet", "alg"} {
		out = append(out, attempt.Socket{Family: family})
	}
	for _, operation := range []string{"mount", "remount", "umount", "pivot_root"} {
		out = append(out, attempt.Mount{Operation: operation, Source: "proc", Target: "/mnt", FSType: "proc"})
	}
	for _, peer := range []string{"", "unconfined", "other"} {
		out = append(out, attempt.Ptrace{Access: "trace", Peer: peer}, attempt.Ptrace{Access: "readby", Peer: peer},
			attempt.Signal{Access: "send", Signal: "kill", Peer: peer}, attempt.Signal{Access: "receive", Signal: "kill", Peer: peer})
	}
	return out
}

// TestTighterNeverAllowsMore holds the law of the language: what a looser policy refuses, a tighter one does not allow.
func TestTighterNeverAllowsMore(t *testing.T) {
	p := resolve(t, strict())
	ids := []control.ID{control.Privileged, control.ProcMount, control.CapabilitiesDrop, control.CapabilitiesAdd, control.HostPID, control.HostPaths,
		control.FilesystemWrite, control.FilesystemExecute, control.FilesystemDeny, control.NetworkFamilies, control.Violations, control.ReadOnlyRoot}
	outcomes := func(t *rapid.T, loosened []control.ID) []target.Outcome {
		var refs []control.Ref
		for _, id := range loosened {
			refs = append(refs, control.Ref{ID: id})
		}
		artifacts, err := apparmor.Target{}.Emit(p.Without(refs...))
		if err != nil {
			t.Fatal(err)
		}
		var out []target.Outcome
		for _, a := range lawAttempts() {
			if len(artifacts) == 0 {
				out = append(out, target.Inapplicable)
				continue
			}
			j, err := apparmor.Target{}.Load(target.Environment{}, artifacts)
			if err != nil {
				t.Fatal(err)
			}
			v, err := j.Judge(t.Context(), a)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, v.Outcome)
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		looser := rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, 5, rapid.ID[control.ID]).Draw(t, "loosened")
		more := rapid.SampledFrom(ids).Draw(t, "one more")
		if slices.Contains(looser, more) {
			return
		}
		tight, loose := outcomes(t, looser), outcomes(t, append(slices.Clone(looser), more))
		for i, a := range lawAttempts() {
			if tight[i] == target.Allow && loose[i] != target.Allow && loose[i] != target.Inapplicable {
				t.Fatalf("%T%+v is allowed with %v loosened, and %v with %s loosened too", a, a, looser, loose[i], more)
			}
			if tight[i] == target.Undecided || loose[i] == target.Undecided {
				t.Fatalf("%T%+v is undecided", a, a)
			}
		}
	})
}

// TestEmitIsDeterministic holds that the same policy gives the same bytes and origins, whatever the order it is asked in.
func TestEmitIsDeterministic(t *testing.T) {
	first := emit(t, resolve(t, strict()))
	for range 5 {
		again := emit(t, resolve(t, strict()))
		if string(first[0].Body) != string(again[0].Body) || !slices.Equal(first[0].Mappings, again[0].Mappings) {
			t.Fatal("two emissions differ")
		}
	}
}

func BenchmarkEmit(b *testing.B) {
	p := resolve(b, strict())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (apparmor.Target{}).Emit(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	artifacts, err := apparmor.Target{}.Emit(resolve(b, strict()))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (apparmor.Target{}).Load(target.Environment{}, artifacts); err != nil {
			b.Fatal(err)
		}
	}
}
