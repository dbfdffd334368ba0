package rego

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// tiers is a policy with workloads, containers of their own, and an exception that only warns.
func tiers() *policy.Document {
	doc := document(map[control.ID]control.Value{
		control.Undeclared: word(control.Deny), control.ReadOnlyRoot: boolean(true), control.Memory: word("1Gi"),
		control.CapabilitiesAdd: {}, control.AppArmorProfile: keys(control.ProfileRuntimeDefault, control.ProfileUnset),
	})
	doc.Name = "card-payments"
	doc.Namespaces = []control.Item{{Key: "pay"}}
	doc.Ceilings = settings(map[control.ID]control.Value{control.CapabilitiesAdd: keys("CHOWN", "NET_BIND_SERVICE"), control.Users: keys("*")})
	doc.Workloads = []*policy.WorkloadBlock{
		{
			Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: line(20),
			Settings: settings(map[control.ID]control.Value{control.CapabilitiesAdd: keys("NET_BIND_SERVICE"), control.Users: keys("1000")}),
			Containers: []*policy.ContainerBlock{{
				Name: "migrate", Range: line(30),
				Settings: settings(map[control.ID]control.Value{control.CapabilitiesAdd: keys("CHOWN"), control.Users: keys("5"), control.AppArmorProfile: keys(control.ProfileRuntimeDefault)}),
			}},
		},
		{Name: "shard-eu", Match: map[string]string{"app": "shard", "region": "eu"}, OS: "linux", Range: line(40)},
		{Name: "shard-us", Match: map[string]string{"app": "shard", "region": "us"}, OS: "linux", Range: line(41)},
		{Name: "iis", Match: map[string]string{"app": "iis"}, OS: "windows", Range: line(42)},
	}
	doc.Exceptions = []*policy.Exception{{
		Name: "legacy shard", Kind: policy.ExceptionWarn, Workload: "shard-eu", Controls: []control.Item{{Key: string(control.ReadOnlyRoot), Range: line(51)}},
		Owner: "ledger", Reason: "the vendor's image writes\n/etc", Ticket: "SEC-1", Expires: "2027-01-31", Policy: "card-payments", Range: line(50),
	}}
	return doc
}

const okContainer = "name: app, resources: {limits: {memory: 1Gi}}, securityContext: {readOnlyRootFilesystem: true%s}"

func tierPod(labels, spec, container string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {%s}}, spec: {%s containers: [{"+okContainer+"}]}}", labels, spec, container)
}

func summary(v target.Verdict) string {
	out := []string{v.Outcome.String()}
	for _, f := range v.Findings {
		s := f.Control
		if f.Control == "" {
			s = f.Message
		}
		if f.Warning {
			s += " (warning)"
		}
		out = append(out, s+" for "+f.Subject+" at "+strings.Join(f.Path, ".")+" "+f.Field)
	}
	return strings.Join(out, "\n")
}

func TestWhoIsWho(t *testing.T) {
	artifacts := emit(t, resolve(t, tiers()))
	clean(t, artifacts)
	j := load(t, artifacts)
	migrate := "initContainers: [{name: migrate, resources: {limits: {memory: 1Gi}}, securityContext: {readOnlyRootFilesystem: true, appArmorProfile: {type: RuntimeDefault}%s}}],"
	for name, c := range map[string]struct{ in, want string }{
		"described":            {tierPod("app: api", "", ", capabilities: {add: [NET_BIND_SERVICE]}"), "allow"},
		"another's capability": {tierPod("app: api", "", ", capabilities: {add: [CHOWN]}"), "deny\ncapabilities.add for api/* at spec.containers.0.securityContext.capabilities add"},
		"container of its own": {tierPod("app: api", fmt.Sprintf(migrate, ", capabilities: {add: [CHOWN]}"), ""), "allow"},
		"its own, not the pod's": {tierPod("app: api", fmt.Sprintf(migrate, ", capabilities: {add: [NET_BIND_SERVICE]}"), ""),
			"deny\ncapabilities.add for api/migrate at spec.initContainers.0.securityContext.capabilities add"},
		"name alone proves nothing": {strings.Replace(tierPod("app: shard, region: us", "", ", capabilities: {add: [CHOWN]}"), "name: app", "name: migrate", 1),
			"deny\ncapabilities.add for shard-us/* at spec.containers.0.securityContext.capabilities add"},
		"inherited from the pod": {tierPod("app: api", "securityContext: {runAsUser: 1000},"+fmt.Sprintf(migrate, ""), ""),
			"deny\nprivileges.users for api/migrate at spec.securityContext runAsUser"},
		"annotation of one container": {
			strings.Replace(tierPod("app: api", fmt.Sprintf(strings.Replace(migrate, ", appArmorProfile: {type: RuntimeDefault}", "", 1), ""), ""), "metadata: {",
				"metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/migrate: unconfined}, ", 1),
			"deny\nprivileges.apparmor for api/migrate at metadata.annotations container.apparmor.security.beta.kubernetes.io/migrate",
		},
		"two labels": {tierPod("app: shard, region: us", "", ""), "allow"},
		"only reported": {strings.Replace(tierPod("app: shard, region: eu", "", ""), "readOnlyRootFilesystem: true", "", 1),
			"allow\nfilesystem.read_only_root (warning) for shard-eu/* at spec.containers.0.securityContext readOnlyRootFilesystem"},
		"refused for others": {strings.Replace(tierPod("app: shard, region: us", "", ""), "readOnlyRootFilesystem: true", "", 1),
			"deny\nfilesystem.read_only_root for shard-us/* at spec.containers.0.securityContext readOnlyRootFilesystem"},
		"undeclared":           {tierPod("app: shard, region: cn", "", ""), "deny\npolicy.undeclared for */* at metadata labels"},
		"no labels":            {tierPod("", "", ""), "deny\npolicy.undeclared for */* at metadata labels"},
		"Windows is described": {strings.Replace(tierPod("app: iis", "os: {name: windows},", ""), "readOnlyRootFilesystem: true", "", 1), "allow"},
		"Linux is not Windows": {tierPod("app: iis", "", ""), "deny\npolicy.undeclared for */* at metadata labels"},
		"Windows is not Linux": {strings.Replace(tierPod("app: api", "os: {name: windows},", ""), "readOnlyRootFilesystem: true", "", 1),
			"deny\nfilesystem.read_only_root for api/* at spec.containers.0.securityContext readOnlyRootFilesystem"},
		"own namespace":        {strings.Replace(tierPod("app: api", "", ""), "name: p", "name: p, namespace: pay", 1), "allow"},
		"null for a namespace": {strings.Replace(tierPod("app: x", "", ""), "name: p", "name: p, namespace: null", 1), "deny\npolicy.undeclared for */* at metadata labels"},
		"empty namespace":      {strings.Replace(tierPod("app: x", "", ""), "name: p", "name: p, namespace: ''", 1), "deny\npolicy.undeclared for */* at metadata labels"},
		"a number is no name":  {strings.Replace(tierPod("app: x", "", ""), "name: p", "name: p, namespace: 5", 1), "deny\npolicy.undeclared for */* at metadata labels"},
		"foreign namespace":    {strings.Replace(tierPod("", "", ""), "name: p", "name: p, namespace: other", 1), "not-applicable\nthe policy does not apply to its namespace (warning) for  at  "},
	} {
		if got := summary(judgeText(t, j, c.in)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestNamespaces(t *testing.T) {
	doc := document(map[control.ID]control.Value{control.Privileged: boolean(false), control.Undeclared: word(control.AsCeiling)})
	doc.Namespaces = []control.Item{{Key: "one"}, {Key: "two"}}
	artifacts := emit(t, resolve(t, doc))
	clean(t, artifacts)
	j := load(t, artifacts)
	pod := podOf("", "")
	for _, in := range []string{pod, strings.Replace(pod, "name: p", "name: p, namespace: null", 1), strings.Replace(pod, "name: p", "name: p, namespace: ''", 1)} {
		if got := summary(judgeText(t, j, in)); got != "deny\nit names no namespace, and the policy holds several for  at  metadata.namespace" {
			t.Errorf("%s: %s", in, got)
		}
	}
	docs, err := input.Read("f", []byte(pod), input.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for namespace, want := range map[string]target.Outcome{"two": target.Allow, "three": target.Inapplicable} {
		v, err := j.Judge(context.Background(), attempt.Manifest{Document: docs[0], Namespace: namespace})
		if err != nil || v.Outcome != want {
			t.Errorf("%s: %s, %v", namespace, v.Outcome, err)
		}
	}
}

// TestKinds puts a privileged container into every kind of object that holds a pod, and into lists.
func TestKinds(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(map[control.ID]control.Value{control.Privileged: boolean(false)}))))
	const bad = "{containers: [{name: a, securityContext: {privileged: true}}]}"
	for in, want := range map[string]string{
		"{apiVersion: v1, kind: Pod, spec: " + bad + "}":                                                                  "spec.containers.0.securityContext",
		"{apiVersion: v1, kind: PodTemplate, template: {spec: " + bad + "}}":                                              "template.spec.containers.0.securityContext",
		"{apiVersion: v1, kind: ReplicationController, spec: {template: {spec: " + bad + "}}}":                            "spec.template.spec.containers.0.securityContext",
		"{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: " + bad + "}}}":                                  "spec.template.spec.containers.0.securityContext",
		"{apiVersion: extensions/v1beta1, kind: Deployment, spec: {template: {spec: " + bad + "}}}":                       "spec.template.spec.containers.0.securityContext",
		"{kind: Deployment, spec: {template: {spec: " + bad + "}}}":                                                       "spec.template.spec.containers.0.securityContext",
		"{apiVersion: apps/v1, kind: StatefulSet, spec: {template: {spec: " + bad + "}}}":                                 "spec.template.spec.containers.0.securityContext",
		"{apiVersion: apps/v1, kind: DaemonSet, spec: {template: {spec: " + bad + "}}}":                                   "spec.template.spec.containers.0.securityContext",
		"{apiVersion: apps/v1, kind: ReplicaSet, spec: {template: {spec: " + bad + "}}}":                                  "spec.template.spec.containers.0.securityContext",
		"{apiVersion: batch/v1, kind: Job, spec: {template: {spec: " + bad + "}}}":                                        "spec.template.spec.containers.0.securityContext",
		"{apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: " + bad + "}}}}}":             "spec.jobTemplate.spec.template.spec.containers.0.securityContext",
		"{kind: List, items: [{kind: Service}, {apiVersion: v1, kind: Pod, spec: " + bad + "}]}":                          "items.1.spec.containers.0.securityContext",
		"{kind: PodList, apiVersion: v1, items: [{spec: " + bad + "}]}":                                                   "items.0.spec.containers.0.securityContext",
		"{kind: List, items: [{kind: List, items: [{kind: Pod, spec: " + bad + "}]}]}":                                    "items.0.items.0.spec.containers.0.securityContext",
		"{kind: Deployment, spec: {template: {spec: {containers: [null, {name: a, securityContext: {privileged: 1}}]}}}}": "spec.template.spec.containers.1.securityContext",
	} {
		v := judgeText(t, j, in)
		found := false
		for _, f := range v.Findings {
			found = found || f.Control == "privileges.privileged" && strings.Join(f.Path, ".") == want && f.Field == "privileged"
		}
		if v.Outcome != target.Deny || !found {
			t.Errorf("%s: %s", in, summary(v))
		}
	}
	for in, want := range map[string]string{
		"{apiVersion: v1, kind: Service}":                   "not-applicable\nService (v1): no control applies (warning) for  at  ",
		"{apiVersion: example.com/v1, kind: Deployment}":    "not-applicable\nDeployment (example.com/v1): no control applies (warning) for  at  ",
		"{apiVersion: v1, kind: Node, metadata: {name: n}}": "not-applicable\nNode (v1): no control applies (warning) for  at  ",
		"{a: b}": "not-applicable\nnot a Kubernetes object: it states no kind (warning) for  at  ",
	} {
		if got := summary(judgeText(t, j, in)); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

// TestMalformed holds the rules to refusing what they cannot read: a rule over something undefined finds nothing.
func TestMalformed(t *testing.T) {
	values := restricted()
	values[control.Memory] = word("1Gi")
	j := load(t, emit(t, resolve(t, document(values))))
	good := "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {%scontainers: [{name: a, %s securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, " +
		"capabilities: {drop: [ALL]%s}, seccompProfile: {type: RuntimeDefault}%s}, resources: {limits: {memory: 1Gi}%s}}]}}"
	if v := judgeText(t, j, fmt.Sprintf(good, "", "", "", "", "")); v.Outcome != target.Allow {
		t.Fatal(summary(v))
	}
	for _, in := range []string{
		"{kind: Pod}", "{kind: Pod, spec: text}", "{kind: Pod, spec: {}}", "{kind: Pod, spec: {containers: }}", "{kind: Pod, spec: {containers: {a: {name: a}}}}",
		"{kind: Pod, spec: {containers: [text]}}", "{kind: Deployment, spec: {template: text}}", "{kind: Pod, metadata: [], spec: {containers: [{name: a}]}}",
		fmt.Sprintf(good, "initContainers: [1], ", "", "", "", ""),
		fmt.Sprintf(good, "ephemeralContainers: {a: {privileged: true}}, ", "", "", "", ""),
		fmt.Sprintf(good, "volumes: [hostPath], ", "", "", "", ""),
		fmt.Sprintf(good, "volumes: {hostPath: {path: /}}, ", "", "", "", ""),
		fmt.Sprintf(good, "securityContext: {sysctls: {a: b}}, ", "", "", "", ""),
		fmt.Sprintf(good, "securityContext: [], ", "", "", "", ""),
		fmt.Sprintf(good, "os: windows, ", "", "", "", ""),
		fmt.Sprintf(good, "", "ports: {hostPort: 80},", "", "", ""),
		fmt.Sprintf(good, "", "ports: [80],", "", "", ""),
		fmt.Sprintf(good, "", "livenessProbe: text,", "", "", ""),
		fmt.Sprintf(good, "", "livenessProbe: {httpGet: text},", "", "", ""),
		fmt.Sprintf(good, "", "lifecycle: {preStop: {httpGet: [host]}},", "", "", ""),
		fmt.Sprintf(good, "", "", ", add: SYS_ADMIN", "", ""),
		fmt.Sprintf(good, "", "", "", ", seLinuxOptions: spc_t", ""),
		fmt.Sprintf(good, "", "", "", ", windowsOptions: yes", ""),
		fmt.Sprintf(good, "", "", "", "", ", requests: text"),
		strings.Replace(fmt.Sprintf(good, "", "", "", "", ""), "name: a,", "name: 5,", 1),
		strings.Replace(fmt.Sprintf(good, "", "", "", "", ""), "name: p}", "name: p, annotations: text}", 1),
	} {
		if v := judgeText(t, j, in); v.Outcome != target.Deny {
			t.Errorf("%s: %s", in, summary(v))
		}
	}
}

func TestNodes(t *testing.T) {
	doc := document(map[control.ID]control.Value{
		control.KernelVersion: word("6.1"), control.KubernetesVersion: word("1.33.2"),
		control.RuntimeVersion: {Items: []control.Item{{Key: "containerd", Arg: "1.7.29", Range: line(5)}, {Key: "runc", Arg: "1.4.0-rc.3", Range: line(6)}}},
	})
	artifacts := emit(t, resolve(t, doc))
	clean(t, artifacts)
	j := load(t, artifacts)
	node := func(kernel, kubelet, runtime, labels string) string {
		return fmt.Sprintf("{apiVersion: v1, kind: Node, metadata: {name: n, labels: {%s}}, status: {nodeInfo: {kernelVersion: '%s', kubeletVersion: '%s', containerRuntimeVersion: '%s'}}}",
			labels, kernel, kubelet, runtime)
	}
	const runc = "feature.example.com/runc-version: 1.4.0"
	for in, want := range map[string]string{
		node("6.1.0-13-amd64", "v1.33.2-gke.1", "containerd://1.7.29", runc):                                      "",
		node("6.12", "v1.40.0", "containerd://2.0.0", "x/runc-version: 1.4.0-rc.3"):                               "",
		node("5.15.200", "v1.33.2", "containerd://1.7.29", runc):                                                  "updates.kernel",
		node("", "v1.33.2", "containerd://1.7.29", runc):                                                          "updates.kernel",
		node("6.1", "v1.33.1", "containerd://1.7.29", runc):                                                       "updates.kubernetes",
		node("6.1", "v1.33.2-rc.1", "containerd://1.7.29", runc):                                                  "updates.kubernetes",
		node("6.1", "v1.33.2", "containerd://1.7.28", runc):                                                       "updates.runtime.containerd",
		node("6.1", "v1.33.2", "cri-o://1.33.0", runc):                                                            "updates.runtime.containerd",
		node("6.1", "v1.33.2", "containerd", runc):                                                                "updates.runtime.containerd",
		node("6.1", "v1.33.2", "containerd://1.7.29", "x/runc-version: 1.4.0-rc.2"):                               "updates.runtime.runc",
		node("6.1", "v1.33.2", "containerd://1.7.29", "x/runc-version: 1.3.9"):                                    "updates.runtime.runc",
		node("6.1", "v1.33.2", "containerd://1.7.29", ""):                                                         "updates.runtime.runc",
		"{apiVersion: v1, kind: Node, metadata: {labels: {" + runc + "}}, status: {nodeInfo: text}}":              " updates.runtime.containerd",
		"{apiVersion: v1, kind: NodeList, items: [" + node("6.0.9", "v1.34.0", "containerd://2.1.0", runc) + "]}": "updates.kernel",
	} {
		var got []string
		v := judgeText(t, j, in)
		for _, f := range v.Findings {
			got = append(got, f.Control)
		}
		if strings.Join(got, " ") != want || (v.Outcome == target.Deny) != (want != "") {
			t.Errorf("%s: %s", in, summary(v))
		}
	}
	if v := judgeText(t, j, "{apiVersion: v1, kind: Node, status: }"); v.Outcome != target.Deny {
		t.Error(summary(v))
	}
}

// TestForeignRules judges by rules that are not ours, and refuses those that cannot be judged by.
func TestForeignRules(t *testing.T) {
	load := func(body string) (target.Judge, error) {
		return Target{}.Load(target.Environment{}, []target.Artifact{{Path: "p.rego", Body: []byte(body)}})
	}
	j, err := load("package main\ndeny contains msg if {\n\tinput.kind == \"Secret\"\n\tmsg := \"no secrets\"\n}\nwarn contains {\"msg\": \"hm\"} if input.kind == \"Service\"")
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"{kind: Secret}":  "deny\nno secrets for  at  ",
		"{kind: Service}": "allow\nhm (warning) for  at  ",
		"{kind: Pod}":     "allow",
	} {
		if got := summary(judgeText(t, j, in)); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	for body, want := range map[string]string{
		"package main\nallow := true":                                                 "main.deny",
		"package main\ndeny contains 1 if {":                                          "p.rego",
		"package main\ndeny contains x if x := http.send({}).body":                    "http.send",
		"package main\ndeny contains x if { x := data.main.nothing.here }\ndeny := 1": "p.rego",
	} {
		if _, err := load(body); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if _, err := (Target{}).Load(target.Environment{}, nil); err == nil {
		t.Error("nothing to load is an error")
	}
}

func TestConcurrentJudging(t *testing.T) {
	j := load(t, emit(t, resolve(t, shop(10))))
	data := deployments(40)
	var group sync.WaitGroup
	for range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			if denied := denials(t, j, data, 2); denied != 4 {
				t.Errorf("%d denied", denied)
			}
		}()
	}
	group.Wait()
}
