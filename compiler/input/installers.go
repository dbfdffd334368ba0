package input

import "fmt"

// installers are kinds by API group whose objects have others create objects with pods that the object does not show, and what to
// check in their place. Other kinds are found by the images that they name.
var installers = map[string]map[string]string{
	"argoproj.io":                 {"Application": manifestsOfSource, "ApplicationSet": manifestsOfSource},
	"source.toolkit.fluxcd.io":    {"HelmChart": outputOfHelm},
	"helm.toolkit.fluxcd.io":      {"HelmRelease": outputOfHelm},
	"kustomize.toolkit.fluxcd.io": {"Kustomization": "check the output of `kustomize build`"},
	"helm.cattle.io":              {"HelmChart": outputOfHelm},
	"fleet.cattle.io":             {"GitRepo": manifestsOfSource, "Bundle": manifestsOfSource},
	"kappctrl.k14s.io":            {"App": manifestsOfSource},
	"packaging.carvel.dev":        {"PackageInstall": manifestsOfSource},
	"operators.coreos.com":        {"Subscription": "check the operator's ClusterServiceVersion"},
}

const (
	manifestsOfSource = "check the manifests of its source"
	outputOfHelm      = "check the output of `helm template`"
)

// Installs says that objects of a kind have others create objects that they do not show, and what to check in their place; ""
// of other kinds.
func Installs(apiVersion, kind string) string {
	instead := installers[groupOf(apiVersion)][kind]
	if instead == "" {
		return ""
	}
	return fmt.Sprintf("what the %s installs is not here; %s", kind, instead)
}

// Installs is the function of that name, of the object's kind.
func (o Object) Installs() string { return Installs(o.APIVersion, o.Kind) }
