package attempt

import (
	"slices"
	"strings"
)

// FieldType is the shape of a field of an attempt.
type FieldType int

// The shapes. The zero FieldType belongs to no field.
const (
	_       FieldType = iota
	String            // text
	Bool              // true or false
	Strings           // a list of texts
	Args              // a list of numbers or names of constants
	Object            // names and values
	Peer              // an end of a connection
	Input             // a file by its path, or (for judge) the thing itself
	Call              // the name of a system call, or its number
)

// Field is one field of a kind of attempt.
type Field struct {
	Name     string
	Type     FieldType
	Required bool
	Values   []string // what a String may be, where that is a short list
	Doc      string
}

// Schema says how attempts of a kind are written.
type Schema struct {
	Kind   Kind
	Title  string
	Fields []Field
	// Head is the key that tells the kind in judge's JSON. Its value is the field
	// HeadField, or an object with all the fields where HeadField is "".
	Head, HeadField string
}

var families = []string{"unix", "inet", "ax25", "ipx", "appletalk", "netrom", "bridge", "atmpvc", "x25", "inet6", "rose",
	"netbeui", "security", "key", "netlink", "packet", "ash", "econet", "atmsvc", "rds", "sna", "irda", "pppox", "wanpipe",
	"llc", "ib", "mpls", "can", "tipc", "bluetooth", "iucv", "rxrpc", "isdn", "phonet", "ieee802154", "caif", "alg", "nfc",
	"vsock", "kcm", "qipcrtr", "smc", "xdp", "mctp"}

var schemas = []Schema{
	{Kind: KindSyscall, Title: "a system call", Head: "syscall", HeadField: "name", Fields: []Field{
		{Name: "name", Type: Call, Required: true, Doc: "name of the call; a number is a call that has no name"},
		{Name: "arch", Type: String, Doc: "architecture as Kubernetes names it; amd64 if left out"},
		{Name: "args", Type: Args, Doc: "up to six arguments: numbers, or names of constants such as \"CLONE_NEWUSER|CLONE_NEWNS\"; what is left out is 0"},
	}},
	{Kind: KindFile, Title: "an access to a file", Head: "file", HeadField: "path", Fields: []Field{
		{Name: "path", Type: String, Required: true, Doc: "absolute path inside the container"},
		{Name: "access", Type: String, Required: true, Doc: "read, write, append, execute, map, link or lock; or AppArmor's letters"},
		{Name: "owner", Type: Bool, Doc: "whether the process owns the file"},
		{Name: "target", Type: String, Doc: "what a link is made to; only with the access link"},
	}},
	{Kind: KindCapability, Title: "the use of a capability", Head: "capability", HeadField: "name", Fields: []Field{
		{Name: "name", Type: String, Required: true, Doc: "the capability, without CAP_"},
	}},
	{Kind: KindSocket, Title: "the creation of a socket", Head: "network", Fields: []Field{
		{Name: "family", Type: String, Required: true, Values: families, Doc: "address family: inet, packet, alg, ..."},
		{Name: "type", Type: String, Values: []string{"stream", "dgram", "seqpacket", "rdm", "raw", "packet"}, Doc: "type of socket; stream if left out"},
	}},
	{Kind: KindMount, Title: "a change to the mount tree", Head: "mount", Fields: []Field{
		{Name: "operation", Type: String, Values: []string{"mount", "remount", "umount", "pivot_root"}, Doc: "mount if left out"},
		{Name: "fstype", Type: String, Doc: "type of the filesystem"},
		{Name: "options", Type: Strings, Doc: "options such as \"rw\" or \"bind\""},
		{Name: "source", Type: String, Doc: "what is mounted"},
		{Name: "target", Type: String, Doc: "where to"},
	}},
	{Kind: KindPtrace, Title: "one process tracing or reading another", Head: "ptrace", Fields: []Field{
		{Name: "access", Type: String, Required: true, Values: []string{"trace", "read", "tracedby", "readby"}, Doc: "what is done, by this process or to it"},
		{Name: "peer", Type: String, Doc: "the profile of the other process; the container's own if left out"},
	}},
	{Kind: KindSignal, Title: "a signal", Head: "signal", Fields: []Field{
		{Name: "access", Type: String, Required: true, Values: []string{"send", "receive"}, Doc: "which way"},
		{Name: "signal", Type: String, Required: true, Doc: "the signal: kill, term, ..."},
		{Name: "peer", Type: String, Doc: "the profile of the other process; the container's own if left out"},
	}},
	{Kind: KindUnix, Title: "a use of a unix socket without a path", Head: "unix", Fields: []Field{
		{Name: "access", Type: String, Required: true, Values: []string{"create", "bind", "listen", "accept", "connect", "send", "receive"}, Doc: "what is done with it"},
		{Name: "type", Type: String, Values: []string{"stream", "dgram", "seqpacket"}, Doc: "type of socket; stream if left out"},
		{Name: "address", Type: String, Doc: "its own address, \"@name\" in the abstract space; none if left out"},
		{Name: "peer_address", Type: String, Doc: "the other end's address, written alike"},
		{Name: "peer", Type: String, Doc: "the profile of the other end; the container's own if left out"},
	}},
	{Kind: KindUserns, Title: "the creation of a user namespace", Head: "userns"},
	{Kind: KindIOUring, Title: "a use of io_uring that a security module decides", Head: "io_uring", Fields: []Field{
		{Name: "access", Type: String, Required: true, Values: []string{"sqpoll", "override_creds"}, Doc: "having the kernel poll, or taking the credentials of another"},
		{Name: "peer", Type: String, Doc: "the profile whose credentials are taken; the container's own if left out"},
	}},
	{Kind: KindMqueue, Title: "an access to a POSIX message queue", Head: "mqueue", Fields: []Field{
		{Name: "access", Type: String, Required: true, Values: []string{"create", "open", "delete", "read", "write", "getattr", "setattr"}, Doc: "what is done with it"},
		{Name: "name", Type: String, Required: true, Doc: "its name, which begins with a slash"},
		{Name: "peer", Type: String, Doc: "the profile of who made it; the container's own if left out"},
	}},
	{Kind: KindConnection, Title: "a connection over the network", Head: "from", Fields: []Field{
		{Name: "from", Type: Peer, Required: true, Doc: "where it starts: a workload, a peer, or an object"},
		{Name: "to", Type: Peer, Required: true, Doc: "where it ends"},
		{Name: "port", Type: String, Required: true, Doc: "protocol and number, \"tcp/5432\""},
	}},
	{Kind: KindManifest, Title: "a Kubernetes manifest that is to be admitted", Head: "manifest", HeadField: "file", Fields: []Field{
		{Name: "file", Type: Input, Required: true, Doc: "the file, relative to the policy's folder"},
	}},
	{Kind: KindPlan, Title: "a Terraform plan that is to be applied", Head: "plan", HeadField: "file", Fields: []Field{
		{Name: "file", Type: Input, Required: true, Doc: "the plan as `terraform show -json` prints it, relative to the policy's folder"},
	}},
	{Kind: KindEvent, Title: "something that a detection engine sees", Head: "event", HeadField: "fields", Fields: []Field{
		{Name: "fields", Type: Object, Required: true, Doc: "Falco's fields by name, such as \"evt.type\" = \"execve\""},
	}},
}

// Schemas lists how every kind of attempt is written.
func Schemas() []Schema { return slices.Clone(schemas) }

// Lookup gives the schema of a kind.
func Lookup(kind Kind) (Schema, bool) {
	i := slices.IndexFunc(schemas, func(s Schema) bool { return s.Kind == kind })
	if i < 0 {
		return Schema{}, false
	}
	return schemas[i], true
}

// Field gives a field of the schema by name.
func (s Schema) Field(name string) (Field, bool) {
	i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return s.Fields[i], true
}

func (s Schema) names() string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return strings.Join(names, ", ")
}
