package seccomp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/seccomp"
)

// live is a table of calls, with what the kernel makes of each without a filter. Where the answer under a filter is another one it is the
// filter's.
type live struct {
	containers
	environment target.Environment // of this machine
	calls       []attempt.Syscall
	unfiltered  []string
}

func newLive(t *testing.T, calls []attempt.Syscall) live {
	t.Helper()
	l := live{containers: newProbes(t), calls: calls}
	version, err := exec.Command("runc", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`runc version (\d+\.\d+)`).FindSubmatch(version)
	if found == nil {
		t.Fatalf("runc does not say its version:\n%s", version)
	}
	facts := platform.Architectures.With(platform.Facts{}, []string{"amd64"})
	facts = platform.Runtime.With(facts, "runc "+string(found[1]))
	facts = platform.Capabilities.With(facts, linux.RuntimeDefaultCapabilities())
	l.environment = target.Environment{Platform: platform.Libseccomp.With(facts, libseccomp(t)), Now: now}
	if l.unfiltered, err = l.attempts(t, nil, calls); err != nil {
		t.Fatal(err)
	}
	return l
}

// libseccomp is the newest release whose calls the library of this machine has. What it says of its own version does not tell: distributions
// add to old releases.
func libseccomp(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "known")
	if out, err := exec.Command("gcc", "-o", binary, "testdata/known.c", "-lseccomp").CombinedOutput(); err != nil {
		missing(t, "gcc and libseccomp-dev are needed: %v\n%s", err, out)
	}
	var names []string
	for _, call := range linux.Syscalls() {
		names = append(names, call.Name)
	}
	cmd := exec.Command(binary)
	cmd.Stdin = strings.NewReader(strings.Join(names, "\n"))
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Fields(string(out))
	for _, release := range slices.Backward(linux.Libseccomp()) {
		if !slices.ContainsFunc(names, func(name string) bool { return linux.LibseccompKnows(release, name) && !slices.Contains(known, name) }) {
			return release
		}
	}
	t.Fatal("libseccomp is older than any release that is known here")
	return ""
}

// judged is what the judge says of each call, in the probe's words; empty where it is undecided.
func (l live) judged(t testing.TB, profile []byte) []string {
	t.Helper()
	j, err := seccomp.Target{}.Load(l.environment, []target.Artifact{{Path: "profile.json", Body: profile}})
	if err != nil {
		t.Fatalf("%v\n%s", err, profile)
	}
	var words []string
	for i, call := range l.calls {
		v, err := j.Judge(context.Background(), call)
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, word(v, l.unfiltered[i]))
	}
	return words
}

// word writes a verdict as the probe would. A call that is allowed does what it does without a filter.
func word(v target.Verdict, unfiltered string) string {
	message := v.Findings[0].Message
	var number int
	switch _, err := fmt.Sscanf(message, "ERRNO(%d)", &number); {
	case v.Outcome == target.Allow:
		return unfiltered
	case v.Outcome != target.Deny:
		return ""
	case err == nil:
		return fmt.Sprintf("errno %d", number)
	case strings.HasPrefix(message, "TRAP"):
		return "trap"
	}
	return "signal 31" // SIGSYS
}

// differences tells where what was seen is not what was judged.
func (l live) differences(judged, seen []string) (list []string) {
	for i, call := range l.calls {
		if judged[i] != "" && judged[i] != seen[i] {
			list = append(list, fmt.Sprintf("%s %s%s %#x: the kernel says %s, the judge %s, and without a filter it is %s",
				call.Arch, call.Name, numbered(call), call.Args, seen[i], judged[i], l.unfiltered[i]))
		}
	}
	return list
}

func numbered(call attempt.Syscall) string {
	if call.Name != "" {
		return ""
	}
	return fmt.Sprint(call.Number)
}

// check holds the judge to the kernel for every call of the table, and gives what the kernel did.
func (l live) check(t *testing.T, profile []byte) []string {
	t.Helper()
	seen, err := l.attempts(t, profile, l.calls)
	if err != nil {
		t.Fatalf("%v\n%s", err, profile)
	}
	judged := l.judged(t, profile)
	for _, d := range l.differences(judged, seen) {
		t.Error(d)
	}
	if slices.Contains(judged, "") {
		t.Errorf("the judge does not decide %v", l.calls[slices.Index(judged, "")])
	}
	if t.Failed() {
		t.Logf("%s", profile)
	}
	return seen
}

// emitted gives, by path, the profiles that the command writes for what ships, and for the case that states every control.
// Of profiles with the same bytes it gives one.
func emitted(t *testing.T) map[string][]byte {
	t.Helper()
	folder := t.TempDir()
	binary := filepath.Join(folder, "bulkhead")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/bulkhead").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, args := range map[string][]string{
		"baseline":   {"bulkhead:baseline"},
		"hardened":   {"bulkhead:hardened"},
		"restricted": {"bulkhead:restricted"},
		"payments":   {"../../policies/examples/payments", "--var", "env=prod"},
		"batch":      {"../../policies/examples/payments/batch", "--var", "env=prod"},
		"quickstart": {"../../policies/examples/quickstart"},
		"everything": {"../../testdata/cases/everything"},
	} {
		args = append([]string{"compile", "-o", filepath.Join(folder, name)}, args...)
		if out, err := exec.Command(binary, args...).CombinedOutput(); err != nil {
			t.Fatalf("bulkhead %v: %v\n%s", args, err, out)
		}
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*", "seccomp", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("nothing was written: %v", err)
	}
	profiles, seen := map[string][]byte{}, map[string]bool{}
	for _, path := range paths {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !seen[string(body)] {
			seen[string(body)] = true
			profiles[strings.TrimPrefix(path, folder)] = body
		}
	}
	return profiles
}

// read gives a profile as runc has it.
func read(t *testing.T, body []byte) *specs.LinuxSeccomp {
	t.Helper()
	profile := new(specs.LinuxSeccomp)
	if err := json.Unmarshal(body, profile); err != nil {
		t.Fatal(err)
	}
	return profile
}

func written(t *testing.T, profile *specs.LinuxSeccomp) []byte {
	t.Helper()
	body, err := json.Marshal(profile)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// marked gives refusals errors that no kernel gives of itself, so that no refusal can be taken for the kernel's.
func marked(t *testing.T, body []byte) []byte {
	profile := read(t, body)
	mark := func(action specs.LinuxSeccompAction, number **uint) {
		if action != specs.ActErrno {
			return
		}
		other := uint(3001)
		if *number != nil {
			other = 3000 + **number
		}
		*number = &other
	}
	mark(profile.DefaultAction, &profile.DefaultErrnoRet)
	for i := range profile.Syscalls {
		mark(profile.Syscalls[i].Action, &profile.Syscalls[i].ErrnoRet)
	}
	return written(t, profile)
}

// TestKernelAgreesOnEmitted attempts the table under every profile that Bulkhead emits for what ships, as it is and with errors that tell
// the filter's refusals from the kernel's.
func TestKernelAgreesOnEmitted(t *testing.T) {
	l := newLive(t, liveCalls())
	again, err := l.attempts(t, nil, l.calls)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range l.differences(l.unfiltered, again) {
		t.Errorf("not the same twice: %s", d)
	}
	for name, body := range emitted(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.check(t, body)
			l.check(t, marked(t, body))
		})
	}
}

// TestKernelAgreesOnPolicies attempts the table under profiles of policies that say what no shipped one does.
func TestKernelAgreesOnPolicies(t *testing.T) {
	l := newLive(t, liveCalls())
	families := set(13, "unix", "inet", "inet6")
	errno := text(9, "EXFULL")
	for name, test := range map[string]struct {
		settings policy.Settings
		arches   []string
	}{
		"with 32 bits":       {policy.Settings{control.SeccompAllow: set(10, "@runtime-default")}, []string{"386", "amd64"}},
		"families":           {policy.Settings{control.SeccompErrno: errno, control.SeccompAllow: set(10, "@runtime-default"), control.NetworkFamilies: families}, []string{"386", "amd64"}},
		"deny":               {policy.Settings{control.SeccompErrno: errno, control.SeccompAllow: set(10, "@runtime-default"), control.SeccompDeny: set(12, "@ptrace", "vmsplice", "connect")}, []string{"386", "amd64"}},
		"all but":            {policy.Settings{control.SeccompErrno: errno, control.SeccompAllow: set(10, "*"), control.SeccompDeny: set(12, "@mount", "@io_uring")}, []string{"386", "amd64"}},
		"all":                {policy.Settings{control.SeccompAllow: set(10, "*")}, []string{"amd64"}},
		"streams by a rule":  {policy.Settings{control.SeccompErrno: errno, control.SeccompAllow: set(10, "@runtime-default"), control.SeccompRule: rules(rule("streams", []string{"socket"}, in(1, 1)))}, []string{"386", "amd64"}},
		"no exec, by a rule": {policy.Settings{control.SeccompErrno: errno, control.SeccompAllow: set(10, "@runtime-default"), control.SeccompRule: rules(rule("bits", []string{"personality"}, masked(0, 0x0400000, 0)))}, []string{"amd64"}},
		"one of two": {policy.Settings{control.SeccompErrno: errno, control.SeccompAllow: set(10, "@runtime-default"),
			control.SeccompRule: rules(either("netlink", []string{"socket", "socketpair"}, []control.ArgCondition{notIn(0, 16)}, []control.ArgCondition{in(2, 0)}))}, []string{"386", "amd64"}},
		"with its capability": {policy.Settings{control.SeccompErrno: errno, control.SeccompAllow: set(10, "@runtime-default"), control.CapabilitiesAdd: set(11, "SYS_ADMIN")}, []string{"amd64"}},
		"ENOSYS":              {policy.Settings{control.SeccompErrno: text(9, "ENOSYS"), control.SeccompAllow: set(10, "@runtime-default"), control.NetworkFamilies: families}, []string{"386", "amd64", "arm64"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.check(t, one(t, resolve(t, test.settings, test.arches...)).Body)
		})
	}
}

// TestLargestError holds that runtimes take errors up to the one that the reader takes, and no larger one.
func TestLargestError(t *testing.T) {
	l := newLive(t, []attempt.Syscall{{Arch: "amd64", Name: "mount"}})
	for errno, starts := range map[uint]bool{4094: true, 4095: false, 4096: false, 65535: false} {
		body := written(t, &specs.LinuxSeccomp{
			DefaultAction: specs.ActAllow, Architectures: []specs.Arch{specs.ArchX86_64},
			Syscalls: []specs.LinuxSyscall{{Names: []string{"mount"}, Action: specs.ActErrno, ErrnoRet: &errno}},
		})
		seen, err := l.attempts(t, body, l.calls)
		if _, refused := filter.Read(body, filter.Node{}); (err == nil) != starts || (refused == nil) != starts {
			t.Errorf("%d: runc says %v, the reader %v", errno, err, refused)
		}
		if want := fmt.Sprintf("errno %d", errno); starts && (len(seen) != 1 || seen[0] != want) {
			t.Errorf("%v, want %s", seen, want)
		}
	}
}

// TestInterfacesAreListed lists the container's interfaces, by routing netlink as getifaddrs(3) does, under every profile that ships.
func TestInterfacesAreListed(t *testing.T) {
	c := newContainers(t)
	for name, body := range emitted(t) {
		if !strings.HasPrefix(name, "/hardened/") && !strings.HasPrefix(name, "/restricted/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			out, err := c.run(t, body, "", "/bin/busybox", "ip", "-o", "link")
			if err != nil || !strings.Contains(out, ": lo: ") {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
}

// TestKernelTellsALineFromNone takes one line out of a profile that was emitted, and shows that the kernel then does other than the judge of the
// whole profile says: the tests above would fail.
func TestKernelTellsALineFromNone(t *testing.T) {
	l := newLive(t, liveCalls())
	body := one(t, resolve(t, policy.Settings{
		control.SeccompAllow: set(10, "@runtime-default"), control.CapabilitiesDrop: set(11, "ALL"), control.SeccompDeny: set(12, "@io_uring", "socketpair"),
		control.NetworkFamilies: set(13, "unix", "inet", "inet6"), control.SeccompRule: rules(rule("own", []string{"setpriority", "getpriority"}, in(0, 0, 1))),
	}, "386", "amd64")).Body
	judged := l.judged(t, body)
	type cut struct {
		name string
		from func(*specs.LinuxSeccomp)
	}
	var cuts []cut
	for i, r := range read(t, body).Syscalls {
		cuts = append(cuts, cut{fmt.Sprintf("rule %d, of %s and %d more", i, r.Names[0], len(r.Names)-1), func(p *specs.LinuxSeccomp) {
			p.Syscalls = slices.Delete(p.Syscalls, i, i+1)
			if slices.ContainsFunc(r.Names, func(name string) bool { return slices.Contains(needed, name) }) { // or no container starts
				p.Syscalls = append(p.Syscalls, specs.LinuxSyscall{Names: needed, Action: specs.ActAllow})
			}
		}})
		others := slices.DeleteFunc(slices.Clone(r.Names), func(name string) bool {
			return slices.Contains(needed, name) || unattempted[name] != "" || !linux.LibseccompKnows(platform.Libseccomp.Of(l.environment.Platform), name)
		})
		for k := range min(4, len(others)) {
			name := others[k*len(others)/4%len(others)]
			cuts = append(cuts, cut{fmt.Sprintf("%s of rule %d", name, i), func(p *specs.LinuxSeccomp) {
				p.Syscalls[i].Names = slices.DeleteFunc(slices.Clone(p.Syscalls[i].Names), func(n string) bool { return n == name })
				if len(p.Syscalls[i].Names) == 0 {
					p.Syscalls = slices.Delete(p.Syscalls, i, i+1)
				}
			}})
		}
	}
	cuts = append(cuts,
		cut{"i386", func(p *specs.LinuxSeccomp) {
			p.Architectures = slices.DeleteFunc(p.Architectures, func(a specs.Arch) bool { return a == specs.ArchX86 })
		}},
		cut{"the default's error", func(p *specs.LinuxSeccomp) { other := uint(13); p.DefaultErrnoRet = &other }},
	)
	for _, c := range cuts {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			less := read(t, body)
			c.from(less)
			seen, err := l.attempts(t, written(t, less), l.calls)
			if err != nil {
				t.Fatal(err)
			}
			if len(l.differences(judged, seen)) == 0 {
				t.Errorf("nothing tells the profile from the one without %s", c.name)
			}
		})
	}
}

// TestTableHasEveryCall keeps the table from passing over calls without a reason.
func TestTableHasEveryCall(t *testing.T) {
	for arch, excused := range map[linux.Arch][]map[string]string{linux.AMD64: {unattempted}, linux.I386: {unattempted, unattempted32}} {
		made := map[string]bool{}
		for _, call := range liveCalls() {
			made[call.Name] = made[call.Name] || call.Arch == string(arch)
		}
		for _, call := range linux.Syscalls() {
			if _, ok := linux.SyscallNumber(arch, call.Name); !ok {
				continue
			}
			excuse := slices.ContainsFunc(excused, func(m map[string]string) bool { return m[call.Name] != "" })
			if made[call.Name] == excuse {
				t.Errorf("%s on %s: attempted %v, excused %v", call.Name, arch, made[call.Name], excuse)
			}
		}
	}
}
