package falco

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// eventValues are values that rules look at.
var eventValues = map[string][]any{
	"fd.name":                    {"/tmp/a", "/etc/shadow", "/proc/sys/kernel/core_pattern", "/x/release_agent", "/run/docker.sock", "/dev/sda", "/dev/null"},
	"fs.path.name":               {"/tmp/a", "/etc/shadow"},
	"fs.path.target":             {"/tmp/a", "/app/x"},
	"proc.exepath":               {"/app/server", "/bin/sh", "/tmp/x"},
	"proc.name":                  {"sh", "sudo", "server"},
	"proc.tty":                   {0, 34816},
	"user.uid":                   {0, 1000},
	"evt.is_open_write":          {true, false},
	"evt.failed":                 {true, false},
	"evt.res":                    {"SUCCESS", "EROFS", "EPERM"},
	"evt.arg.flags":              {"CLONE_NEWUSER", "CLONE_VM", "O_RDWR"},
	"evt.arg.domain":             {"AF_INET", "AF_PACKET", "AF_ALG", "40"},
	"evt.arg.type":               {"1", "3"},
	"evt.arg.dev":                {"0", "2048"},
	"container.privileged":       {true, false},
	"container.host_pid":         {true, false},
	"container.image.repository": {"registry.example.com/payments/a", "docker.io/library/a"},
	"fd.sip":                     {"10.96.0.1", "169.254.169.254", "203.0.113.7", "10.0.0.1"},
	"fd.sport":                   {53, 443, 10250},
}

// drawEvent makes an event of a declared pod, out of values that rules look at.
func drawEvent(t *rapid.T) map[string]any {
	event := map[string]any{"k8s.ns.name": "payments-test", "k8s.pod.name": "x",
		"k8s.pod.label[app]": rapid.SampledFrom([]string{"api", "shard"}).Draw(t, "app"),
		"container.name":     rapid.SampledFrom([]string{"main", "migrate"}).Draw(t, "container"),
		"evt.type": rapid.SampledFrom([]string{"execve", "openat", "open", "socket", "unshare", "clone", "clone3", "connect", "sendto",
			"ptrace", "chroot", "mount", "rename", "mkdir", "mknod", "bpf", "keyctl", "setns", "io_uring_setup", "read"}).Draw(t, "type")}
	for _, field := range sortedNames(eventValues) {
		if rapid.Bool().Draw(t, field+" is given") {
			event[field] = rapid.SampledFrom(eventValues[field]).Draw(t, field)
		}
	}
	return event
}

func alerts(t fataler, p *policy.Policy, event map[string]any) bool {
	artifacts, err := Target{}.Emit(p)
	if err != nil {
		t.Fatalf("%v", err)
	}
	if len(artifacts) == 0 {
		return false
	}
	j, err := Target{}.Load(target.Environment{}, artifacts)
	if err != nil {
		t.Fatalf("%v", err)
	}
	v, err := j.Judge(context.Background(), attempt.Event{Fields: event})
	if err != nil || v.Outcome == target.Undecided {
		t.Fatalf("%+v, %v", v, err)
	}
	return v.Outcome == target.Alert
}

// TestLooseningAddsNoAlert holds the law of tightening: what a looser policy
// reports of a declared pod, the tighter one reports, too.
func TestLooseningAddsNoAlert(t *testing.T) {
	p := resolve(t, document())
	var refs []control.Ref
	for c := range p.Statements() {
		if ref := (control.Ref{ID: c.Control.ID}); c.Container != nil {
			refs = append(refs, ref)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		event := drawEvent(t)
		loosened := rapid.SliceOfN(rapid.SampledFrom(refs), 1, 4).Draw(t, "loosened")
		if alerts(t, p.Without(loosened...), event) && !alerts(t, p, event) {
			t.Fatalf("without %v the event is reported, with them it is not", loosened)
		}
	})
}
