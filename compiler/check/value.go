package check

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// maxValue is how many nodes of a value tell it from others. Many findings may be in one large value.
const maxValue = 1000

// valueOf is a digest of what an input states where a finding is, so that a baseline knows it from a worse one; "" where
// it states nothing there, and of an object of which the finding names no field.
func valueOf(f target.Finding, path []string, d *input.Document, control string) string {
	n := d.Root.At(path...)
	switch {
	case n == nil:
		return ""
	case f.Field != "" || n.Kind != input.Mapping:
		return digest(n)
	}
	// Conditions of a plan name the container only.
	block, _, _ := strings.Cut(control, ".")
	var parts []string
	for _, name := range containerParts[block] {
		if part := n.Get(name); part != nil {
			parts = append(parts, digest(part))
		}
	}
	return strings.Join(parts, " ")
}

// containerParts are the fields of a container, in both forms of plans, that controls of a block read.
var containerParts = map[string][]string{
	"capabilities": {"securityContext", "security_context"},
	"filesystem":   {"securityContext", "security_context", "volumeMounts", "volume_mount"},
	"image":        {"image"},
	"privileges":   {"securityContext", "security_context"},
	"resources":    {"resources"},
}

func digest(n *input.Node) string {
	h, left := sha256.New(), maxValue
	write(h, n, &left)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// write writes a value without its place, and fields by their names.
func write(w io.Writer, n *input.Node, left *int) {
	if *left--; *left < 0 {
		return
	}
	fmt.Fprintf(w, "%d:%d:%s:%d:", n.Kind, len(n.Value), n.Value, len(n.Items)+len(n.Fields))
	for _, item := range n.Items {
		write(w, item, left)
	}
	fields := slices.SortedFunc(slices.Values(n.Fields), func(a, b input.Field) int { return cmp.Compare(a.Key, b.Key) })
	for _, f := range fields {
		fmt.Fprintf(w, "%d:%s", len(f.Key), f.Key)
		write(w, f.Value, left)
	}
}
