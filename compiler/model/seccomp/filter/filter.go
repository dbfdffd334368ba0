// Package filter reads seccomp profiles in the form of the OCI runtime specification (LinuxSeccomp), and in Docker's dialect under a named
// runtime, and says what a profile does with a system call. It is a model of what runtimes and libseccomp make of a profile, held against
// them in tests. It knows nothing of how Bulkhead writes profiles.
package filter

import (
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// Action is what becomes of a system call.
type Action int

// The actions. Their order says nothing.
const (
	Undecided   Action = iota // the zero value: this model cannot say; Decision.Reason says why
	Allow                     // the kernel carries the call out
	Log                       // as Allow, and the kernel logs it
	Errno                     // the call fails with an error number, nothing is carried out
	Trap                      // SIGSYS to the thread
	KillThread                // SIGSYS kills the thread (SCMP_ACT_KILL is this one)
	KillProcess               // SIGSYS kills the process
	Trace                     // a tracer decides; without one the call fails with ENOSYS
	Notify                    // a supervisor decides
)

// actions are the names that the OCI runtime specification gives them.
var actions = map[string]Action{
	"SCMP_ACT_ALLOW":        Allow,
	"SCMP_ACT_LOG":          Log,
	"SCMP_ACT_ERRNO":        Errno,
	"SCMP_ACT_TRAP":         Trap,
	"SCMP_ACT_KILL":         KillThread,
	"SCMP_ACT_KILL_THREAD":  KillThread,
	"SCMP_ACT_KILL_PROCESS": KillProcess,
	"SCMP_ACT_TRACE":        Trace,
	"SCMP_ACT_NOTIFY":       Notify,
}

// String is the action's short name: ALLOW, ERRNO, KILL, ...
func (a Action) String() string {
	names := [...]string{"UNDECIDED", "ALLOW", "LOG", "ERRNO", "TRAP", "KILL", "KILL_PROCESS", "TRACE", "NOTIFY"}
	if a < 0 || int(a) >= len(names) {
		return fmt.Sprintf("Action(%d)", int(a))
	}
	return names[a]
}

// verdict is an action with the number that Errno and Trace carry.
type verdict struct {
	action Action
	number uint16
}

// Filter is a profile that was read. It is not changed after Parse, and safe for concurrent use.
type Filter struct {
	data    []byte
	index   map[string]int64
	node    Node
	arches  map[linux.Arch]bool // as listed
	initial verdict             // the default action
	rules   []written           // those for the node and the container, as the runtime reads them
	wide    table               // the rules as compared on 64 bits
	narrow  table               // and on 32
	highest map[linux.Arch]int  // the highest number of a call that a rule names; 0: none
	// archPlace is where the architectures stand; empty: nowhere.
	archPlace string
	// conditional says that another Node may read something else out of the profile.
	conditional bool
	// newer says that a rule names a call that is not known here, and that the node's libseccomp may know.
	newer   bool
	unknown []Note
	dropped []Note
	ignored []Note
}

// written is a rule as it stands in the profile: for each of the names, when all conditions hold.
type written struct {
	verdict
	place      string
	names      []string
	namePlaces []string    // of each name
	conds      []condition // in the order of the profile; an argument may be there twice
}

// table is the rules of every call, merged as libseccomp does.
type table struct {
	bits      int
	added     int                // rules so far
	calls     map[string][]*rule // by system call, in the order in which they were added
	known     map[string]*index  // the same, by their conditions
	conflicts map[string]string  // calls whose rules libseccomp refuses, and where
	ordered   map[string]ruleset // calls, as libseccomp tries them
	muxed     *table             // of socketcall and ipc where libseccomp knows them to stand for others; nil in that table itself
}

// ruleset is the rules of one call in order.
type ruleset struct {
	rules []*rule
	// simple says that they compare for equality alone and have one verdict, so that the first that matches decides.
	simple bool
}

// rule is one line of what libseccomp is told: conditions that must all hold, for one system call.
type rule struct {
	verdict
	place string
	conds []condition // by argument, no two on the same one; none: every call
	added int         // when it was added
	gone  bool        // another one covers it
}

// Note is a part of a profile that has no effect.
type Note struct {
	Place string // JSON pointer
	Why   string
}

// Call is one system call by one process.
type Call struct {
	Native linux.Arch // of the node's kernel, whose calls every filter covers; empty: one of those that the profile lists
	Arch   linux.Arch // of the call
	Name   string     // of the call; empty: Number is meant
	Number int        // of the call on Arch; for linux.X32 with or without linux.X32Bit
	Args   [6]uint64  // as the kernel sees them in registers: 32-bit calls have 32 bits each
}

// Decision is what a filter does with a call.
type Decision struct {
	Action Action
	Number uint16 // the error number of Errno, the message of Trace
	Place  string // JSON pointer of what decided: "/syscalls/3", "/defaultAction", "/architectures"; empty when Undecided
	Reason string // one sentence
	// Failed are the arguments on which every rule for the call fails, where the default action decides.
	Failed []int
}

// String is how libseccomp's own tests write a decision: ALLOW, ERRNO(1), KILL.
func (d Decision) String() string {
	if d.Action == Errno || d.Action == Trace {
		return fmt.Sprintf("%s(%d)", d.Action, d.Number)
	}
	return d.Action.String()
}

// Position finds a place of the profile in its text: line and column from 1. A place that is not there gives the nearest one above
// it, and false.
func (f *Filter) Position(place string) (line, column int, exact bool) {
	exact = true
	for {
		if offset, ok := f.index[place]; ok {
			line, column = position(f.data, offset)
			return line, column, exact
		}
		exact = false
		place = place[:max(0, strings.LastIndexByte(place, '/'))]
	}
}

// Unknown lists the names of system calls that no architecture here has, or that the node's libseccomp does not know. Runtimes pass over such
// names in silence, so a refusal by name is not enforced where the name is newer than the node's libseccomp.
func (f *Filter) Unknown() []Note { return append([]Note(nil), f.unknown...) }

// Dropped lists the rules that have no effect: equal to the default action, or behind a rule that is tried first and matches all
// that they would.
func (f *Filter) Dropped() []Note { return append([]Note(nil), f.dropped...) }

// Ignored lists what the runtime passes over.
func (f *Filter) Ignored() []Note { return append([]Note(nil), f.ignored...) }

// Conditional says whether the profile has conditions of Docker's dialect, so that nodes of other architectures read something else out of it.
func (f *Filter) Conditional() bool { return f.conditional }
