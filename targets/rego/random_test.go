package rego

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// unusual are values that the table of controls does not have: the ends of what can be said.
var unusual = map[control.ID][]control.Value{
	control.Users:            {{}, keys("0"), keys("1-2147483647"), keys("0-2147483647")},
	control.Groups:           {{}, keys("0", "1", "2-2147483647")},
	control.FSGroup:          {{}, keys("0-1")},
	control.SELinuxTypes:     {{}, keys("spc_t"), keys("s*", "a*")},
	control.AppArmorProfile:  {{}, keys(control.ProfileUnconfined), keys(control.ProfileUnset), keys(control.ProfileLocalhost), keys(control.ProfileLocalhost, control.ProfileUnconfined)},
	control.SeccompProfile:   {{}, keys(control.ProfileUnconfined), keys(control.ProfileUnset), keys(control.ProfileLocalhost), keys(control.ProfileLocalhost, control.ProfileUnset)},
	control.Sysctls:          {{}, keys("kernel.*"), keys("kernel.core_pattern", "a*")},
	control.ProcMount:        {word("default"), word("user-namespace")},
	control.CapabilitiesAdd:  {{}, keys("SYS_ADMIN", "SYS_PTRACE"), keys("SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN")},
	control.CapabilitiesDrop: {keys("ALL"), keys("SYS_ADMIN")},
	control.HostPorts:        {{}, keys("tcp/1-65535"), keys("tcp/1-65535", "udp/1-65535"), keys("tcp/80")},
	control.HostPaths:        {{}, {Items: []control.Item{{Key: "/", Arg: "read"}}}, {Items: []control.Item{{Key: "/var", Arg: "write"}}}},
	control.HostProbes:       {{}, keys("169.254.169.254"), keys("1*", "a*", "b*")},
	control.Memory:           {word("1"), word("1.5Gi"), word("12e6"), word("1E")},
	control.CPU:              {word("1m"), word("100u"), word("1.5"), word("5n")},
	control.Hugepages:        {{}, {Items: []control.Item{{Key: "1Gi"}}}, {Items: []control.Item{{Key: "*", Arg: "1Gi"}}}, {Items: []control.Item{{Key: "1Gi"}, {Key: "2Mi"}, {Key: "64Ki", Arg: "1Mi"}}}},
	control.Volumes:          {{}, keys("nfs", "iscsi"), keys("emptyDir", "hostPath")},
	control.Registries: {{}, keys("*.example.com/base"), keys("docker.io/library/*"), keys("docker.io/redis"), keys("localhost:5000/a*b/*"), keys("registry.invalid/*", "*.invalid.example/*"),
		keys("registry.example.com/pay*"), keys("docker.io/acme*/x")},
	control.ImagesDenied:   {keys("registry.example.com/*"), keys("*"), keys("*.example.com/*", "docker.io/library/*")},
	control.TagsDenied:     {keys("*"), keys("1*"), keys("latest", "*-rc")},
	control.SandboxRuntime: {word(control.GVisor), word(control.Kata)},
	control.RuntimeVersion: {
		{Items: []control.Item{{Key: "containerd", Arg: "1.7.29, 2.1.5", Range: line(5)}, {Key: "cri-o", Arg: "1.30", Range: line(6)}, {Key: "runc", Arg: "1.4.0-rc.3", Range: line(7)}}},
		{Items: []control.Item{{Key: "crun", Arg: "1", Range: line(7)}}},
		{Items: []control.Item{{Key: "docker", Arg: "0.0.0-alpha.1", Range: line(7)}}},
	},
	control.KernelVersion:     {word("6"), word("0.0.0"), word("5.10.1, 6.1.2")},
	control.KubernetesVersion: {word("1.33"), word("0.0.1")},
	control.BlockIO:           {{}, keys("low"), keys("high", "low")},
	control.NodeRuntimes:      {{}, keys("containerd"), keys("cri-o", "docker")},

	control.SeccompDefault: {boolean(true)}, control.ProtectKernelDefaults: {boolean(true)},
	control.AnonymousAuth: {boolean(false)}, control.ReadOnlyPort: {boolean(false)},
	control.PodPidsLimit: {word("1"), word("4096"), word("9223372036854775807")},
}

// drawSettings states some of the controls that a bundle checks.
func drawSettings(t *rapid.T, label string, may func(*control.Control) bool) policy.Settings {
	values := map[control.ID]control.Value{}
	for _, id := range slices.Sorted(maps.Keys(controls)) {
		c, _ := control.Lookup(id)
		pool := slices.Clone(unusual[id])
		if usual, ok := controlCases[id]; ok {
			pool = append(pool, usual.value)
		}
		if c.Order != control.DenySet || len(pool) == 0 {
			pool = append(pool, c.Loosest)
		}
		if may(c) && rapid.IntRange(0, 2).Draw(t, label+string(id)) == 0 {
			values[id] = rapid.SampledFrom(pool).Draw(t, label+" "+string(id))
		}
	}
	return settings(values)
}

// drawPolicy makes a policy of a few workloads, containers and exceptions.
func drawPolicy(t *rapid.T) *policy.Document {
	doc := document(nil)
	doc.Name = rapid.SampledFrom([]string{"test", "card-payments", "in", "policy_test"}).Draw(t, "name")
	doc.Values = drawSettings(t, "", func(*control.Control) bool { return true })
	doc.Platform = platform.Kubernetes.With(doc.Platform, rapid.SampledFrom([]string{"", "1.18", "1.24", "1.29", "1.31"}).Draw(t, "Kubernetes"))
	for _, n := range rapid.SampledFrom([][]string{nil, {"a"}, {"eu", "us"}, {"one"}, {"two", "one"}, {"payments-of-customers"}}).Draw(t, "namespaces") {
		doc.Namespaces = append(doc.Namespaces, control.Item{Key: n})
	}
	doc.Platform = platform.Pods.With(doc.Platform, rapid.SampledFrom([][]platform.PodKind{
		nil, {podKind("example.com", "Widget", "spec.template")}, {podKind("ray.io", "RayCluster", "spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template")},
	}).Draw(t, "kinds"))
	if rapid.Bool().Draw(t, "ceilings") {
		doc.Ceilings = settings(map[control.ID]control.Value{control.CapabilitiesAdd: keys("*"), control.Users: keys("*")})
	}
	if rapid.Bool().Draw(t, "undeclared") {
		doc.Values[control.Undeclared] = policy.Setting{Value: word(control.Deny), Range: line(3), Policy: "test"}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "workloads") {
		w := &policy.WorkloadBlock{Name: []string{"example", "example-x", "w"}[i], Match: map[string]string{"app": fmt.Sprint(i)}, OS: "linux", Range: line(20 + i)}
		if i == 2 {
			w.OS = rapid.SampledFrom([]string{"linux", "windows"}).Draw(t, "os")
		}
		if i == 0 && rapid.Bool().Draw(t, "container") {
			w.Containers = []*policy.ContainerBlock{{Name: "example", Range: line(30)}}
		}
		if rapid.Bool().Draw(t, "second label") {
			w.Match["tier"] = "web"
		}
		doc.Workloads = append(doc.Workloads, w)
		if rapid.Bool().Draw(t, "warn") {
			doc.Exceptions = append(doc.Exceptions, &policy.Exception{
				Name: fmt.Sprint("e", i), Kind: policy.ExceptionWarn, Workload: w.Name, Owner: "o", Reason: "r", Ticket: "t", Expires: "2027-01-31", Policy: "test", Range: line(50),
				Controls: []control.Item{{Key: rapid.SampledFrom([]string{"privileges", "capabilities.drop", "host", "image", "resources.memory"}).Draw(t, "covers"), Range: line(51)}},
			})
		}
	}
	if rapid.IntRange(0, 2).Draw(t, "images") == 0 {
		doc.Exceptions = append(doc.Exceptions, &policy.Exception{
			Name: "images", Kind: policy.ExceptionWarn, Images: keys("registry.example.com/agent/*", "docker.io/library/nginx").Items, Owner: "o", Reason: "r", Ticket: "t", Expires: "2027-01-31", Policy: "test",
			Range: line(52), Controls: []control.Item{{Key: rapid.SampledFrom([]string{"privileges", "filesystem", "image"}).Draw(t, "covers of images"), Range: line(53)}},
		})
	}
	return doc
}

// TestAnyBundleTestsItself compiles random policies and runs the tests of their bundles.
func TestAnyBundleTestsItself(t *testing.T) {
	resolved, kept := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p, diags := policy.Resolve(drawPolicy(t), now)
		if diags.HasErrors() {
			t.Skip(diags.Error())
		}
		p.Profiles = profilesInForce
		resolved++
		artifacts := withTests(t, p)
		tests := artifacts[len(artifacts)-1]
		if formatted, err := format.SourceWithOpts(tests.Path, tests.Body, format.Opts{RegoVersion: ast.RegoV1}); err != nil || string(formatted) != string(tests.Body) {
			t.Fatalf("not as opa fmt writes it: %v\n%s", err, tests.Body)
		}
		modules := modulesOf(t, artifacts)
		all := passing(t, modules)
		for s := range profile.Statements(p) {
			if s.Control == nil || slices.Contains(all, testName(s.Control.ID)) || s.Control.ID == control.RootInUserNS && !p.Platform.SinceKubernetes(userNamespaces) {
				continue
			}
			if _, ok := controls[s.Control.ID]; ok {
				t.Fatalf("%s restricts and has no test", s.Control.ID)
			}
		}
		if slices.Contains(all, "test_what_keeps_to_the_policy_is_read_and_allowed") {
			kept++
		}
		// Without the rules of a control that is tried, the test of it fails.
		var tried []string
		for id := range controls {
			if slices.Contains(all, testName(id)) {
				tried = append(tried, string(id))
			}
		}
		if len(tried) == 0 {
			return
		}
		slices.Sort(tried)
		id := rapid.SampledFrom(tried).Draw(t, "control")
		if failed, _ := runTests(t, lesser(modules, id)); !slices.Contains(failed, testName(control.ID(id))) {
			t.Fatalf("without the rules of %s, its test passes; these fail: %v", id, failed)
		}
	})
	if resolved < 10 || kept < resolved/4 {
		t.Errorf("of %d policies, %d can be kept to", resolved, kept)
	}
}
