package rego

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// tree is an object of JSON. At the top of an example it has "metadata" and "spec", of a pod, and
// "container"; null takes away what the rest of the example states.
type tree = map[string]any

// example shows one control in pods, for the tests that a bundle brings along.
type example struct {
	// keeps is what a container and its pod have to state; false where nothing would do. Nil: nothing need be stated.
	keeps func(situation) (tree, bool)
	// breaks are changes of a pod that keeps to the policy, each of which the control must refuse; none where the control
	// refuses nothing here.
	breaks func(situation) []tree
}

// situation is a control in a container that it restricts.
type situation struct {
	policy    *policy.Policy
	container *policy.Container
	control   *policy.Control
	value     policy.Value
}

func (s situation) restricts(id policy.ID) bool {
	c, _ := policy.Lookup(id)
	return c.Restricts(s.container.Get(id).Value)
}

// ownUsers says that the pods which keep to the policy have a user namespace of their own.
func (s situation) ownUsers() bool {
	return s.restricts(policy.HostUsers) && s.policy.Platform.SinceKubernetes(userNamespaces)
}

// outside gives the first candidate that the control does not allow.
func (s situation) outside(candidates ...policy.Item) (policy.Item, bool) {
	i := slices.IndexFunc(candidates, func(it policy.Item) bool {
		return !s.control.Within(policy.Value{Items: []policy.Item{it}}, s.value)
	})
	if i < 0 {
		return policy.Item{}, false
	}
	return candidates[i], true
}

// examples are those of every control that is checked in a pod; for what a container states of profiles see profileKept,
// and for nodes nodetests.go.
var examples = map[policy.ID]example{
	policy.Privileged:      {breaks: always(inSecurity(tree{"privileged": true}))},
	policy.HostProcess:     {breaks: always(inSecurity(tree{"windowsOptions": tree{"hostProcess": true}}))},
	policy.HostNetwork:     {breaks: always(inSpec(tree{"hostNetwork": true}))},
	policy.HostPID:         {breaks: always(inSpec(tree{"hostPID": true}))},
	policy.HostIPC:         {breaks: always(inSpec(tree{"hostIPC": true}))},
	policy.SharedProcesses: {breaks: always(inSpec(tree{"shareProcessNamespace": true}))},
	policy.SubPaths:        {breaks: always(inContainer(mounted("/example", tree{"subPath": "example", "readOnly": true})))},
	policy.KernelMounts:    {breaks: always(inContainer(mounted("/proc", tree{"readOnly": true})))},
	policy.FilesystemWrite: {breaks: elements(func(pattern string) tree {
		return inContainer(mounted(strings.TrimSuffix(pattern, "**"), nil))
	}, "/example/**", "/**")},

	policy.Escalation:       stated(inSecurity(tree{"allowPrivilegeEscalation": false}), inSecurity(tree{"allowPrivilegeEscalation": true})),
	policy.ReadOnlyRoot:     stated(inSecurity(tree{"readOnlyRootFilesystem": true}), inSecurity(tree{"readOnlyRootFilesystem": false})),
	policy.HostUsers:        stated(inSpec(tree{"hostUsers": false}), inSpec(tree{"hostUsers": nil})),
	policy.RunAsNonRoot:     {keeps: nonRoot, breaks: func(s situation) []tree { return s.asRoot(false) }},
	policy.RootInUserNS:     {keeps: nonRoot, breaks: func(s situation) []tree { return s.asRoot(true) }},
	policy.CapabilitiesDrop: {keeps: dropped, breaks: always(inSecurity(tree{"capabilities": tree{"drop": []any{}}}))},
	policy.CapabilitiesAdd: {breaks: elements(func(name string) tree {
		return inSecurity(tree{"capabilities": tree{"add": []any{name}}})
	}, "SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN", "EXAMPLE")},

	policy.Users:              {breaks: numbered(func(n int64) tree { return inSecurity(tree{"runAsUser": n}) })},
	policy.Groups:             {breaks: numbered(func(n int64) tree { return inSecurity(tree{"runAsGroup": n}) })},
	policy.FSGroup:            {breaks: numbered(func(n int64) tree { return inPodSecurity(tree{"fsGroup": n}) })},
	policy.SupplementalGroups: {breaks: numbered(func(n int64) tree { return inPodSecurity(tree{"supplementalGroups": []any{n}}) })},

	policy.SELinuxTypes:     selinuxExample("type", "spc_t"),
	policy.SELinuxUsers:     selinuxExample("user", "unconfined_u"),
	policy.SELinuxRoles:     selinuxExample("role", "unconfined_r"),
	policy.SeccompProfile:   {breaks: layers[0].otherProfiles},
	policy.AppArmorProfile:  {breaks: layers[1].otherProfiles},
	policy.CompiledProfiles: {breaks: anotherProfile},
	policy.Tokens:           {keeps: func(situation) (tree, bool) { return withoutToken, true }, breaks: otherToken},
	policy.Annotations:      {breaks: refusedAnnotation},
	policy.Environment:      {breaks: refusedVariable},
	policy.ProcMount:        {breaks: unmasked},
	policy.Sysctls: {breaks: elements(func(name string) tree {
		return inPodSecurity(tree{"sysctls": []any{tree{"name": name, "value": "1"}}})
	}, free("kernel.core_pattern")...)},
	policy.SysctlValues: {breaks: func(s situation) []tree {
		name := "kernel.example"
		if allowed := s.container.Get(policy.Sysctls).Keys(); len(allowed) > 0 {
			name = strings.ReplaceAll(allowed[0], "*", "example")
		}
		return []tree{inPodSecurity(tree{"sysctls": []any{tree{"name": name, "value": "1 + 1"}}})}
	}},

	policy.HostPorts: {breaks: otherPort},
	policy.HostPaths: {breaks: always(tree{ // of the root, whoever may write there may write everywhere
		"spec":      tree{"volumes": []any{tree{"name": "example", "hostPath": tree{"path": "/"}}}},
		"container": mounted("/example", nil),
	})},
	policy.HostProbes: {breaks: elements(func(host string) tree {
		return inContainer(tree{"livenessProbe": tree{"tcpSocket": tree{"host": host, "port": 80}}})
	}, free("169.254.169.254")...)},
	policy.Volumes: {breaks: elements(func(kind string) tree {
		return inSpec(tree{"volumes": []any{tree{"name": "example", kind: tree{}}}})
	}, "nfs", "iscsi", "fc", "example")},
	policy.SandboxRuntime: {
		keeps:  func(s situation) (tree, bool) { return inSpec(tree{"runtimeClassName": s.value.Text}), true },
		breaks: always(inSpec(tree{"runtimeClassName": nil})),
	},

	policy.Memory:           limited("memory", "1"),
	policy.CPU:              limited("cpu", "1m"),
	policy.EphemeralStorage: limited("ephemeral-storage", "1"),
	policy.Hugepages:        {breaks: otherPages},
	policy.Probes:           {keeps: probed, breaks: notProbed},

	policy.Registries:   {keeps: imageKept, breaks: otherImage},
	policy.ImagesDenied: {keeps: imageKept, breaks: deniedImage},
	policy.TagsDenied:   {keeps: imageKept, breaks: deniedTag},
	policy.Digest:       {keeps: imageKept, breaks: imageByTag},
}

func inContainer(f tree) tree { return tree{"container": f} }

func inSecurity(f tree) tree { return inContainer(tree{"securityContext": f}) }

func inSpec(f tree) tree { return tree{"spec": f} }

func inPodSecurity(f tree) tree { return inSpec(tree{"securityContext": f}) }

// mounted is the mount of a volume that need not exist: only where it lies is looked at.
func mounted(path string, more tree) tree {
	mount := tree{"name": "example", "mountPath": path}
	maps.Copy(mount, more)
	return tree{"volumeMounts": []any{mount}}
}

func always(changes ...tree) func(situation) []tree {
	return func(situation) []tree { return changes }
}

// stated is the example of what has to be stated in one way.
func stated(good, bad tree) example {
	return example{keeps: func(situation) (tree, bool) { return good, true }, breaks: always(bad)}
}

// elements changes a pod to ask for the first of some elements that is not allowed.
func elements(ask func(string) tree, candidates ...string) func(situation) []tree {
	items := make([]policy.Item, len(candidates))
	for i, key := range candidates {
		items[i].Key = key
	}
	return func(s situation) []tree {
		it, found := s.outside(items...)
		if !found {
			return nil
		}
		return []tree{ask(it.Key)}
	}
}

// free are words that no list of names and prefixes is likely to allow all of, the first being the worst.
func free(worst string) []string {
	out := []string{worst}
	for c := 'a'; c <= 'z'; c++ {
		out = append(out, string(c)+"-example")
	}
	return out
}

func selinuxExample(part, worst string) example {
	return example{breaks: elements(func(name string) tree { return inSecurity(tree{"seLinuxOptions": tree{part: name}}) }, free(worst)...)}
}

// numbered changes a pod to name a number of a user or group that is not allowed: root, or one that nobody has.
func numbered(ask func(int64) tree) func(situation) []tree {
	return func(s situation) []tree {
		for _, n := range []int64{0, 1, 1 << 32} {
			if s.control.ID == policy.Users && n == 0 && s.ownUsers() {
				continue // root in a user namespace is another control's
			}
			if !slices.ContainsFunc(s.value.Keys(), func(key string) bool {
				from, to, err := policy.ParseIdentities(key)
				return err != nil || from <= n && n <= to
			}) {
				return []tree{ask(n)}
			}
		}
		return nil
	}
}

func nonRoot(situation) (tree, bool) { return inSecurity(tree{"runAsNonRoot": true}), true }

// asRoot runs a container as root, in a user namespace of its pod or in that of the node.
func (s situation) asRoot(ownUsers bool) []tree {
	change := inSecurity(tree{"runAsNonRoot": nil})
	if ownUsers && !s.policy.Platform.SinceKubernetes(userNamespaces) {
		return nil
	}
	if ownUsers != s.ownUsers() {
		change["spec"] = tree{"hostUsers": !ownUsers}
	}
	return []tree{change}
}

func unmasked(s situation) []tree {
	change := inSecurity(tree{"procMount": "Unmasked"})
	if s.value.Text == procMountInUserNamespace && s.restricts(policy.HostUsers) {
		change["spec"] = tree{"hostUsers": true}
	}
	return []tree{change}
}

var withoutToken = inSpec(tree{"automountServiceAccountToken": false})

// otherToken gives a pod a token that it may not have: the API server's, and one for somebody else.
func otherToken(s situation) []tree {
	out := elements(func(audience string) tree {
		source := tree{"serviceAccountToken": tree{"audience": audience, "path": "token"}}
		return inSpec(tree{"volumes": []any{tree{"name": "example", "projected": tree{"sources": []any{source}}}}})
	}, free("example")...)(s)
	if !s.value.Has(policy.APIServerToken) {
		out = append(out, inSpec(tree{"automountServiceAccountToken": nil}))
	}
	return out
}

func probed(s situation) (tree, bool) {
	probes := tree{}
	for _, name := range s.value.Keys() {
		probes[name+"Probe"] = tree{"tcpSocket": tree{"port": 80}}
	}
	return inContainer(probes), true
}

func notProbed(s situation) (out []tree) {
	for _, name := range s.value.Keys() {
		out = append(out, inContainer(tree{name + "Probe": nil}))
	}
	return out
}

func dropped(s situation) (tree, bool) {
	var names []any
	for _, name := range s.value.Keys() {
		names = append(names, name)
	}
	return inSecurity(tree{"capabilities": tree{"drop": names}}), true
}

// otherPort asks for the first port of the node that is not allowed.
func otherPort(s situation) []tree {
	var ranges []policy.Port
	for _, key := range s.value.Keys() {
		if p, err := policy.ParsePort(key); err == nil {
			ranges = append(ranges, p)
		}
	}
	for _, protocol := range []string{"tcp", "udp", "sctp"} {
		for n := 80; n <= 65535; n++ {
			if !slices.ContainsFunc(ranges, func(p policy.Port) bool { return p.Protocol == protocol && p.From <= n && n <= p.To }) {
				return []tree{inContainer(tree{"ports": []any{
					tree{"containerPort": n, "hostPort": n, "protocol": strings.ToUpper(protocol)},
				}})}
			}
		}
	}
	return nil
}

// limited is the example of a limit that has to be stated, and that one step more exceeds.
func limited(name, step string) example {
	limit := func(v any) tree { return inContainer(tree{"resources": tree{"limits": tree{name: v}}}) }
	return example{
		keeps: func(s situation) (tree, bool) {
			q, err := resource.ParseQuantity(s.value.Text)
			if err != nil || q.Sign() <= 0 {
				return nil, false // 0 is no limit
			}
			if strings.HasSuffix(s.value.Text, "u") || strings.HasSuffix(s.value.Text, "n") {
				return limit(q.AsDec().String()), true // whom the rules do not read
			}
			return limit(s.value.Text), true
		},
		breaks: func(s situation) []tree {
			q := resource.MustParse(s.value.Text)
			q.Add(resource.MustParse(step))
			return []tree{limit(nil), limit(q.String())}
		},
	}
}

// otherPages asks for huge pages that are not allowed: of another size, or too many.
func otherPages(s situation) []tree {
	var candidates []policy.Item
	for _, size := range []string{"1Gi", "2Mi", "64Ki", "16Gi", "3Mi"} {
		candidates = append(candidates, policy.Item{Key: size, Arg: "1Ei"})
	}
	it, found := s.outside(candidates...)
	if !found {
		return nil
	}
	return []tree{inContainer(tree{"resources": tree{"limits": tree{"hugepages-" + it.Key: it.Arg}}})}
}
