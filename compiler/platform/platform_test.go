package platform_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// reader reads values that a test gives, and collects what is said of them.
type reader struct {
	texts []string
	lists map[string][]string
	said  []string
}

func (r *reader) Range() hcl.Range { return hcl.Range{} }

func (r *reader) Text() (control.Item, bool) { return control.Item{Key: r.texts[0]}, true }

func (r *reader) Texts() ([]control.Item, bool) {
	out := []control.Item{}
	for _, text := range r.texts {
		out = append(out, control.Item{Key: text})
	}
	return out, true
}

func (r *reader) Lists(string, string) []platform.List {
	var out []platform.List
	for name, texts := range r.lists {
		out = append(out, platform.List{Name: control.Item{Key: name}, Each: func(do func(control.Item)) bool {
			for _, text := range texts {
				do(control.Item{Key: text})
			}
			return true
		}})
	}
	return out
}

func (r *reader) OneOf(text control.Item, what string, known []string) bool {
	ok := slices.Contains(known, text.Key)
	if !ok {
		r.said = append(r.said, what)
	}
	return ok
}

func (r *reader) Error(_ hcl.Range, summary, _ string, _ ...any) { r.said = append(r.said, summary) }

// Each fact reads what is right, and says what is wrong of the rest.
func TestFactsRead(t *testing.T) {
	for _, c := range []struct {
		fact platform.Definition
		read reader
		want string // as Facts print
		said string
	}{
		{platform.Kubernetes, reader{texts: []string{"1.31"}}, "kubernetes = 1.31", ""},
		{platform.Kubernetes, reader{texts: []string{"1.99"}}, "", "Unknown version"},
		{platform.Runtime, reader{texts: []string{"containerd 2.0"}}, "runtime = containerd 2.0", ""},
		{platform.Runtime, reader{texts: []string{"containerd"}}, "runtime = containerd", "Not a runtime"},
		{platform.Architectures, reader{texts: []string{"arm64", "amd64"}}, "architectures = [amd64 arm64]", ""},
		{platform.Architectures, reader{texts: []string{"pdp11"}}, "", "An architecture"},
		{platform.APIServer, reader{texts: []string{"10.0.0.1/32"}}, "api_server = [10.0.0.1/32]", ""},
		{platform.APIServer, reader{texts: []string{"10.0.0.1/8"}}, "", "Not a network"},
		{platform.Networks, reader{lists: map[string][]string{"pods": {"10.244.0.0/16"}, "dns": {"10.0.0.1:53"}}},
			"networks = {Pods:[10.244.0.0/16] Services:[] Nodes:[] DNS:[10.0.0.1:53]}", ""},
		{platform.Networks, reader{lists: map[string][]string{"nodes": {"10.244.0.1/16"}}}, "networks = ", "Not a network"},
		{platform.Networks, reader{lists: map[string][]string{"services": {"::/0"}}}, "networks = ", "Not a network of a cluster"},
		{platform.Networks, reader{lists: map[string][]string{"dns": {"10.0.0.1:0"}}}, "networks = ", "Not a resolver"},
		{platform.Targets, reader{}, "targets = []", "No targets"},
		{platform.Pods, reader{lists: map[string][]string{"ray.io/RayCluster": {"spec.template"}}}, "pods = [{Group:ray.io Kind:RayCluster", ""},
		{platform.Pods, reader{lists: map[string][]string{"RayCluster": {"spec.template"}}}, "", "Not a kind"},
		{platform.Pods, reader{lists: map[string][]string{"apps/Deployment": {"spec.template"}}}, "", "Kind known already"},
		{platform.Pods, reader{lists: map[string][]string{"ray.io/RayCluster": {}}}, "", "No paths"},
		{platform.Pods, reader{lists: map[string][]string{"ray.io/RayCluster": {"spec[*]"}}}, "", "Not a path"},
		{platform.Pods, reader{lists: map[string][]string{"ray.io/RayCluster": {"spec", "spec.template"}}}, "", "Paths overlap"},
		{platform.Version("parser", "", "3.0"), reader{texts: []string{"4.0"}}, "parser = 4.0", ""},
		{platform.Version("parser", "", "3.0"), reader{texts: []string{"four"}}, "parser = four", "Not a version"},
	} {
		got := c.fact.Decode(&c.read, platform.Facts{})
		if !strings.HasPrefix(got.String(), c.want) || c.want == "" && got.String() != "" {
			t.Errorf("%s of %v: %q, want %q", c.fact.FactName(), c.read, got, c.want)
		}
		if said := strings.Join(c.read.said, "; "); said != c.said {
			t.Errorf("%s of %v: said %q, want %q", c.fact.FactName(), c.read, said, c.said)
		}
	}
}

// Options state facts for anybody's artifacts.
func TestFactsOfOptions(t *testing.T) {
	facts := platform.Facts{}
	for _, c := range []struct {
		fact platform.Definition
		text string
	}{{platform.Capabilities, "CAP_NET_ADMIN, SYS_ADMIN"}, {platform.KernelVersion, "6.1"}, {platform.Libseccomp, "2.5.4"}, {platform.Runtime, "docker"}} {
		if c.fact.Flag() == "" {
			t.Errorf("%s is no option", c.fact.FactName())
		}
		var err error
		if facts, err = c.fact.Parse(c.text, facts); err != nil {
			t.Error(err)
		}
	}
	const want = "capabilities = [NET_ADMIN SYS_ADMIN]\nkernel = 6.1\nlibseccomp = 2.5.4\nruntime = docker"
	if facts.String() != want {
		t.Errorf("%s, want %s", facts, want)
	}
	none, err := platform.Capabilities.Parse("", facts)
	if got := platform.Capabilities.Of(none); err != nil || got == nil || len(got) > 0 {
		t.Errorf("no capability is %#v", got)
	}
	all, _ := platform.Capabilities.Parse("ALL", facts)
	if got := platform.Capabilities.Of(all); !slices.Contains(got, "SYS_MODULE") {
		t.Errorf("all capabilities are %v", got)
	}
	if platform.Capabilities.Of(platform.Facts{}) != nil {
		t.Error("capabilities that nobody states are some")
	}
}

// With leaves the facts that it is given as they are, and so does Overlay.
func TestFactsAreNotChanged(t *testing.T) {
	above := platform.Kubernetes.With(platform.APIServer.With(platform.Facts{}, []string{"a"}), "1.30")
	before := fmt.Sprint(above)
	below := platform.APIServer.With(platform.Facts{Range: hcl.Range{Filename: "p.hcl"}}, []string{"b", "a"})
	got := platform.Overlay(above, below)
	if want := "api_server = [a b]\nkubernetes = 1.30"; got.String() != want || got.Range.Filename != "p.hcl" {
		t.Errorf("%s, want %s", got, want)
	}
	if fmt.Sprint(above) != before || !reflect.DeepEqual(platform.APIServer.Of(below), []string{"b", "a"}) {
		t.Errorf("changed: %s and %s", above, below)
	}
}

// No two facts have one name, each says what it is, and each can be stated somehow.
func TestSharedFacts(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range platform.Shared() {
		if seen[f.FactName()] || f.Documentation() == "" || !f.Stateable() && f.Flag() == "" {
			t.Errorf("%s: twice %v, %q", f.FactName(), seen[f.FactName()], f.Documentation())
		}
		seen[f.FactName()] = true
	}
	if n := len(platform.Known(platform.Version("own", "", "1"), platform.Kubernetes)); n != len(platform.Shared())+1 {
		t.Errorf("%d facts are known", n)
	}
}
