package terraform_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// pod writes a good pod with edits, in the form of kubernetes_deployment_v1.
func deployment(t testing.TB, edits ...string) planResource {
	r := pods()["typed"]
	for _, e := range edits {
		r.values = change(t, "typed", r.values, e)
	}
	return r
}

// What is known only after apply makes what depends on it undecided, and
// nothing else; it never hides a violation that is known.
func TestUnknown(t *testing.T) {
	artifacts := emit(t, resolve(t, document(strict())))
	j := load(t, artifacts)
	const spec = `{"spec":[{"template":[{"spec":[%s]}]}]}`
	for _, test := range []struct {
		name, unknown string
		edits         []string
		outcome       target.Outcome
		controls      string
	}{
		{"nothing that counts", `{"id":true,"metadata":[{"uid":true}]}`, nil, target.Allow, "[]"},
		{"a variable's value", fmt.Sprintf(spec, `{"container":[{"env":[{"value":true}]}]}`), []string{`C.env=[{"name":"TOKEN"}]`}, target.Allow, "[]"},
		{"a variable's name", fmt.Sprintf(spec, `{"container":[{"env":[{"name":true}]}]}`), []string{`C.env=[{"value":"x"}]`}, target.Undecided, "[privileges.environment]"},
		{"resources that the provider fills in", fmt.Sprintf(spec, `{"container":[{"resources":true}]}`), []string{"C.resources=-"}, target.Undecided, "[resources.memory resources.cpu resources.ephemeral_storage resources.hugepages]"},
		{"one limit", fmt.Sprintf(spec, `{"container":[{"resources":[{"limits":{"memory":true}}]}]}`), nil, target.Undecided, "[resources.memory]"},
		{"requests", fmt.Sprintf(spec, `{"container":[{"resources":[{"requests":true}]}]}`), nil, target.Allow, "[]"},
		{"an image", fmt.Sprintf(spec, `{"container":[{"image":true}]}`), nil, target.Undecided, "[image.registries image.deny image.deny_tags image.digest]"},
		{"an image beside a violation", fmt.Sprintf(spec, `{"container":[{"image":true}]}`), []string{"C.security_context.0.privileged=true"}, target.Deny, "[privileges.privileged]? image.registries image.deny image.deny_tags image.digest"},
		{"an init container of the same control", fmt.Sprintf(spec, `{"init_container":[{"security_context":[{"privileged":true}]}]}`), []string{`P.init_container=[{"name":"i","image":"registry.example.com/payments/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef","resources":[{"limits":{"memory":"256Mi","cpu":"1","ephemeral-storage":"1Gi"},"requests":{}}],"security_context":[{"allow_privilege_escalation":false,"read_only_root_filesystem":true,"capabilities":[{"drop":["ALL"]}]}]}]`, "C.security_context.0.privileged=true"}, target.Deny, "[privileges.privileged]? privileges.privileged"},
		{"init containers beside a violation", fmt.Sprintf(spec, `{"init_container":true}`), []string{"C.security_context.0.privileged=true"}, target.Deny, "[privileges.privileged]? privileges.privileged image.digest"},
		{"the namespace", `{"metadata":[{"namespace":true}]}`, []string{"P.host_network=true"}, target.Undecided, "[host.network]"},
		{"the namespace of a good pod", `{"metadata":[{"namespace":true}]}`, nil, target.Allow, "[]"},
		{"the name", `{"metadata":[{"name":true}]}`, []string{"P.host_network=true"}, target.Deny, "[host.network]"},
		{"a label that tells nothing", `{"spec":[{"template":[{"metadata":[{"labels":{"hash":true}}]}]}]}`, nil, target.Allow, "[]"},
		{"the label that tells the workload", `{"spec":[{"template":[{"metadata":[{"labels":{"app":true}}]}]}]}`, nil, target.Undecided, "[policy.undeclared]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := deployment(t, test.edits...)
			r.unknown = test.unknown
			v := judge(t, j, planOf(r))
			want, unknown, mixed := strings.Cut(test.controls, "? ")
			if mixed { // what is refused, and some of what is undecided beside it
				var beside target.Verdict
				v.Findings = slices.DeleteFunc(v.Findings, func(f target.Finding) bool {
					if f.Undecided {
						beside.Findings = append(beside.Findings, f)
					}
					return f.Undecided
				})
				for _, control := range strings.Fields(unknown) {
					if !slices.Contains(controlsOf(artifacts, beside), control) {
						t.Errorf("%s is not undecided: %+v", control, beside.Findings)
					}
				}
			}
			got := controlsOf(artifacts, v)
			if test.name == "the label that tells the workload" { // every control depends on it
				if !slices.Contains(got, "policy.undeclared") {
					t.Errorf("got %v", got)
				}
				got = []string{"policy.undeclared"}
			}
			if v.Outcome != test.outcome || fmt.Sprint(got) != want {
				t.Errorf("got %v %v, want %v %s: %+v", v.Outcome, got, test.outcome, want, v.Findings)
			}
		})
	}
}

// Whole resources that are not known are undecided; a bad one beside them is
// found all the same.
func TestUnknownResources(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(strict()))))
	open := planResource{typ: "kubernetes_pod_v1", values: `{"metadata":[{"name":"x","namespace":"payments"}]}`, unknown: `{"spec":true}`}
	manifest := planResource{typ: "kubernetes_manifest", values: `{}`, unknown: `{"manifest":true}`}
	bad := deployment(t, "P.host_network=true")
	for _, test := range []struct {
		name      string
		resources []planResource
		want      target.Outcome
	}{
		{"unknown spec", []planResource{open}, target.Undecided},
		{"unknown manifest", []planResource{manifest}, target.Undecided},
		{"beside a good one", []planResource{deployment(t), manifest}, target.Undecided},
		{"beside a bad one", []planResource{open, manifest, bad}, target.Deny},
	} {
		if v := judge(t, j, planOf(test.resources...)); v.Outcome != test.want {
			t.Errorf("%s: got %v, want %v: %+v", test.name, v.Outcome, test.want, v.Findings)
		}
	}
}

// Findings name the resource, the container and the place in the plan.
func TestFindings(t *testing.T) {
	artifacts := emit(t, resolve(t, document(strict())))
	j := load(t, artifacts)
	good := deployment(t)
	bad := deployment(t, `P.init_container=[{"name":"setup"}]`, "P.host_pid=true")
	both := deployment(t, "C.security_context.0.privileged=true", `P.container.1={"name":"side","security_context":[{"privileged":true}]}`)
	v := judge(t, j, planOf(good, bad, both))
	var got []string
	for _, f := range v.Findings {
		if strings.Contains(f.Message, "host.pid") || strings.Contains(f.Message, "privileges.privileged") || strings.Contains(f.Message, "image.digest") {
			got = append(got, fmt.Sprintf("%s|%s|%s", f.Container, strings.Join(f.Path, "."), f.Message))
		}
	}
	slices.Sort(got)
	const resources = "planned_values.root_module.resources."
	want := []string{
		"api|" + resources + "2.values.spec.0.template.0.spec.0.container.0|privileged must not be true (privileges.privileged): payments/api api (kubernetes_deployment_v1.r2)",
		"setup|" + resources + "1.values.spec.0.template.0.spec.0.init_container.0|image must have a digest (image.digest): payments/api setup (kubernetes_deployment_v1.r1)",
		"side|" + resources + "2.values.spec.0.template.0.spec.0.container.1|image must have a digest (image.digest): payments/api side (kubernetes_deployment_v1.r2)",
		"side|" + resources + "2.values.spec.0.template.0.spec.0.container.1|privileged must not be true (privileges.privileged): payments/api side (kubernetes_deployment_v1.r2)",
		"|" + resources + "1.values|hostPID must not be true (host.pid): payments/api (kubernetes_deployment_v1.r1)",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if v.Outcome != target.Deny {
		t.Errorf("got %v", v.Outcome)
	}
}

// Values are those of the workload and container that labels and names tell.
func TestRows(t *testing.T) {
	artifacts := emit(t, resolve(t, withRows()))
	j := load(t, artifacts)
	add := `C.security_context.0.capabilities.0.add=["NET_BIND_SERVICE"]`
	shard := func(region string) string { return `M.labels={"app":"shard","region":"` + region + `"}` }
	for _, test := range []struct {
		name     string
		edits    []string
		controls string
	}{
		{"the workload's own", []string{add}, "[]"},
		{"a container's own", []string{add, `C.name="migrate"`}, "[capabilities.add]"},
		{"a container's own memory", []string{`C.resources.0.limits.memory="1Gi"`, `C.name="migrate"`}, "[]"},
		{"another container's memory", []string{`C.resources.0.limits.memory="1Gi"`}, "[resources.memory]"},
		{"another workload", []string{add, shard("us")}, "[capabilities.add]"},
		{"told by two labels", []string{shard("eu"), "P.host_network=true"}, "[]"},
		{"told apart by the second label", []string{shard("us"), "P.host_network=true"}, "[host.network]"},
		{"undeclared, up to the ceiling", []string{`M.labels={"app":"x"}`, `C.security_context.0.capabilities.0.add=["CHOWN"]`, `C.resources.0.limits.memory="2Gi"`, "P.host_network=true"}, "[]"},
		{"undeclared, one label of two", []string{`M.labels={"app":"shard"}`, `C.resources.0.limits.memory="3Gi"`}, "[resources.memory]"},
		{"undeclared, above the ceiling", []string{`M.labels=null`, `C.security_context.0.capabilities.0.add=["SYS_ADMIN"]`}, "[capabilities.add]"},
		{"Windows", []string{`M.labels={"app":"win"}`, `P.os=[{"name":"windows"}]`, "C.security_context=[]", "P.security_context.0.seccomp_profile=[]", "P.runtime_class_name=null"}, "[]"},
		{"undeclared Windows", []string{"M.labels=null", `P.os=[{"name":"windows"}]`, "C.security_context=[]", "P.runtime_class_name=null"}, "[]"},
		{"labels of Windows, on Linux", []string{`M.labels={"app":"win"}`, "P.runtime_class_name=null"}, "[sandbox.runtime]"},
		{"Windows and the host", []string{`M.labels={"app":"win"}`, `P.os=[{"name":"windows"}]`, `P.security_context.0.windows_options=[{"host_process":true}]`}, "[privileges.host_process]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := judge(t, j, planOf(deployment(t, test.edits...)))
			if got := fmt.Sprint(controlsOf(artifacts, v)); got != test.controls {
				t.Errorf("got %v %s, want %s: %+v", v.Outcome, got, test.controls, v.Findings)
			}
		})
	}
}

// What an exception reports only is a warning for whom it speaks of, and stops
// a run for the others.
func TestReported(t *testing.T) {
	artifacts := emit(t, resolve(t, withWarning()))
	j := load(t, artifacts)
	writable := "C.security_context.0.read_only_root_filesystem=false"
	for _, test := range []struct {
		name     string
		edits    []string
		outcome  target.Outcome
		controls string
	}{
		{"kept", nil, target.Allow, "[]"},
		{"reported", []string{writable}, target.Allow, "[filesystem.read_only_root (warning)]"},
		{"another control", []string{writable, "P.host_pid=true"}, target.Deny, "[host.pid filesystem.read_only_root (warning)]"},
		{"another workload", []string{writable, `M.labels={"app":"web"}`}, target.Deny, "[filesystem.read_only_root]"},
	} {
		v := judge(t, j, planOf(deployment(t, test.edits...)))
		if got := fmt.Sprint(controlsOf(artifacts, v)); v.Outcome != test.outcome || got != test.controls {
			t.Errorf("%s: got %v %s, want %v %s: %+v", test.name, v.Outcome, got, test.outcome, test.controls, v.Findings)
		}
	}
}

func TestVersions(t *testing.T) {
	for _, test := range []struct {
		min, typ, values, unknown string
		want                      target.Outcome
	}{
		{"1.33", "aws_eks_cluster", `{"version":"1.33"}`, "", target.Allow},
		{"1.33", "aws_eks_cluster", `{"version":"1.32"}`, "", target.Deny},
		{"1.33", "aws_eks_cluster", `{"version":"1.4"}`, "", target.Deny},
		{"1.33", "aws_eks_cluster", `{"version":"2.0"}`, "", target.Allow},
		{"1.33", "aws_eks_cluster", `{}`, `{"version":true}`, target.Undecided},
		{"1.33", "aws_eks_cluster", `{"version":null}`, "", target.Inapplicable},
		{"1.33", "aws_eks_node_group", `{"version":"1.31"}`, "", target.Deny},
		{"1.33", "google_container_cluster", `{"min_master_version":"1.33.4-gke.1036000"}`, "", target.Allow},
		{"1.33", "google_container_cluster", `{"min_master_version":"1.32.9-gke.1"}`, "", target.Deny},
		{"1.33", "google_container_cluster", `{"min_master_version":"latest"}`, "", target.Deny},
		{"1.33", "azurerm_kubernetes_cluster", `{"kubernetes_version":"1.33.1"}`, "", target.Allow},
		{"1.33.2", "azurerm_kubernetes_cluster", `{"kubernetes_version":"1.33.1"}`, "", target.Deny},
		{"1.33.2", "azurerm_kubernetes_cluster", `{"kubernetes_version":"1.33"}`, "", target.Deny},
		{"1.33", "azurerm_kubernetes_cluster", `{"kubernetes_version":"1.33.0-rc.1"}`, "", target.Deny},
		{"1.33", "azurerm_kubernetes_cluster", `{"kubernetes_version":"1.33.1-rc.1"}`, "", target.Allow},
		{"1.33.2", "azurerm_kubernetes_cluster", `{"kubernetes_version":"v1.34.0"}`, "", target.Allow},
	} {
		t.Run(test.min+"/"+test.typ+test.values, func(t *testing.T) {
			settings := strict()
			settings[control.KubernetesVersion] = text(42, test.min)
			artifacts := emit(t, resolve(t, document(settings)))
			v := judge(t, load(t, artifacts), planOf(planResource{typ: test.typ, values: test.values, unknown: test.unknown}))
			if v.Outcome != test.want {
				t.Errorf("got %v, want %v: %+v", v.Outcome, test.want, v.Findings)
			}
			if got := fmt.Sprint(controlsOf(artifacts, v)); v.Outcome == target.Deny && got != "[updates.kubernetes]" {
				t.Errorf("got %s", got)
			}
		})
	}
}

// No plan is allowed of which not all was seen.
func TestWhatIsNotSeen(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(strict()))))
	good, bad := string(planOf(deployment(t))), string(planOf(deployment(t, "P.host_pid=true")))
	untold := func(plan string) string { return strings.Replace(plan, `"resource_changes":`, `"other":`, 1) }
	targeted := func(plan string) string { return strings.Replace(plan, `"complete":true`, `"complete":false`, 1) }
	deferred := func(plan string) string {
		return strings.Replace(plan, `"resource_changes":`, `"deferred_changes":[{"reason":"x"}],"resource_changes":`, 1)
	}
	config := planOf(planResource{typ: "kubernetes_config_map_v1", values: `{"metadata":[{"name":"x"}],"data":{}}`})
	custom := planOf(planResource{typ: "kubernetes_manifest", values: `{"manifest":{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"x"},"spec":{"workloadRef":{"name":"d"}}}}`})
	foreign := planOf(planResource{typ: "kubernetes_manifest", values: `{"manifest":{"apiVersion":"apps.example.com/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{}}}`})
	helm := planOf(planResource{typ: "helm_release", values: `{}`})
	for _, test := range []struct {
		name, plan string
		want       target.Outcome
		message    string
	}{
		{"all", good, target.Allow, ""},
		{"no changes", untold(good), target.Undecided, "kubernetes_deployment_v1.r0: resource_changes has no entry"},
		{"no changes, bad", untold(bad), target.Deny, "host.pid"},
		{"targeted", targeted(good), target.Undecided, "complete: "},
		{"targeted, bad", targeted(bad), target.Deny, "host.pid"},
		{"deferred", deferred(good), target.Undecided, "deferred_changes: 1 "},
		{"empty", `{"format_version":"1.2","planned_values":{}}`, target.Inapplicable, "no resource with a pod"},
		{"nothing with a pod", string(config), target.Inapplicable, "no resource with a pod"},
		{"an object that names another one's pods", string(custom), target.Inapplicable, "the Rollout has no pod of its own: it runs those of the object that spec.workloadRef names, so check that one"},
		{"a kind of somebody else's", string(foreign), target.Inapplicable, `"Deployment" of "apps.example.com/v1"`},
		{"a kind of somebody else's beside a pod", string(planOf(deployment(t), planResource{typ: "kubernetes_manifest", values: `{"manifest":{"apiVersion":"apps.example.com/v1","kind":"Deployment"}}`})), target.Allow, `"Deployment" of`},
		{"a chart", string(helm), target.Inapplicable, "helm template"},
		{"a chart beside a pod", string(planOf(deployment(t), planResource{typ: "helm_release", values: `{}`})), target.Allow, "helm template"},
	} {
		v := judge(t, j, []byte(test.plan))
		var messages []string
		for _, f := range slices.Concat(v.Findings, v.Skipped) {
			messages = append(messages, f.Message)
		}
		if v.Outcome != test.want || !strings.Contains(strings.Join(messages, "\n"), test.message) {
			t.Errorf("%s: got %v %q, want %v %q", test.name, v.Outcome, messages, test.want, test.message)
		}
	}
}

// Modules of others are judged too; what is not modelled in them is undecided.
func TestForeignModules(t *testing.T) {
	const condition = `resource "terraform_data" "x" {
  lifecycle {
    precondition {
      condition     = !anytrue([for r in var.resources : r.spec[0].template[0].spec[0].host_network == true])
      error_message = "no host network"
    }
  }
}
`
	for _, test := range []struct {
		name, module string
		edits        []string
		want         target.Outcome
	}{
		{"holds", "variable \"resources\" {\n}\n" + condition, nil, target.Allow},
		{"fails", "variable \"resources\" {\n}\n" + condition, []string{"P.host_network=true"}, target.Deny},
		{"another variable", "variable \"pods\" {\n}\n" + strings.ReplaceAll(condition, "var.resources", "var.pods"), nil, target.Undecided},
		{"a part that is not modelled", "variable \"resources\" {\n}\ndata \"http\" \"x\" {\n}\n" + condition, []string{"P.host_network=true"}, target.Undecided},
	} {
		j := load(t, []target.Artifact{{Path: "main.tf", Body: []byte(test.module)}})
		v := judge(t, j, planOf(deployment(t, test.edits...)))
		if v.Outcome != test.want {
			t.Errorf("%s: got %v, want %v: %+v", test.name, v.Outcome, test.want, v.Findings)
		}
		if v.Outcome != target.Allow && (len(v.Findings) == 0 || v.Findings[0].Artifact != "main.tf" || !strings.HasPrefix(v.Findings[0].Location, "line ")) {
			t.Errorf("%s: no place: %+v", test.name, v.Findings)
		}
	}
}

// Some values that the policy strict has no place for.
func TestFurtherValues(t *testing.T) {
	for _, test := range []struct {
		name     string
		settings policy.Settings
		edits    []string // of the manifest
		controls string
	}{
		{"unmasked in a user namespace", policy.Settings{control.ProcMount: text(1, "user-namespace")}, []string{`C.securityContext.procMount="Unmasked"`}, "[]"},
		{"unmasked without", policy.Settings{control.ProcMount: text(1, "user-namespace")}, []string{`C.securityContext.procMount="Unmasked"`, "P.hostUsers=-"}, "[privileges.proc_mount]"},
		{"dropped one by one", policy.Settings{control.CapabilitiesDrop: set(1, "MKNOD", "NET_RAW")}, []string{`C.securityContext.capabilities={"drop":["NET_RAW","MKNOD"]}`}, "[]"},
		{"not dropped", policy.Settings{control.CapabilitiesDrop: set(1, "MKNOD", "NET_RAW")}, []string{`C.securityContext.capabilities={"drop":["NET_RAW"]}`}, "[capabilities.drop]"},
		{"dropped and added again", policy.Settings{control.CapabilitiesDrop: set(1, "NET_RAW")}, []string{`C.securityContext.capabilities={"drop":["ALL"],"add":["NET_RAW"]}`}, "[capabilities.drop]"},
		{"added again in lower case", policy.Settings{control.CapabilitiesDrop: set(1, "MKNOD", "NET_RAW")}, []string{`C.securityContext.capabilities={"drop":["ALL"],"add":["net_raw"]}`}, "[capabilities.drop]"},
		{"added again with a prefix", policy.Settings{control.CapabilitiesDrop: set(1, "MKNOD", "NET_RAW")}, []string{`C.securityContext.capabilities={"drop":["ALL"],"add":["CAP_NET_RAW"]}`}, "[capabilities.drop]"},
		{"all are added again", policy.Settings{control.CapabilitiesDrop: set(1, "MKNOD", "NET_RAW")}, []string{`C.securityContext.capabilities={"drop":["ALL"],"add":["ALL"]}`}, "[capabilities.drop]"},
		{"all are added again but one of two", policy.Settings{control.CapabilitiesDrop: set(1, "MKNOD", "NET_RAW")}, []string{`C.securityContext.capabilities={"drop":["ALL","MKNOD"],"add":["all"]}`}, "[capabilities.drop]"},
		{"all but what is dropped by name", policy.Settings{control.CapabilitiesDrop: set(1, "MKNOD", "NET_RAW")}, []string{`C.securityContext.capabilities={"drop":["MKNOD","net_raw"],"add":["ALL"]}`}, "[]"},
		{"dropped with a prefix", policy.Settings{control.CapabilitiesDrop: set(1, "MKNOD", "NET_RAW")}, []string{`C.securityContext.capabilities={"drop":["CAP_NET_RAW","MKNOD"]}`}, "[capabilities.drop]"},
		{"granted, but not by this name", policy.Settings{control.CapabilitiesAdd: set(1, "CHOWN")}, []string{`C.securityContext.capabilities={"add":["chown"]}`}, "[capabilities.add]"},
		{"no huge pages, by a volume", policy.Settings{control.Hugepages: pairs(1)}, []string{`P.volumes=[{"name":"v","emptyDir":{"medium":"HugePages"}}]`}, "[resources.hugepages]"},
		{"any page size", policy.Settings{control.Hugepages: pairs(1, "*", "1Gi")}, []string{`C.resources.limits.hugepages-1Gi="1Gi"`}, "[]"},
		{"too much of any page size", policy.Settings{control.Hugepages: pairs(1, "*", "1Gi")}, []string{`C.resources.limits.hugepages-1Gi="2Gi"`}, "[resources.hugepages]"},
		{"as much as wanted", policy.Settings{control.Hugepages: pairs(1, "2Mi", "")}, []string{`C.resources.limits.hugepages-2Mi="9Gi"`}, "[]"},
		{"kata by prefix", policy.Settings{control.SandboxRuntime: text(1, control.Kata)}, []string{`P.runtimeClassName="kata-qemu"`}, "[]"},
		{"gvisor is not kata", policy.Settings{control.SandboxRuntime: text(1, control.Kata)}, nil, "[sandbox.runtime]"},
		{"seccomp may be unset", policy.Settings{control.SeccompProfile: set(1, "unset")}, []string{"P.securityContext.seccompProfile=-"}, "[]"},
		{"seccomp must be unset", policy.Settings{control.SeccompProfile: set(1, "unset")}, nil, "[privileges.seccomp]"},
		{"apparmor must be stated", policy.Settings{control.AppArmorProfile: set(1, "runtime-default")}, nil, "[privileges.apparmor]"},
		{"the whole of the node to read", policy.Settings{control.HostPaths: pairs(1, "/", "read")}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/"}}]`, `C.volumeMounts=[{"name":"v","readOnly":true,"recursiveReadOnly":"Enabled"}]`}, "[]"},
		{"no path of the node", policy.Settings{control.HostPaths: pairs(1, "/", "read")}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"etc"}}]`}, "[host.paths]"},
		{"behind a link that is not named", policy.Settings{control.HostPaths: pairs(1, "/proc", "write", "/var", "write")}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/run/docker.sock"}}]`}, "[host.paths]"},
		{"behind a link of a process", policy.Settings{control.HostPaths: pairs(1, "/proc", "write", "/var", "write")}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/proc/1/task/1/root/etc"}}]`}, "[host.paths]"},
		{"behind a link that is named", policy.Settings{control.HostPaths: pairs(1, "/var/run", "write")}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/run/app/"}}]`}, "[]"},
		{"all of the node, behind a link", policy.Settings{control.HostPaths: pairs(1, "/", "write", "/x", "read")}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/run/docker.sock"}}]`}, "[]"},
		{"the whole of the node, written", policy.Settings{control.HostPaths: pairs(1, "/", "read")}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/etc"}}]`, `C.volumeMounts=[{"name":"v"}]`}, "[host.paths]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			artifacts := emit(t, resolve(t, document(test.settings)))
			r := pods()["manifest"]
			for _, e := range test.edits {
				r.values = change(t, "manifest", r.values, e)
			}
			v := judge(t, load(t, artifacts), planOf(r))
			if got := fmt.Sprint(controlsOf(artifacts, v)); got != test.controls {
				t.Errorf("got %v %s, want %s: %+v", v.Outcome, got, test.controls, v.Findings)
			}
		})
	}
}
