package rego

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/rego"
	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// hostPathsAllow asks the rules whether a path of the node may be mounted to be written.
func hostPathsAllow(t *testing.T) func(t *rapid.T, allowed control.Value, path string) bool {
	t.Helper()
	var modules []func(*rego.Rego)
	for _, a := range emit(t, resolve(t, document(map[control.ID]control.Value{control.HostPaths: {}}))) {
		if strings.HasSuffix(a.Path, ".rego") {
			modules = append(modules, rego.Module(a.Path, string(a.Body)))
		}
	}
	modules = append(modules, rego.Query(`data.bulkhead.test.host_path_allowed({"path": []}, {"hostPath": {"path": input.path}}, input.allowed)`))
	q, err := rego.New(modules...).PrepareForEval(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return func(t *rapid.T, v control.Value, path string) bool {
		allowed := map[string]any{}
		for _, it := range v.Items {
			allowed[strings.TrimSuffix(it.Key, "/")] = it.Arg
		}
		results, err := q.Eval(context.Background(), rego.EvalInput(map[string]any{"path": path, "allowed": allowed}))
		if err != nil {
			t.Fatal(err)
		}
		return len(results) > 0
	}
}

// hostNames are what paths of the tests are made of: links of a node, and what lies beside them.
var hostNames = []string{"var", "run", "lock", "proc", "1", "self", "task", "root", "cwd", "fd", "dev", "etc", "docker.sock", "a..b", ".a"}

func drawHostPath(t *rapid.T, label string) string {
	return "/" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(hostNames), 0, 5).Draw(t, label), "/")
}

func drawHostPaths(t *rapid.T, label string) control.Value {
	var v control.Value
	for i := range rapid.IntRange(0, 3).Draw(t, label) {
		v.Items = append(v.Items, control.Item{Key: drawHostPath(t, fmt.Sprint(label, i)), Arg: "write"})
	}
	return v
}

// TestTighterHostPaths holds the rules to the order of the catalogue: what is within another value never allows what
// that one refuses.
func TestTighterHostPaths(t *testing.T) {
	allows := hostPathsAllow(t)
	ctrl, _ := control.Lookup(control.HostPaths)
	rapid.Check(t, func(t *rapid.T) {
		loose := drawHostPaths(t, "loose")
		tight := control.Value{}
		for _, it := range loose.Items { // below what is granted, so that it is often within
			it.Key = path.Join(it.Key, drawHostPath(t, "below"))
			tight.Items = append(tight.Items, it)
		}
		if !ctrl.Within(tight, loose) {
			return
		}
		p := drawHostPath(t, "path")
		if len(tight.Items) > 0 {
			p = path.Join(tight.Items[0].Key, p)
		}
		if allows(t, tight, p) && !allows(t, loose, p) {
			t.Fatalf("%s is allowed by %v, but not by %v", p, tight.Keys(), loose.Keys())
		}
	})
}

// canonical is the name of a path once the links of a node are followed. What is
// behind a link of a process may be anything; here it is the root.
func canonical(p string) string {
	for {
		before := p
		for _, link := range [][2]string{{"/var/run", "/run"}, {"/var/lock", "/run/lock"}, {"/dev/fd", "/proc/self/fd"}} {
			if rest, ok := strings.CutPrefix(p, link[0]); ok && (rest == "" || rest[0] == '/') {
				p = link[1] + rest
			}
		}
		if parts := strings.Split(p, "/"); len(parts) > 2 && parts[1] == "proc" {
			if i := slices.IndexFunc(parts[2:], func(name string) bool { return slices.Contains([]string{"root", "cwd", "fd"}, name) }); i >= 0 {
				p = "/" + strings.Join(parts[i+3:], "/")
			}
		}
		if p == before {
			return p
		}
	}
}

// TestAliasesOfHostPaths spells paths in other ways: where no grant names a link, what is refused by its own name is
// refused by every other.
func TestAliasesOfHostPaths(t *testing.T) {
	allows := hostPathsAllow(t)
	spell := rapid.SampledFrom([]func(string) string{
		func(p string) string { return p },
		func(p string) string { return p + "/" },
		func(p string) string { return strings.Replace(p, "/", "//", 1) },
		func(p string) string { return "/." + p },
		func(p string) string { return p + "/." },
		func(p string) string { return p + "/x/.." },
		func(p string) string { return "/etc/.." + p },
		func(p string) string { return strings.Replace(p, "/run", "/var/run", 1) },
		func(p string) string { return "/proc/1/root" + p },
		func(p string) string { return "/proc/self/task/1/cwd" + p },
		func(p string) string { return "/dev/fd/3" + p },
	})
	rapid.Check(t, func(t *rapid.T) {
		granted := drawHostPaths(t, "granted")
		for i := range granted.Items {
			granted.Items[i].Key = canonical(granted.Items[i].Key)
		}
		p := drawHostPath(t, "path")
		if len(granted.Items) > 0 && rapid.Bool().Draw(t, "below") {
			p = path.Join(granted.Items[0].Key, p)
		}
		p = canonical(p)
		if other := spell.Draw(t, "spelling")(p); allows(t, granted, other) && !allows(t, granted, canonical(path.Clean(other))) {
			t.Fatalf("with %v, %s is allowed, but what it is, %s, is not", granted.Keys(), other, canonical(path.Clean(other)))
		}
	})
}
