package linux

import (
	"slices"
	"strings"
	"testing"
)

func TestPointerArguments(t *testing.T) {
	for _, test := range []struct {
		arch Arch
		name string
		want []int
	}{
		{AMD64, "clone3", []int{0}}, {AMD64, "openat2", []int{1, 2}}, {ARM64, "openat", []int{1}}, {AMD64, "mount", []int{0, 1, 2, 4}},
		{AMD64, "bpf", []int{1}}, {AMD64, "execveat", []int{1, 2, 3}}, {AMD64, "connect", []int{1}}, {AMD64, "capset", []int{0, 1}},
		{AMD64, "clone", []int{1, 2, 3, 4}}, {S390X, "clone", []int{0, 2, 3, 4}},
		{AMD64, "mmap", nil}, {I386, "mmap", []int{0, 1, 2, 3, 4, 5}}, {I386, "mmap2", nil},
		{AMD64, "socket", nil}, {AMD64, "ioctl", nil}, {AMD64, "mprotect", nil}, {AMD64, "nonesuch", nil},
	} {
		var got []int
		for index, pointer := range PointerArguments(test.arch, test.name) {
			if pointer {
				got = append(got, index)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s on %s: %v, want %v", test.name, test.arch, got, test.want)
		}
	}
}

// TestPointersName holds that each line of the table is about a call that there is.
func TestPointersName(t *testing.T) {
	for key, args := range pointers() {
		name, arch, own := strings.Cut(key, "@")
		if _, ok := LookupSyscall(name); !ok {
			t.Errorf("%s is no call", key)
		}
		if _, ok := SyscallNumber(Arch(arch), name); own && !ok {
			t.Errorf("%s: the architecture has no such call", key)
		}
		if args == [6]bool{} {
			t.Errorf("%s has no pointer", key)
		}
	}
}
