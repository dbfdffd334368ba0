package manifest

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// TestNpguard holds the evaluator to the connection sets that another implementation finds in real clusters.
func TestNpguard(t *testing.T) {
	suite := suites.Folder(t, "npguard")
	folders, err := os.ReadDir(filepath.Join(suite, "cases"))
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	for _, folder := range folders {
		name := folder.Name()
		got := clusterConnections(t, filepath.Join(suite, "cases", name))
		want := expectedConnections(t, filepath.Join(suite, "expected", name+"_connlist_output.txt"))
		missing, extra := difference(want, got), difference(got, want)
		if len(missing)+len(extra) == 0 {
			right++
			continue
		}
		t.Errorf("%s: %d of %d missing, %d extra; first:\n-%v\n+%v", name, len(missing), len(want), len(extra), first(missing), first(extra))
	}
	t.Logf("%d of %d clusters right", right, len(folders))
	if right == 0 {
		t.Error("no cluster was right")
	}
}

func first(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

func difference(a, b []string) []string {
	var result []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			result = append(result, s)
		}
	}
	return result
}

func expectedConnections(t *testing.T, file string) []string {
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "{ingress-controller}") {
			lines = append(lines, line)
		}
	}
	return lines
}

// clusterEnd is a workload, or a range of addresses outside the cluster.
type clusterEnd struct {
	name     string
	end      reach.End
	last     netip.Addr // of a range; end.IP is its first
	external bool
}

// manifest is every object of a cluster that the connections depend on.
type manifest struct {
	metav1.TypeMeta
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     struct {
		corev1.PodSpec
		Template    *corev1.PodTemplateSpec `json:"template"`
		JobTemplate struct {
			Spec struct {
				Template *corev1.PodTemplateSpec `json:"template"`
			} `json:"spec"`
		} `json:"jobTemplate"`
	} `json:"spec"`
	Items []manifest `json:"items"`
}

func clusterConnections(t *testing.T, folder string) []string {
	var sources []Source
	var manifests []manifest
	err := filepath.WalkDir(folder, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if strings.HasPrefix(entry.Name(), "connlist_output") {
			return nil // an answer of the other implementation's, left among the manifests
		}
		sources = append(sources, Source{Name: file, Body: body})
		for _, d := range split(body) {
			var m manifest
			if err := sigsyaml.Unmarshal(d.body, &m); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			manifests = append(manifests, m)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
		return nil
	}
	read, err := Read("default", sources...)
	if err != nil {
		t.Errorf("%s: %v", folder, err)
		return nil
	}
	return cluster{read.Policies, reach.New(read.Policies)}.connections(t, workloads(manifests))
}

func workloads(manifests []manifest) []clusterEnd {
	namespaceLabels := map[string]map[string]string{}
	var flat []manifest
	var flatten func(kind string, all []manifest)
	flatten = func(kind string, all []manifest) {
		for _, m := range all {
			if m.Kind == "" {
				m.Kind = kind
			}
			if strings.HasSuffix(m.Kind, "List") {
				flatten(strings.TrimSuffix(m.Kind, "List"), m.Items)
				continue
			}
			flat = append(flat, m)
		}
	}
	flatten("", manifests)
	ends := map[string]clusterEnd{}
	for _, m := range flat {
		if m.Kind == "Namespace" {
			namespaceLabels[m.Metadata.Name] = m.Metadata.Labels
		}
	}
	for _, m := range flat {
		if end, ok := workload(m); ok {
			end.end.NamespaceLabels = namespaceLabels[end.end.Namespace]
			if end.end.NamespaceLabels == nil {
				end.end.NamespaceLabels = map[string]string{}
			}
			ends[end.name] = end
		}
	}
	var result []clusterEnd
	for _, end := range ends {
		result = append(result, end)
	}
	return result
}

func workload(m manifest) (clusterEnd, bool) {
	name, kind := m.Metadata.Name, m.Kind
	labels, spec := m.Metadata.Labels, m.Spec.PodSpec
	template := m.Spec.Template
	if template == nil {
		template = m.Spec.JobTemplate.Spec.Template
	}
	switch kind {
	case "Pod":
		if len(m.Metadata.OwnerReferences) > 0 {
			name, kind = m.Metadata.OwnerReferences[0].Name, m.Metadata.OwnerReferences[0].Kind
		}
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob":
		labels, spec = template.Labels, template.Spec
	default:
		return clusterEnd{}, false
	}
	namespace := m.Metadata.Namespace
	if namespace == "" {
		namespace = "default"
	}
	if labels == nil {
		labels = map[string]string{}
	}
	end := reach.End{Namespace: namespace, Labels: labels, Ports: map[string]reach.ContainerPort{}}
	for _, c := range append(slices.Clone(spec.InitContainers), spec.Containers...) {
		for _, p := range c.Ports {
			if p.Name != "" {
				end.Ports[p.Name] = reach.ContainerPort{Protocol: protocolOf(p), Number: uint16(p.ContainerPort)}
			}
		}
	}
	return clusterEnd{name: fmt.Sprintf("%s/%s[%s]", namespace, name, kind), end: end}, true
}

func protocolOf(p corev1.ContainerPort) reach.Protocol {
	switch p.Protocol {
	case corev1.ProtocolUDP:
		return reach.UDP
	case corev1.ProtocolSCTP:
		return reach.SCTP
	}
	return reach.TCP // the API's default
}

// cluster is the policies of a cluster, and what they allow.
type cluster struct {
	policies []reach.Policy
	reach    *reach.Policies
}

// connections writes every allowed connection as the suite does.
func (c cluster) connections(t *testing.T, pods []clusterEnd) []string {
	probes := c.portProbes(pods)
	sets := func(from, to clusterEnd) string { return c.connectionSet(t, from.end, to.end, probes) }
	sources := merge(c.externalRanges(func(pol *reach.Policy) *reach.Side { return &pol.Ingress }), pods, sets)
	destinations := merge(c.externalRanges(func(pol *reach.Policy) *reach.Side { return &pol.Egress }), pods,
		func(external, pod clusterEnd) string { return sets(pod, external) })
	var lines []string
	for _, from := range append(sources, pods...) {
		for _, to := range append(destinations, pods...) {
			if from.name == to.name || from.external && to.external {
				continue
			}
			if set := sets(from, to); set != "" {
				lines = append(lines, fmt.Sprintf("%s => %s : %s", from.name, to.name, set))
			}
		}
	}
	sort.Strings(lines)
	return lines
}

// merge joins neighbouring ranges that have the same connections with every pod, and names them.
func merge(ranges, pods []clusterEnd, sets func(external, pod clusterEnd) string) []clusterEnd {
	var result []clusterEnd
	var previous []string
	for _, r := range ranges {
		var all []string
		for _, pod := range pods {
			all = append(all, sets(r, pod))
		}
		if len(result) > 0 && slices.Equal(all, previous) {
			result[len(result)-1].last = r.last
		} else {
			result = append(result, r)
		}
		previous = all
	}
	for i := range result {
		result[i].name = fmt.Sprintf("%s-%s[External]", result[i].end.IP, result[i].last)
	}
	return result
}

// externalRanges cuts the addresses where any block of a direction begins or ends.
func (c cluster) externalRanges(sideOf func(*reach.Policy) *reach.Side) []clusterEnd {
	cuts := map[netip.Addr]bool{netip.MustParseAddr("0.0.0.0"): true}
	cut := func(prefix netip.Prefix) {
		cuts[prefix.Addr()] = true
		if next := lastOf(prefix).Next(); next.IsValid() {
			cuts[next] = true
		}
	}
	for i := range c.policies {
		for _, r := range sideOf(&c.policies[i]).Rules {
			for _, peer := range r.Peers {
				if peer.Block != nil {
					cut(peer.Block.Prefix)
					for _, e := range peer.Block.Except {
						cut(e.Prefix)
					}
				}
			}
		}
	}
	firsts := make([]netip.Addr, 0, len(cuts))
	for addr := range cuts {
		firsts = append(firsts, addr)
	}
	slices.SortFunc(firsts, netip.Addr.Compare)
	var ends []clusterEnd
	for i, addr := range firsts {
		last := netip.MustParseAddr("255.255.255.255")
		if i+1 < len(firsts) {
			last = firsts[i+1].Prev()
		}
		ends = append(ends, clusterEnd{end: reach.End{IP: addr}, last: last, external: true})
	}
	return ends
}

func lastOf(prefix netip.Prefix) netip.Addr {
	bytes := prefix.Masked().Addr().AsSlice()
	for i := range bytes {
		for bit := range 8 {
			if i*8+bit >= prefix.Bits() {
				bytes[i] |= 0x80 >> bit
			}
		}
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return addr
}

// portProbes returns the first number of each run of ports that no rule tells apart, ascending.
func (c cluster) portProbes(pods []clusterEnd) []int {
	cuts := map[int]bool{1: true}
	for _, pol := range c.policies {
		for _, r := range slices.Concat(pol.Ingress.Rules, pol.Egress.Rules) {
			for _, ports := range r.Ports {
				if ports.Name == "" {
					cuts[int(ports.First)], cuts[int(ports.Last)+1] = true, true
				}
			}
		}
	}
	for _, pod := range pods {
		for _, port := range pod.end.Ports {
			cuts[int(port.Number)], cuts[int(port.Number)+1] = true, true
		}
	}
	var probes []int
	for port := range cuts {
		if port >= 1 && port <= 65535 {
			probes = append(probes, port)
		}
	}
	sort.Ints(probes)
	return probes
}

func (c cluster) connectionSet(t *testing.T, from, to reach.End, probes []int) string {
	var parts []string
	whole := 0
	for _, protocol := range []reach.Protocol{reach.SCTP, reach.TCP, reach.UDP} {
		var ranges []string
		start := 0
		for i := 0; i <= len(probes); i++ {
			allowed := i < len(probes) && c.allows(t, from, to, reach.Port{Protocol: protocol, Number: uint16(probes[i])})
			switch {
			case allowed && start == 0:
				start = probes[i]
			case !allowed && start != 0:
				end := 65535
				if i < len(probes) {
					end = probes[i] - 1
				}
				if start == 1 && end == 65535 {
					whole++
				}
				if start == end {
					ranges = append(ranges, fmt.Sprint(start))
				} else {
					ranges = append(ranges, fmt.Sprintf("%d-%d", start, end))
				}
				start = 0
			}
		}
		if len(ranges) > 0 {
			parts = append(parts, strings.ToUpper(protocol.String())+" "+strings.Join(ranges, ","))
		}
	}
	if whole == 3 {
		return "All Connections"
	}
	return strings.Join(parts, ",")
}

func (c cluster) allows(t *testing.T, from, to reach.End, port reach.Port) bool {
	answer, err := c.reach.Connect(from, to, port)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Outcome == reach.Allow
}
