package policy

import (
	"fmt"

	"github.com/Masterminds/semver/v3"
)

// newestKubernetes is the newest minor version of Kubernetes 1 that is known here:
// the Pod Security Standards, and with them the presets, differ by version.
const newestKubernetes = 37

// ParseKubernetes gives the minor version of a version of Kubernetes such as
// "1.34" or "1.34.2". One that is not known here is an error that names the known.
func ParseKubernetes(text string) (minor int, err error) {
	v, err := semver.NewVersion(text)
	if err != nil || v.Major() != 1 || v.Minor() > newestKubernetes {
		return 0, fmt.Errorf("the versions of Kubernetes that are known here are 1.0 to 1.%d; %q is none of them", newestKubernetes, text)
	}
	return int(v.Minor()), nil
}

// SinceKubernetes reports whether the platform's Kubernetes is 1.minor or newer.
// Where no version is stated, it is the newest that is known.
func (p Platform) SinceKubernetes(minor int) bool {
	if p.Kubernetes == "" {
		return minor <= newestKubernetes
	}
	own, err := ParseKubernetes(p.Kubernetes)
	if err != nil {
		panic("policy: versions are checked when they are read: " + err.Error())
	}
	return own >= minor
}

// StatedKubernetes is the version of Kubernetes that the policy, or else one that
// it extends, states for its platform; "" if none does.
func (d *Document) StatedKubernetes() string { return d.statedKubernetes(map[*Document]bool{}) }

func (d *Document) statedKubernetes(silent map[*Document]bool) string {
	if d.Platform.Kubernetes != "" || silent[d] {
		return d.Platform.Kubernetes
	}
	for i := range d.Parents { // as overlay has it: the last that states one
		if v := d.Parents[len(d.Parents)-1-i].Document.statedKubernetes(silent); v != "" {
			return v
		}
	}
	silent[d] = true
	return ""
}
