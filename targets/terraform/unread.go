package terraform

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// What resources of types that are not read have to do with containers.
const (
	elsewhere  = "what it installs is not in the plan"
	otherKinds = "it runs containers outside Kubernetes, of which the policy says nothing"
)

// unreadTypes are the resource types that run containers, or have others run them, in
// a form that the module does not read. Types that are not listed are found by the
// containers that they have.
var unreadTypes = map[string]string{
	"helm_release":                    elsewhere + "; check the output of `helm template`",
	"kubectl_manifest":                "its objects are text; use kubernetes_manifest, or check the files",
	"kubectl_path_documents":          "its objects are text; check the files",
	"kustomization_resource":          "its objects are text; check the output of `kustomize build`",
	"k8s_manifest":                    "its objects are text; use kubernetes_manifest, or check the files",
	"argocd_application":              elsewhere + "; check the manifests of its source",
	"argocd_application_set":          elsewhere + "; check the manifests of its sources",
	"flux_bootstrap_git":              elsewhere + "; check the manifests of its repository",
	"rancher2_app_v2":                 elsewhere + "; check the output of `helm template`",
	"aws_eks_addon":                   elsewhere,
	"nomad_job":                       otherKinds,
	"docker_container":                otherKinds,
	"docker_service":                  otherKinds,
	"podman_container":                otherKinds,
	"kubernetes_env":                  "it changes the environment of containers that are not in the plan",
	"aws_ecs_task_definition":         otherKinds,
	"awscc_ecs_task_definition":       otherKinds,
	"aws_batch_job_definition":        otherKinds,
	"aws_apprunner_service":           otherKinds,
	"google_cloud_run_service":        otherKinds,
	"google_cloud_run_v2_service":     otherKinds,
	"google_cloud_run_v2_job":         otherKinds,
	"google_cloud_run_v2_worker_pool": otherKinds,
	"azurerm_container_app":           otherKinds,
	"azurerm_container_app_job":       otherKinds,
	"azurerm_container_group":         otherKinds,
	"lxd_instance":                    otherKinds,
	"incus_instance":                  otherKinds,
}

// unread says why a resource that runs containers is not read; "" where it does not
// seem to run any.
func unread(r *module.Resource) string {
	if why := unreadTypes[r.Type]; why != "" {
		return why
	}
	if strings.HasPrefix(r.Type, "kubernetes_") {
		return ""
	}
	if v, err := r.Value(); err == nil && hasContainers(v) {
		return "it has containers, and the module reads no pods of the type " + r.Type
	}
	return ""
}

// hasContainers reports whether a value has containers, in the spellings of several
// providers.
func hasContainers(v cty.Value) bool {
	if !v.IsKnown() || v.IsNull() {
		return false
	}
	switch {
	case v.Type().IsObjectType():
		return slices.ContainsFunc(attributes(v), func(name string) bool {
			inner := v.GetAttr(name)
			return isContainers(name, inner) || hasContainers(inner)
		})
	case v.Type().IsTupleType():
		return slices.ContainsFunc(v.AsValueSlice(), hasContainers)
	}
	return false
}

// isContainers reports whether an attribute holds containers, if only as text.
func isContainers(name string, v cty.Value) bool {
	text := slices.Contains([]string{"container_definitions", "container_properties"}, name)
	switch {
	case !text && !slices.Contains(containerLists, name) || v.IsKnown() && v.IsNull():
		return false
	case !v.IsKnown():
		return true
	case v.Type() == cty.String:
		return text && v.AsString() != ""
	}
	return v.CanIterateElements() && v.LengthInt() > 0
}

// typeCounts counts the resources of types that are not read, with the first of all.
type typeCounts struct {
	path   []string
	counts map[string]int
}

func (t *typeCounts) add(r *module.Resource) {
	if t.counts == nil {
		t.path, t.counts = r.Path, map[string]int{}
	}
	t.counts[r.Type]++
}

// mostTypes is how many types are named.
const mostTypes = 20

// skipped lists the types in one finding, those with the most resources first.
func (t *typeCounts) skipped() []target.Finding {
	if t.counts == nil {
		return nil
	}
	names := make([]string, 0, len(t.counts))
	for name := range t.counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.counts[b], t.counts[a]), cmp.Compare(a, b))
	})
	more := ""
	if n := len(names) - mostTypes; n > 0 {
		names, more = names[:mostTypes], fmt.Sprintf(" and %d more types", n)
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%s (%d)", name, t.counts[name])
	}
	return []target.Finding{{Path: t.path, Message: "no control applies to the types " + strings.Join(names, ", ") + more, Warning: true}}
}
