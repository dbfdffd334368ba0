package profile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// fileBits are the accesses as the kernel numbers them.
var fileBits = map[string]uint32{"x": 1, "w": 2, "r": 4, "a": 8, "k": 0x20, "m": 0x40}

// globs makes patterns of few letters, so that paths meet them often.
func globs() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"a", "b", "c", "ab", "/", "/", "/", "*", "**", "?", "[ab]", "[^a]", "[a-c]", "[^/]",
		"[-a]", "[a/]", "{a,b}", "{,a}", "{a/,*}", "{*,c}", "{**,}", "{a,{b,c}}", "{/,}", `\*`, `\[`, `\{`, ".", "a,b", "+", "$",
		"^", `\^`, "(", "|", "#", "'", "-", "é", "{?,a/b}", "***", "*/", "**/", "/*", "/**"})
	return rapid.Custom(func(t *rapid.T) string {
		text := "/" + strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "pieces"), "")
		if rapid.IntRange(0, 3).Draw(t, "quoted") == 0 {
			return `"` + text + strings.Join(rapid.SliceOfN(quotedPiece, 0, 4).Draw(t, "quoted pieces"), "") + `"`
		}
		return text
	})
}

// quotedPiece is what a policy's text can hold, in the form in which it is quoted.
var quotedPiece = rapid.SampledFrom([]string{" ", `\"`, `\\`, `\134`, `\x22`, `\,`, `\@`, `\@\{a\}`, `\*`, `\?`, `\]`, "!", "#", "'", "a", "=", "<", ";", "&", "~", "%"})

func filePaths() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"a", "b", "c", "d", "/", "/", "*", ".", ",", "[", "{", "^", "é", "$", "+", "#", "-", "x", " ", `"`, `\`, "@", "}", "?", "]", "!"})
	return rapid.Custom(func(t *rapid.T) string {
		return "/" + strings.Join(rapid.SliceOfN(piece, 0, 7).Draw(t, "pieces"), "")
	})
}

func fileRules() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		audit := rapid.SampledFrom([]string{"", "", "audit "}).Draw(t, "audit")
		owner := rapid.SampledFrom([]string{"", "", "owner "}).Draw(t, "owner")
		glob := globs().Draw(t, "glob")
		if rapid.IntRange(0, 2).Draw(t, "deny") == 0 {
			modes := rapid.SampledFrom([]string{"r", "w", "a", "x", "rw", "rwkmx", "k", "m"}).Draw(t, "modes")
			return audit + "deny " + owner + glob + " " + modes
		}
		modes := rapid.SampledFrom([]string{"r", "w", "a", "rw", "rwk", "rmix", "ix", "pix", "px", "Ux", "k", "m", "rwkmix"}).Draw(t, "modes")
		return audit + owner + glob + " " + modes
	})
}

// TestFilesAgainstParser holds every answer about a file, whether it is logged included, to what the kernel would
// read from the automaton that apparmor_parser compiles of the same rules.
func TestFilesAgainstParser(t *testing.T) {
	o := newOracle(t)
	accepted, decided := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOfN(fileRules(), 1, 5).Draw(rt, "rules")
		for i := range lines {
			lines[i] += ","
		}
		text := rules(lines...)
		file, err := profile.Parse("test", []byte(text))
		theirs, problem := o.compile(t, text)
		if problem != "" {
			if err == nil && !strings.Contains(problem, "conflicting x modifiers") { // which takes the automaton to tell
				rt.Fatalf("the parser refuses what we read: %s\n%s", problem, text)
			}
			return
		}
		if err != nil && strings.Contains(text, `\\"`) {
			return // refused on purpose: apparmor_parser reads on to the last quote of the line
		}
		if err != nil {
			rt.Fatalf("the parser takes what we refuse: %v\n%s", err, text)
		}
		accepted++
		for range 30 {
			path, owner := filePaths().Draw(rt, "path"), rapid.Bool().Draw(rt, "owner")
			want := theirs.files.filePerms(path, owner)
			for access, bit := range fileBits {
				got := file.Profiles[0].File(path, access, owner)
				if o.newer() && access == "m" {
					got.Audit = auditOf(want, bit) // parsers since 4.0 log the mapping that "audit ix" brings with it
				}
				compareFile(rt, text, path, access, owner, got, want, bit)
				decided++
			}
		}
	})
	t.Logf("%d profiles, %d decisions", accepted, decided)
	if accepted == 0 {
		t.Error("the parser took no profile at all")
	}
}

// auditOf says whether an access is logged.
func auditOf(p perms, bit uint32) bool {
	if p.allow&bit != 0 {
		return p.audit&bit != 0
	}
	return p.quiet&bit == 0
}

func compareFile(t *rapid.T, text, path, access string, owner bool, got profile.Decision, want perms, bit uint32) {
	t.Helper()
	outcome, audit := profile.Deny, want.quiet&bit == 0
	if want.allow&bit != 0 {
		outcome, audit = profile.Allow, want.audit&bit != 0
	}
	if got.Outcome != outcome || got.Audit != audit {
		t.Fatalf("%s %s owner=%v: %v audit=%v (%s), the parser says %v audit=%v\n%s",
			access, path, owner, got.Outcome, got.Audit, got.Reason, outcome, audit, text)
	}
}

// TestWholeProfilesAgainstParser holds the answers for whole profiles, such as runtimes load and this project emits,
// on paths around those that matter.
func TestWholeProfilesAgainstParser(t *testing.T) {
	o := newOracle(t)
	texts := map[string]string{"runtime default": strings.Replace(runtimeDefault, "  #include <abstractions/base>\n", "", 1)}
	goldens, err := filepath.Glob("../testdata/*.golden")
	if err != nil || len(goldens) == 0 {
		t.Fatalf("no golden profiles: %v", err)
	}
	for _, name := range goldens {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(body, []byte("abi <abi/4.0>")) && !o.newer() {
			continue // the parser refuses it; the reader alone is held to it
		}
		texts[name] = string(body)
	}
	for name, text := range texts {
		file, err := profile.Parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		theirs, problem := o.compile(t, text)
		if problem != "" {
			t.Fatalf("%s: %s", name, problem)
		}
		outcomes := map[profile.Outcome]int{}
		for _, path := range sensitivePaths() {
			want := theirs.files.filePerms(path, true)
			for access, bit := range fileBits {
				got := file.Profiles[0].File(path, access, true)
				outcome := profile.Deny
				if want.allow&bit != 0 {
					outcome = profile.Allow
				}
				if outcomes[outcome]++; got.Outcome != outcome {
					t.Errorf("%s: %s %s is %v (%s), the parser says %v", name, access, path, got.Outcome, got.Reason, outcome)
				}
			}
		}
		t.Logf("%s: %v", name, outcomes)
	}
}

// sensitivePaths gives files that profiles speak of, and their neighbours, below several mounts.
func sensitivePaths() []string {
	files := strings.Fields(`/ /tmp /tmp/ /tmp/x /tmp/x/y /etc/passwd /app/server /app/ /usr/bin/env /bin/sh /dev/null /dev/pts/0
		/dev/sda /dev/mem /var/cache/api1/state /var/cache/api1/state/x /proc/1/mem /proc/1/task/2/mem /proc/1/comm /proc/1/task/3/comm
		/proc/self/environ /proc/1/environ /proc/1/root/etc/shadow /proc/sys/kernel/core_pattern /proc/sys/kernel/shmmax /proc/sys/vm/x
		/proc/sysrq-trigger /proc/kcore /proc/keys /proc/timer_list /proc/acpi/x /proc/irq/1/smp_affinity /proc/meminfo /proc/sys/
		/proc/fs/x /sys/kernel/uevent_helper /sys/kernel/debug/x /sys/fs/cgroup/x/release_agent /sys/fs/bpf/x /sys/firmware/efi
		/sys/class/net /sys/devices/virtual/powercap/x /run/docker.sock /var/run/docker.sock /run/containerd/containerd.sock
		/run/containerd/containerd.sock.ttrpc /run/k3s/containerd/containerd.sock /run/crio/crio.sock /run/podman/podman.sock
		/var/lib/kubelet/pod-resources/kubelet.sock /run/dbus/system_bus_socket /run/systemd/private /run/secrets/x /docker.sock
		/docker.sockx /cgroup/release_agent /release_agent`)
	var out []string
	for _, mount := range []string{"", "/host", "/a/b"} {
		for _, file := range files {
			out = append(out, mount+file)
		}
	}
	return out
}
