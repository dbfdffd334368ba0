package filter

import (
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// under gives a node with the runtime.
func under(t testing.TB, runtime string) Node {
	t.Helper()
	r, err := ParseRuntime(runtime)
	if err != nil {
		t.Fatal(err)
	}
	return Node{Runtime: r}
}

// TestRuntimesReadDifferently asks for one call under one profile, as each runtime reads it.
func TestRuntimesReadDifferently(t *testing.T) {
	profile := func(members string) string {
		return `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,` + members + `}`
	}
	rule := func(members string) string {
		return profile(`"architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"action":"SCMP_ACT_ALLOW",` + members + `}]`)
	}
	mount := Call{Arch: "amd64", Name: "mount"}
	x86 := Call{Arch: "386", Name: "mount"}
	const archMap = `"archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}],`
	tests := []struct {
		name, profile                          string
		capabilities                           string
		kernel                                 string
		call                                   Call
		docker, podman, containerd, place, why string
	}{
		{name: "no condition", profile: rule(`"names":["mount"]`), call: mount, docker: "ALLOW", podman: "ALLOW", containerd: "ALLOW", place: "/syscalls/0"},
		{name: "a capability that is there", profile: rule(`"names":["mount"],"includes":{"caps":["CAP_SYS_ADMIN"]}`), capabilities: "SYS_ADMIN", call: mount,
			docker: "ALLOW", podman: "ALLOW", containerd: "ALLOW", why: `containerd passes over "includes": the rule holds for every container`},
		{name: "a capability that is not", profile: rule(`"names":["mount"],"includes":{"caps":["CAP_SYS_ADMIN"]}`), call: mount,
			docker: "ERRNO(38)", podman: "ERRNO(38)", containerd: "ALLOW"},
		{name: "one of two capabilities", profile: rule(`"names":["mount"],"includes":{"caps":["CAP_SYS_ADMIN","CAP_BPF"]}`), capabilities: "SYS_ADMIN", call: mount,
			docker: "ERRNO(38)", podman: "ERRNO(38)", containerd: "ALLOW"},
		{name: "one of two excluded", profile: rule(`"names":["mount"],"excludes":{"caps":["CAP_SYS_ADMIN","CAP_BPF"]}`), capabilities: "SYS_ADMIN", call: mount,
			docker: "ERRNO(38)", podman: "ERRNO(38)", containerd: "ALLOW", why: `"excludes": the rule holds for every container`},
		{name: "a default capability of Docker's and not of Podman's", profile: rule(`"names":["mount"],"includes":{"caps":["CAP_NET_RAW"]}`), call: mount,
			docker: "ALLOW", podman: "ERRNO(38)", containerd: "ALLOW"},
		{name: "another architecture", profile: rule(`"names":["mount"],"includes":{"arches":["arm64"]}`), call: mount, docker: "ERRNO(38)", podman: "ERRNO(38)", containerd: "ALLOW"},
		{name: "this architecture", profile: rule(`"names":["mount"],"excludes":{"arches":["amd64","arm64"]}`), call: mount, docker: "ERRNO(38)", podman: "ERRNO(38)", containerd: "ALLOW"},
		{name: "a newer kernel is wanted", profile: rule(`"names":["mount"],"includes":{"minKernel":"5.10"}`), kernel: "5.9.3-foo", call: mount,
			docker: "ERRNO(38)", podman: "ALLOW", containerd: "ALLOW"},
		{name: "a kernel that is new enough", profile: rule(`"names":["mount"],"includes":{"minKernel":"5.10"}`), kernel: "5.10", call: mount, docker: "ALLOW", podman: "ALLOW", containerd: "ALLOW"},
		{name: "the newest kernel", profile: rule(`"names":["mount"],"excludes":{"minKernel":"5.10"}`), call: mount, docker: "ERRNO(38)", podman: "ALLOW", containerd: "ALLOW"},
		{name: "a name alone", profile: rule(`"name":"mount"`), call: mount, docker: "ALLOW", podman: "ALLOW", containerd: "ERRNO(38)", why: "the rule names no system call"},
		{name: "archMap", profile: profile(archMap + `"syscalls":[{"names":["mount"],"action":"SCMP_ACT_ALLOW"}]`), call: x86, docker: "ALLOW", podman: "ALLOW", containerd: "KILL",
			why: `"archMap": the node's own architecture alone is covered`},
		{name: "archMap for another", profile: profile(strings.Replace(archMap, "X86_64", "AARCH64", 1) + `"syscalls":[{"names":["mount"],"action":"SCMP_ACT_ALLOW"}]`), call: x86,
			docker: "KILL", podman: "KILL", containerd: "KILL"},
		{name: "an error by name", profile: profile(`"syscalls":[{"names":["mount"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"errno":"EACCES"}]`), call: mount,
			docker: "ERRNO(1)", podman: "ERRNO(13)", containerd: "ERRNO(1)", why: `passes over "errno"`},
		{name: "a default error by number", profile: `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"22"}`, call: mount, docker: "ERRNO(1)", podman: "ERRNO(22)", containerd: "ERRNO(1)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for runtime, want := range map[string]string{"docker": test.docker, "podman": test.podman, "cri-o": test.podman, "containerd 2.0": test.containerd, "crun": test.containerd} {
				n := under(t, runtime)
				n.Kernel = test.kernel
				if test.capabilities != "" {
					n.Capabilities = strings.Split(test.capabilities, ",")
				}
				f, err := Read([]byte(test.profile), n)
				if err != nil {
					t.Errorf("%s: %v", runtime, err)
					continue
				}
				d := f.Decide(test.call)
				if d.String() != want || test.place != "" && d.Place != test.place {
					t.Errorf("%s: %v at %s (%s), want %s", runtime, d, d.Place, d.Reason, want)
				}
				if runtime == "containerd 2.0" && !slices.ContainsFunc(f.Ignored(), func(n Note) bool { return strings.Contains(n.Why, test.why) }) && test.why != "" {
					t.Errorf("notes %v, want %q", f.Ignored(), test.why)
				}
			}
		})
	}
}

// TestStub asks about calls around the highest number that a profile names.
func TestStub(t *testing.T) {
	profile := func(action, arches, names string) string {
		return `{"defaultAction":"` + action + `","architectures":[` + arches + `],"syscalls":[{"names":[` + names + `],"action":"SCMP_ACT_ALLOW"}]}`
	}
	const amd64, x32, x86, s390x, arm = `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X32"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X86"`, `"SCMP_ARCH_S390X"`, `"SCMP_ARCH_AARCH64","SCMP_ARCH_ARM"`
	const names = `"read","openat2"` // openat2 is 437 everywhere
	tests := []struct {
		name, runtime, profile, libseccomp string
		call                               Call
		want                               string
	}{
		{"above", "docker", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(38)"},
		{"below", "docker", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Name: "clone3"}, "ERRNO(1)"},
		{"the highest", "docker", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Number: 437}, "ALLOW"},
		{"above, by number", "containerd", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Number: 9999}, "ERRNO(38)"},
		{"crun has none", "podman", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(1)"},
		{"CRI-O with crun", "cri-o 1.31", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(1)"},
		{"CRI-O with runc", "cri-o 1.30", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(38)"},
		{"no runtime", "", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(1)"},
		{"kill by default", "docker", profile("SCMP_ACT_KILL_PROCESS", amd64, names), "", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(38)"},
		{"trap by default", "docker", profile("SCMP_ACT_TRAP", amd64, names), "", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(38)"},
		{"log by default", "docker", profile("SCMP_ACT_LOG", amd64, names), "", Call{Arch: "amd64", Name: "faccessat2"}, "LOG"},
		{"trace by default", "docker", profile("SCMP_ACT_TRACE", amd64, names), "", Call{Arch: "amd64", Name: "faccessat2"}, "TRACE(1)"},
		{"nothing but number 0", "docker", profile("SCMP_ACT_ERRNO", amd64, `"read"`), "", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(1)"},
		{"no architecture listed", "docker", profile("SCMP_ACT_ERRNO", "", names), "", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(38)"},
		{"i386 that is not listed", "docker", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "386", Name: "faccessat2"}, "KILL"},
		{"i386", "docker", profile("SCMP_ACT_ERRNO", x86, names), "", Call{Arch: "386", Name: "faccessat2"}, "ERRNO(38)"},
		{"i386, a call behind socketcall does not count", "docker", profile("SCMP_ACT_ERRNO", x86, `"exit","socket"`), "", Call{Arch: "386", Name: "epoll_create"}, "ERRNO(38)"},
		{"x32 that is not listed", "docker", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Number: 439 | linux.X32Bit}, "KILL"},
		{"x32", "docker", profile("SCMP_ACT_ERRNO", x32, names), "", Call{Arch: "x32", Name: "faccessat2"}, "ERRNO(38)"},
		{"x32, below", "docker", profile("SCMP_ACT_ERRNO", x32, names), "", Call{Arch: "x32", Name: "clone3"}, "ERRNO(1)"},
		{"x32, the highest is one of its own", "docker", profile("SCMP_ACT_ERRNO", x32, `"read","openat2","execveat"`), "", Call{Arch: "x32", Name: "pwritev2"}, "ERRNO(38)"},
		{"minus one", "docker", profile("SCMP_ACT_ERRNO", amd64, names), "", Call{Arch: "amd64", Number: -1}, "ERRNO(1)"},
		{"minus one beside x32", "docker", profile("SCMP_ACT_ERRNO", x32, names), "", Call{Arch: "amd64", Number: -1}, "ERRNO(38)"},
		{"minus one on arm64", "docker", profile("SCMP_ACT_ERRNO", arm, names), "", Call{Arch: "arm64", Native: "arm64", Number: -1}, "ERRNO(38)"},
		{"a private call of ARM counts", "docker", profile("SCMP_ACT_ERRNO", arm, `"read","set_tls"`), "", Call{Arch: "arm", Native: "arm64", Name: "openat2"}, "ERRNO(1)"},
		{"s390x number 0", "docker", profile("SCMP_ACT_ERRNO", s390x, names), "", Call{Arch: "s390x", Native: "s390x", Number: 0}, "ERRNO(38)"},
		{"a name too new for libseccomp does not count", "docker", profile("SCMP_ACT_ERRNO", amd64, names+`,"mseal"`), "2.5.4", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(38)"},
		{"and has no rule", "docker", profile("SCMP_ACT_ERRNO", amd64, names+`,"mseal"`), "2.5.5", Call{Arch: "amd64", Name: "mseal"}, "ERRNO(38)"},
		{"and has none with crun either", "podman", profile("SCMP_ACT_ERRNO", amd64, names+`,"mseal"`), "2.5.5", Call{Arch: "amd64", Name: "mseal"}, "ERRNO(1)"},
		{"a release that knows it", "docker", profile("SCMP_ACT_ERRNO", amd64, names+`,"mseal"`), "2.6.0", Call{Arch: "amd64", Name: "mseal"}, "ALLOW"},
		{"a name unknown here may be higher", "docker", profile("SCMP_ACT_ERRNO", amd64, names+`,"newcall"`), "", Call{Arch: "amd64", Name: "faccessat2"}, "UNDECIDED"},
		{"but not to a release", "docker", profile("SCMP_ACT_ERRNO", amd64, names+`,"newcall"`), "2.6.1", Call{Arch: "amd64", Name: "faccessat2"}, "ERRNO(38)"},
		{"nor can a number be its", "podman", profile("SCMP_ACT_ERRNO", amd64, names+`,"newcall"`), "2.6.1", Call{Arch: "amd64", Number: 9999}, "ERRNO(1)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n := under(t, test.runtime)
			n.Libseccomp = test.libseccomp
			f, err := Read([]byte(test.profile), n)
			if err != nil {
				t.Fatal(err)
			}
			if d := f.Decide(test.call); d.String() != test.want || d.Action != Undecided && d.Place == "" {
				t.Errorf("%v at %q (%s), want %s", d, d.Place, d.Reason, test.want)
			}
		})
	}
}

// TestReadRefuses holds the errors of reading for a runtime to naming key, place and line.
func TestReadRefuses(t *testing.T) {
	rule := func(members string) string {
		return "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\n\"syscalls\":[\n{\"action\":\"SCMP_ACT_ALLOW\"," + members + "}]}"
	}
	for _, test := range []struct{ name, runtime, profile, want string }{
		{"architectures with archMap", "docker", "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86\"],\n\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\"}]}",
			"/archMap: architectures stands beside it; docker takes one of the two and refuses both: remove one (line 2, column 11)"},
		{"name with names", "podman", rule(`"name":"read","names":["read"]`), "/syscalls/0/name: names stands beside it; podman takes one of the two and refuses both: remove one (line 3, column 35)"},
		{"neither", "docker", rule(`"comment":"x"`), "/syscalls/0: names is missing or empty (line 3, column 1)"},
		{"a name of another type", "docker", rule(`"name":1`), "/syscalls/0/name: must be a string, is a number (line 3, column 35)"},
		{"conditions of another type", "docker", rule(`"names":["read"],"includes":["CAP_SYS_ADMIN"]`), "/syscalls/0/includes: must be an object, is a list (line 3, column 56)"},
		{"an unknown condition", "docker", rule(`"names":["read"],"includes":{"cap":["CAP_SYS_ADMIN"]}`), `/syscalls/0/includes/cap: the key "cap" is not one of arches, caps, minKernel (line 3, column 63)`},
		{"an unknown condition of Podman's", "podman", rule(`"names":["read"],"includes":{"cap":["CAP_SYS_ADMIN"]}`), `/syscalls/0/includes/cap: the key "cap" is not one of arches, caps (line 3, column 63)`},
		{"minKernel of a rule", "docker", rule(`"names":["read"],"minKernel":"4.8"`), `/syscalls/0/minKernel: the key "minKernel" is not one of action, args, comment, errnoRet, excludes, includes, name, names (line 3, column 57)`},
		{"one capability as text", "docker", rule(`"names":["read"],"includes":{"caps":"CAP_BPF"}`), "/syscalls/0/includes/caps: must be a list, is a string (line 3, column 64)"},
		{"a kernel as number", "docker", rule(`"names":["read"],"includes":{"minKernel":4.8}`), "/syscalls/0/includes/minKernel: must be a string, is a number (line 3, column 69)"},
		{"a kernel in three parts", "docker", rule(`"names":["read"],"includes":{"minKernel":"4.8.1"}`), `/syscalls/0/includes/minKernel: "4.8.1" is not a kernel version such as "4.8" (line 3, column 69)`},
		{"no kernel", "docker", rule(`"names":["read"],"includes":{"minKernel":"0.0"}`), `"0.0" is not a kernel version`},
		{"an architecture in archMap", "docker", `{"defaultAction":"SCMP_ACT_ERRNO","archMap":[{"architecture":"amd64"}]}`, `/archMap/0/architecture: "amd64" is not an architecture`},
		{"archMap without architecture", "docker", `{"defaultAction":"SCMP_ACT_ERRNO","archMap":[{}]}`, `/archMap/0: architecture is missing`},
		{"archMap of another type", "docker", `{"defaultAction":"SCMP_ACT_ERRNO","archMap":{"SCMP_ARCH_X86_64":[]}}`, `/archMap: must be a list, is an object`},
		{"an errno that crun refuses", "podman", rule(`"names":["read"],"errnoRet":1`), "/syscalls/0/errnoRet: SCMP_ACT_ALLOW carries no number"},
		{"an error that nobody knows", "podman", strings.Replace(rule(`"names":["read"],"errno":"EWHAT"`), "ALLOW", "ERRNO", 1), `/syscalls/0/errno: "EWHAT" is not the name of an error`},
		{"an error of another type", "podman", strings.Replace(rule(`"names":["read"],"errno":1`), "ALLOW", "ERRNO", 1), `/syscalls/0/errno: must be a string, is a number`},
		{"a supervised write", "docker", `{"defaultAction":"SCMP_ACT_ERRNO","listenerPath":"/s","syscalls":[{"name":"write","action":"SCMP_ACT_NOTIFY"}]}`, "SCMP_ACT_NOTIFY cannot hold for write"},
		{"a conflict where both rules hold", "docker", `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"name":"read","action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]},` +
			`{"name":"read","action":"SCMP_ACT_LOG","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}]}`, "/syscalls/1/name: /syscalls/0 has a rule for read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Read([]byte(test.profile), under(t, test.runtime)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestReadNotes holds what runtimes pass over to being told.
func TestReadNotes(t *testing.T) {
	rule := func(members string) string {
		return `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],` + members + `}]}`
	}
	seven := `"action":"SCMP_ACT_ALLOW","args":[` + strings.Repeat(`{"index":0,"value":1,"op":"SCMP_CMP_EQ"},`, 6) + `{"index":0,"value":9,"op":"SCMP_CMP_EQ"}]`
	for _, test := range []struct{ runtime, profile, want string }{
		{"docker", rule(`"action":"SCMP_ACT_ALLOW","errnoRet":1`), "runc passes over it: SCMP_ACT_ALLOW carries no number"},
		{"docker", rule(`"action":"SCMP_ACT_ALLOW","includes":{"caps":["SYS_ADMIN"]}`), `no container has the capability "SYS_ADMIN"`},
		{"podman", rule(`"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"4.8"}`), `podman passes over "minKernel"`},
		{"podman", rule(seven), "crun reads the first 6 conditions"},
		{"docker", rule(`"action":"SCMP_ACT_ERRNO","errno":"EPERM"`), `docker passes over "errno"`},
	} {
		f, err := Read([]byte(test.profile), under(t, test.runtime))
		if err != nil {
			t.Errorf("%s: %v", test.want, err)
			continue
		}
		if notes := f.Ignored(); len(notes) != 1 || !strings.Contains(notes[0].Why, test.want) {
			t.Errorf("%v, want %q", notes, test.want)
		}
	}
	call := Call{Arch: "amd64", Name: "read", Args: [6]uint64{9}}
	for runtime, want := range map[string]string{"podman": "ERRNO(1)", "docker": "ALLOW"} {
		f, err := Read([]byte(rule(seven)), under(t, runtime))
		if err != nil {
			t.Fatal(err)
		}
		if d := f.Decide(call); d.String() != want {
			t.Errorf("the seventh condition under %s: %v, want %s", runtime, d, want)
		}
	}
	if _, err := Parse([]byte(rule(seven))); err == nil || !strings.Contains(err.Error(), "/syscalls/0/args/6: a system call has 6 arguments") {
		t.Errorf("seven conditions under no runtime: %v", err)
	}
}

func TestParseRuntime(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "docker": "docker", "crio": "cri-o", "cri-o 1.34": "cri-o", "containerd 2.0": "containerd", "runc 1.3.3": "runc", "containerd 2": "containerd", "docker v29.0.0-rc.1": "docker",
	} {
		if r, err := ParseRuntime(text); err != nil || r.Name != want {
			t.Errorf("%q is %q, %v", text, r.Name, err)
		}
	}
	if _, err := ParseRuntime("rkt"); err == nil || err.Error() != `no runtime is called "rkt"; there are containerd, cri-o, crun, docker, podman, runc` {
		t.Errorf("rkt: %v", err)
	}
	if _, err := ParseRuntime("containerd two"); err == nil || !strings.Contains(err.Error(), `"two" is not a version of containerd`) {
		t.Errorf("containerd two: %v", err)
	}
	for want, n := range map[string]Node{
		`no capability is called "CAP_BPF"`:      {Capabilities: []string{"CAP_BPF"}},
		`"six" is not a kernel version`:          {Kernel: "six"},
		`libseccomp "2.4.0" knows are not known`: {Libseccomp: "2.4.0"},
	} {
		if _, err := Read([]byte(`{"defaultAction":"SCMP_ACT_ERRNO"}`), n); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
