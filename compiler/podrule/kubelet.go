package podrule

import (
	"fmt"
	"strings"
)

// kubeletFields are the fields of a KubeletConfiguration (kubelet.config.k8s.io/v1beta1) that rules read. Types are those of
// k8s.io/kubelet/config/v1beta1, types.go; defaults are what SetDefaults_KubeletConfiguration gives to a file
// (k8s.io/kubernetes, pkg/kubelet/apis/config/v1beta1, defaults.go). A kubelet that runs without a file has others:
// applyLegacyDefaults in the same repository opens the read-only port and lets anonymous users in.
var kubeletFields = []*Field{
	{Path: "seccompDefault", Level: Kubelet, Type: Bool, Default: "false"},
	{Path: "podPidsLimit", Level: Kubelet, Type: Number, Default: "-1"},
	{Path: "authentication.anonymous.enabled", Level: Kubelet, Type: Bool, Default: "false"},
	{Path: "readOnlyPort", Level: Kubelet, Type: Number, Default: "0"},
	{Path: "protectKernelDefaults", Level: Kubelet, Type: Bool, Default: "false"},
}

// jsonTypes are what messages call the types.
var jsonTypes = map[Type]string{Text: "a string", Number: "an integer", Bool: "a boolean", Object: "an object"}

// RegoKubeletFields prints what the Rego prelude knows of a kubelet's fields: what is assumed where nothing is stated, and
// the type of each field and of each object that has one.
func RegoKubeletFields() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What a kubelet assumes where its file states nothing.\nkubelet_defaults := %s\n\nkubelet_types := [\n", treeOf(Kubelet).defaults(""))
	seen := map[string]bool{}
	for _, f := range kubeletFields {
		steps := names(stepsOf(f.Path))
		for i := range steps {
			path, of := bracketed(steps[:i+1]), Object
			if i == len(steps)-1 {
				of = f.Type
			}
			if !seen[path] {
				seen[path] = true
				fmt.Fprintf(&b, "\t[%s, %s],\n", path, RegoString(jsonTypes[of]))
			}
		}
	}
	return b.String() + "]\n"
}
