package attempt

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// KindSyscall is a system call, which a seccomp filter decides.
const KindSyscall Kind = "syscall"

// Syscall is a system call as a filter sees it.
type Syscall struct {
	Name   string    `attempt:"name,required,key" doc:"name of the call; a number is a call that has no name"` // "" where only the number is given
	Number int       // used where Name is ""
	Arch   string    `attempt:"arch" doc:"architecture as Kubernetes names it; amd64 if left out"`
	Args   [6]uint64 `attempt:"args" doc:"up to six arguments: numbers, or names of constants such as \"CLONE_NEWUSER|CLONE_NEWNS\"; what is left out is 0"`
}

var syscall = define[Syscall](Schema{
	Title: "a system call", Key: "syscall", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"syscall":"unshare","args":["CLONE_NEWUSER"],"arch":"amd64"}`},
})

// Kind is KindSyscall.
func (Syscall) Kind() Kind { return KindSyscall }

// set decodes a call by its name or number, and the arguments.
func (s *Syscall) set(field string, value any) (bool, error) {
	switch field {
	case "name":
		return true, s.setCall(value)
	case "args":
		return true, s.setArgs(value)
	}
	return false, nil
}

func (s *Syscall) setCall(value any) error {
	switch v := value.(type) {
	case string:
		if _, ok := linux.LookupSyscall(v); !ok {
			return &FieldError{Field: "name", Problem: fmt.Sprintf("no system call is called %q", v), Known: syscallNames()}
		}
		s.Name = v
	case json.Number:
		n, err := v.Int64()
		if err != nil || n < math.MinInt32 || n > math.MaxUint32 {
			return wrong("name", "a system call's number has 32 bits: %s", v)
		}
		s.Number = int(n)
	default:
		return wrong("name", "must be the name of a system call, or its number, not %s", typeOf(value))
	}
	return nil
}

func syscallNames() []string {
	var names []string
	for _, call := range linux.Syscalls() {
		names = append(names, call.Name)
	}
	return names
}

func (s *Syscall) setArgs(value any) error {
	args, isList := value.([]any)
	if !isList || len(args) > len(s.Args) {
		return wrong("args", "must be a list of up to six arguments")
	}
	for i, a := range args {
		v, ok := argument(a)
		if !ok {
			return wrong("args", "an argument is a whole number of 64 bits, or the name of a constant: %v", a)
		}
		s.Args[i] = v
	}
	return nil
}

func argument(value any) (uint64, bool) {
	switch v := value.(type) {
	case nil:
		return 0, true
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return uint64(n), true
		}
		n, err := strconv.ParseUint(v.String(), 10, 64)
		return n, err == nil
	case string:
		n, err := linux.ParseArgument(v)
		return n, err == nil
	}
	return 0, false
}

func (s *Syscall) validate() error {
	if s.Arch == "x86_64" {
		s.Arch = string(linux.AMD64)
	}
	if _, ok := linux.LookupArch(s.Arch); !ok && s.Arch != "" {
		return wrong("arch", "no architecture is called %q", s.Arch)
	}
	return nil
}
