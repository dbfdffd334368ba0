package apparmor_test

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
)

// TestRuntimeLabels holds that a runtime which runs under a profile may stop its containers and look at them where the platform names
// the profile, that this gives containers nothing against the runtime, and that no others may.
func TestRuntimeLabels(t *testing.T) {
	const snap, home, other = "snap.microk8s.daemon-containerd", "/home/a b/bin/rootlesskit", "snap.microk8s.daemon"
	p := resolve(t, strict())
	without := emit(t, p)
	p.Platform = apparmor.RuntimeLabels.With(p.Platform, []string{snap, home})
	with := emit(t, p)
	for _, test := range []struct {
		attempt       attempt.Attempt
		without, with target.Outcome
	}{
		{attempt.Signal{Access: "receive", Signal: "term", Peer: snap}, target.Deny, target.Allow},
		{attempt.Signal{Access: "receive", Signal: "kill", Peer: home}, target.Deny, target.Allow},
		{attempt.Signal{Access: "receive", Signal: "kill", Peer: "rootlesskit"}, target.Allow, target.Allow},
		{attempt.Signal{Access: "receive", Signal: "kill", Peer: other}, target.Deny, target.Deny},
		{attempt.Signal{Access: "send", Signal: "kill", Peer: snap}, target.Deny, target.Deny},
		{attempt.Ptrace{Access: "readby", Peer: snap}, target.Deny, target.Allow},
		{attempt.Ptrace{Access: "trace", Peer: snap}, target.Deny, target.Deny},
	} {
		if got := judge(t, without, test.attempt).Outcome; got != test.without {
			t.Errorf("%+v without the fact is %v", test.attempt, got)
		}
		if got := judge(t, with, test.attempt).Outcome; got != test.with {
			t.Errorf("%+v with the fact is %v", test.attempt, got)
		}
	}
}
