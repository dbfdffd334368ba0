package podsecurity

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	psa "k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// moduleDir is where the reference's module lies, with the pods that its own tests
// are held to.
func moduleDir(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// fixture is one pod of the reference.
type fixture struct {
	name string
	body []byte
	pod  *corev1.Pod
	pass bool
}

func fixturesOf(t testing.TB, dir string, level api.Level, minor int) []fixture {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "test", "testdata", string(level), fmt.Sprintf("v1.%d", minor), "*", "*.yaml"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d pods of %s at 1.%d: %v", len(files), level, minor, err)
	}
	var out []fixture
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pod := &corev1.Pod{}
		if err := yaml.UnmarshalStrict(body, pod); err != nil {
			t.Fatal(file, err)
		}
		way := filepath.Base(filepath.Dir(file))
		out = append(out, fixture{fmt.Sprintf("%s 1.%d %s/%s", level, minor, way, filepath.Base(file)), body, pod, way == "pass"})
	}
	return out
}

// each calls a function for every level and version, a few at a time.
func each(t *testing.T, f func(level api.Level, minor int)) {
	var wg sync.WaitGroup
	slots := make(chan bool, 4)
	for _, level := range levels {
		for minor := range newest + 1 {
			wg.Go(func() {
				slots <- true
				defer func() { <-slots }()
				f(level, minor)
			})
		}
	}
	wg.Wait()
}

// Every pod that the reference's module carries, at every version: the verdict and
// the checks that fail are the reference's, and those of the file's own name.
func TestFixtures(t *testing.T) {
	t.Parallel()
	dir := moduleDir(t)
	p := regoPresets()
	var count atomic.Int64
	each(t, func(level api.Level, minor int) {
		r, j := newReference(t, level, minor), p.judge(t, level, minor)
		for _, f := range fixturesOf(t, dir, level, minor) {
			count.Add(1)
			want := r.failing(t, completed(f.pod))
			if (len(want) == 0) != f.pass {
				t.Errorf("%s: the reference itself finds %v", f.name, want)
			}
			if got := j.failing(t, r, f.body); !slices.Equal(got, want) {
				t.Errorf("%s: %v, the reference %v", f.name, got, want)
			}
		}
	})
	t.Logf("%d pods, %d different bundles", count.Load(), len(p.loaded))
	if count.Load() < 4500 {
		t.Errorf("%d pods, want over 4,500", count.Load())
	}
}

// The same by Terraform, at the versions that differ most.
func TestFixturesInPlans(t *testing.T) {
	t.Parallel()
	dir := moduleDir(t)
	p := terraformPresets()
	each(t, func(level api.Level, minor int) {
		if !nightly() && !slices.Contains([]int{0, 18, 24, 34, newest}, minor) {
			return
		}
		r, j := newReference(t, level, minor), p.judge(t, level, minor)
		for _, f := range fixturesOf(t, dir, level, minor) {
			want := alike(r.minor, f.pod, r.failing(t, completed(f.pod)))
			if got := alike(r.minor, f.pod, j.failing(t, r, manifest(t, f.pod))); !slices.Equal(got, want) {
				t.Errorf("%s: %v, the reference %v", f.name, got, want)
			}
		}
	})
}

// alike makes one of two checks that a Terraform module does not tell apart: in a
// user namespace both are root_in_user_namespace.
func alike(minor int, pod *corev1.Pod, ids []psa.CheckID) []psa.CheckID {
	if pod.Spec.HostUsers == nil || *pod.Spec.HostUsers || minor < 25 {
		return ids
	}
	out := slices.Clone(ids)
	for i, id := range out {
		if id == "runAsUser" {
			out[i] = "runAsNonRoot"
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
