package profile_test

import (
	"os"
	"testing"
	"time"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// slowest is how long a decision about a path may take once the profile is loaded.
const slowest = 10 * time.Microsecond

func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(runtimeDefault)))
	for b.Loop() {
		if _, err := profile.Parse("bench", []byte(runtimeDefault)); err != nil {
			b.Fatal(err)
		}
	}
}

// benchPaths meet few rules, and many.
var benchPaths = []string{"/app/server", "/tmp/a/b/c", "/etc/passwd", "/proc/sys/kernel/core_pattern", "/proc/1234/task/5678/mem",
	"/sys/fs/cgroup/memory/release_agent", "/host/run/k3s/containerd/containerd.sock", "/usr/lib/x86_64-linux-gnu/libsomething.so.1.2.3",
	"/var/lib/app/data/2026/11/23/segment-00000000000000000042.log"}

// benchProfiles are a profile such as this project emits, of more than a hundred rules, and docker-default.
func benchProfiles(tb testing.TB) map[string]string {
	emitted, err := os.ReadFile("testdata/large.profile")
	if err != nil {
		tb.Fatal(err)
	}
	return map[string]string{"emitted": string(emitted), "docker-default": dockerDefault(tb)}
}

func BenchmarkFile(b *testing.B) {
	for name, text := range benchProfiles(b) {
		file, err := profile.Parse(name, []byte(text))
		if err != nil {
			b.Fatal(err)
		}
		p := file.Profiles[0]
		for _, path := range benchPaths {
			b.Run(name+path, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					p.File(path, "w", true)
				}
				if each := b.Elapsed() / time.Duration(b.N); b.N > 1000 && each > slowest {
					b.Errorf("a decision takes %v, and may take %v", each, slowest)
				}
			})
		}
	}
}
