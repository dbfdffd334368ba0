package filter

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// TestSuite asks for agreement with libseccomp's own simulator tables. A case's arguments are null where they do not matter, and
// its call is a number where no name has it.
func TestSuite(t *testing.T) {
	folder := suites.Folder(t, "libseccomp")
	lines, err := os.ReadFile(filepath.Join(folder, "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	filters := map[string]*Filter{}
	agreed, total := 0, 0
	scanner := bufio.NewScanner(bytes.NewReader(lines))
	for scanner.Scan() {
		var c struct {
			ID, Suite, Expect string
			Syscall           any
			Args              [6]*json.Number
		}
		dec := json.NewDecoder(bytes.NewReader(scanner.Bytes()))
		dec.UseNumber()
		if err := dec.Decode(&c); err != nil {
			t.Fatal(err)
		}
		f := filters[c.Suite]
		if f == nil {
			data, err := os.ReadFile(filepath.Join(folder, "oci", c.Suite+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if f, err = Parse(data); err != nil {
				t.Fatalf("%s: %v", c.Suite, err)
			}
			filters[c.Suite] = f
		}
		call := Call{Arch: linux.AMD64}
		switch name := c.Syscall.(type) {
		case string:
			call.Name = name
		case json.Number:
			n, err := name.Int64()
			if err != nil {
				t.Fatal(err)
			}
			call.Number = int(n)
		}
		for i, arg := range c.Args {
			if arg == nil {
				continue
			}
			if err := json.Unmarshal([]byte(arg.String()), &call.Args[i]); err != nil {
				t.Fatal(err)
			}
		}
		total++
		if d := f.Decide(call); d.String() == c.Expect {
			agreed++
		} else {
			t.Errorf("%s: %v %v is %v (%s, %s), want %s", c.ID, c.Syscall, call.Args, d, d.Place, d.Reason, c.Expect)
		}
	}
	if total == 0 {
		t.Fatal("no cases")
	}
	t.Logf("%d of %d decisions", agreed, total)
}

// FuzzParse holds reading, for any runtime, to never panicking, and what was read to answering.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}]}`))
	f.Add([]byte(`{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["clone"],"action":"SCMP_ACT_ERRNO","errnoRet":38,"args":[{"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}]}]}`))
	f.Add([]byte(`{"defaultAction":"SCMP_ACT_KILL","includes":{}}`))
	f.Add([]byte(`{"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"ENOSYS","archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}],"syscalls":[{"name":"bpf","action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_BPF"],"minKernel":"4.8"},"excludes":{"arches":["arm64"]}}]}`))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, runtime := range append([]Runtime{{}}, runtimes...) {
			filter, err := Read(data, Node{Runtime: runtime, Libseccomp: "2.5.4"})
			if err != nil {
				if strings.TrimSpace(err.Error()) == "" {
					t.Error("an error without words")
				}
				continue
			}
			for _, arch := range linux.Architectures() {
				d := filter.Decide(Call{Arch: arch.Arch, Number: 1, Args: [6]uint64{1, 2, 3, 4, 5, 6}})
				if d.Action != Undecided && d.Place == "" {
					t.Errorf("%s: %v has no place", arch.Arch, d)
				}
				if d.Action == Undecided && d.Reason == "" {
					t.Errorf("%s: undecided without a reason", arch.Arch)
				}
			}
		}
	})
}
