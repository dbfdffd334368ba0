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
