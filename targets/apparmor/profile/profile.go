// Package profile reads AppArmor profiles and says what they let a process do.
//
// It models the policy language as apparmor.d(5) describes it and apparmor_parser 3.0 and 4.1 compile it: file, link,
// capability, network, unix, mount, ptrace, signal, userns, io_uring and mqueue rules, priorities, aliases, variables,
// globs, nested profiles, and which of these classes the feature set that a file names has the kernel mediate. The reader is strict: what it cannot
// read is an error with its line and column. What it reads but does not model (an abstraction that is included, a rule
// with a condition that is not weighed) makes a decision Undecided where it could have changed it, naming the line.
//
// The tests hold the model to apparmor_parser: to what it accepts, and to the automata that it compiles.
package profile

// Limits of one file. They are far above what profiles hold, and bound what hostile input can cost.
const (
	// MaxSource is the longest text, in bytes, that Parse takes.
	MaxSource = 1 << 20
	maxNested = 16      // profiles and qualifier blocks within each other
	maxBytes  = 2 << 20 // of all patterns of a file, after expansion
)

// File is a parsed profile file.
type File struct {
	// Name is the name that Parse was given.
	Name string
	// ABI is the feature set that the file names, as written ("abi/3.0"); empty where it names none.
	ABI string
	// Profiles are the profiles of the file in order, without those nested in them.
	Profiles []*Profile
}

// Mode is what becomes of what a profile does not allow.
type Mode int

// The modes of a profile.
const (
	_ Mode = iota
	// Unmodelled is a mode or a flag whose effect is not known here: every decision is Undecided.
	Unmodelled
	// Enforce refuses it. "kill", which also kills, counts as Enforce.
	Enforce
	// Complain allows it and logs.
	Complain
	// Unconfined allows everything.
	Unconfined
)

// Profile is one profile, its rules ready to be asked. Safe for concurrent use.
type Profile struct {
	// Name is the full name: of a nested profile "parent//child".
	Name string
	// Attachment is the pattern of executables that the profile attaches to, as written; often empty.
	Attachment string
	// Flags are those of the header, in order.
	Flags []string
	// Mode follows from the flags.
	Mode Mode
	// Place is where the profile begins.
	Place Place
	// Children are the profiles and hats nested in it.
	Children []*Profile

	abi          string // the feature set that the file names
	hat          bool
	escaped      string // the name as a pattern
	auditAll     bool
	files        []fileRule
	index        *index // of files; nil if they are too many
	capabilities []capabilityRule
	networks     []networkRule
	unixes       []unixRule
	mounts       []mountRule
	ptraces      []peerRule
	signals      []peerRule
	userns       []head
	ioUrings     []ioUringRule
	mqueues      []mqueueRule
	unread       []unreadRule
	preamble     []unreadRule // shared by all profiles of the file
}

// Place is where something stands in a file.
type Place struct {
	Line, Column int    // from 1; the column counts bytes
	Text         string // the rule as written, on one line, without its comma
}

// head is what all rules have: where they stand, and their qualifiers.
type head struct {
	place Place
	deny  bool
	audit bool
	owner bool // file and link rules only
	// priority is 0 where none is stated. For each permission the rules of the highest priority decide alone.
	priority int
}

// class is what a rule speaks of.
type class int

const (
	classInvalid class = iota
	classEvery         // all of the classes below
	classFile
	classCapability
	classNetwork
	classMount
	classPtrace
	classSignal
	classUnix
	classUserns
	classIOUring
	classMqueue
	classOther // what no question is about: dbus, rlimit
)

// unreadRule is a rule, or the inclusion of a file, whose effect is not modelled.
type unreadRule struct {
	head
	class    class
	mayAllow bool
	mayDeny  bool
	why      string
}
