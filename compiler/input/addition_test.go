package input_test

import (
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// planOf is a plan with one resource.
func planOf(t *testing.T, resourceType, values, unknown string) *input.Document {
	t.Helper()
	body := `{"format_version": "1.2", "planned_values": {"root_module": {"child_modules": [{"resources": [
		{"address": "module.m.x.y", "mode": "data", "type": "` + resourceType + `", "values": {}},
		{"address": "module.m.x.y", "mode": "managed", "type": "` + resourceType + `", "values": ` + values + `}]}]}},
		"resource_changes": [{"address": "module.m.x.y", "change": {"after_unknown": ` + unknown + `}}]}`
	docs, err := input.Read("plan.json", []byte(body), input.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return docs[0]
}

// What Terraform's provider writes in blocks is the object that Kubernetes' API would have.
func TestPlanAdditions(t *testing.T) {
	const metadata = `"metadata": [{"name": "n", "namespace": "shop"}]`
	for name, c := range map[string]struct {
		kind, values, unknown string
		class                 input.Class
		want                  string
		unknownIs             string
	}{
		"everything": {"kubernetes_network_policy_v1", `{` + metadata + `, "spec": [{
			"pod_selector": [{"match_labels": {"app": "db"}, "match_expressions": [{"key": "tier", "operator": "In", "values": ["x"]}, {"key": "old", "operator": "DoesNotExist", "values": []}]}],
			"policy_types": ["Ingress", "Egress"],
			"ingress": [{"ports": [{"port": "8080", "protocol": "TCP", "end_port": 8090}, {"port": "metrics", "protocol": null, "end_port": 0}], "from": [
				{"ip_block": [{"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}], "pod_selector": [], "namespace_selector": []},
				{"ip_block": [], "pod_selector": [null], "namespace_selector": [{"match_labels": {"a": "b"}}]}]}],
			"egress": [{"ports": [], "to": []}]}]}`, `{}`, input.NetworkPolicyClass,
			`{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"n","namespace":"shop"},"spec":{` +
				`"podSelector":{"matchLabels":{"app":"db"},"matchExpressions":[{"key":"tier","operator":"In","values":["x"]},{"key":"old","operator":"DoesNotExist"}]},"policyTypes":["Ingress","Egress"],` +
				`"ingress":[{"ports":[{"port":8080,"protocol":"TCP","endPort":8090},{"port":"metrics"}],"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}},{"namespaceSelector":{"matchLabels":{"a":"b"}},"podSelector":{}}]}],` +
				`"egress":[{}]}}`, ""},
		"a network that is not known": {"kubernetes_network_policy", `{` + metadata + `, "spec": [{"pod_selector": [{}], "ingress": [{"from": [{"ip_block": [{}]}]}]}]}`,
			`{"spec": [{"ingress": [{"from": [{"ip_block": [{"cidr": true}]}]}]}]}`, input.NetworkPolicyClass,
			`{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"n","namespace":"shop"},"spec":{"podSelector":{},` +
				`"ingress":[{"from":[{"ipBlock":{"cidr":"0.0.0.0/0"}},{"ipBlock":{"cidr":"::/0"}}]}]}}`, "has parts that are known only after apply"},
		"a volume": {"kubernetes_persistent_volume", `{"metadata": [{"name": "n"}], "spec": [{"claim_ref": [{"name": "c", "namespace": "shop"}], "persistent_volume_source": [{"local": [{"path": "/mnt"}], "host_path": []}]}]}`, `{}`,
			input.PersistentVolumeClass, `{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"n"},"spec":{"local":{"path":"/mnt"},"claimRef":{"namespace":"shop"}}}`, ""},
		"a class of folders": {"kubernetes_storage_class_v1", `{"metadata": [{"name": "n"}], "storage_provisioner": "rancher.io/local-path"}`, `{}`, input.BypassClass,
			`{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"n"},"provisioner":"rancher.io/local-path"}`, ""},
		"a class of disks": {"kubernetes_storage_class_v1", `{"metadata": [{}], "storage_provisioner": "disks.example.com"}`, `{}`, input.UnsupportedClass,
			`{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"not-known-yet"},"provisioner":"disks.example.com"}`, ""},
		"a manifest": {"kubernetes_manifest", `{"manifest": {"apiVersion": "crd.antrea.io/v1beta1", "kind": "ClusterNetworkPolicy"}}`, `{"manifest": {"spec": true}}`, input.BypassClass,
			`{"apiVersion":"crd.antrea.io/v1beta1","kind":"ClusterNetworkPolicy"}`, "has parts that are known only after apply"},
		"a volume whose kind is not known": {"kubernetes_persistent_volume", `{"metadata": [{"name": "n"}], "spec": [{}]}`, `{"spec": [{"persistent_volume_source": true}]}`,
			input.PersistentVolumeClass, `{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"n"},"spec":{}}`, "has parts that are known only after apply"},
		"a disk whose number is not known": {"kubernetes_persistent_volume", `{"metadata": [{"name": "n"}], "spec": [{"persistent_volume_source": [{"csi": [{}]}]}]}`,
			`{"id": true, "spec": [{"capacity": {}, "persistent_volume_source": [{"csi": [{"volume_handle": true}], "host_path": []}]}]}`,
			input.PersistentVolumeClass, `{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"n"},"spec":{}}`, ""},
		"a manifest of a volume": {"kubernetes_manifest", `{"manifest": {"apiVersion": "v1", "kind": "PersistentVolume", "spec": {}}}`, `{"manifest": {"spec": {"local": {"path": true}}}}`,
			input.PersistentVolumeClass, `{"apiVersion":"v1","kind":"PersistentVolume","spec":{}}`, "has parts that are known only after apply"},
		"a manifest of a disk": {"kubernetes_manifest", `{"manifest": {"apiVersion": "v1", "kind": "PersistentVolume", "spec": {"csi": {}}}}`, `{"manifest": {"spec": {"csi": {"volumeHandle": true}}}}`,
			input.PersistentVolumeClass, `{"apiVersion":"v1","kind":"PersistentVolume","spec":{"csi":{}}}`, ""},
		"a class that is not known": {"kubernetes_storage_class", `{"metadata": [{"name": "n"}]}`, `{"storage_provisioner": true}`, input.BypassClass,
			`{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"n"}}`, "has parts that are known only after apply"},
		"two blocks": {"kubernetes_persistent_volume", `{"metadata": [{"name": "n"}], "spec": [{"persistent_volume_source": [{}, {"host_path": [{"path": "/"}]}]}]}`, `{}`,
			input.PersistentVolumeClass, `{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"n"},"spec":{}}`, "is not in the form that the kubernetes provider writes"},
		"not as a block is": {"kubernetes_network_policy", `{"metadata": "x", "spec": {"ingress": 1}}`, `true`, input.NetworkPolicyClass,
			`{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"not-known-yet"},"spec":{"podSelector":{}}}`, "is not in the form that the kubernetes provider writes"},
	} {
		got := planOf(t, c.kind, c.values, c.unknown).PlanAdditions()
		if len(got) != 1 {
			t.Errorf("%s: %d additions", name, len(got))
			continue
		}
		a := got[0]
		if json := string(a.Node.JSON()); json != c.want || a.Class != c.class || a.Unknown != c.unknownIs {
			t.Errorf("%s: %q, not known: %q\n%s, want\n%s", name, a.Class, a.Unknown, json, c.want)
		}
		if a.Address != "module.m.x.y" || strings.Join(a.Resource, "/") != "planned_values/root_module/child_modules/0/resources/1" {
			t.Errorf("%s: %s at %v", name, a.Address, a.Resource)
		}
	}
}

func TestPlanAdditionPlaces(t *testing.T) {
	a := planOf(t, "kubernetes_network_policy", `{"metadata": [{"name": "n"}], "spec": [{"egress": [{}, {"to": [{"ip_block": [{"cidr": "10.0.0.0/8"}]}]}]}]}`, `{}`).PlanAdditions()[0]
	values := "planned_values/root_module/child_modules/0/resources/1/values"
	for path, want := range map[string]string{
		"spec/egress/1":                   values + "/spec/0/egress/1",
		"spec/egress/1/to/0/ipBlock/cidr": values + "/spec/0/egress/1/to/0",
		"metadata/name":                   values + "/metadata/0",
		"status":                          values,
	} {
		if got := strings.Join(a.At(strings.Split(path, "/")), "/"); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// Lists in a manifest hold several, of the list's type where they state none.
func TestPlanAdditionsOfLists(t *testing.T) {
	for values, want := range map[string]string{
		`{}`: "", `{"manifest": null}`: "", `{"manifest": [1]}`: "", `{"manifest": {"kind": "NetworkPolicyList", "items": 1}}`: "",
		`{"manifest": {"apiVersion": "v1", "kind": "PersistentVolumeList", "items": [{"metadata": {"name": "a"}}, {"kind": "PersistentVolume", "metadata": {"name": "b"}}, {"kind": "Pod"}, 1]}}`:               "v1 PersistentVolume a, v1 PersistentVolume b",
		`{"manifest": {"apiVersion": "v1", "kind": "List", "items": [{"metadata": {"name": "a"}}, {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicyList", "items": [{"metadata": {"name": "c"}}]}]}}`: "cilium.io/v2 CiliumNetworkPolicy c",
	} {
		var got []string
		for _, a := range planOf(t, "kubernetes_manifest", values, `{}`).PlanAdditions() {
			got = append(got, a.APIVersion+" "+a.Kind+" "+a.Name)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", values, got, want)
		}
	}
}
