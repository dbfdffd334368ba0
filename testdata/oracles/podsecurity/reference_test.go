// Package podsecurity holds the presets bulkhead:baseline and bulkhead:restricted
// to the code of Pod Security admission itself: to its own pods and to random
// ones, at every version. It is a module of its own, so that only its tests need
// Kubernetes' code.
package podsecurity

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	psa "k8s.io/pod-security-admission/policy"
)

// levels are the levels that refuse anything.
var levels = []api.Level{api.LevelBaseline, api.LevelRestricted}

// newest is the newest minor version whose pods the reference carries.
const newest = 37

// reference is what Pod Security admission does at a level and version: the checks
// that count, those of restricted in place of those that they override.
type reference struct {
	level  api.Level
	minor  int
	checks map[psa.CheckID]psa.CheckPodFn
	whole  psa.Evaluator
}

func newReference(t testing.TB, level api.Level, minor int) *reference {
	t.Helper()
	whole, err := psa.NewEvaluator(psa.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &reference{level, minor, map[psa.CheckID]psa.CheckPodFn{}, whole}
	version := api.MajorMinorVersion(1, minor)
	var overridden []psa.CheckID
	for _, check := range psa.DefaultChecks() {
		if check.Level == api.LevelRestricted && level != api.LevelRestricted {
			continue
		}
		for _, v := range slices.Backward(check.Versions) {
			if !version.Older(v.MinimumVersion) {
				r.checks[check.ID] = v.CheckPod
				overridden = append(overridden, v.OverrideCheckIDs...)
				break
			}
		}
	}
	for _, id := range overridden {
		delete(r.checks, id)
	}
	return r
}

// failing gives the checks that a pod fails, sorted.
func (r *reference) failing(t testing.TB, pod *corev1.Pod) []psa.CheckID {
	t.Helper()
	var out []psa.CheckID
	for id, check := range r.checks {
		if !check(&pod.ObjectMeta, &pod.Spec).Allowed {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	// The evaluator, which tells no ids, must count as many.
	failed := 0
	for _, result := range r.whole.EvaluatePod(api.LevelVersion{Level: r.level, Version: api.MajorMinorVersion(1, r.minor)}, &pod.ObjectMeta, &pod.Spec) {
		if !result.Allowed {
			failed++
		}
	}
	if failed != len(out) {
		t.Fatalf("%s at 1.%d: %v, but the reference counts %d", r.level, r.minor, out, failed)
	}
	return out
}

// completed is the pod as the API server shows it to admission. Two of its defaults
// are in what checks read: a volume without a source is an emptyDir (one of the
// reference's own pods rests on that), and in the node's network every port of a
// container is one of the node's. Manifests have none of this, and the rules that
// judge them read it so by themselves.
func completed(pod *corev1.Pod) *corev1.Pod {
	p := pod.DeepCopy()
	for i, v := range p.Spec.Volumes {
		if v.VolumeSource == (corev1.VolumeSource{}) {
			p.Spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	for _, list := range [][]corev1.Container{p.Spec.InitContainers, p.Spec.Containers} {
		for _, c := range list {
			for i, port := range c.Ports {
				if p.Spec.HostNetwork && port.HostPort == 0 {
					c.Ports[i].HostPort = port.ContainerPort
				}
			}
		}
	}
	return p
}
