package platform

import (
	"fmt"

	"github.com/Masterminds/semver/v3"
)

// Kubernetes is the version of Kubernetes, "1.34"; "" is the newest that is known
// here.
var Kubernetes = &Fact[string]{
	Name: "kubernetes",
	Doc:  "The version of Kubernetes, such as `\"1.34\"`. Without it, the newest that this compiler knows.",
	Read: func(r Reader) (string, bool) {
		v, ok := r.Text()
		if !ok {
			return "", false
		}
		if _, err := ParseKubernetes(v.Key); err != nil {
			r.Error(v.Range, "Unknown version", "kubernetes: %v.", err)
			return "", false
		}
		return v.Key, true
	},
}

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
func (f Facts) SinceKubernetes(minor int) bool {
	version := Kubernetes.Of(f)
	if version == "" {
		return minor <= newestKubernetes
	}
	own, err := ParseKubernetes(version)
	if err != nil {
		panic("platform: versions are checked when they are read: " + err.Error())
	}
	return own >= minor
}
