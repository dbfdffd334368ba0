package check

import (
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// closestNamespaces lists the namespaces of the policy that somebody may have meant
// who wrote another one: those that it is a typo of, or all of them for "default",
// which tools write where nothing is stated.
func closestNamespaces(p *policy.Policy, namespace string) []string {
	var out []string
	for _, n := range p.Namespaces {
		if namespace == "default" || hcltext.IsTypo(namespace, n.Key) {
			out = append(out, n.Key)
		}
	}
	slices.Sort(out)
	return out
}

// workloadByName finds the workload of an object's name whose labels the object's
// pods lack, with nothing else stated in their place. Workloads for Windows are
// left out: their pods need more than labels.
func workloadByName(p *policy.Policy, name string, pods map[string]string) (*policy.Workload, bool) {
	w, ok := p.Workload(name)
	if !ok || w.OS == "windows" {
		return nil, false
	}
	lacks := false
	for key, value := range w.Match {
		stated, has := pods[key]
		if has && stated != value {
			return nil, false
		}
		lacks = lacks || !has
	}
	return w, lacks
}
