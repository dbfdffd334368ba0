package trial

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// workshop emits and loads artifacts of the policy and of its loosened forms,
// each once for all tests, which may run at the same time.
type workshop struct {
	policy      *policy.Policy
	targets     []target.Target
	gaps        []target.Gap
	environment target.Environment
	loosened    cache[*policy.Policy]
	emitted     cache[[]target.Artifact]
	judges      cache[target.Judge]
	bodies      cache[string] // of artifacts, by target, container and what is loosened
}

func newWorkshop(b *target.Build, environment target.Environment) *workshop {
	w := &workshop{policy: b.Policy, targets: b.Targets, gaps: b.Coverage.Gaps, environment: environment}
	_, _ = w.loosened.get("", func() (*policy.Policy, error) { return b.Policy, nil })
	for t, artifacts := range b.Artifacts {
		_, _ = w.emitted.get(t+"|", func() ([]target.Artifact, error) { return artifacts, nil })
	}
	return w
}

// cache keeps what was made, or why it could not be. Whoever asks for what another one makes
// waits for it.
type cache[V any] struct {
	mutex sync.Mutex
	known map[string]func() (V, error)
}

func (c *cache[V]) get(key string, make func() (V, error)) (V, error) {
	c.mutex.Lock()
	if c.known == nil {
		c.known = map[string]func() (V, error){}
	}
	value, ok := c.known[key]
	if !ok {
		value = sync.OnceValues(make)
		c.known[key] = value
	}
	c.mutex.Unlock()
	return value()
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
	p, _ := w.loosened.get(key(refs), func() (*policy.Policy, error) { return w.policy.Without(refs...), nil })
	return p
}

// emit gives a target's artifacts of the policy without some of its controls.
func (w *workshop) emit(t target.Target, without []control.Ref) ([]target.Artifact, error) {
	return w.emitted.get(t.Info().Name+"|"+key(without), func() ([]target.Artifact, error) {
		artifacts, err := target.Emit(t, w.without(without))
		if err != nil {
			return nil, fmt.Errorf("without %s: %w", key(without), err)
		}
		return artifacts, nil
	})
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
	return w.judges.get(t.Info().Name+"|"+w.contents(t, container, without, artifacts), func() (target.Judge, error) {
		j, err := t.Load(w.environment, own)
		if err != nil {
			return nil, fmt.Errorf("%s cannot read what it emitted: %w", t.Info().Name, err)
		}
		return j, nil
	})
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
	text, _ := w.bodies.get(t.Info().Name+"|"+container+"|"+key(without), func() (string, error) { return bodies(artifacts, container), nil })
	return text
}
