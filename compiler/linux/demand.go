package linux

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	_ "embed"
)

//go:embed demands.tsv
var demandsTSV string

// Demand is the capability without which the kernel refuses a system call, whatever its arguments.
type Demand struct {
	Call       string
	Capability string // without CAP_
	// Own says that the capability counts in the user namespace that owns what the call is about: a process that makes a user namespace has it there.
	// Otherwise it counts in the first user namespace alone.
	Own bool
}

// demands is read once, when first asked for.
var demands = sync.OnceValue(func() []Demand {
	var list []Demand
	for line := range strings.Lines(demandsTSV) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[2] != "own" && fields[2] != "host" {
			panic(fmt.Sprintf("linux: demands.tsv: %q", line))
		}
		list = append(list, Demand{fields[0], fields[1], fields[2] == "own"})
	}
	return list
})

// Demands returns what each system call demands that demands something whatever its arguments, by name.
func Demands() []Demand { return slices.Clone(demands()) }

// soleCalls are the calls that a capability is for, where it is for little else (capabilities(7)).
var soleCalls = map[string]string{
	"BPF":        "bpf",
	"SYS_BOOT":   "kexec_file_load kexec_load reboot",
	"SYS_MODULE": "delete_module finit_module init_module",
	"SYS_PACCT":  "acct",
	"SYS_TIME":   "adjtimex clock_adjtime clock_adjtime64 clock_settime clock_settime64 settimeofday stime",
}

// SoleCalls returns the system calls that a capability is for, where it is for little else, by name. Of a capability that acts through files, too,
// or within calls that every program makes, there are none.
func SoleCalls(capability string) []string { return strings.Fields(soleCalls[capability]) }
