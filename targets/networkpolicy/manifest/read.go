// Package manifest reads Kubernetes NetworkPolicies (networking.k8s.io/v1) into the rules of compiler/model/reach.
//
// It is written from the API's reference and holds to what the API server accepts: what the server refuses is an error here, as is
// what the server would silently drop (unknown fields, duplicate keys), because a policy that does not say what its author
// meant must not be judged as if it did. It knows nothing of who wrote the policies.
package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	strictjson "sigs.k8s.io/json"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"

	stdjson "encoding/json"
)

const (
	// maxSource is the largest file that is read, in bytes: as large as etcd lets an object be (1.5 MiB), a few dozen times over.
	maxSource = 64 << 20
	// maxNesting is how deep Lists may lie within Lists.
	maxNesting = 4

	apiVersion = "networking.k8s.io/v1"
)

// Source is one file with NetworkPolicies: YAML of one or many documents, or JSON.
type Source struct {
	// Name is what findings call the file.
	Name string
	Body []byte
}

// Manifests are what was read.
type Manifests struct {
	// Policies are in the order in which they were read.
	Policies []reach.Policy
	// Skipped are the objects of other kinds, in the same order.
	Skipped []Skipped
}

// Skipped is an object that says nothing about connections and was left out.
type Skipped struct {
	Location reach.Location
	Kind     string // "" of what is no Kubernetes object
}

// Read reads and validates every policy of the sources. A policy without a namespace belongs to namespace; where that is
// empty, it is an error. Objects of other kinds are skipped, but kinds of other groups that restrict or order traffic as well
// (AdminNetworkPolicy, CiliumNetworkPolicy, ...) are errors, since the answers would be wrong without them, and so is input
// without any NetworkPolicy. All errors are returned together, each with file, line and path.
func Read(namespace string, sources ...Source) (Manifests, error) {
	r := &reader{namespace: namespace, seen: map[string]reach.Location{}}
	for _, s := range sources {
		r.source(s)
	}
	if len(r.errs) == 0 && len(r.manifests.Policies) == 0 {
		return Manifests{}, errors.New("no NetworkPolicy in the input: with none, every connection is allowed, and there is nothing to judge")
	}
	if len(r.errs) > 0 {
		return Manifests{}, errors.Join(r.errs...)
	}
	return r.manifests, nil
}

// reader gathers policies and errors.
type reader struct {
	namespace string
	manifests Manifests
	seen      map[string]reach.Location // by namespace/name
	errs      []error
}

func (r *reader) fail(at reach.Location, format string, args ...any) {
	r.errs = append(r.errs, &Error{Location: at, Message: fmt.Sprintf(format, args...)})
}

func (r *reader) source(s Source) {
	at := reach.Location{Source: s.Name}
	switch {
	case len(s.Body) > maxSource:
		r.fail(at, "has %d bytes: at most %d are read", len(s.Body), maxSource)
		return
	case !utf8.Valid(s.Body) || bytes.IndexByte(s.Body, 0) >= 0:
		r.fail(at, "is not UTF-8 text: policies are written in YAML or JSON")
		return
	}
	body := s.Body
	if stdjson.Valid(body) {
		// JSON may be indented with tabs, and YAML may not. Valid JSON holds tabs between its tokens only.
		body = bytes.ReplaceAll(body, []byte("\t"), []byte(" "))
	}
	for i, d := range split(body) {
		d.location = reach.Location{Source: s.Name, Document: i + 1, Line: d.firstLine, Column: 1}
		r.document(d)
	}
}

// document is one YAML document: its bytes, its nodes for positions, and the number of lines before it.
type document struct {
	body      []byte
	firstLine int
	location  reach.Location
	root      *yaml.Node
}

// split cuts a stream at its document markers, which keep their line so that every other line keeps its number.
func split(body []byte) []document {
	var documents []document
	start, startLine, line := 0, 1, 0
	for offset := 0; offset < len(body); {
		line++
		end := len(body)
		if i := bytes.IndexByte(body[offset:], '\n'); i >= 0 {
			end = offset + i + 1
		}
		if isMarker(body[offset:end]) && offset > start {
			documents = append(documents, document{body: body[start:offset], firstLine: startLine})
			start, startLine = offset, line
		}
		offset = end
	}
	return append(documents, document{body: body[start:], firstLine: startLine})
}

// isMarker reports whether a line starts a document (YAML 1.2, section 9.1.2).
func isMarker(line []byte) bool {
	rest, found := bytes.CutPrefix(line, []byte("---"))
	return found && (len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0)
}

func (r *reader) document(d document) {
	var node yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(d.body))
	err := decoder.Decode(&node)
	if errors.Is(err, io.EOF) {
		return // comments only
	}
	if err != nil {
		r.fail(d.location, "cannot be read as YAML: %s", shiftLines(err.Error(), d.firstLine-1))
		return
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		r.fail(d.location, "holds a second document: separate documents with a line of ---")
		return
	}
	d.root = node.Content[0]
	if d.root.Kind == yaml.ScalarNode && d.root.Tag == "!!null" {
		return
	}
	r.object(d, nil, "", 0, func() ([]byte, error) { return sigsyaml.YAMLToJSONStrict(d.body) })
}

// object reads the object at path. kind is what it is where it does not say so itself (an item of a NetworkPolicyList);
// convert returns it as JSON, and is only called for kinds that are read.
func (r *reader) object(d document, path []any, kind string, depth int, convert func() ([]byte, error)) {
	at := d.at(path...)
	node := d.node(path...)
	version := apiVersion
	if kind == "" || lookup(node, "kind") != nil {
		var ok bool
		if version, kind, ok = header(node); !ok && depth == 0 && !mayRestrict(node) {
			r.manifests.Skipped = append(r.manifests.Skipped, Skipped{Location: at})
			return
		} else if !ok {
			r.fail(at, "is no Kubernetes object: apiVersion and kind must be texts")
			return
		}
	}
	group, _, _ := strings.Cut(version, "/")
	switch {
	case kind == "NetworkPolicy" && version == apiVersion:
		r.policy(d, path, convert)
	case kind == "List" && version == "v1", kind == "NetworkPolicyList" && version == apiVersion:
		r.list(d, path, strings.TrimSuffix(kind, "List"), depth, convert)
	case kind == "NetworkPolicy" && strings.HasSuffix(group, "k8s.io") || kind == "NetworkPolicy" && group == "extensions":
		r.fail(at, "apiVersion %q is not read: write %s", version, apiVersion)
	case restrictsTraffic(kind, group):
		r.fail(at, "%s of %s changes which connections are allowed and is not modelled: judge without it, or not at all", kind, version)
	default:
		r.manifests.Skipped = append(r.manifests.Skipped, Skipped{Location: at, Kind: kind})
	}
}

// mayRestrict reports whether what is no Kubernetes object may have been meant as a NetworkPolicy, or is none of the files that lie beside
// them: values of a chart, and the like.
func mayRestrict(node *yaml.Node) bool {
	spec := lookup(node, "spec")
	kind := lookup(node, "kind")
	return node.Kind != yaml.MappingNode || kind != nil && (kind.Tag != "!!str" || strings.HasSuffix(kind.Value, "NetworkPolicy")) ||
		spec != nil && lookup(spec, "podSelector") != nil
}

func header(node *yaml.Node) (version, kind string, ok bool) {
	v, k := lookup(node, "apiVersion"), lookup(node, "kind")
	if v == nil || k == nil || v.Tag != "!!str" || k.Tag != "!!str" || k.Value == "" {
		return "", "", false
	}
	return v.Value, k.Value, true
}

// restrictsTraffic reports whether objects of a kind allow or refuse connections beside NetworkPolicies. The groups are
// those of the API's own extension (policy.networking.k8s.io) and of network plugins.
func restrictsTraffic(kind, group string) bool {
	if strings.HasSuffix(kind, "NetworkPolicy") || strings.HasSuffix(kind, "NetworkPolicyList") {
		return true
	}
	switch group {
	case "policy.networking.k8s.io", "cilium.io", "crd.projectcalico.org", "projectcalico.org", "crd.antrea.io":
		return strings.Contains(kind, "Policy") || strings.Contains(kind, "Tier") || kind == "EgressFirewall"
	}
	return kind == "EgressFirewall"
}

func (r *reader) list(d document, path []any, kind string, depth int, convert func() ([]byte, error)) {
	if depth == maxNesting {
		r.fail(d.at(path...), "Lists lie in Lists more than %d deep", maxNesting)
		return
	}
	body, err := convert()
	if err != nil {
		r.fail(d.at(path...), "%s", shiftLines(err.Error(), d.firstLine-1))
		return
	}
	var list struct {
		Items []stdjson.RawMessage `json:"items"`
	}
	if err := strictjson.UnmarshalCaseSensitivePreserveInts(body, &list); err != nil {
		r.fail(d.at(path...), "items: %v", err)
		return
	}
	for i, item := range list.Items {
		r.object(d, sub(path, "items", i), kind, depth+1, func() ([]byte, error) { return item, nil })
	}
}

// object is a NetworkPolicy as servers store it: status was removed from the API in 1.28, and older servers still print it.
type object struct {
	metav1.TypeMeta
	Metadata metav1.ObjectMeta              `json:"metadata"`
	Spec     networkingv1.NetworkPolicySpec `json:"spec"`
	Status   stdjson.RawMessage             `json:"status"`
}

func (r *reader) policy(d document, path []any, convert func() ([]byte, error)) {
	at := d.at(path...)
	body, err := convert()
	if err != nil {
		r.fail(at, "%s", shiftLines(err.Error(), d.firstLine-1))
		return
	}
	var o object
	strict, err := strictjson.UnmarshalStrict(body, &o)
	if err != nil {
		r.fail(at, "is not a NetworkPolicy: %v", err)
		return
	}
	for _, err := range strict {
		r.fail(at, "%v", err)
	}
	before := len(r.errs)
	v := validator{reader: r, document: d, path: path}
	p := v.policy(&o)
	if len(r.errs) > before {
		return
	}
	id := p.Namespace + "/" + p.Name
	if first, twice := r.seen[id]; twice {
		r.fail(at, "NetworkPolicy %s is already at %s: a cluster would keep only one of them", id, first)
		return
	}
	r.seen[id] = at
	r.manifests.Policies = append(r.manifests.Policies, p)
}
