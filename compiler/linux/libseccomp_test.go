package linux

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// resolver is a program that asks libseccomp for a call's number: lines of "TOKEN NAME" in, numbers out.
const resolver = `
#include <inttypes.h>
#include <seccomp.h>
#include <stdio.h>
int main(void)
{
	uint32_t token;
	char name[64];
	while (scanf("%" SCNx32 " %63s", &token, name) == 2)
		printf("%d\n", seccomp_syscall_resolve_name_arch(token, name));
	return 0;
}
`

// buildResolver builds the program that asks libseccomp.
func buildResolver(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	source, binary := filepath.Join(dir, "resolve.c"), filepath.Join(dir, "resolve")
	if err := os.WriteFile(source, []byte(resolver), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("gcc", "-o", binary, source, "-lseccomp").CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("gcc and libseccomp-dev are needed: %v\n%s", err, out)
		}
		t.Skipf("no gcc or libseccomp-dev: %v", err)
	}
	return binary
}

// TestNumbersAreLibseccomps compares every number with the one that libseccomp knows, which it has from another source. A negative
// answer is no comparison: the call is newer than the library, or the architecture has it through another call alone.
func TestNumbersAreLibseccomps(t *testing.T) {
	binary := buildResolver(t)
	type question struct {
		arch Arch
		name string
	}
	var questions []question
	var input strings.Builder
	for _, a := range Architectures() {
		if !a.HasTable || a.Arch == LOONG64 { // which 2.5.4 does not have
			continue
		}
		token := a.Audit
		if a.Arch == X32 { // libseccomp's token of x32 is without the bit for 64
			token &^= 0x80000000
		}
		for _, c := range Syscalls() {
			questions = append(questions, question{a.Arch, c.Name})
			fmt.Fprintf(&input, "%x %s\n", token, c.Name)
		}
	}
	cmd := exec.Command(binary)
	cmd.Stdin = strings.NewReader(input.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewScanner(bytes.NewReader(out))
	compared := 0
	for _, q := range questions {
		if !answers.Scan() {
			t.Fatal("too few answers")
		}
		var theirs int
		if _, err := fmt.Sscan(answers.Text(), &theirs); err != nil {
			t.Fatal(err)
		}
		ours, ok := SyscallNumber(q.arch, q.name)
		if theirs < 0 {
			continue
		}
		if q.arch == X32 {
			theirs &^= X32Bit
		}
		compared++
		if !ok || ours != theirs {
			t.Errorf("%s on %s is %d, %v; libseccomp: %d", q.name, q.arch, ours, ok, theirs)
		}
	}
	if compared < 2000 {
		t.Errorf("only %d numbers compared", compared)
	}
	t.Logf("%d numbers compared", compared)
}
