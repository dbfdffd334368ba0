package input

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Wildcard is the step of a path that stands for every element of a list and every value of an object.
const Wildcard = "*"

// PodTemplatePath says where the objects of a kind have their pods.
type PodTemplatePath struct {
	Kind string
	// Group is the API group of the kind: NoGroup, CoreGroup or a name such as "apps".
	Group string
	// Paths lead to what has the metadata and the spec of a pod; the empty path to the object itself. Steps are
	// fields, or Wildcard. No two paths may lead to one pod.
	Paths [][]string
	// RefField is the path of a field that names another object, whose pods the object runs; it then has no pod of its
	// own. Nil where the kind has no such field.
	RefField []string
	// DefaultContainerName is the name of a container that states none: this, and its index where there are several. ""
	// where the kind demands names.
	DefaultContainerName string
	// ResourceTypes are the types of Terraform's kubernetes provider that make objects of the kind.
	ResourceTypes []string
}

// Groups that are no names.
const (
	NoGroup   = ""  // no apiVersion is stated
	CoreGroup = "/" // the core group, which has no name: v1
)

// groupOf is the API group that an apiVersion names. The API server takes "/v1" for v1.
func groupOf(apiVersion string) string {
	g, _, found := strings.Cut(apiVersion, "/")
	switch {
	case apiVersion == "":
		return NoGroup
	case !found || g == "":
		return CoreGroup
	}
	return g
}

// PodTemplatePaths says which kinds of objects have pods, and where. The zero value has no kind. It is not changed once
// made.
type PodTemplatePaths struct {
	byKind map[string]map[string]PodTemplatePath // by kind and group
}

var template = [][]string{{"spec", "template"}}

// builtIn lists the kinds that are read although no policy names them: Kubernetes' own (the group extensions had the
// older ones until 1.16), Argo's Rollout, Knative's, and OpenShift's DeploymentConfig (which its first API had in the core
// group). Knative calls a container user-container unless its configuration says otherwise.
//
// This is the one table of such kinds: the reader of manifests, the Rego bundle and the Terraform module are made from it.
var builtIn = []PodTemplatePath{
	{Kind: "Pod", Group: CoreGroup, Paths: [][]string{{}}, ResourceTypes: []string{"kubernetes_pod", "kubernetes_pod_v1"}},
	{Kind: "PodTemplate", Group: CoreGroup, Paths: [][]string{{"template"}}},
	{Kind: "ReplicationController", Group: CoreGroup, Paths: template, ResourceTypes: []string{"kubernetes_replication_controller", "kubernetes_replication_controller_v1"}},
	{Kind: "Deployment", Group: "apps", Paths: template, ResourceTypes: []string{"kubernetes_deployment", "kubernetes_deployment_v1"}},
	{Kind: "Deployment", Group: "extensions", Paths: template},
	{Kind: "ReplicaSet", Group: "apps", Paths: template},
	{Kind: "ReplicaSet", Group: "extensions", Paths: template},
	{Kind: "DaemonSet", Group: "apps", Paths: template, ResourceTypes: []string{"kubernetes_daemonset", "kubernetes_daemon_set_v1"}},
	{Kind: "DaemonSet", Group: "extensions", Paths: template},
	{Kind: "StatefulSet", Group: "apps", Paths: template, ResourceTypes: []string{"kubernetes_stateful_set", "kubernetes_stateful_set_v1"}},
	{Kind: "Job", Group: "batch", Paths: template, ResourceTypes: []string{"kubernetes_job", "kubernetes_job_v1"}},
	{Kind: "CronJob", Group: "batch", Paths: [][]string{{"spec", "jobTemplate", "spec", "template"}}, ResourceTypes: []string{"kubernetes_cron_job", "kubernetes_cron_job_v1"}},
	{Kind: "Rollout", Group: "argoproj.io", Paths: template, RefField: []string{"spec", "workloadRef"}},
	{Kind: "Service", Group: "serving.knative.dev", Paths: template, DefaultContainerName: "user-container"},
	{Kind: "Configuration", Group: "serving.knative.dev", Paths: template, DefaultContainerName: "user-container"},
	{Kind: "Revision", Group: "serving.knative.dev", Paths: [][]string{{}}, DefaultContainerName: "user-container"},
	{Kind: "DeploymentConfig", Group: "apps.openshift.io", Paths: template},
	{Kind: "DeploymentConfig", Group: CoreGroup, Paths: template},
}

// others are kinds of the core group without pods whose names kinds of other groups have too. Without an apiVersion an
// object of such a name is the core's.
var others = []string{"Node", "Service"}

// ResourceTypes lists the types of Terraform's kubernetes provider that make objects with pods.
func ResourceTypes() []string {
	var out []string
	for _, kind := range builtIn {
		out = append(out, kind.ResourceTypes...)
	}
	return out
}

// BuiltIn returns the kinds that are read although no policy names them.
func BuiltIn() PodTemplatePaths { return PodTemplatePaths{}.With(builtIn...) }

// With returns the kinds and more. Of a kind that is known already, the paths add up.
func (p PodTemplatePaths) With(more ...PodTemplatePath) PodTemplatePaths {
	all := map[string]map[string]PodTemplatePath{}
	for kind, groups := range p.byKind {
		all[kind] = maps.Clone(groups)
	}
	for _, one := range more {
		if all[one.Kind] == nil {
			all[one.Kind] = map[string]PodTemplatePath{}
		}
		groups := all[one.Kind]
		groups[one.Group] = groups[one.Group].join(one, one.Group)
		if !slices.Contains(others, one.Kind) {
			groups[NoGroup] = groups[NoGroup].join(one, NoGroup)
		}
	}
	return PodTemplatePaths{all}
}

// join adds the paths of the same kind.
func (p PodTemplatePath) join(other PodTemplatePath, group string) PodTemplatePath {
	paths := slices.Clone(p.Paths)
	for _, path := range other.Paths {
		if !slices.ContainsFunc(paths, func(have []string) bool { return slices.Equal(have, path) }) {
			paths = append(paths, path)
		}
	}
	slices.SortFunc(paths, slices.Compare)
	both := PodTemplatePath{Kind: other.Kind, Group: group, Paths: paths}
	if len(paths) > 1 {
		return both // nothing says to which of them the other fields belong
	}
	both.RefField, both.DefaultContainerName = p.RefField, cmp.Or(p.DefaultContainerName, other.DefaultContainerName)
	if both.RefField == nil {
		both.RefField = other.RefField
	}
	return both
}

// All returns every kind, ordered by kind and group.
func (p PodTemplatePaths) All() iter.Seq[PodTemplatePath] {
	return func(yield func(PodTemplatePath) bool) {
		for _, kind := range slices.Sorted(maps.Keys(p.byKind)) {
			for _, group := range slices.Sorted(maps.Keys(p.byKind[kind])) {
				if !yield(p.byKind[kind][group]) {
					return
				}
			}
		}
	}
}

// Lookup returns where the objects of a kind of an API group have their pods.
func (p PodTemplatePaths) Lookup(group, kind string) (PodTemplatePath, bool) {
	paths, ok := p.byKind[kind][group]
	return paths, ok
}

// Has reports whether objects of a kind have pods.
func (p PodTemplatePaths) Has(apiVersion, kind string) bool {
	_, ok := p.Lookup(groupOf(apiVersion), kind)
	return ok
}

// miscased returns the known kind that differs in the case of letters only: the API server knows no other, so it is a
// mistake and not a kind of its own. "" where there is none.
func (p PodTemplatePaths) miscased(kind string) string {
	if p.byKind[kind] != nil {
		return ""
	}
	like := ""
	for known := range p.byKind {
		if strings.EqualFold(known, kind) && (like == "" || known < like) {
			like = known
		}
	}
	return like
}
