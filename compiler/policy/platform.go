package policy

import (
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// StatedKubernetes is the version of Kubernetes that the policy, or else one that
// it extends, states for its platform; "" if none does.
func (d *Document) StatedKubernetes() string { return d.statedKubernetes(map[*Document]bool{}) }

func (d *Document) statedKubernetes(silent map[*Document]bool) string {
	if own := platform.Kubernetes.Of(d.Platform); own != "" || silent[d] {
		return own
	}
	for i := range d.Parents { // as platform.Overlay has it: the last that states one
		if v := d.Parents[len(d.Parents)-1-i].Document.statedKubernetes(silent); v != "" {
			return v
		}
	}
	silent[d] = true
	return ""
}

// CompiledProfiles says that a target in force compiles a profile of a layer for
// every container that has one.
type CompiledProfiles struct {
	Layer control.ID // of the pods' field: privileges.seccomp or privileges.apparmor
	// Localhost is what a pod writes as localhostProfile, with NAME in the place of the
	// profile's name: "NAME.json".
	Localhost string
}
