package input

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Addition is an object that means something only beside others, such as a network policy: policies add up. It is judged when all
// inputs have been read.
type Addition struct {
	Class            Class
	APIVersion, Kind string
	Namespace, Name  string   // "" where not stated; of a name that the API server makes the start
	Node             *Node    // the object as Kubernetes' API has it
	Path             []string // of what states it in the document
	Unknown          string   // why parts of it are not known, such as "has parts that are known only after apply"; else ""
	// Address, Type and Resource are the address, the type and the path of the plan's resource; empty of an object of a manifest.
	Address, Type string
	Resource      []string

	places map[string][]string // in the document, by path in the object; nil where both are the same
}

// The classes of additions.
const (
	// NetworkPolicyClass is a NetworkPolicy of networking.k8s.io.
	NetworkPolicyClass Class = "network policy"
	// PersistentVolumeClass is a volume that pods claim.
	PersistentVolumeClass Class = "persistent volume"
	// BypassClass is an object by which pods may get around what a policy says, and that nothing judges.
	BypassClass Class = "unjudged object"
)

// Addition gives the object as an addition; false where it is none.
func (o Object) Addition() (Addition, bool) {
	class := additionClass(groupOf(o.APIVersion), o.Kind, o.Node)
	return Addition{
		Class: class, APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: nameOf(o.Node), Node: o.Node, Path: o.Path,
	}, class != UnsupportedClass
}

func nameOf(n *Node) string {
	return cmp.Or(n.At("metadata", "name").Text(), n.At("metadata", "generateName").Text())
}

// At gives the path in the document of a path in the object. What a plan writes in another form leads to the nearest place that is known.
func (a Addition) At(path []string) []string {
	if a.places == nil {
		return append(slices.Clip(a.Path), path...)
	}
	for n := len(path); n > 0; n-- {
		if at, ok := a.places[strings.Join(path[:n], "/")]; ok {
			return at
		}
	}
	return a.Path
}

// String names the object, a plan's by its address.
func (a Addition) String() string {
	return cmp.Or(a.Address, strings.TrimSpace(a.Kind+" "+a.Name))
}

func additionClass(group, kind string, n *Node) Class {
	switch {
	case kind == "NetworkPolicy" && (group == "networking.k8s.io" || group == NoGroup):
		return NetworkPolicyClass
	case kind == "PersistentVolume" && (group == CoreGroup || group == NoGroup):
		return PersistentVolumeClass
	case changesConnections(group, kind), kind == "StorageClass" && group == "storage.k8s.io" && localProvisioner(n.Get("provisioner").Text()):
		return BypassClass
	}
	return UnsupportedClass
}

// networkGroups are the API groups whose policies allow or refuse connections beside NetworkPolicies: the API's own extension, and
// those of network plugins and meshes.
var networkGroups = []string{
	"policy.networking.k8s.io", "extensions", "cilium.io", "crd.projectcalico.org", "projectcalico.org", "crd.antrea.io", "k8s.ovn.org",
	"network.openshift.io", "kubeovn.io", "k8s.cni.cncf.io",
}

// changesConnections reports whether objects of a kind may allow connections that NetworkPolicies refuse, or take pods out of them.
func changesConnections(group, kind string) bool {
	if !slices.Contains(networkGroups, group) {
		return false
	}
	return strings.HasSuffix(kind, "NetworkPolicy") || slices.Contains([]string{
		"Tier", "EgressFirewall", "GlobalNetworkPolicy", "Profile", "CiliumLocalRedirectPolicy", "NetworkAttachmentDefinition",
	}, kind)
}

// localProvisioner reports whether volumes of a provisioner are folders of the node: the storage class for local volumes that
// somebody makes by hand, and the provisioners of Rancher's local-path, minikube, MicroK8s, Docker Desktop, KubeVirt and OpenEBS.
// A name of one's own, as charts make them (cluster.local/local-path-provisioner), is known by its words.
func localProvisioner(name string) bool {
	return slices.Contains([]string{"kubernetes.io/no-provisioner", "kubernetes.io/host-path", "openebs.io/local"}, name) ||
		strings.Contains(name, "local-path") || strings.Contains(name, "hostpath")
}

// planTypes are the types of Terraform's kubernetes provider that make additions.
var planTypes = map[string]func(*Node) *converted{
	"kubernetes_network_policy": networkPolicyOf, "kubernetes_network_policy_v1": networkPolicyOf,
	"kubernetes_persistent_volume": persistentVolumeOf, "kubernetes_persistent_volume_v1": persistentVolumeOf,
	"kubernetes_storage_class": storageClassOf, "kubernetes_storage_class_v1": storageClassOf,
}

// IsAdditionType reports whether resources of a type of a plan may be additions.
func IsAdditionType(resourceType string) bool { return planTypes[resourceType] != nil }

const afterApply = "has parts that are known only after apply"

// PlanAdditions lists those that the resources of a plan make, and of the types of which IsAdditionType knows all resources: their class
// may be UnsupportedClass.
func (d *Document) PlanAdditions() []Addition {
	unknown := map[string]*Node{}
	if changes := d.Root.Get("resource_changes"); changes != nil {
		for _, c := range changes.Items {
			unknown[c.Get("address").Text()] = c.At("change", "after_unknown")
		}
	}
	var out []Addition
	add := func(a Addition, marks *Node) {
		a.Namespace, a.Name = a.Node.At("metadata", "namespace").Text(), nameOf(a.Node)
		a.Class = additionClass(groupOf(a.APIVersion), a.Kind, a.Node)
		if a.Unknown == "" && unknownPart(a.Type, a.Kind, marks) {
			a.Unknown = afterApply
		}
		if a.Unknown != "" && a.Kind == "StorageClass" && groupOf(a.APIVersion) == "storage.k8s.io" {
			a.Class = BypassClass
		}
		if a.Class != UnsupportedClass || a.places != nil {
			out = append(out, a)
		}
	}
	planResources(d.Root.At("planned_values", "root_module"), []string{"planned_values", "root_module"}, func(r *Node, path []string) {
		values := append(slices.Clip(path), "values")
		a := Addition{Address: r.Get("address").Text(), Type: r.Get("type").Text(), Resource: path}
		switch kind := a.Type; {
		case kind == "kubernetes_manifest":
			a.Node, a.Path = r.At("values", "manifest"), append(values, "manifest")
			var l lister
			if a.Node != nil {
				l.add(d, a.Node, a.Path)
			}
			for _, o := range l.objects { // several of a list
				a.Node, a.Path, a.APIVersion, a.Kind = o.Node, o.Path, o.APIVersion, o.Kind
				add(a, marksAt(unknown[a.Address], o.Path[len(path)+1:]))
			}
		case planTypes[kind] != nil:
			c := planTypes[kind](r.Get("values"))
			a.Node, a.Path, a.places = c.node, values, map[string][]string{}
			for at, to := range c.places {
				a.places[at] = append(slices.Clip(values), to...)
			}
			if !inBlocks(r.Get("values")) {
				a.Unknown = "is not in the form that the kubernetes provider writes"
			}
			a.APIVersion, a.Kind = a.Node.Get("apiVersion").Text(), a.Node.Get("kind").Text()
			add(a, unknown[a.Address])
		}
	})
	return out
}

// planResources calls do for each managed resource of a module and of those in it.
func planResources(module *Node, path []string, do func(r *Node, path []string)) {
	for i, r := range items(module.Get("resources")) {
		if mode := r.Get("mode").Text(); mode == "" || mode == "managed" {
			do(r, append(slices.Clip(path), "resources", strconv.Itoa(i)))
		}
	}
	for i, child := range items(module.Get("child_modules")) {
		planResources(child, append(slices.Clip(path), "child_modules", strconv.Itoa(i)), do)
	}
}

func items(n *Node) []*Node {
	if n == nil {
		return nil
	}
	return n.Items
}

// unknownPart reports whether a plan marks what decides about an addition as known only after apply. Volumes of other kinds than folders
// of the node have parts that nothing depends on, such as the number of a disk.
func unknownPart(resourceType, kind string, marks *Node) bool {
	var deciding [][]string
	manifest := resourceType == "kubernetes_manifest"
	switch {
	case kind == "PersistentVolume" && manifest:
		deciding = [][]string{{"spec", "hostPath"}, {"spec", "local"}}
	case kind == "PersistentVolume":
		deciding = [][]string{{"spec", "persistent_volume_source", "host_path"}, {"spec", "persistent_volume_source", "local"}}
	case kind == "StorageClass" && manifest:
		deciding = [][]string{{"provisioner"}}
	case kind == "StorageClass":
		deciding = [][]string{{"storage_provisioner"}}
	case manifest:
		deciding = [][]string{{}} // any part
	default:
		deciding = [][]string{{"spec"}}
	}
	return slices.ContainsFunc(deciding, func(path []string) bool { return markedAt(marks, path) })
}

// marksAt are a plan's marks of what is at a path: one on the way marks all of it.
func marksAt(n *Node, path []string) *Node {
	for _, step := range path {
		switch {
		case n == nil || n.Kind == Bool:
			return n
		case n.Kind == Sequence:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.Items) {
				return nil
			}
			n = n.Items[i]
		default:
			n = n.Get(step)
		}
	}
	return n
}

// markedAt reports whether a plan marks any part of what a path leads to, or all of something on the way, as known only after apply.
// A path leads through each element of a list.
func markedAt(n *Node, path []string) bool {
	switch {
	case n == nil:
		return false
	case len(path) == 0 || n.Kind == Bool:
		return anyTrue(n)
	case n.Kind == Sequence:
		return slices.ContainsFunc(n.Items, func(item *Node) bool { return markedAt(item, path) })
	}
	return markedAt(n.Get(path[0]), path[1:])
}

// inBlocks reports whether the blocks that decide about an addition are lists of at most one, as the kubernetes provider writes them.
func inBlocks(values *Node) bool {
	spec := values.Get("spec")
	source := first(spec).Get("persistent_volume_source")
	return isBlock(spec) && isBlock(source) && isBlock(first(source).Get("host_path")) && isBlock(first(source).Get("local"))
}

func isBlock(n *Node) bool {
	return n == nil || n.Kind == Null || n.Kind == Sequence && len(n.Items) <= 1
}

// anyTrue reports whether a plan marks any part of a value as known only after apply.
func anyTrue(n *Node) bool {
	switch {
	case n == nil:
		return false
	case n.Kind == Bool:
		return n.Value == "true"
	}
	return slices.ContainsFunc(n.Items, anyTrue) || slices.ContainsFunc(n.Fields, func(f Field) bool { return anyTrue(f.Value) })
}
