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
	// Typed says what typed resources of Terraform leave open even later and what to use instead, as a clause for the message of
	// every finding; "" where few findings are about that.
	Typed string
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
	return Gap{Before: podrule.SinceRecursiveReadOnly, What: "what is mounted below a folder of the node stays writable in a read-only mount", Of: of}
}

// typedSubmounts is for typed resources of Terraform: volume_mount of the Kubernetes provider 3 has name, mount_path, read_only,
// sub_path and mount_propagation (kubernetes/schema_container.go, volumeMountFields), so that no argument closes the gap.
const typedSubmounts = "With read_only = true, what is mounted below a folder of the node stays writable, and volume_mount has no argument that changes this. " +
	"Write the workload as a kubernetes_manifest with readOnly: true and recursiveReadOnly: Enabled, or write an exception."
