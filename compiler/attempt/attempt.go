// Package attempt defines what can be tried against artifacts: a system call,
// opening a file, a connection, admitting a manifest. Tests state attempts in
// HCL and `bulkhead judge` reads them as JSON; both come through New, so that a
// field means the same in both.
package attempt

import "github.com/bulkhead-policy/bulkhead/compiler/input"

// Kind names a kind of attempt. Each belongs to one layer.
type Kind string

// The kinds of attempts.
const (
	KindSyscall    Kind = "syscall"    // seccomp
	KindFile       Kind = "file"       // the security module
	KindCapability Kind = "capability" // the security module
	KindSocket     Kind = "socket"     // the security module
	KindMount      Kind = "mount"      // the security module
	KindPtrace     Kind = "ptrace"     // the security module
	KindSignal     Kind = "signal"     // the security module
	KindUnix       Kind = "unix"       // the security module
	KindUserns     Kind = "userns"     // the security module
	KindIOUring    Kind = "io_uring"   // the security module
	KindMqueue     Kind = "mqueue"     // the security module
	KindConnection Kind = "connection" // the network
	KindManifest   Kind = "manifest"   // admission
	KindPlan       Kind = "plan"       // infrastructure
	KindEvent      Kind = "event"      // detection
)

// Attempt is one of the structs of this package.
type Attempt interface{ Kind() Kind }

// Syscall is a system call as a filter sees it.
type Syscall struct {
	Arch   string // as Kubernetes names it; "" is amd64
	Name   string // "" where only the number is given
	Number int    // used where Name is ""
	Args   [6]uint64
}

// File is an access to a file by its path inside the container.
type File struct {
	Path   string
	Access string // one or more of AppArmor's letters: r w a x m l k
	Owner  bool   // the task owns the file
	Target string // what a link is made to; "" where none is, or none is stated
}

// Capability is the use of a capability.
type Capability struct{ Name string } // without CAP_

// Socket is the creation of a socket.
type Socket struct {
	Family string // "inet", "packet", ...
	Type   string // "stream", "dgram", "raw", "seqpacket", "packet"; "" is stream
}

// Mount is a change to the mount tree.
type Mount struct {
	Operation string // "mount" (also ""), "remount", "umount" or "pivot_root"
	FSType    string
	Options   []string
	Source    string
	Target    string
}

// Ptrace is one process looking at another, or being looked at.
type Ptrace struct {
	Access string // "trace", "read", "tracedby" or "readby"
	Peer   string // the other's profile; "" is the container's own
}

// Signal is a signal sent or received.
type Signal struct {
	Access string // "send" or "receive"
	Signal string // "kill", "term", ...
	Peer   string // the other's profile; "" is the container's own
}

// Unix is what is done with a unix socket that has no path.
type Unix struct {
	Access      string // "create", "bind", "listen", "accept", "connect", "send", "receive"
	Type        string // "stream", "dgram" or "seqpacket"; "" is stream
	Address     string // its own: "@name" in the abstract space; "" is none
	PeerAddress string // the other end's: "@name"; "" is none
	Peer        string // the other end's profile; "" is the container's own
}

// Userns is the creation of a user namespace.
type Userns struct{}

// IOUring is a use of io_uring that a security module decides.
type IOUring struct {
	Access string // "sqpoll" or "override_creds"
	Peer   string // the profile whose credentials are taken; "" is the container's own
}

// Mqueue is an access to a POSIX message queue.
type Mqueue struct {
	Access string // "create", "open", "delete", "read", "write", "getattr" or "setattr"
	Name   string // begins with a slash
	Peer   string // the profile of who made it; "" is the container's own
}

// Connection is a connection between two ends.
type Connection struct {
	From, To End
	Port     string // "tcp/5432"
}

// End is where a connection starts or ends: a pod, or an address outside.
type End struct {
	Namespace       string
	NamespaceLabels map[string]string // besides kubernetes.io/metadata.name
	Labels          map[string]string
	IP              string
	Ports           map[string]string // names of the pod's ports: "metrics" = "tcp/9090"
}

// Manifest is one Kubernetes object that is to be admitted.
type Manifest struct {
	Document *input.Document
	// Namespace is that of an object which names none.
	Namespace string
}

// Plan is a Terraform plan that is to be applied, as `terraform show -json`
// prints it.
type Plan struct {
	File string
	Body []byte
}

// Event is what a detection engine sees: fields by name. A value is a string,
// an int64, a float64, a bool, or a list of these.
type Event struct{ Fields map[string]any }

// Kind implementations name the kind of each struct.
func (Syscall) Kind() Kind    { return KindSyscall }
func (File) Kind() Kind       { return KindFile }
func (Capability) Kind() Kind { return KindCapability }
func (Socket) Kind() Kind     { return KindSocket }
func (Mount) Kind() Kind      { return KindMount }
func (Ptrace) Kind() Kind     { return KindPtrace }
func (Signal) Kind() Kind     { return KindSignal }
func (Unix) Kind() Kind       { return KindUnix }
func (Userns) Kind() Kind     { return KindUserns }
func (IOUring) Kind() Kind    { return KindIOUring }
func (Mqueue) Kind() Kind     { return KindMqueue }
func (Connection) Kind() Kind { return KindConnection }
func (Manifest) Kind() Kind   { return KindManifest }
func (Plan) Kind() Kind       { return KindPlan }
func (Event) Kind() Kind      { return KindEvent }
