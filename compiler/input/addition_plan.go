package input

import (
	"slices"
	"strconv"
	"strings"
)

// converted is what a resource of a plan makes, as Kubernetes' API has it, and where its parts stand below the resource's values.
type converted struct {
	node   *Node
	places map[string][]string // by path in the object, steps joined by "/"
}

// converter makes objects of the blocks of Terraform's kubernetes provider, in which a block is a list of one.
type converter struct{ places map[string][]string }

func object(fields ...Field) *Node { return &Node{Kind: Mapping, Fields: present(fields)} }

// present leaves out fields without a value: they are not stated, or not known yet.
func present(fields []Field) []Field {
	return slices.DeleteFunc(fields, func(f Field) bool { return f.Value == nil || f.Value.Kind == Null })
}

func text(s string) *Node { return &Node{Kind: String, Value: s} }

func below(path []string, steps ...string) []string { return append(slices.Clip(path), steps...) }

// first is the block of a list of one; nil where there is none. A block without content is null in some plans.
func first(n *Node) *Node {
	if n == nil || len(n.Items) == 0 {
		return nil
	}
	if n.Items[0] == nil || n.Items[0].Kind == Null {
		return object()
	}
	return n.Items[0]
}

func (c converter) mark(path, to []string) { c.places[strings.Join(path, "/")] = to }

// header has the fields that every object has.
func (c converter) header(apiVersion, kind string, values *Node) []Field {
	metadata := first(values.Get("metadata"))
	c.mark([]string{"metadata"}, []string{"metadata", "0"})
	name := metadata.Get("name")
	if name.Text() == "" {
		name = text("not-known-yet") // generated, or of another resource
	}
	return []Field{
		{Key: "apiVersion", Value: text(apiVersion)}, {Key: "kind", Value: text(kind)},
		{Key: "metadata", Value: object(Field{Key: "name", Value: name}, Field{Key: "namespace", Value: metadata.Get("namespace")})},
	}
}

func networkPolicyOf(values *Node) *converted {
	c := converter{map[string][]string{}}
	spec, to := first(values.Get("spec")), []string{"spec", "0"}
	c.mark([]string{"spec"}, to)
	fields := []Field{{Key: "podSelector", Value: selectorOf(first(spec.Get("pod_selector")))}, {Key: "policyTypes", Value: spec.Get("policy_types")}}
	if fields[0].Value == nil {
		fields[0].Value = object()
	}
	for _, side := range []struct{ name, peers string }{{"ingress", "from"}, {"egress", "to"}} {
		var rules []*Node
		for i, r := range items(spec.Get(side.name)) {
			n := strconv.Itoa(i)
			rules = append(rules, c.rule(r, side.peers, []string{"spec", side.name, n}, below(to, side.name, n)))
		}
		if rules != nil {
			fields = append(fields, Field{Key: side.name, Value: &Node{Kind: Sequence, Items: rules}})
		}
	}
	return &converted{object(append(c.header("networking.k8s.io/v1", "NetworkPolicy", values), Field{Key: "spec", Value: object(fields...)})...), c.places}
}

func (c converter) rule(r *Node, peers string, path, to []string) *Node {
	c.mark(path, to)
	var ports, ends []*Node
	for i, p := range items(r.Get("ports")) {
		c.mark(below(path, "ports", strconv.Itoa(i)), below(to, "ports", strconv.Itoa(i)))
		ports = append(ports, object(Field{Key: "port", Value: portOf(p.Get("port"))}, Field{Key: "protocol", Value: p.Get("protocol")}, Field{Key: "endPort", Value: endPort(p.Get("end_port"))}))
	}
	for i, p := range items(r.Get(peers)) {
		at := below(to, peers, strconv.Itoa(i))
		for _, end := range peersOf(p) {
			c.mark(below(path, peers, strconv.Itoa(len(ends))), at)
			ends = append(ends, end)
		}
	}
	var fields []Field
	if ports != nil {
		fields = append(fields, Field{Key: "ports", Value: &Node{Kind: Sequence, Items: ports}})
	}
	if ends != nil {
		fields = append(fields, Field{Key: peers, Value: &Node{Kind: Sequence, Items: ends}})
	}
	return object(fields...)
}

// peersOf are those of a block. One whose network is not known yet may be any.
func peersOf(p *Node) []*Node {
	block := first(p.Get("ip_block"))
	if block == nil {
		return []*Node{object(Field{Key: "namespaceSelector", Value: selectorOf(first(p.Get("namespace_selector")))}, Field{Key: "podSelector", Value: selectorOf(first(p.Get("pod_selector")))})}
	}
	cidrs := []*Node{block.Get("cidr")}
	if cidrs[0].Text() == "" {
		cidrs = []*Node{text("0.0.0.0/0"), text("::/0")}
	}
	var out []*Node
	for _, cidr := range cidrs {
		except := block.Get("except")
		if len(cidrs) > 1 || len(items(except)) == 0 {
			except = nil
		}
		out = append(out, object(Field{Key: "ipBlock", Value: object(Field{Key: "cidr", Value: cidr}, Field{Key: "except", Value: except})}))
	}
	return out
}

// selectorOf is a selector of labels; nil where there is no block.
func selectorOf(n *Node) *Node {
	if n == nil {
		return nil
	}
	var expressions []*Node
	for _, e := range items(n.Get("match_expressions")) {
		expressions = append(expressions, object(Field{Key: "key", Value: e.Get("key")}, Field{Key: "operator", Value: e.Get("operator")}, Field{Key: "values", Value: nonEmpty(e.Get("values"))}))
	}
	fields := []Field{{Key: "matchLabels", Value: n.Get("match_labels")}}
	if expressions != nil {
		fields = append(fields, Field{Key: "matchExpressions", Value: &Node{Kind: Sequence, Items: expressions}})
	}
	return object(fields...)
}

func nonEmpty(n *Node) *Node {
	if len(items(n)) == 0 {
		return nil
	}
	return n
}

// portOf is a port, which the provider writes as a text: a number or a name.
func portOf(n *Node) *Node {
	if _, err := strconv.ParseUint(n.Text(), 10, 16); err == nil {
		return &Node{Kind: Number, Value: strings.TrimLeft(n.Value[:len(n.Value)-1], "0") + n.Value[len(n.Value)-1:]}
	}
	if n.Text() == "" && (n == nil || n.Kind != Number) {
		return nil
	}
	return n
}

func endPort(n *Node) *Node {
	if n == nil || n.Value == "0" {
		return nil
	}
	return portOf(n)
}

func persistentVolumeOf(values *Node) *converted {
	c := converter{map[string][]string{}}
	spec, to := first(values.Get("spec")), []string{"spec", "0"}
	c.mark([]string{"spec"}, to)
	source := first(spec.Get("persistent_volume_source"))
	fields := []Field{}
	for _, kind := range []struct{ field, block string }{{"hostPath", "host_path"}, {"local", "local"}} {
		if block := first(source.Get(kind.block)); block != nil {
			c.mark([]string{"spec", kind.field}, below(to, "persistent_volume_source", "0", kind.block, "0"))
			c.mark([]string{"spec", kind.field, "path"}, below(to, "persistent_volume_source", "0", kind.block, "0", "path"))
			fields = append(fields, Field{Key: kind.field, Value: object(Field{Key: "path", Value: block.Get("path")})})
		}
	}
	if claim := first(spec.Get("claim_ref")); claim != nil {
		fields = append(fields, Field{Key: "claimRef", Value: object(Field{Key: "namespace", Value: claim.Get("namespace")})})
	}
	return &converted{object(append(c.header("v1", "PersistentVolume", values), Field{Key: "spec", Value: object(fields...)})...), c.places}
}

func storageClassOf(values *Node) *converted {
	c := converter{map[string][]string{}}
	c.mark([]string{"provisioner"}, []string{"storage_provisioner"})
	return &converted{object(append(c.header("storage.k8s.io/v1", "StorageClass", values), Field{Key: "provisioner", Value: values.Get("storage_provisioner")})...), c.places}
}
