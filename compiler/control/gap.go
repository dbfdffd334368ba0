package control

import (
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
)

// Gap is what a control leaves open on versions of Kubernetes 1 before Before, which have no field for it.
type Gap struct {
	Before int
	What   string           // a sentence without its end
	Of     func(Value) bool // which values have the gap
}

// StaysOpen says what a version of Kubernetes leaves open of a value, as a sentence; "" for nothing. since reports whether the
// platform has a minor version.
func (c *Control) StaysOpen(v Value, since func(minor int) bool) string {
	if c.Open.Of == nil || since(c.Open.Before) || !c.Open.Of(v) {
		return ""
	}
	return fmt.Sprintf("Before Kubernetes 1.%d, %s.", c.Open.Before, c.Open.What)
}

// submounts is the gap of controls that demand mounts which are read-only.
func submounts(of func(Value) bool) Gap {
	return Gap{podrule.SinceRecursiveReadOnly, "what is mounted below a folder of the node stays writable in a read-only mount", of}
}
