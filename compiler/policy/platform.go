package policy

import "github.com/bulkhead-policy/bulkhead/compiler/platform"

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
