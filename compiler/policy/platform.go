package policy

import (
	"fmt"
	"slices"

	"github.com/Masterminds/semver/v3"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
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

// overlay gives the facts of below where it states them, else those of above.
// Targets, addresses of the API server and kinds with pods add up: dropping one of
// them would switch a layer off, open what is kept closed, or let pods go unread,
// without anybody's leave.
func overlay(above, below Platform) Platform {
	pick := func(a, b string) string {
		if b != "" {
			return b
		}
		return a
	}
	out := Platform{
		Kubernetes: pick(above.Kubernetes, below.Kubernetes), Runtime: pick(above.Runtime, below.Runtime),
		AppArmor: pick(above.AppArmor, below.AppArmor), Architectures: above.Architectures,
		APIServer: above.APIServer, Targets: above.Targets, Pods: above.Pods, Range: above.Range,
	}
	if below.Architectures != nil {
		out.Architectures = below.Architectures
	}
	for _, cidr := range below.APIServer {
		if !slices.Contains(out.APIServer, cidr) {
			out.APIServer = append(slices.Clone(out.APIServer), cidr)
		}
	}
	for _, t := range below.Targets {
		if !slices.ContainsFunc(out.Targets, func(have control.Item) bool { return have.Key == t.Key }) {
			out.Targets = append(slices.Clone(out.Targets), t)
		}
	}
	for _, k := range below.Pods {
		out.Pods = addKind(out.Pods, k)
	}
	if below.Range.Filename != "" {
		out.Range = below.Range
	}
	return out
}

// addKind adds a kind with pods, or its paths to those that are known of it.
func addKind(kinds []PodKind, k PodKind) []PodKind {
	kinds = slices.Clone(kinds)
	i := slices.IndexFunc(kinds, func(have PodKind) bool { return have.Group == k.Group && have.Kind == k.Kind })
	if i < 0 {
		return append(kinds, k)
	}
	both := slices.Clone(kinds[i].Paths)
	for _, path := range k.Paths {
		if !slices.ContainsFunc(both, func(have control.Item) bool { return have.Key == path.Key }) {
			both = append(both, path)
		}
	}
	k.Paths = both
	kinds[i] = k
	return kinds
}
