package policy

import "sync"

// derived keeps what was made of a policy, which does not change.
type derived struct {
	of    *Policy // a copy of the policy is another one, of which nothing is known yet
	mutex sync.Mutex
	known map[any]any
}

// finished marks a policy that is not changed any more.
func (p *Policy) finished() *Policy {
	p.derived = &derived{of: p, known: map[any]any{}}
	return p
}

// Derived gives what make gives of a policy, and makes it once for each key. It must depend on the policy and the key
// alone, and nobody may change it. Keys are of a type of the caller's own.
func Derived[K comparable, V any](p *Policy, key K, make func() V) V {
	d := p.derived
	if d == nil || d.of != p {
		return make()
	}
	d.mutex.Lock()
	v, ok := d.known[key]
	d.mutex.Unlock()
	if ok {
		return v.(V)
	}
	made := make()
	d.mutex.Lock()
	d.known[key] = made
	d.mutex.Unlock()
	return made
}

// WithProfiles gives a copy of the policy for which these profiles are compiled.
func (p *Policy) WithProfiles(profiles []CompiledProfiles) *Policy {
	q := *p
	q.Profiles = profiles
	return q.finished()
}
