package networkpolicy_test

import (
	"context"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy"
)

// now is when the tests' policies are resolved.
var now = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// reporter is what *testing.T and *rapid.T have in common here.
type reporter interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func at(line int) hcl.Range {
	return hcl.Range{Filename: "policy.hcl", Start: hcl.Pos{Line: line, Column: 1}, End: hcl.Pos{Line: line, Column: 9}}
}

func text(line int, value string) policy.Setting {
	return policy.Setting{Value: control.Value{Text: value}, Range: at(line), Policy: "payments"}
}

func boolean(line int, value bool) policy.Setting {
	return policy.Setting{Value: control.Value{Bool: value}, Range: at(line), Policy: "payments"}
}

// closed is what a policy states that refuses as much as the language can say
// without refusing flows, and whose pods are not in the node's network.
func closed() policy.Settings {
	return policy.Settings{
		control.HostNetwork: boolean(10, false), control.NetworkDefault: text(11, "deny"), control.NetworkDNS: boolean(12, true),
		control.Metadata: text(13, "deny"), control.KubernetesAPI: text(14, "flows"), control.Internet: text(15, "flows"),
	}
}

// with gives settings with some replaced.
func with(settings policy.Settings, more policy.Settings) policy.Settings {
	for id, s := range more {
		settings[id] = s
	}
	return settings
}

// document is a policy that holds one namespace and three workloads.
func document(values policy.Settings, flows ...*policy.FlowBlock) *policy.Document {
	return &policy.Document{
		Source: policy.Source{Name: "payments", Version: "2.1.0"}, Owner: "platform", Range: at(1),
		Namespaces: []control.Item{{Key: "payments", Range: at(2)}},
		Platform:   platform.APIServer.With(platform.Facts{Range: at(3)}, []string{"10.0.0.1/32"}),
		Values:     values,
		Workloads: []*policy.WorkloadBlock{
			{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: at(20)},
			{Name: "db", Match: map[string]string{"app": "db"}, OS: "linux", Range: at(21)},
			{Name: "jobs", Match: map[string]string{"app": "jobs"}, OS: "linux", Range: at(22)},
		},
		Flows: flows,
	}
}

func flow(line int, name string, from, to policy.EndRef, ports ...string) *policy.FlowBlock {
	f := &policy.FlowBlock{Name: name, Range: at(line), From: []policy.EndRef{from}, To: []policy.EndRef{to}}
	for _, text := range ports {
		port, err := control.ParsePort(text)
		if err != nil {
			panic(err)
		}
		f.Ports = append(f.Ports, port)
	}
	return f
}

func workload(name string) policy.EndRef { return policy.EndRef{Workload: name, Range: at(90)} }

func to(p policy.Peer) policy.EndRef {
	p.Range = at(80)
	return policy.EndRef{Peer: &p, Range: at(91)}
}

var (
	internet      = policy.Peer{Name: "peer.internet", Kind: policy.PeerInternet}
	kubernetesAPI = policy.Peer{Name: "peer.kubernetes_api", Kind: policy.PeerKubernetesAPI}
	scope         = policy.Peer{Name: "peer.scope", Kind: policy.PeerScope}
)

func cidrs(list ...string) policy.Peer {
	return policy.Peer{Name: "network", Kind: policy.PeerCIDRs, CIDRs: list}
}

func podsOf(namespace string, labels map[string]string) policy.Peer {
	return policy.Peer{Name: "pods", Kind: policy.PeerPods, Namespaces: []string{namespace}, Labels: labels}
}

func resolve(t reporter, doc *policy.Document) *policy.Policy {
	t.Helper()
	p, diags := policy.Resolve(doc, now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

func emit(t reporter, p *policy.Policy) []target.Artifact {
	t.Helper()
	artifacts, err := networkpolicy.Target{}.Emit(p)
	if err != nil {
		t.Fatal(err)
	}
	return artifacts
}

func load(t reporter, artifacts []target.Artifact) target.Judge {
	t.Helper()
	judge, err := networkpolicy.Target{}.Load(target.Environment{}, artifacts)
	if err != nil {
		t.Fatal(err)
	}
	return judge
}

func ask(t reporter, judge target.Judge, from, to attempt.End, port string) target.Verdict {
	t.Helper()
	verdict, err := judge.Judge(context.Background(), attempt.Connection{From: from, To: to, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

// pod is a pod of an application, all labels known, none of its ports named.
func pod(namespace, app string) attempt.End {
	return attempt.End{
		Namespace: namespace, NamespaceLabels: map[string]string{}, Labels: map[string]string{"app": app}, Ports: map[string]string{},
	}
}

func resolver() attempt.End {
	return attempt.End{
		Namespace: "kube-system", NamespaceLabels: map[string]string{}, Labels: map[string]string{"k8s-app": "kube-dns"}, Ports: map[string]string{},
	}
}

func address(ip string) attempt.End { return attempt.End{IP: ip} }
