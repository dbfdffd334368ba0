package networkpolicy

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/model/flow"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy/manifest"
)

// Emit writes networkpolicy/<namespace>.yaml for each namespace of the policy.
// Where no control refuses any connection, it writes nothing: a policy that
// allows everything would open what others have closed.
func (t Target) Emit(p *policy.Policy) ([]target.Artifact, error) {
	list := flow.Policies(p)
	if len(list) == 0 {
		return nil, nil
	}
	var artifacts []target.Artifact
	for _, namespace := range flow.Namespaces(p) {
		a, err := artifact(p, namespace, list)
		if err != nil {
			return nil, fmt.Errorf("networkpolicy: namespace %s: %w", namespace, err)
		}
		artifacts = append(artifacts, a)
	}
	return artifacts, nil
}

func artifact(p *policy.Policy, namespace string, list []flow.Policy) (target.Artifact, error) {
	a := target.Artifact{Path: "networkpolicy/" + namespace + ".yaml"}
	var body bytes.Buffer
	fmt.Fprintf(&body, "# %s\n# A network plugin that enforces NetworkPolicies is needed.\n", p.Notice())
	for _, o := range list {
		text, err := render(p, o, namespace)
		if err != nil {
			return a, err
		}
		body.WriteString("---\n")
		body.Write(text)
		a.Mappings = append(a.Mappings, mappings(o)...)
	}
	a.Body = body.Bytes()
	// What is emitted is held to what the API server accepts, and to be read as what it was meant to be.
	read, err := manifest.Read("", manifest.Source{Name: a.Path, Body: a.Body})
	if err == nil && (len(read.Policies) != len(list) || len(read.Skipped) > 0) {
		err = fmt.Errorf("%d policies were written and %d are read back", len(list), len(read.Policies))
	}
	return a, err
}

func title(p *policy.Policy) string {
	return line(strings.TrimSpace(p.Name + " " + p.Version))
}

// render gives a policy as a YAML document with its comments.
func render(p *policy.Policy, o flow.Policy, namespace string) ([]byte, error) {
	np := networkingv1.NetworkPolicy{
		TypeMeta: metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{
			Name: o.Name, Namespace: namespace,
			Labels: map[string]string{"app.kubernetes.io/managed-by": "bulkhead", "app.kubernetes.io/part-of": p.Name},
			Annotations: map[string]string{
				"bulkhead/policy": title(p), "bulkhead/source": where(o.At), "bulkhead/reason": reason(o),
			},
		},
		Spec: networkingv1.NetworkPolicySpec{PodSelector: selector(o.Selector)},
	}
	if o.Until != "" {
		np.Annotations["bulkhead/until"] = o.Until
	}
	if o.Ingress != nil {
		np.Spec.PolicyTypes = append(np.Spec.PolicyTypes, networkingv1.PolicyTypeIngress)
		np.Spec.Ingress = ingress(o.Ingress, namespace)
	}
	if o.Egress != nil {
		np.Spec.PolicyTypes = append(np.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		np.Spec.Egress = egress(o.Egress, namespace)
	}
	// The nodes that comments go to keep this encoder's quotes: kubectl reads YAML 1.1, in which a plain y is a boolean.
	plain, err := sigsyaml.Marshal(np)
	if err != nil {
		return nil, err
	}
	return annotate(o, plain)
}

// reason says what a policy is for, as an annotation.
func reason(o flow.Policy) string {
	switch o.Kind {
	case flow.DefaultDeny:
		ctrl, _ := control.Lookup(o.Closed[0].Control)
		return ctrl.Reason
	case flow.DNS:
		return "names are needed to reach anything"
	case flow.EveryPod:
		return "what every pod that the policy holds may do"
	case flow.OfUndeclared:
		return "what pods that no workload describes may do"
	}
	return "what the flows and controls of the workload " + o.Workload.Name + " leave to its pods"
}

// heading is the comment above a policy.
func heading(o flow.Policy) []string {
	switch o.Kind {
	case flow.DefaultDeny:
		ways := "both ways"
		switch {
		case o.Ingress == nil:
			ways = "from pods"
		case o.Egress == nil:
			ways = "to pods"
		}
		lines := []string{"Refuses, " + ways + ", what no other policy allows: NetworkPolicies add up."}
		for _, c := range slices.Concat(o.Closed, o.Implied) {
			if text := fmt.Sprintf("%s (%s)", c.Control, where(c.At)); !slices.Contains(lines, text) {
				lines = append(lines, text)
			}
		}
		return lines
	case flow.DNS:
		return []string{"Every pod may ask the cluster's resolver."}
	case flow.EveryPod:
		return []string{"What every pod may do."}
	case flow.OfUndeclared:
		return []string{"Pods that no workload describes."}
	}
	return []string{"Workload " + strconv.QuoteToGraphic(o.Workload.Name) + " (" + where(o.Workload.Range) + ")."}
}

func selector(s flow.Selector) metav1.LabelSelector {
	result := metav1.LabelSelector{MatchLabels: s.Labels}
	for _, n := range s.NotIn {
		result.MatchExpressions = append(result.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: n.Key, Operator: metav1.LabelSelectorOpNotIn, Values: n.Values,
		})
	}
	return result
}

func ingress(r *flow.Rules, namespace string) []networkingv1.NetworkPolicyIngressRule {
	if r.All {
		return []networkingv1.NetworkPolicyIngressRule{{}}
	}
	var result []networkingv1.NetworkPolicyIngressRule
	for _, a := range r.List {
		result = append(result, networkingv1.NetworkPolicyIngressRule{From: peers(a, namespace), Ports: ports(a)})
	}
	return result
}

func egress(r *flow.Rules, namespace string) []networkingv1.NetworkPolicyEgressRule {
	if r.All {
		return []networkingv1.NetworkPolicyEgressRule{{}}
	}
	var result []networkingv1.NetworkPolicyEgressRule
	for _, a := range r.List {
		result = append(result, networkingv1.NetworkPolicyEgressRule{To: peers(a, namespace), Ports: ports(a)})
	}
	return result
}

func peers(a flow.Rule, namespace string) []networkingv1.NetworkPolicyPeer {
	if len(a.Peers) == 0 {
		panic("networkpolicy: a rule without peers would allow everyone")
	}
	var result []networkingv1.NetworkPolicyPeer
	for _, p := range a.Peers {
		result = append(result, peer(p, namespace))
	}
	return result
}

// peer gives a peer as the API has it, in a policy of a namespace.
func peer(p flow.Peer, namespace string) networkingv1.NetworkPolicyPeer {
	if p.Pods == nil {
		block := &networkingv1.IPBlock{CIDR: p.Block.String()}
		for _, e := range p.Except {
			block.Except = append(block.Except, e.Prefix.String())
		}
		return networkingv1.NetworkPolicyPeer{IPBlock: block}
	}
	result := networkingv1.NetworkPolicyPeer{NamespaceSelector: namespaceSelector(p.Pods, namespace)}
	if len(p.Pods.Labels) > 0 || p.Pods.NotResolver || result.NamespaceSelector == nil {
		result.PodSelector = &metav1.LabelSelector{MatchLabels: p.Pods.Labels}
	}
	if p.Pods.NotResolver {
		result.PodSelector.MatchExpressions = []metav1.LabelSelectorRequirement{
			{Key: flow.ResolverLabel, Operator: metav1.LabelSelectorOpNotIn, Values: []string{flow.ResolverName}},
		}
	}
	return result
}

// namespaceName is the label that the API server sets on namespaces (Kubernetes 1.22).
const namespaceName = "kubernetes.io/metadata.name"

// namespaceSelector is nil where the pods are those of the policy's own namespace.
func namespaceSelector(p *flow.Pods, own string) *metav1.LabelSelector {
	requirement := metav1.LabelSelectorRequirement{Key: namespaceName, Operator: metav1.LabelSelectorOpIn, Values: p.Namespaces}
	switch {
	case p.OutsideResolverNamespace:
		requirement.Operator, requirement.Values = metav1.LabelSelectorOpNotIn, []string{flow.ResolverNamespace}
	case len(p.Namespaces) == 0:
		return &metav1.LabelSelector{}
	case len(p.Namespaces) == 1 && p.Namespaces[0] == own:
		return nil
	case len(p.Namespaces) == 1:
		return &metav1.LabelSelector{MatchLabels: map[string]string{namespaceName: p.Namespaces[0]}}
	}
	return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{requirement}}
}

func ports(a flow.Rule) []networkingv1.NetworkPolicyPort {
	var result []networkingv1.NetworkPolicyPort
	for _, p := range a.Ports {
		protocol, number := corev1.ProtocolTCP, intstr.FromInt(p.From) // a name is of TCP, the API's default
		if p.Protocol != "" {
			protocol = corev1.Protocol(strings.ToUpper(p.Protocol))
		}
		port := networkingv1.NetworkPolicyPort{Protocol: &protocol, Port: &number}
		if p.Name != "" {
			number = intstr.FromString(p.Name)
		} else if p.To > p.From {
			end := int32(p.To)
			port.EndPort = &end
		}
		result = append(result, port)
	}
	return result
}

// annotate writes, above the object and its rules, which line of the policy they
// come from, and beside each exception the control that demands it.
func annotate(o flow.Policy, plain []byte) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(plain, &document); err != nil {
		return nil, err
	}
	root := document.Content[0]
	root.HeadComment = comment(heading(o)...)
	spec := child(root, "spec")
	annotateRules(child(spec, "egress"), "to", o.Egress)
	annotateRules(child(spec, "ingress"), "from", o.Ingress)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

func annotateRules(list *yaml.Node, field string, r *flow.Rules) {
	if list == nil || r == nil || r.All {
		return
	}
	for i, rule := range r.List {
		list.Content[i].HeadComment = comment(fmt.Sprintf("%s (%s)", rule.Title, where(rule.At)))
		peers := child(list.Content[i], field)
		for j, p := range rule.Peers {
			for k, c := range p.Except {
				child(child(peers.Content[j], "ipBlock"), "except").Content[k].LineComment = "# " + string(c.Control)
			}
		}
	}
}

// where names the line of a range, for comments and annotations.
func where(at hcl.Range) string {
	if at.Filename == "" {
		return "not stated"
	}
	return line(hcltext.At(at))
}

// line makes one line of printable text of anything: as it is where it is that
// already, and else quoted.
func line(s string) string {
	if q := strconv.QuoteToGraphic(s); q != `"`+s+`"` {
		return q
	}
	return s
}

func comment(lines ...string) string {
	return "# " + strings.Join(lines, "\n# ")
}

func child(node *yaml.Node, key string) *yaml.Node {
	if node == nil {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// Where an object states what it allows in a direction; what it refuses by isolating is said of these too.
const (
	egressPath  = "/spec/egress"
	ingressPath = "/spec/ingress"
)

// mappings names places as the judge does: the name of the object, and a JSON
// pointer into it.
func mappings(o flow.Policy) []target.SourceMapping {
	var result []target.SourceMapping
	for _, c := range o.Closed {
		at := o.Name + ingressPath
		if c.Egress {
			at = o.Name + egressPath
		}
		result = append(result, target.SourceMapping{Location: at, Subject: covered[c.Control].about, Control: control.Ref{ID: c.Control}, Range: c.At})
	}
	for _, d := range []struct {
		path, peers string
		rules       *flow.Rules
	}{{egressPath, "to", o.Egress}, {ingressPath, "from", o.Ingress}} {
		if d.rules == nil {
			continue
		}
		for i, rule := range d.rules.List {
			place := fmt.Sprintf("%s%s/%d", o.Name, d.path, i)
			result = append(result, target.SourceMapping{Location: place, Control: control.Ref{ID: rule.Control}, Range: rule.At})
			for j, p := range rule.Peers {
				for k, c := range p.Except {
					at := fmt.Sprintf("%s/%s/%d/ipBlock/except/%d", place, d.peers, j, k)
					result = append(result, target.SourceMapping{Location: at, Control: control.Ref{ID: c.Control}, Range: c.At})
				}
			}
		}
	}
	return result
}
