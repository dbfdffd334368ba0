package apparmor_test

import (
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor"
)

// TestFoldersStay holds that no folder above what is closed can be renamed, which takes the permission to write its own entry, and
// that what lies beside is written as before.
func TestFoldersStay(t *testing.T) {
	settings := policy.Settings{
		control.Privileged:     boolean(10, false),
		control.FilesystemDeny: set(19, "/etc/app/secret/**", "/srv/key", "/run/tokens/**", "/**/.ssh/**", "/data*/**"),
	}
	p := resolve(t, settings)
	artifacts := emit(t, p)
	for _, test := range []struct {
		path string
		want target.Outcome
	}{
		{"/etc/", target.Deny}, {"/etc/app/", target.Deny}, {"/etc/app/secret/", target.Deny}, {"/etc/app/secret/x", target.Deny},
		{"/srv/", target.Deny}, {"/srv/key", target.Deny}, {"/run/", target.Deny}, {"/var/run/", target.Deny}, {"/var/", target.Deny},
		{"/var/run/tokens/", target.Deny}, {"/home/a/.ssh/", target.Deny}, {"/data1/", target.Deny},
		{"/etc/x", target.Allow}, {"/etc/new/", target.Allow}, {"/etc/app/x/", target.Allow}, {"/srv/x", target.Allow}, {"/home/a/", target.Allow},
		{"/elsewhere/etc/", target.Allow},
	} {
		a := attempt.File{Path: test.path, Access: "w"}
		v := judge(t, artifacts, a)
		if v.Outcome != test.want {
			t.Errorf("writing %s is %v, want %v", test.path, v.Outcome, test.want)
		}
		if v.Outcome == target.Deny {
			ablate(t, p, artifacts, a, v, control.FilesystemDeny)
		}
	}
	if v := judge(t, artifacts, attempt.File{Path: "/etc/", Access: "r"}); v.Outcome != target.Allow {
		t.Errorf("listing the folder is %v", v.Outcome)
	}
}

// TestFoldersByPattern holds that a folder that is not known by name, and may be renamed, is not claimed to stay.
func TestFoldersByPattern(t *testing.T) {
	for _, test := range []struct {
		deny, write string
		want        target.Level
	}{
		{"/home/*/.ssh/**", "/**", target.Partial},
		{"/home/*/.ssh/**", "/home/**", target.Partial},
		{"/home/*/.ssh/**", "/home/a*", target.Partial},
		{"/run/*/token", "/var/**", target.Partial}, // where /var/run is no link
		{"/**/.ssh/id", "/tmp/**", target.Partial},
		{"/home/*/.ssh/**", "/tmp/**", target.Full},
		{"/home/.ssh/**", "/**", target.Full},
		{"/**/.ssh/**", "/**", target.Full},
		{"/home/*", "/**", target.Full},
		{"/proc/*/environ", "/**", target.Full},
	} {
		p := resolve(t, policy.Settings{
			control.Privileged: boolean(10, false), control.FilesystemWrite: set(17, test.write), control.FilesystemDeny: set(19, test.deny),
		})
		for s := range p.Statements() {
			if s.Control == nil || s.Container == nil || s.Control.ID != control.FilesystemDeny {
				continue
			}
			got := apparmor.Target{}.Support(p, s)
			if got.Level != test.want {
				t.Errorf("%s with %s written: %v (%s), want %v", test.deny, test.write, got.Level, got.Reason, test.want)
			}
			if got.Level == target.Partial && (!strings.Contains(got.Reason, test.write) || got.Range != at(19)) {
				t.Errorf("the reason names no grant, or no place: %s at %v", got.Reason, got.Range)
			}
		}
		emit(t, p)
	}
}

// TestClosedUnderEveryName holds that what is closed is closed by the names that lead there over several links, and in the folders of a
// process's threads.
func TestClosedUnderEveryName(t *testing.T) {
	for path, names := range map[string][]string{
		"/var/run/shm/x":   {"/var/run/shm/x", "/run/shm/x", "/dev/shm/x"},
		"/proc/1/environ":  {"/proc/1/environ", "/proc/1/task/7/environ", "/host/proc/1/task/7/environ"},
		"/proc/*/mem":      {"/proc/9/mem", "/proc/9/task/9/mem"},
		"/proc/self/fd/**": {"/proc/7/fd/1", "/proc/7/task/8/fd/1", "/host/proc/7/fd/1"},
	} {
		p := resolve(t, policy.Settings{control.Privileged: boolean(10, false), control.FilesystemDeny: set(19, path)})
		artifacts := emit(t, p)
		for _, name := range names {
			if v := judge(t, artifacts, attempt.File{Path: name, Access: "r"}); v.Outcome != target.Deny {
				t.Errorf("%s is closed, and %s is %v", path, name, v.Outcome)
			}
		}
		if v := judge(t, artifacts, attempt.File{Path: "/proc/1/status", Access: "r"}); v.Outcome != target.Allow {
			t.Errorf("with %s closed, /proc/1/status is %v", path, v.Outcome)
		}
	}
}
