package check_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// kept are answers in memory.
type kept struct{ sync.Map }

func (k *kept) Get(key check.Key) (string, bool) {
	answer, ok := k.Load(key)
	if !ok {
		return "", false
	}
	return answer.(string), true
}

func (k *kept) Put(key check.Key, answer []byte) { k.Store(key, string(answer)) }

// What was told is told again without asking the judge, and without loading it.
// What could not be used is tried again.
func TestRecall(t *testing.T) {
	var known kept
	broken := fake{name: "m", kinds: manifests.kinds, artifacts: manifests.artifacts, load: errors.New("it is loaded")}
	files := []check.File{
		file("a", pod("p", "", "  - {name: x, bad: 1} # bulkhead:ignore host.pid -- why\n  - {name: y, bad: 1, poor: 1}\n")+"---\nkind: ConfigMap\n"),
		file("b", pod("p", "", "")), file("c", "# nothing\n"),
	}
	run := func(tg target.Target, files ...check.File) check.Result {
		c := checker(t, build(t, []target.Target{tg}, "shop"), "")
		c.Recall(&known, c.Identity("build 1"))
		return c.Run(t.Context(), files, nil)
	}
	first := run(manifests, files...)
	if len(first.Findings) != 3 || len(first.Skipped) != 2 || first.Checked != 2 {
		t.Fatal(told(first))
	}
	if again := run(broken, files...); !reflect.DeepEqual(again, first) {
		t.Errorf("%+v\nwant\n%+v", again, first)
	}
	// The same text in another file is another's.
	moved := file("moved", pod("p", "", ""))
	if r := run(broken, moved); len(r.Problems) != 1 {
		t.Error(told(r))
	}
	gone := check.File{Name: "b", Open: func() ([]byte, error) { return nil, errors.New("gone") }}
	if r := run(broken, gone); len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Error(), "gone") {
		t.Error(told(r))
	}
	for _, body := range []string{"a: [", pod("broken", "", "")} {
		for range 2 {
			if r := run(manifests, file("d", body)); len(r.Problems) != 1 {
				t.Error(told(r))
			}
		}
	}
	known.Range(func(key, _ any) bool { known.Store(key, "\x05"); return true })
	if r := run(manifests, files...); !reflect.DeepEqual(r, first) {
		t.Errorf("of spoiled answers:\n%s\nwant\n%s", told(r), told(first))
	}
}

// Whatever answers depend on gives another identity.
func TestIdentity(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	origin := target.SourceMapping{Location: "r", Control: control.Ref{ID: control.HostPID}, Container: "*/*", Range: line(10)}
	type parts struct {
		policy      policy.Policy
		artifact    target.Artifact
		environment target.Environment
		limits      input.Limits
		namespace   string
		more        []string
	}
	identity := func(change func(*parts)) check.Key {
		p := parts{
			policy:      *build(t, []target.Target{manifests}, "shop").Policy,
			artifact:    target.Artifact{Path: "m/rules", Body: []byte("x"), Mappings: []target.SourceMapping{origin}},
			environment: target.Environment{Now: now}, limits: input.DefaultLimits(), more: []string{"build", "policy"},
		}
		change(&p)
		tg := fake{name: "m", kinds: []attempt.Kind{attempt.KindManifest}}
		b := &target.Build{Policy: &p.policy, Targets: []target.Target{tg}, Artifacts: map[string][]target.Artifact{"m": {p.artifact}}}
		c, err := check.New(b, p.environment, p.namespace, p.limits)
		if err != nil {
			t.Fatal(err)
		}
		return c.Identity(p.more...)
	}
	same := func(*parts) {}
	first := identity(same)
	if again := identity(same); first != again {
		t.Error("the same checker has two identities")
	}
	if first != identity(func(p *parts) { p.environment.Now = now.Add(time.Hour) }) {
		t.Error("an hour later it is another")
	}
	seen := map[check.Key]int{first: -1}
	for i, change := range []func(*parts){
		func(p *parts) { p.more[0] = "another build" },
		func(p *parts) { p.more = []string{"buildpolicy", ""} },
		func(p *parts) { p.environment.Now = now.AddDate(0, 0, 1) },
		func(p *parts) { p.environment.Kubernetes = "1.31" },
		func(p *parts) { p.environment.Pods = []policy.PodKind{{Group: "example.com", Kind: "Widget"}} },
		func(p *parts) { p.limits.Depth++ },
		func(p *parts) { p.namespace = "other" },
		func(p *parts) { p.artifact.Body = []byte("y") },
		func(p *parts) { p.artifact.Path = "m/others" },
		func(p *parts) { p.artifact.Mappings[0].Range = line(11) },
		func(p *parts) { p.artifact.Mappings[0].Container = "api/*" },
		func(p *parts) { p.policy.Workloads = p.policy.Workloads[1:] },
		func(p *parts) { p.policy.Ignorable = []control.Item{{Key: "host"}} },
		func(p *parts) { p.policy.Exceptions = []*policy.Exception{{Name: "e", Reason: "a"}} },
		func(p *parts) { p.policy.Exceptions = []*policy.Exception{{Name: "e", Reason: "b"}} },
	} {
		key := identity(change)
		if other, known := seen[key]; known {
			t.Errorf("the changes %d and %d have one identity", i, other)
		}
		seen[key] = i
	}
}

// BenchmarkRecall tells again what was told of files with ten findings each.
func BenchmarkRecall(b *testing.B) {
	var known kept
	var files []check.File
	for i := range 2000 {
		files = append(files, file(fmt.Sprint("f", i), pod("p", "", strings.Repeat("  - {name: c, bad: 1}\n", 10))))
	}
	c := checker(b, build(b, []target.Target{manifests}, "shop"), "")
	c.Recall(&known, c.Identity())
	c.Run(b.Context(), files, nil)
	b.ReportAllocs()
	for b.Loop() {
		if r := c.Run(b.Context(), files, nil); len(r.Findings) != 20_000 {
			b.Fatal(len(r.Findings))
		}
	}
}
