package profile_test

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(runtimeDefault)))
	for b.Loop() {
		if _, err := profile.Parse("bench", []byte(runtimeDefault)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFile(b *testing.B) {
	file, err := profile.Parse("bench", []byte(runtimeDefault))
	if err != nil {
		b.Fatal(err)
	}
	p := file.Profiles[0]
	for _, path := range []string{"/app/server", "/proc/sys/kernel/core_pattern", "/sys/fs/cgroup/memory/release_agent"} {
		b.Run(path, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.File(path, "w", true)
			}
		})
	}
}
