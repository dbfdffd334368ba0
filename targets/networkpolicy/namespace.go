package networkpolicy

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// Namespace is that of NetworkPolicies that state none, as `kubectl apply --namespace` gives it to them. It is a fact of one command line and
// not of a cluster, so that no policy states it.
var Namespace = &platform.Fact[string]{
	Name:  "namespace",
	Doc:   "The namespace of NetworkPolicies that state none.",
	Usage: "the `NAMESPACE` of policies that state none (default: that is an error)",
	FromText: func(text string) (string, error) {
		if problems := validation.IsDNS1123Label(text); len(problems) > 0 {
			return "", fmt.Errorf("%q is not a namespace: %s", text, strings.Join(problems, "; "))
		}
		return text, nil
	},
}
