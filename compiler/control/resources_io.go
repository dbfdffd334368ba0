package control

import (
	"fmt"
	"strings"
)

// BlockIO is the ID of the control in this file.
const BlockIO ID = "resources.io"

var blockIO = &Control{
	ID:       BlockIO,
	Title:    "Containers must have one of the listed block I/O classes",
	Reason:   "Kubernetes has no limit for disk I/O. A container without a throttled class slows down the disks for all others.",
	Mappings: []string{"ATT&CK T1499"},
	Order:    AllowSet, Type: Set, Scope: OfContainer, Linux: true, Element: blockIOClass, Loosest: only("*"),
	InManifest: true, SparesWindows: true,
	// containerd: pkg/cri/sbserver/blockio_linux.go; CRI-O: internal/config/blockio.
	Runtimes: map[string]string{"containerd": "1.7.0", "cri-o": "1.22.0"},
	Advice:   "How much disk I/O does the container need? Name one of VALUE in the annotation " + BlockIOPod + ", or in " + BlockIOContainer + "NAME for one container; the nodes must configure the class.",
	encode:   inSet,
	Example: Example{
		Good: func(s Situation) (Patch, bool) {
			if len(s.Value.Items) == 0 {
				return nil, false
			}
			return annotated(BlockIOPod, s.Value.Items[0].Key), true
		},
		Bad: func(s Situation) []Patch {
			bad := []Patch{annotated(BlockIOPod, "")}
			if len(s.Value.Items) > 0 {
				bad = append(bad, annotated(BlockIOContainer+s.Container, "example-"+s.Value.Items[0].Key+"-x"))
			}
			return bad
		},
	},
}

// The annotations by which containerd and CRI-O take the block I/O class of a pod's containers, and of the container whose
// name follows; the second stands before the first (github.com/intel/goresctrl, pkg/blockio).
const (
	BlockIOPod       = "blockio.resources.beta.kubernetes.io/pod"
	BlockIOContainer = "blockio.resources.beta.kubernetes.io/container."
)

// blockIOClass is the name of a class in the configuration of the nodes.
var blockIOClass = &Element{
	What: "block I/O class", Any: "*",
	Parse: func(key string) (string, error) {
		if key != "*" && (key == "" || strings.ContainsAny(key, "*\"\\ \t${}") || hasControl(key)) {
			return "", fmt.Errorf("the name of a block I/O class is a word")
		}
		return key, nil
	},
}
