package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// workshop emits and loads artifacts of the policy and of its loosened forms,
// each once for all tests.
type workshop struct {
	policy      *policy.Policy
	targets     []target.Target
	gaps        []target.Gap
	environment target.Environment
	loosened    map[string]*policy.Policy
	emitted     map[string][]target.Artifact
	judges      map[string]target.Judge
	bodies      map[string]string // of artifacts, by target, container and what is loosened
}

func newWorkshop(b *target.Build, environment target.Environment) *workshop {
	w := &workshop{
		policy: b.Policy, targets: b.Targets, gaps: b.Coverage.Gaps, environment: environment,
		loosened: map[string]*policy.Policy{"": b.Policy}, emitted: map[string][]target.Artifact{}, judges: map[string]target.Judge{}, bodies: map[string]string{},
	}
	for t, artifacts := range b.Artifacts {
		w.emitted[t+"|"] = artifacts
	}
	return w
}

func key(refs []control.Ref) string {
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = r.String()
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

func (w *workshop) without(refs []control.Ref) *policy.Policy {
	k := key(refs)
	if p, ok := w.loosened[k]; ok {
		return p
	}
	w.loosened[k] = w.policy.Without(refs...)
	return w.loosened[k]
}

// emit gives a target's artifacts of the policy without some of its controls.
func (w *workshop) emit(t target.Target, without []control.Ref) ([]target.Artifact, error) {
	k := t.Info().Name + "|" + key(without)
	if artifacts, ok := w.emitted[k]; ok {
		return artifacts, nil
	}
	artifacts, err := target.Emit(t, w.without(without))
	if err != nil {
		return nil, fmt.Errorf("without %s: %w", key(without), err)
	}
	w.emitted[k] = artifacts
	return artifacts, nil
}

// judge loads the artifacts that are for a container. Nil means that there are
// none. Artifacts that are equal share a judge.
func (w *workshop) judge(t target.Judger, container string, without []control.Ref) (target.Judge, error) {
	artifacts, err := w.emit(t, without)
	if err != nil {
		return nil, err
	}
	own := artifactsFor(artifacts, container)
	if len(own) == 0 {
		return nil, nil
	}
	k := t.Info().Name + "|" + w.contents(t, container, without, artifacts)
	if j, ok := w.judges[k]; ok {
		return j, nil
	}
	j, err := t.Load(w.environment, own)
	if err != nil {
		return nil, fmt.Errorf("%s cannot read what it emitted: %w", t.Info().Name, err)
	}
	w.judges[k] = j
	return j, nil
}

func artifactsFor(artifacts []target.Artifact, container string) []target.Artifact {
	if container == "" {
		return artifacts
	}
	return slices.DeleteFunc(slices.Clone(artifacts), func(a target.Artifact) bool { return !a.For(container) })
}

// bodies is what distinguishes the artifacts that are for a container.
func bodies(artifacts []target.Artifact, container string) string {
	var b strings.Builder
	for _, a := range artifactsFor(artifacts, container) {
		fmt.Fprintf(&b, "%s\x00%s\x00", a.Path, a.Body)
	}
	return b.String()
}

// inContext makes an attempt in the container of a cell, where the attempt
// identifies its container.
func (w *workshop) inContext(a attempt.Attempt, c cell) attempt.Attempt {
	if contained, ok := a.(attempt.Contained); ok && c.in != nil {
		return contained.In(*c.in)
	}
	return a
}

// contents gives the bodies of the artifacts that a target emits for a container, worked out once: the parts of one attempt ask for them again
// and again.
func (w *workshop) contents(t target.Target, container string, without []control.Ref, artifacts []target.Artifact) string {
	k := t.Info().Name + "|" + container + "|" + key(without)
	text, ok := w.bodies[k]
	if !ok {
		text = bodies(artifacts, container)
		w.bodies[k] = text
	}
	return text
}
