// Package linux holds facts about the Linux kernel as tables: capabilities, architectures, system calls with the kernel version
// that brought them, error numbers, address families, constants that are passed as system call arguments, and named sets of
// system calls. It decides nothing. Every list that it returns is sorted and the caller's own.
package linux

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	_ "embed"
)

//go:generate go run generate.go

//go:embed constants.tsv
var constantsTSV string

//go:embed errno.tsv
var errnoTSV string

// constants and errnos are read once, when first asked for.
var (
	constants = sync.OnceValue(func() map[string]uint64 { return values(constantsTSV) })
	errnos    = sync.OnceValue(func() map[string]uint64 { return values(errnoTSV) })
)

// values reads a table of two columns. The tables are part of the program: a fault in them is ours.
func values(tsv string) map[string]uint64 {
	m := map[string]uint64{}
	for line := range strings.Lines(tsv) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		value, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			panic(fmt.Sprintf("linux: table line %q: %v", line, err))
		}
		m[name] = value
	}
	return m
}
