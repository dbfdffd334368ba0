package terraform

import (
	"bytes"
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// versionAttributes are the attributes that state a version of Kubernetes, by
// the type of the resource.
var versionAttributes = map[string]string{
	"aws_eks_cluster":                      "version",
	"aws_eks_node_group":                   "version",
	"azurerm_kubernetes_cluster":           "kubernetes_version",
	"azurerm_kubernetes_cluster_node_pool": "orchestrator_version",
	"google_container_cluster":             "min_master_version",
	"google_container_node_pool":           "version",
}

// versionSupport is the support of the control of what these attributes state.
func versionSupport(id control.ID) (support target.Support, ok bool) {
	return target.Support{Level: target.Partial, Mode: control.Checks,
		Reason: "A plan shows the version of a cluster only where a resource states it, and not what its nodes run."}, id == control.KubernetesVersion
}

// versions is the table of updates.kubernetes; nil where nothing is stated.
func versions(p *policy.Policy) *table {
	c, _ := control.Lookup(control.KubernetesVersion)
	s := p.Settings[c.ID]
	if !c.Restricts(s.Value) {
		return nil
	}
	return &table{control: c, from: []statement{{"", s.Range}}}
}

// writeVersions writes the locals that find versions that are too old: older
// than the least one of their branch, or of a branch that is not newer than all
// that are listed. A version without a patch number does for a least version
// without one; what cannot be read does not do, nor does a release candidate for
// its release; what is not stated is not looked at.
func writeVersions(w *bytes.Buffer, c *control.Control, s policy.Setting) {
	least, err := control.ParseMinimum(s.Text)
	if err != nil {
		panic("terraform: a version that policies cannot have: " + s.Text)
	}
	fmt.Fprintf(w, "locals {\n  # %s: %s. %s\n  # %s\n", c.ID, comment(c.Title), comment(c.Reason), origin(c, s))
	fmt.Fprintf(w, "  updates_kubernetes = [[for where, version in var.kubernetes_versions : {\n    where = where\n")
	fmt.Fprintf(w, "    bad   = version == null ? false : try([for v in [regex(\"^v?([0-9]+)[.]([0-9]+)(?:[.]([0-9]+))?(-(?:alpha|beta|rc))?\", version)] : %s][0], true)\n  }]]\n}\n\n", tooOld(least))
}

// tooOld writes the condition under which the parts of a version, v, will not do.
func tooOld(least control.Minimum) string {
	newest := least[len(least)-1]
	out := fmt.Sprintf("tonumber(v[0]) != %[1]d ? tonumber(v[0]) < %[1]d : tonumber(v[1]) <= %[2]d", newest.Major(), newest.Minor())
	for _, m := range least {
		out = fmt.Sprintf("(tonumber(v[0]) == %d ? tonumber(v[1]) == %d : false) ? (v[2] == null ? %[3]d > 0 : (tonumber(v[2]) != %[3]d ? tonumber(v[2]) < %[3]d : v[3] != null)) : (%[4]s)",
			m.Major(), m.Minor(), m.Patch(), out)
	}
	return out
}
