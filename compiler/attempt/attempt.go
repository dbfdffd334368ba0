// Package attempt defines what can be tried against artifacts: a system call,
// opening a file, a connection, admitting a manifest. Tests state attempts in
// HCL, `bulkhead judge` reads them as JSON, and `bulkhead check` makes them from
// documents. All three use the same schema, so that a field means the same.
//
// Each kind of attempt has a file of its own and a line in schemas.
package attempt

// Kind names a kind of attempt: the name of its block in a test.
type Kind string

// Attempt is one of the structs of this package. A judge uses the struct; its
// fields and their tags are the schema (see define).
type Attempt interface{ Kind() Kind }

// schemas lists every kind of attempt, in the order of the documentation.
var schemas = []Schema{
	syscall, file, capability, socket, mount, ptrace, signal, unix, userns, ioUring, mqueue, connection, manifest, plan, event,
}

// Subject says whose attempt it is, and so which artifacts judge it.
type Subject int

// The subjects. The zero Subject belongs to no kind.
const (
	_ Subject = iota
	// ByContainer is an attempt of each container that the test names. The
	// artifacts that are for the container judge it.
	ByContainer
	// InContainer is the same, but the artifacts are for all containers: the
	// attempt is a Contained, which identifies the container.
	InContainer
	// ByItself is an attempt that states its subject, such as a manifest.
	ByItself
)

// Container identifies a container of the policy.
type Container struct {
	Name      string // "" for a container that the policy does not name
	Workload  string
	Namespace string            // "" where the policy names none
	Labels    map[string]string // of the pod
}

// Contained is an attempt whose fields identify the container in which it happens.
type Contained interface {
	Attempt
	// In returns the attempt in a container. What the attempt states itself wins.
	In(Container) Attempt
}

// Outcomes are what a test can expect of an attempt.
type Outcomes struct {
	Passed string // no control acts: "allow" or "silent"
	Caught string // a control acts, and the test names it: "deny" or "alert"
}

var (
	prevented = Outcomes{Passed: "allow", Caught: "deny"}
	detected  = Outcomes{Passed: "silent", Caught: "alert"}
)
