package seccomp_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/net/bpf"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/control/controltest"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// TestLibseccompHoldsConditions compiles profiles with random conditions by libseccomp, and holds the filter to what the conditions mean. No
// model of ours has a say.
func TestLibseccompHoldsConditions(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("libseccomp makes filters for the machine that it runs on; the numbers here are amd64's")
	}
	helper := filepath.Join(t.TempDir(), "compile")
	if out, err := exec.Command("gcc", "-O1", "-o", helper, filepath.Join("..", "..", "compiler", "model", "seccomp", "filter", "testdata", "compile.c"), "-lseccomp").CombinedOutput(); err != nil {
		missing(t, "gcc and libseccomp-dev are needed: %v\n%s", err, out)
	}
	nr, _ := linux.SyscallNumber(linux.AMD64, "ioctl")
	amd64, _ := linux.LookupArch("amd64")
	allowed, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t)
		p := resolve(t, policy.Settings{control.SeccompAllow: set(10, "ioctl", "read"), control.SeccompRule: rules(r)}, "amd64")
		if !fullyHeld(p) {
			return
		}
		var profile specs.LinuxSeccomp
		if err := json.Unmarshal(one(t, p).Body, &profile); err != nil {
			t.Fatal(err)
		}
		vm := compiled(t, helper, profile)
		for range 50 {
			args := drawArgs(t)
			words := []uint32{uint32(nr), amd64.Audit, 0, 0}
			for _, arg := range args {
				words = append(words, uint32(arg), uint32(arg>>32)) // as a machine with the low half first has them
			}
			var data []byte
			for _, w := range words {
				data = binary.BigEndian.AppendUint32(data, w) // the interpreter reads words so
			}
			got, err := vm.Run(data)
			if err != nil {
				t.Fatal(err)
			}
			want := 0x00050001
			if controltest.Allows(r.Body.(*control.SyscallRule), args) {
				want = 0x7fff0000
				allowed++
			} else {
				refused++
			}
			if got != want {
				t.Fatalf("ioctl %#x returns %#x, want %#x: %+v", args, got, want, r.Body)
			}
		}
	})
	if allowed == 0 || refused == 0 {
		t.Errorf("%d calls were allowed, %d refused", allowed, refused)
	}
}

// compiled is the filter that libseccomp makes of a profile of ours.
func compiled(t *rapid.T, helper string, profile specs.LinuxSeccomp) *bpf.VM {
	var lines strings.Builder
	fmt.Fprintln(&lines, "default 50001")
	for _, r := range profile.Syscalls {
		action := 0x7fff0000
		if r.Action == specs.ActErrno {
			action = 0x00050000 | int(*r.ErrnoRet)
		}
		for _, name := range r.Names {
			fmt.Fprintf(&lines, "rule %x %s %d", action, name, len(r.Args))
			for _, a := range r.Args {
				op := 4 // SCMP_CMP_EQ
				if a.Op == specs.OpMaskedEqual {
					op = 7
				}
				fmt.Fprintf(&lines, " %d %d %x %x", a.Index, op, a.Value, a.ValueTwo)
			}
			fmt.Fprintln(&lines)
		}
	}
	cmd := exec.Command(helper)
	cmd.Stdin = strings.NewReader(lines.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("libseccomp: %v\n%s", err, lines.String())
	}
	var raw []bpf.RawInstruction
	for data := bytes.NewBuffer(out); data.Len() >= 8; {
		b := data.Next(8)
		raw = append(raw, bpf.RawInstruction{Op: binary.LittleEndian.Uint16(b), Jt: b[2], Jf: b[3], K: binary.LittleEndian.Uint32(b[4:])})
	}
	if len(raw) > 4096 {
		t.Fatalf("%d instructions, and no kernel takes more than 4096", len(raw))
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
