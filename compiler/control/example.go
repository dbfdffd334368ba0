package control

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Patch is part of a pod as JSON: "metadata" and "spec", of the pod, and
// "container", one of its containers. In a change of a pod, null removes a field. Of a control
// over kubelets it is part of a KubeletConfiguration.
type Patch = map[string]any

// Example shows a control in pods. The tests that artifacts bring along, and the
// tests of the targets, are made of it.
type Example struct {
	// Good is what a pod must state to comply; false where nothing would do. Nil: a
	// pod that states nothing complies.
	Good func(Situation) (Patch, bool)
	// Own is like Good, for what only this container can state: its name is in it.
	Own func(Situation) Patch
	// Bad are changes of a pod that complies, each of which violates the control; none
	// where nothing that a pod may state does.
	Bad func(Situation) []Patch
}

// Situation is a control that restricts a container.
type Situation struct {
	Control   *Control
	Value     Value
	Container string // the name that the container has in examples
	// Get gives the value of another control in the container, and Restricts reports
	// whether it refuses anything.
	Get       func(ID) Value
	Restricts func(ID) bool
	// Since reports whether the platform's Kubernetes is 1.minor or newer.
	Since func(minor int) bool
	// Layer says which profile of a layer the container has.
	Layer func(*Control) Layer
}

// Layer is what a container is given of a layer that Control.Profile describes.
type Layer struct {
	Own      string // the name of the profile that would be compiled for it
	Compiled string // the name of the one that is; "" where none is
	OwnOnly  bool   // another profile of the node is refused
}

// outside gives the first candidate that the control does not allow.
func (s Situation) outside(candidates ...Item) (Item, bool) {
	i := slices.IndexFunc(candidates, func(it Item) bool {
		return !s.Control.Within(Value{Items: []Item{it}}, s.Value)
	})
	if i < 0 {
		return Item{}, false
	}
	return candidates[i], true
}

// Merge adds the fields of a patch to another, objects within objects.
func Merge(into, f Patch) {
	for k, v := range f {
		inner, isObject := v.(Patch)
		if !isObject {
			into[k] = v
			continue
		}
		outer, ok := into[k].(Patch)
		if !ok {
			outer = Patch{}
			into[k] = outer
		}
		Merge(outer, inner)
	}
}

func inContainer(f Patch) Patch { return Patch{"container": f} }

func inSecurity(f Patch) Patch { return inContainer(Patch{"securityContext": f}) }

func inSpec(f Patch) Patch { return Patch{"spec": f} }

func inPodSecurity(f Patch) Patch { return inSpec(Patch{"securityContext": f}) }

// kubelet is the example of one or more fields of a kubelet's configuration.
func kubelet(good Patch, bad ...Patch) Example {
	return Example{Good: func(Situation) (Patch, bool) { return good, true }, Bad: always(bad...)}
}

func annotated(key, value string) Patch {
	return Patch{"metadata": Patch{"annotations": Patch{key: value}}}
}

// mounted is the mount of a volume that need not exist: only where it lies is looked at.
func mounted(path string, more Patch) Patch {
	mount := Patch{"name": "example", "mountPath": path}
	maps.Copy(mount, more)
	return Patch{"volumeMounts": []any{mount}}
}

func always(changes ...Patch) func(Situation) []Patch {
	return func(Situation) []Patch { return changes }
}

// refuses is the example of what may not be stated.
func refuses(bad Patch) Example { return Example{Bad: always(bad)} }

// demands is the example of what must be stated in one way.
func demands(good, bad Patch) Example {
	return Example{Good: func(Situation) (Patch, bool) { return good, true }, Bad: always(bad)}
}

// elements changes a pod to ask for the first of some elements that is not allowed.
func elements(ask func(string) Patch, candidates ...string) func(Situation) []Patch {
	items := make([]Item, len(candidates))
	for i, key := range candidates {
		items[i].Key = key
	}
	return func(s Situation) []Patch {
		it, found := s.outside(items...)
		if !found {
			return nil
		}
		return []Patch{ask(it.Key)}
	}
}

// free are words that no list of names and prefixes is likely to allow all of, the
// first being the worst.
func free(worst string) []string {
	out := []string{worst}
	for c := 'a'; c <= 'z'; c++ {
		out = append(out, string(c)+"-example")
	}
	return out
}

func selinuxExample(part, worst string) Example {
	return Example{Bad: elements(func(name string) Patch { return inSecurity(Patch{"seLinuxOptions": Patch{part: name}}) }, free(worst)...)}
}

// numbered changes a pod to name the first number of a user or group that is not
// allowed.
func numbered(ask func(int64) Patch, candidates ...int64) func(Situation) []Patch {
	return func(s Situation) []Patch {
		for _, n := range candidates {
			if !slices.ContainsFunc(s.Value.Keys(), func(key string) bool {
				from, to, err := ParseIdentities(key)
				return err != nil || from <= n && n <= to
			}) {
				return []Patch{ask(n)}
			}
		}
		return nil
	}
}

// nobody is a number that no user and no group can have.
const nobody = 1 << 32

// limited is the example of a limit that must be stated, and that one step more exceeds.
func limited(name, step string) Example {
	limit := func(v any) Patch { return inContainer(Patch{"resources": Patch{"limits": Patch{name: v}}}) }
	return Example{
		Good: func(s Situation) (Patch, bool) {
			q, err := parseQuantity(s.Value.Text)
			if err != nil || q.Sign() <= 0 {
				return nil, false // 0 is no limit
			}
			if strings.HasSuffix(s.Value.Text, "u") || strings.HasSuffix(s.Value.Text, "n") {
				return limit(q.AsDec().String()), true // some readers do not know these suffixes
			}
			return limit(s.Value.Text), true
		},
		Bad: func(s Situation) []Patch {
			q := resource.MustParse(s.Value.Text)
			q.Add(resource.MustParse(step))
			return []Patch{limit(nil), limit(q.String())}
		},
	}
}
