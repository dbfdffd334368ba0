package filter

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	moby "github.com/moby/profiles/seccomp"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// BenchmarkDecide asks moby's default profile, under Docker, and one that the compiler emits for calls with and without conditions. A decision is to
// take less than a microsecond.
func BenchmarkDecide(b *testing.B) {
	dialect, err := json.Marshal(moby.DefaultProfile())
	if err != nil {
		b.Fatal(err)
	}
	emitted, err := os.ReadFile(filepath.FromSlash("../../../../testdata/cases/everything/build/seccomp/bulkhead.everything.api.json"))
	if err != nil {
		b.Fatal(err)
	}
	for _, profile := range []struct {
		name string
		body []byte
	}{{"moby", dialect}, {"emitted", emitted}} {
		f, err := Read(profile.body, under(b, "docker"))
		if err != nil {
			b.Fatal(err)
		}
		for _, bench := range []struct {
			name string
			call Call
			want Action
		}{
			{"allowed", Call{Native: linux.AMD64, Arch: linux.AMD64, Name: "openat"}, Allow},
			{"by number", Call{Native: linux.AMD64, Arch: linux.AMD64, Number: 257}, Allow},
			{"refused", Call{Native: linux.AMD64, Arch: linux.AMD64, Name: "mount"}, Errno},
			{"stub", Call{Native: linux.AMD64, Arch: linux.AMD64, Number: 9999}, Errno},
			{"masked argument", Call{Native: linux.AMD64, Arch: linux.AMD64, Name: "clone", Args: [6]uint64{0x11}}, Allow},
			{"argument", Call{Native: linux.AMD64, Arch: linux.AMD64, Name: "socket", Args: [6]uint64{2}}, Allow},
			{"argument refused", Call{Native: linux.AMD64, Arch: linux.AMD64, Name: "socket", Args: [6]uint64{38}}, Errno},
		} {
			b.Run(profile.name+"/"+bench.name, func(b *testing.B) {
				if d := f.Decide(bench.call); d.Action != bench.want {
					b.Fatal(d, d.Reason)
				}
				b.ReportAllocs()
				for b.Loop() {
					f.Decide(bench.call)
				}
			})
		}
	}
}

// BenchmarkRead reads moby's default profile.
func BenchmarkRead(b *testing.B) {
	dialect, err := json.Marshal(moby.DefaultProfile())
	if err != nil {
		b.Fatal(err)
	}
	node := under(b, "docker")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(dialect, node); err != nil {
			b.Fatal(err)
		}
	}
}
