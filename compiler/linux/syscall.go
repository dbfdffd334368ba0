package linux

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	_ "embed"
)

//go:embed syscalls.tsv
var syscallsTSV string

// Syscall is a system call by the name that the kernel's headers give it.
type Syscall struct {
	Name  string
	Since string // first kernel version with it, on whichever architecture had it first; empty where not known
}

// syscallTable is syscalls.tsv, read.
type syscallTable struct {
	list    []Syscall // by name
	numbers map[Arch]map[string]int
	names   map[Arch]map[int]string
}

// syscalls is read once, when first asked for.
var syscalls = sync.OnceValue(readSyscalls)

func readSyscalls() syscallTable {
	t := syscallTable{numbers: map[Arch]map[string]int{}, names: map[Arch]map[int]string{}}
	var columns []string
	for line := range strings.Lines(syscallsTSV) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case strings.HasPrefix(line, "#"):
		case columns == nil:
			columns = fields[2:]
			for _, arch := range columns {
				t.numbers[Arch(arch)], t.names[Arch(arch)] = map[string]int{}, map[int]string{}
			}
		default:
			t.add(columns, fields)
		}
	}
	return t
}

func (t *syscallTable) add(columns, fields []string) {
	call := Syscall{Name: fields[0]}
	if fields[1] != "-" {
		call.Since = fields[1]
	}
	t.list = append(t.list, call)
	for i, text := range fields[2:] {
		if text == "-" {
			continue
		}
		nr, err := strconv.Atoi(text)
		if err != nil {
			panic(fmt.Sprintf("linux: syscalls.tsv, %s: %v", call.Name, err))
		}
		arch := Arch(columns[i])
		t.numbers[arch][call.Name] = nr
		if _, taken := t.names[arch][nr]; !taken { // ARM has two names for two of its calls: the first is the kernel's
			t.names[arch][nr] = call.Name
		}
	}
}

// Syscalls returns every system call of any architecture that has a table, by name.
func Syscalls() []Syscall { return slices.Clone(syscalls().list) }

// LookupSyscall finds a system call by name.
func LookupSyscall(name string) (Syscall, bool) {
	list := syscalls().list
	i, ok := slices.BinarySearchFunc(list, name, func(c Syscall, name string) int { return strings.Compare(c.Name, name) })
	if !ok {
		return Syscall{}, false
	}
	return list[i], true
}

// SyscallNumber is the number of a call on an architecture (for X32 without X32Bit). It is false where the architecture has
// no such call, or no table here.
func SyscallNumber(arch Arch, name string) (int, bool) {
	nr, ok := syscalls().numbers[arch][name]
	return nr, ok
}

// SyscallName is the inverse of SyscallNumber.
func SyscallName(arch Arch, nr int) (string, bool) {
	name, ok := syscalls().names[arch][nr]
	return name, ok
}
