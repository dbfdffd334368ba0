package filter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"golang.org/x/net/bpf"
	"pgregory.net/rapid"
)

// compiler builds the helper that asks libseccomp. It skips where there is no C compiler or no libseccomp to build with.
func compiler(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "compile")
	out, err := exec.Command("gcc", "-O1", "-o", binary, "testdata/compile.c", "-lseccomp").CombinedOutput()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("gcc and libseccomp-dev are needed: %v\n%s", err, out)
		}
		t.Skipf("no gcc or libseccomp-dev: %v", err)
	}
	return binary
}

// profile is a random profile, in a shape that both readers can be given.
type profile struct {
	initial string
	arches  []string
	rules   []profileRule
}

type profileRule struct {
	name, action string
	args         []profileArg
}

type profileArg struct {
	index int
	op    string
	a, b  uint64
}

// seccompActions are libseccomp's numbers of the actions that the test uses.
var seccompActions = map[string]uint32{
	"SCMP_ACT_ALLOW": 0x7fff0000, "SCMP_ACT_LOG": 0x7ffc0000, "SCMP_ACT_KILL_PROCESS": 0x80000000, "SCMP_ACT_TRAP": 0x00030000,
	"SCMP_ACT_ERRNO": 0x00050001,
}

// seccompOps are libseccomp's numbers of the comparisons (enum scmp_compare).
var seccompOps = map[string]int{
	"SCMP_CMP_NE": 1, "SCMP_CMP_LT": 2, "SCMP_CMP_LE": 3, "SCMP_CMP_EQ": 4, "SCMP_CMP_GE": 5, "SCMP_CMP_GT": 6, "SCMP_CMP_MASKED_EQ": 7,
}

func (p profile) json() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `{"defaultAction":%q,"architectures":["SCMP_ARCH_X86_64"`, p.initial)
	for _, arch := range p.arches {
		fmt.Fprintf(&b, `,%q`, arch)
	}
	b.WriteString(`],"syscalls":[`)
	for i, r := range p.rules {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `{"names":[%q],"action":%q,"args":[`, r.name, r.action)
		for j, a := range r.args {
			if j > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, `{"index":%d,"op":%q,"value":%d,"valueTwo":%d}`, a.index, a.op, a.a, a.b)
		}
		b.WriteString("]}")
	}
	b.WriteString("]}")
	return []byte(b.String())
}

// lines are what a runtime tells libseccomp: rules that equal the default are left out.
func (p profile) lines() string {
	var b strings.Builder
	fmt.Fprintf(&b, "default %x\n", seccompActions[p.initial])
	for _, arch := range p.arches {
		token := map[string]uint32{"SCMP_ARCH_X86": 0x40000003, "SCMP_ARCH_X32": 0x4000003e}[arch]
		fmt.Fprintf(&b, "arch %x\n", token)
	}
	for _, r := range p.rules {
		if r.action == p.initial {
			continue
		}
		fmt.Fprintf(&b, "rule %x %s %d", seccompActions[r.action], r.name, len(r.args))
		for _, a := range r.args {
			fmt.Fprintf(&b, " %d %d %x %x", a.index, seccompOps[a.op], a.a, a.b)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// libseccomp compiles the profile. It is nil where libseccomp refuses it. There are profiles with which 2.5.4 does not end: after five
// seconds of the processor, however long these take, it is killed, and the profile is no test.
func libseccomp(t *rapid.T, helper string, p profile) *bpf.VM {
	cmd := exec.Command("sh", "-c", `ulimit -t 5; exec "$0"`, helper)
	cmd.Stdin = strings.NewReader(p.lines())
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 {
		return nil
	}
	if exit != nil && exit.Sys().(syscall.WaitStatus).Signaled() {
		t.Skip("libseccomp does not end")
	}
	if err != nil {
		t.Fatal(err)
	}
	var raw []bpf.RawInstruction
	for data := out.Bytes(); len(data) >= 8; data = data[8:] {
		raw = append(raw, bpf.RawInstruction{Op: binary.NativeEndian.Uint16(data), Jt: data[2], Jf: data[3], K: binary.NativeEndian.Uint32(data[4:])})
	}
	program, ok := bpf.Disassemble(raw)
	if !ok {
		t.Fatal("instructions that are not understood")
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

// run gives the program a struct seccomp_data. Its words are in the machine's order, and the interpreter reads them in the
// network's: word by word they are the same. The machine is taken to be little-endian, where the low half comes first.
func run(t *rapid.T, vm *bpf.VM, audit uint32, nr int, args [6]uint64) uint32 {
	words := []uint32{uint32(nr), audit, 0, 0}
	for _, arg := range args {
		words = append(words, uint32(arg), uint32(arg>>32))
	}
	var data []byte
	for _, w := range words {
		data = binary.BigEndian.AppendUint32(data, w)
	}
	result, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(result)
}

// returned writes what a filter returns as Decision.String does.
func returned(value uint32) string {
	names := map[uint32]string{0x7fff0000: "ALLOW", 0x7ffc0000: "LOG", 0x80000000: "KILL_PROCESS", 0x00030000: "TRAP", 0: "KILL"}
	if value&0xffff0000 == 0x00050000 {
		return fmt.Sprintf("ERRNO(%d)", value&0xffff)
	}
	if name, ok := names[value]; ok {
		return name
	}
	return fmt.Sprintf("%#x", value)
}

var actionNames = []string{"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP", "SCMP_ACT_ERRNO"}

// drawProfile draws rules on few calls, arguments and values, so that they meet.
func drawProfile(t *rapid.T, names []string, ops []string, values []uint64) profile {
	p := profile{initial: rapid.SampledFrom(actionNames).Draw(t, "default")}
	if rapid.Bool().Draw(t, "386") {
		p.arches = append(p.arches, "SCMP_ARCH_X86")
	}
	if rapid.Bool().Draw(t, "x32") {
		p.arches = append(p.arches, "SCMP_ARCH_X32")
	}
	if rapid.Bool().Draw(t, "a call of all architectures") { // without one, libseccomp may not load the call's number
		action := rapid.SampledFrom(actionNames).Draw(t, "its action")
		p.rules = append(p.rules, profileRule{name: "exit_group", action: action})
	}
	for range rapid.IntRange(1, 5).Draw(t, "rules") {
		r := profileRule{name: rapid.SampledFrom(names).Draw(t, "name"), action: rapid.SampledFrom(actionNames).Draw(t, "action")}
		for index := range 3 {
			if rapid.Bool().Draw(t, "condition") {
				continue
			}
			a := profileArg{index: index, op: rapid.SampledFrom(ops).Draw(t, "op")}
			a.a = rapid.SampledFrom(values).Draw(t, "value")
			if a.op == "SCMP_CMP_MASKED_EQ" {
				a.b = rapid.SampledFrom(values).Draw(t, "second value")
			}
			r.args = append(r.args, a)
		}
		p.rules = append(p.rules, r)
	}
	return p
}

// agree holds the model to libseccomp for random calls of one profile.
func agree(t *rapid.T, helper string, p profile, names []string, values []uint64) {
	f, err := Parse(p.json())
	vm := libseccomp(t, helper, p)
	if err != nil && vm != nil {
		t.Fatalf("model: %v; libseccomp takes it\n%s", err, p.json())
	}
	if vm == nil {
		if err == nil && len(f.wide.conflicts)+len(f.narrow.conflicts)+len(f.wide.muxed.conflicts)+len(f.narrow.muxed.conflicts) == 0 {
			t.Fatalf("libseccomp refuses it, the model does not\n%s", p.json())
		}
		return
	}
	for range 20 {
		arch := rapid.SampledFrom([]linux.Arch{linux.AMD64, linux.I386, linux.X32, linux.ARM64}).Draw(t, "arch")
		name := rapid.SampledFrom(names).Draw(t, "called")
		nr, ok := linux.SyscallNumber(arch, name)
		if !ok {
			continue
		}
		if arch == linux.X32 {
			nr |= linux.X32Bit
		}
		var args [6]uint64
		for i := range 3 {
			args[i] = rapid.SampledFrom(values).Draw(t, "argument")
		}
		a, _ := linux.LookupArch(string(arch))
		want := returned(run(t, vm, a.Audit, nr, args))
		d := f.Decide(Call{Native: linux.AMD64, Arch: arch, Number: nr, Args: args})
		if d.Action != Undecided && d.String() != want {
			t.Fatalf("%s %s %#x is %v (%s, %s); libseccomp: %s\n%s", arch, name, args, d, d.Place, d.Reason, want, p.json())
		}
	}
}

// TestAgreesWithLibseccomp is the differential test.
func TestAgreesWithLibseccomp(t *testing.T) {
	helper := compiler(t)
	small := []uint64{0, 1, 2, 3, 5, 0x10}
	wide := []uint64{0, 1, 2, 0xffffffff, 1 << 32, 1<<32 + 1, 2 << 32, ^uint64(0)}
	plain := []string{"read", "write"}
	muxed := []string{"socket", "connect", "socketcall", "semop", "shmat", "ipc", "read"}
	equalities := []string{"SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ"}
	all := []string{"SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_GT", "SCMP_CMP_GE"}
	for _, test := range []struct {
		name   string
		calls  []string
		ops    []string
		values []uint64
	}{
		{"allow lists", plain, equalities[:1], small},
		{"equality", plain, equalities, small},
		{"equality, wide", plain, equalities, wide},
		{"all comparisons", plain, all, small},
		{"all comparisons, wide", plain, all, wide},
		{"multiplexed", muxed, equalities, small},
		{"multiplexed, all", muxed, all, wide},
	} {
		t.Run(test.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				agree(t, helper, drawProfile(t, test.calls, test.ops, test.values), test.calls, test.values)
			})
		})
	}
}
