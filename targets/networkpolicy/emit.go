package networkpolicy

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy/manifest"
)

// Emit writes networkpolicy/<namespace>.yaml for each namespace of the policy.
// Where no control refuses any connection, it writes nothing: a policy that
// allows everything would open what others have closed.
func (t Target) Emit(p *policy.Policy) ([]target.Artifact, error) {
	list := objects(p)
	if len(list) == 0 {
		return nil, nil
	}
	var artifacts []target.Artifact
	for _, namespace := range namespaces(p) {
		a, err := artifact(p, namespace, list)
		if err != nil {
			return nil, fmt.Errorf("networkpolicy: namespace %s: %w", namespace, err)
		}
		artifacts = append(artifacts, a)
	}
	return artifacts, nil
}

func artifact(p *policy.Policy, namespace string, list []object) (target.Artifact, error) {
	a := target.Artifact{Path: "networkpolicy/" + namespace + ".yaml"}
	var body bytes.Buffer
	fmt.Fprintf(&body, "# %s\n# A network plugin that enforces NetworkPolicies is needed.\n", p.Notice())
	for _, o := range list {
		text, err := o.render(p, namespace)
		if err != nil {
			return a, err
		}
		body.WriteString("---\n")
		body.Write(text)
		a.Mappings = append(a.Mappings, o.origins()...)
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

// render gives the object as a YAML document with its comments.
func (o object) render(p *policy.Policy, namespace string) ([]byte, error) {
	np := networkingv1.NetworkPolicy{
		TypeMeta: metav1.TypeMeta{APIVersion: "networking.k8s.io/v1", Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{
			Name: o.name, Namespace: namespace,
			Labels: map[string]string{"app.kubernetes.io/managed-by": "bulkhead", "app.kubernetes.io/part-of": p.Name},
			Annotations: map[string]string{
				"bulkhead/policy": title(p), "bulkhead/source": where(o.at), "bulkhead/reason": o.reason,
			},
		},
		Spec: networkingv1.NetworkPolicySpec{PodSelector: o.selector},
	}
	if o.until != "" {
		np.Annotations["bulkhead/until"] = o.until
	}
	if o.ingress != nil {
		np.Spec.PolicyTypes = append(np.Spec.PolicyTypes, networkingv1.PolicyTypeIngress)
		np.Spec.Ingress = o.ingress.ingress(namespace)
	}
	if o.egress != nil {
		np.Spec.PolicyTypes = append(np.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
		np.Spec.Egress = o.egress.egress(namespace)
	}
	// The nodes that comments go to keep this encoder's quotes: kubectl reads YAML 1.1, in which a plain y is a boolean.
	plain, err := sigsyaml.Marshal(np)
	if err != nil {
		return nil, err
	}
	return o.annotate(plain)
}

func (r rules) ingress(namespace string) []networkingv1.NetworkPolicyIngressRule {
	if r.all {
		return []networkingv1.NetworkPolicyIngressRule{{}}
	}
	var result []networkingv1.NetworkPolicyIngressRule
	for _, a := range r.list {
		result = append(result, networkingv1.NetworkPolicyIngressRule{From: a.renderPeers(namespace), Ports: a.renderPorts()})
	}
	return result
}

func (r rules) egress(namespace string) []networkingv1.NetworkPolicyEgressRule {
	if r.all {
		return []networkingv1.NetworkPolicyEgressRule{{}}
	}
	var result []networkingv1.NetworkPolicyEgressRule
	for _, a := range r.list {
		result = append(result, networkingv1.NetworkPolicyEgressRule{To: a.renderPeers(namespace), Ports: a.renderPorts()})
	}
	return result
}

func (a allowance) renderPeers(namespace string) []networkingv1.NetworkPolicyPeer {
	if len(a.peers) == 0 {
		panic("networkpolicy: a rule without peers would allow everyone")
	}
	var result []networkingv1.NetworkPolicyPeer
	for _, p := range a.peers {
		result = append(result, p.render(namespace))
	}
	return result
}

func (a allowance) renderPorts() []networkingv1.NetworkPolicyPort {
	var result []networkingv1.NetworkPolicyPort
	for _, p := range a.ports {
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
func (o object) annotate(plain []byte) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(plain, &document); err != nil {
		return nil, err
	}
	root := document.Content[0]
	root.HeadComment = comment(o.comment...)
	spec := child(root, "spec")
	annotateRules(child(spec, "egress"), "to", o.egress)
	annotateRules(child(spec, "ingress"), "from", o.ingress)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(&document); err != nil {
		return nil, err
	}
	return out.Bytes(), encoder.Close()
}

func annotateRules(list *yaml.Node, field string, r *rules) {
	if list == nil || r == nil || r.all {
		return
	}
	for i, rule := range r.list {
		list.Content[i].HeadComment = comment(fmt.Sprintf("%s (%s)", rule.title, where(rule.at)))
		peers := child(list.Content[i], field)
		for j, p := range rule.peers {
			for k, c := range p.cuts {
				child(child(peers.Content[j], "ipBlock"), "except").Content[k].LineComment = "# " + string(c.control)
			}
		}
	}
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

// What the other end of a refused connection is, for the controls that are about
// such ends only. network.default is about every end, and so has no subject.
const (
	aboutMetadata = "metadata service"
	aboutAPI      = "API server"
	aboutInternet = "internet"
	aboutNames    = "names"
)

var subjectOf = map[control.ID]string{
	control.Metadata: aboutMetadata, control.KubernetesAPI: aboutAPI, control.Internet: aboutInternet, control.NetworkDNS: aboutNames,
}

// origins names places as the judge does: the name of the object, and a JSON
// pointer into it.
func (o object) origins() []target.SourceMapping {
	var result []target.SourceMapping
	for _, c := range o.closed {
		result = append(result, target.SourceMapping{Location: o.name, Subject: subjectOf[c.control], Control: control.Ref{ID: c.control}, Range: c.at})
	}
	for _, d := range []struct {
		path, peers string
		rules       *rules
	}{{"/spec/egress", "to", o.egress}, {"/spec/ingress", "from", o.ingress}} {
		if d.rules == nil {
			continue
		}
		for i, rule := range d.rules.list {
			place := fmt.Sprintf("%s%s/%d", o.name, d.path, i)
			result = append(result, target.SourceMapping{Location: place, Control: control.Ref{ID: rule.control}, Range: rule.at})
			for j, p := range rule.peers {
				for k, c := range p.cuts {
					at := fmt.Sprintf("%s/%s/%d/ipBlock/except/%d", place, d.peers, j, k)
					result = append(result, target.SourceMapping{Location: at, Control: control.Ref{ID: c.control}, Range: c.at})
				}
			}
		}
	}
	return result
}
