package linux

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// backported are the calls that Debian added to its 2.5.4: those of 2.5.5.
var backported = []string{"cachestat", "fchmodat2", "futex_requeue", "futex_wait", "futex_wake", "map_shadow_stack"}

// TestReleaseIsTheLibrarys holds what is said of libseccomp 2.5.4 to the library, where it is the one installed.
func TestReleaseIsTheLibrarys(t *testing.T) {
	binary := buildResolver(t)
	version, err := exec.Command("pkg-config", "--modversion", "libseccomp").Output()
	if err != nil {
		t.Fatalf("pkg-config tells which release is installed: %v", err)
	}
	release := strings.TrimSpace(string(version))
	if !slices.Contains(Libseccomp(), release) {
		t.Skipf("libseccomp %s is installed, of which nothing is said", release)
	}
	amd64, _ := LookupArch(string(AMD64))
	var input strings.Builder
	for _, c := range Syscalls() {
		fmt.Fprintf(&input, "%x %s\n", amd64.Audit, c.Name)
	}
	cmd := exec.Command(binary)
	cmd.Stdin = strings.NewReader(input.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := bytes.Fields(out)
	known, unknown := 0, 0
	for i, c := range Syscalls() {
		theirs := string(answers[i]) != "-1" // __NR_SCMP_ERROR; calls of other architectures have numbers below
		ours := LibseccompKnows(release, c.Name)
		if theirs != ours && !(release == "2.5.4" && slices.Contains(backported, c.Name)) {
			t.Errorf("libseccomp %s knows %s: %v, here %v", release, c.Name, theirs, ours)
		}
		if ours {
			known++
		} else {
			unknown++
		}
	}
	if known < 400 || unknown == 0 {
		t.Errorf("%d known, %d unknown", known, unknown)
	}
}

func TestLibseccompKnows(t *testing.T) {
	for _, test := range []struct {
		release, name string
		want          bool
	}{
		{"2.5.4", "read", true}, {"2.5.4", "set_mempolicy_home_node", true}, {"2.5.4", "cachestat", false}, {"2.5.4", "tuxcall", true},
		{"2.5.5", "futex_wait", true}, {"2.5.5", "riscv_hwprobe", false}, {"2.5.5", "mseal", false}, {"2.5.6", "mseal", true}, {"2.6.0", "removexattrat", true},
		{"2.6.0", "listns", false}, {"2.6.1", "listns", true}, {"2.6.1", "no_such_call", false}, {"2.4.0", "read", false}, {"", "read", false},
	} {
		if got := LibseccompKnows(test.release, test.name); got != test.want {
			t.Errorf("%s knows %s: %v", test.release, test.name, got)
		}
	}
	// Every call that is known here is known to the newest release.
	releases := Libseccomp()
	for _, c := range Syscalls() {
		if !LibseccompKnows(releases[len(releases)-1], c.Name) {
			t.Errorf("the newest release does not know %s", c.Name)
		}
	}
}

func TestKernelVersion(t *testing.T) {
	for text, want := range map[string][2]int{"5.17": {5, 17}, "6.1.0-49-cloud-amd64": {6, 1}, "6.7-rc3": {6, 7}, "4.18.0": {4, 18}} {
		if got, ok := KernelVersion(text); !ok || got != want {
			t.Errorf("%s is %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "6", "six.one", "6.", ".1", "-1.2", "6.x"} {
		if got, ok := KernelVersion(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
	if CompareKernels("5.4", "5.10") >= 0 || CompareKernels("6.1", "6.1.9") != 0 || CompareKernels("", "1.0") >= 0 || CompareKernels("10.0", "9.9") <= 0 {
		t.Error("the order of versions")
	}
}
