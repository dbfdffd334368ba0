package lang

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// What a test names and nobody knows would be some other container, target or
// namespace, of which a test often passes without effect. Containers and targets
// have to be known. Namespaces, labels and AppArmor profiles of strangers may be any, and so one is
// refused only where it is nearly one that the policy knows.

// namesKnown refuses misspelled names of tests.
func (p *Program) namesKnown(targets []string) hcl.Diagnostics {
	known := p.namesOf()
	var diags hcl.Diagnostics
	for _, t := range p.Tests {
		if t.Container != "" && !slices.Contains(known.containers, t.Container) && !slices.Contains(p.inFixtures(), t.Container) {
			diags = append(diags, errorf(&t.containerRange, "Unknown container", "No container is called %q.%s %s. Name one that a block or a manifest of a test names; a container without either is tested without the attribute.",
				t.Container, didYouMean(t.Container, known.containers), thereAre(known.containers)))
		}
		for _, it := range t.Targets {
			if len(targets) > 0 && !slices.Contains(targets, it.Key) {
				diags = append(diags, errorf(it.Range.Ptr(), "Unknown target", "No target is called %q.%s %s.", it.Key, didYouMean(it.Key, targets), thereAre(targets)))
			}
		}
		for _, a := range t.Attempts {
			diags = append(diags, known.attempt(a)...)
		}
	}
	return diags
}

func thereAre(names []string) string {
	if len(names) == 0 {
		return "There are none"
	}
	return "There are: " + join(names)
}

// knownNames are those that tests may mean.
type knownNames struct {
	containers, namespaces, keys []string
	values                       map[string][]string // of labels, by key
	policy                       string              // with which the names of its profiles begin
	profiles                     []string            // of AppArmor, and "unconfined"
}

// namesOf lists the names that the policy knows, each list sorted.
func (p *Program) namesOf() knownNames {
	containers, namespaces := map[string]bool{}, map[string]bool{"kube-system": true}
	labels := map[string]map[string]bool{}
	label := func(of map[string]string) {
		for key, value := range of {
			if labels[key] == nil {
				labels[key] = map[string]bool{}
			}
			labels[key][value] = true
		}
	}
	// What runs without a profile, and those that runtimes give by default.
	profiles := map[string]bool{"unconfined": true, "docker-default": true, "cri-containerd.apparmor.d": true, "crio-default": true}
	for c := range p.Policy.Subjects() {
		if profile.Unprofiled(c) == "" {
			profiles[profile.Name(p.Policy, c)] = true
		}
		if c.Name != policy.AnyContainer {
			containers[c.Name] = true
		}
		label(c.Workload.Match)
	}
	for _, c := range p.Document.Containers {
		containers[c.Name] = true
	}
	for _, ns := range p.Policy.Namespaces {
		namespaces[ns.Key] = true
	}
	for _, t := range p.Tests {
		for _, a := range t.Attempts {
			for _, peer := range a.peers {
				for _, ns := range peer.Namespaces {
					namespaces[ns] = true
				}
				label(peer.Labels)
			}
		}
	}
	out := knownNames{containers: sorted(containers), namespaces: sorted(namespaces), keys: slices.Sorted(maps.Keys(labels)), values: map[string][]string{},
		policy: profile.Prefix(p.Policy), profiles: sorted(profiles)}
	for key, values := range labels {
		out.values[key] = sorted(values)
	}
	return out
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// attempt refuses names in an attempt's ends, and in what an event says of its
// container, that are nearly known.
func (n knownNames) attempt(a *Attempt) hcl.Diagnostics {
	var diags hcl.Diagnostics
	refuse := func(field, what, given string, known []string) {
		if given == "" || slices.Contains(known, given) {
			return
		}
		if i := slices.IndexFunc(known, func(name string) bool { return isTypo(given, name) }); i >= 0 {
			at := a.ranges[field]
			diags = append(diags, errorf(&at, "Name nearly known", "No %s is called %q. Did you mean %q? If another one is meant, let a peer name it.", what, given, known[i]))
		}
	}
	switch v := a.Value.(type) {
	case attempt.Ptrace:
		return n.profile(a, v.Peer)
	case attempt.Signal:
		return n.profile(a, v.Peer)
	case attempt.Unix:
		return n.profile(a, v.Peer)
	case attempt.Mqueue:
		return n.profile(a, v.Peer)
	case attempt.IOUring:
		return n.profile(a, v.Peer)
	case attempt.Connection:
		for field, end := range map[string]attempt.End{"from": v.From, "to": v.To} {
			if end.Many != nil {
				continue // a name of the policy
			}
			refuse(field, "namespace", end.Namespace, n.namespaces)
			for key, value := range end.Labels {
				refuse(field, "label", key, n.keys)
				refuse(field, "value of the label "+key, value, n.values[key])
			}
		}
	case attempt.Event:
		namespace, _ := v.Fields["k8s.ns.name"].(string)
		refuse("fields", "namespace", namespace, n.namespaces)
		if container, _ := v.Fields["container.name"].(string); container != "main" { // what an unnamed one is called
			refuse("fields", "container", container, n.containers)
		}
	}
	return diags
}

// profile refuses the AppArmor profile of another process that is none of the policy's although its name says so, or that is nearly one
// that is known.
func (n knownNames) profile(a *Attempt, given string) hcl.Diagnostics {
	at := a.ranges["peer"]
	switch {
	case given == "" || slices.Contains(n.profiles, given):
	case strings.HasPrefix(given, n.policy+"."):
		own := slices.DeleteFunc(slices.Clone(n.profiles), func(name string) bool { return name != n.policy && !strings.HasPrefix(name, n.policy+".") })
		return hcl.Diagnostics{errorf(&at, "Unknown profile", "The policy compiles no AppArmor profile %q.%s %s.", given, didYouMean(given, own), thereAre(own))}
	default:
		for _, known := range n.profiles {
			if isTypo(given, known) {
				return hcl.Diagnostics{errorf(&at, "Name nearly known", "The peer %q is nearly the AppArmor profile %q. Did you mean %q?", given, known, known)}
			}
		}
	}
	return nil
}

// isTypo reports whether a name looks like a known one with a slip in it.
func isTypo(given, known string) bool {
	return strings.EqualFold(given, known) || hcltext.IsTypo(given, known)
}

// inFixtures lists the containers of the manifests that tests are made of. One that
// cannot be read is met again when it is judged.
func (p *Program) inFixtures() []string {
	if p.inManifests != nil {
		return p.inManifests
	}
	found, read := map[string]bool{}, map[string]bool{} // tests share fixtures
	for _, t := range p.Tests {
		for _, a := range t.Attempts {
			if a.Fixture == nil || a.Kind != attempt.KindManifest || read[a.Fixture.Name] {
				continue
			}
			read[a.Fixture.Name] = true
			limits := input.DefaultLimits()
			body, err := a.Fixture.Read(limits.Bytes)
			if err != nil {
				continue
			}
			docs, _ := input.Read(a.Fixture.Name, body, limits)
			for _, d := range docs {
				p.containersIn(d, found)
			}
		}
	}
	p.inManifests = append([]string{}, sorted(found)...)
	return p.inManifests
}

func (p *Program) containersIn(d *input.Document, found map[string]bool) {
	objects, _ := d.Objects(p.Policy.Platform.PodTemplatePaths())
	for _, o := range objects {
		for _, pod := range o.Pods() {
			for _, list := range []string{"containers", "initContainers", "ephemeralContainers"} {
				containers := pod.Node.Get("spec").Get(list)
				if containers == nil {
					continue
				}
				for _, c := range containers.Items {
					if name := c.Get("name"); name != nil {
						found[name.Text()] = true
					}
				}
			}
		}
	}
}
