package profile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	mobyprofiles "github.com/moby/profiles/apparmor"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// dockerDefault gives docker-default as Docker would load it here: moby's module hands it to the apparmor_parser of the
// path, in whose place a script keeps it.
func dockerDefault(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	kept := filepath.Join(folder, "profile")
	script := "#!/bin/sh\nexec cat > '" + kept + "'\n"
	if err := os.WriteFile(filepath.Join(folder, "apparmor_parser"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("PATH")
	os.Setenv("PATH", folder+":"+path)
	err := mobyprofiles.InstallDefault("docker-default")
	os.Setenv("PATH", path)
	if err != nil {
		t.Fatal(err)
	}
	body, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// containerdDefault is docker-default as containerd has it: under its own name, and without the rule about AF_ALG.
func containerdDefault(docker string) string {
	out := strings.ReplaceAll(docker, "docker-default", "cri-containerd.apparmor.d")
	return strings.Replace(out, "deny network alg,", "", 1)
}

// TestRuntimeProfiles holds that the profiles of Docker and containerd are decided in all that they speak of.
func TestRuntimeProfiles(t *testing.T) {
	newOracle(t) // the profiles include what a parser's package ships
	docker := dockerDefault(t)
	for _, text := range []string{docker, containerdDefault(docker)} {
		p := one(t, text)
		alg := profile.Deny
		if p.Name != "docker-default" {
			alg = profile.Allow
		}
		for what, test := range map[string]struct {
			got  profile.Decision
			want profile.Outcome
		}{
			"core_pattern":           {p.File("/proc/sys/kernel/core_pattern", "w", true), profile.Deny},
			"core_pattern, read":     {p.File("/proc/sys/kernel/core_pattern", "r", true), profile.Allow},
			"kcore":                  {p.File("/proc/kcore", "r", true), profile.Deny},
			"another mount of /proc": {p.File("/host/proc/kcore", "r", true), profile.Allow},
			"release_agent":          {p.File("/sys/fs/cgroup/x/release_agent", "w", true), profile.Allow},
			"link":                   {p.Link("/tmp/a", "/tmp/b", true), profile.Allow},
			"link to what is closed": {p.Link("/tmp/a", "/proc/kcore", true), profile.Deny},
			"sys_admin":              {p.Capability("sys_admin"), profile.Allow},
			"tcp":                    {p.Network("inet", "stream"), profile.Allow},
			"alg":                    {p.Network("alg", "seqpacket"), alg},
			"raw":                    {p.Network("inet", "raw"), profile.Allow},
			"unix":                   {p.Network("unix", "stream"), profile.Allow},
			"unix to another":        {p.Unix(profile.UnixRequest{Access: "connect", Type: "stream", Address: "none", PeerAddress: "@x", PeerLabel: "other"}), profile.Allow},
			"mount":                  {p.Mount(profile.MountRequest{Source: "proc", Target: "/mnt", FSType: "proc"}), profile.Deny},
			"umount":                 {p.Umount("/mnt"), profile.Allow},
			"pivot_root":             {p.PivotRoot("/a", "/b"), profile.Deny},
			"trace self":             {p.Ptrace("trace", p.Name), profile.Allow},
			"trace another":          {p.Ptrace("trace", "other"), profile.Deny},
			"signal to self":         {p.Signal("send", "kill", p.Name), profile.Allow},
			"signal to another":      {p.Signal("send", "kill", "other"), profile.Deny},
			"killed by runc":         {p.Signal("receive", "kill", "runc"), profile.Allow},
			"user namespace":         {p.Userns(), profile.Allow},
			"io_uring":               {p.IOUring("sqpoll", ""), profile.Allow},
			"message queue":          {p.Mqueue("create", "/q", p.Name), profile.Allow},
		} {
			if test.got.Outcome != test.want {
				t.Errorf("%s: %s is %v (%s), want %v", p.Name, what, test.got.Outcome, test.got.Reason, test.want)
			}
		}
	}
}

// TestDockerDefaultAgainstParser holds docker-default to what the parser compiles of it, on random paths made of the
// pieces that its patterns look at.
func TestDockerDefaultAgainstParser(t *testing.T) {
	o := newOracle(t)
	text := dockerDefault(t)
	p := one(t, text)
	theirs, problem := o.compile(t, text)
	if problem != "" {
		t.Fatal(problem)
	}
	piece := rapid.SampledFrom([]string{"/", "/", "/proc", "/sys", "/fs", "/cgroup", "/kernel", "/shm", "shmmax", "1", "4194305", "self", "s", "k", "f",
		"sys", "sysrq-trigger", "kcore", "firmware", "security", "devices", "virtual", "powercap", "a", "/x", ".", "*", "cg", "fc"})
	path := rapid.Custom(func(t *rapid.T) string {
		start := rapid.SampledFrom([]string{"/proc/", "/proc/sys/", "/proc/sys/kernel/", "/sys/", "/sys/fs/", "/sys/kernel/", "/"}).Draw(t, "start")
		var out strings.Builder
		out.WriteString(start)
		for range rapid.IntRange(0, 5).Draw(t, "pieces") {
			out.WriteString(piece.Draw(t, "piece"))
		}
		return out.String()
	})
	outcomes := map[profile.Outcome]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 30 {
			path, owner := path.Draw(t, "path"), rapid.Bool().Draw(t, "owner")
			perms := theirs.files.filePerms(path, owner)
			for access, bit := range fileBits {
				want := profile.Deny
				if perms.allow&bit != 0 {
					want = profile.Allow
				}
				if outcomes[want]++; p.File(path, access, owner).Outcome != want {
					t.Fatalf("%s %s owner=%v: %+v, the parser says %v", access, path, owner, p.File(path, access, owner), want)
				}
			}
		}
	})
	if t.Logf("%v", outcomes); outcomes[profile.Deny] == 0 || outcomes[profile.Allow] == 0 {
		t.Error("only one outcome was met")
	}
}
