package linux

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	_ "embed"
)

//go:embed pointers.tsv
var pointersTSV string

// pointers is read once, when first asked for. A key is a call's name, or name@architecture.
var pointers = sync.OnceValue(readPointers)

func readPointers() map[string][6]bool {
	m := map[string][6]bool{}
	for line := range strings.Lines(pointersTSV) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, list, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		var args [6]bool
		for _, text := range strings.Fields(list) {
			index, err := strconv.Atoi(text)
			if err != nil || index < 0 || index >= len(args) {
				panic(fmt.Sprintf("linux: pointers.tsv, %s: no argument %q", name, text))
			}
			args[index] = true
		}
		m[name] = args
	}
	return m
}

// PointerArguments tells which of the six arguments of a call are pointers to memory on an architecture: there a seccomp filter
// sees an address, and not what matters to the call. The mmap of I386 and S390X takes one pointer to all of its arguments, as does
// the select of I386: all six, or five, are marked.
//
// Addresses that a call itself is about (mprotect's first argument) are not marked, nor are arguments that are numbers to some
// commands of a call and pointers to others (ioctl's third). A call that is not known has none.
func PointerArguments(arch Arch, name string) [6]bool {
	if args, ok := pointers()[name+"@"+string(arch)]; ok {
		return args
	}
	return pointers()[name]
}

// splits are the first arguments of 64 bits, by call. A 32-bit architecture passes such a one in two registers (on ARM
// beginning with an even one), so that it and what follows lie elsewhere than on 64 bits.
var splits = map[string]int{
	"arm_fadvise64_64": 2, "fadvise64": 1, "fadvise64_64": 1, "fallocate": 2, "fanotify_mark": 2, "ftruncate64": 1, "lookup_dcookie": 0, "pread64": 3,
	"pwrite64": 3, "readahead": 1, "sync_file_range": 1, "sync_file_range2": 2, "truncate64": 1,
}

// Split reports whether an argument of a call, by its index on 64-bit architectures, lies in two halves or elsewhere on
// this one.
func Split(arch Arch, name string, index int) bool {
	first, ok := splits[name]
	return ok && index >= first && (arch == I386 || arch == ARM)
}
