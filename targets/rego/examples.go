package rego

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
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
	control   *control.Control
	value     control.Value
}

func (s situation) restricts(id control.ID) bool {
	c, _ := control.Lookup(id)
	return c.Restricts(s.container.Get(id).Value)
}

// ownUsers says that the pods which keep to the policy have a user namespace of their own.
func (s situation) ownUsers() bool {
	return s.restricts(control.HostUsers) && s.policy.Platform.SinceKubernetes(userNamespaces)
}

// outside gives the first candidate that the control does not allow.
func (s situation) outside(candidates ...control.Item) (control.Item, bool) {
	i := slices.IndexFunc(candidates, func(it control.Item) bool {
		return !s.control.Within(control.Value{Items: []control.Item{it}}, s.value)
	})
	if i < 0 {
		return control.Item{}, false
	}
	return candidates[i], true
}

// examples are those of every control that is checked in a pod; for what a container states of profiles see profileKept,
// and for nodes nodetests.go.
var examples = map[control.ID]example{
	control.Privileged:      {breaks: always(inSecurity(tree{"privileged": true}))},
	control.HostProcess:     {breaks: always(inSecurity(tree{"windowsOptions": tree{"hostProcess": true}}))},
	control.HostNetwork:     {breaks: always(inSpec(tree{"hostNetwork": true}))},
	control.HostPID:         {breaks: always(inSpec(tree{"hostPID": true}))},
	control.HostIPC:         {breaks: always(inSpec(tree{"hostIPC": true}))},
	control.SharedProcesses: {breaks: always(inSpec(tree{"shareProcessNamespace": true}))},
	control.SubPaths:        {breaks: always(inContainer(mounted("/example", tree{"subPath": "example", "readOnly": true})))},
	control.KernelMounts:    {breaks: always(inContainer(mounted("/proc", tree{"readOnly": true})))},
	control.FilesystemWrite: {breaks: elements(func(pattern string) tree {
		return inContainer(mounted(strings.TrimSuffix(pattern, "**"), nil))
	}, "/example/**", "/**")},

	control.Escalation:       stated(inSecurity(tree{"allowPrivilegeEscalation": false}), inSecurity(tree{"allowPrivilegeEscalation": true})),
	control.ReadOnlyRoot:     stated(inSecurity(tree{"readOnlyRootFilesystem": true}), inSecurity(tree{"readOnlyRootFilesystem": false})),
	control.HostUsers:        stated(inSpec(tree{"hostUsers": false}), inSpec(tree{"hostUsers": nil})),
	control.RunAsNonRoot:     {keeps: nonRoot, breaks: func(s situation) []tree { return s.asRoot(false) }},
	control.RootInUserNS:     {keeps: nonRoot, breaks: func(s situation) []tree { return s.asRoot(true) }},
	control.CapabilitiesDrop: {keeps: dropped, breaks: always(inSecurity(tree{"capabilities": tree{"drop": []any{}}}))},
	control.CapabilitiesAdd: {breaks: elements(func(name string) tree {
		return inSecurity(tree{"capabilities": tree{"add": []any{name}}})
	}, "SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN", "EXAMPLE")},

	control.Users:              {breaks: numbered(func(n int64) tree { return inSecurity(tree{"runAsUser": n}) })},
	control.Groups:             {breaks: numbered(func(n int64) tree { return inSecurity(tree{"runAsGroup": n}) })},
	control.FSGroup:            {breaks: numbered(func(n int64) tree { return inPodSecurity(tree{"fsGroup": n}) })},
	control.SupplementalGroups: {breaks: numbered(func(n int64) tree { return inPodSecurity(tree{"supplementalGroups": []any{n}}) })},

	control.SELinuxTypes:     selinuxExample("type", "spc_t"),
	control.SELinuxUsers:     selinuxExample("user", "unconfined_u"),
	control.SELinuxRoles:     selinuxExample("role", "unconfined_r"),
	control.SeccompProfile:   {breaks: layers[0].otherProfiles},
	control.AppArmorProfile:  {breaks: layers[1].otherProfiles},
	control.CompiledProfiles: {breaks: anotherProfile},
	control.Tokens:           {keeps: func(situation) (tree, bool) { return withoutToken, true }, breaks: otherToken},
	control.Annotations:      {breaks: refusedAnnotation},
	control.Environment:      {breaks: refusedVariable},
	control.ProcMount:        {breaks: unmasked},
	control.Sysctls: {breaks: elements(func(name string) tree {
		return inPodSecurity(tree{"sysctls": []any{tree{"name": name, "value": "1"}}})
	}, free("kernel.core_pattern")...)},
	control.SysctlValues: {breaks: func(s situation) []tree {
		name := "kernel.example"
		if allowed := s.container.Get(control.Sysctls).Keys(); len(allowed) > 0 {
			name = strings.ReplaceAll(allowed[0], "*", "example")
		}
		return []tree{inPodSecurity(tree{"sysctls": []any{tree{"name": name, "value": "1 + 1"}}})}
	}},

	control.HostPorts: {breaks: otherPort},
	control.HostPaths: {breaks: always(tree{ // of the root, whoever may write there may write everywhere
		"spec":      tree{"volumes": []any{tree{"name": "example", "hostPath": tree{"path": "/"}}}},
		"container": mounted("/example", nil),
	})},
	control.HostProbes: {breaks: elements(func(host string) tree {
		return inContainer(tree{"livenessProbe": tree{"tcpSocket": tree{"host": host, "port": 80}}})
	}, free("169.254.169.254")...)},
	control.Volumes: {breaks: elements(func(kind string) tree {
		return inSpec(tree{"volumes": []any{tree{"name": "example", kind: tree{}}}})
	}, "nfs", "iscsi", "fc", "example")},
	control.SandboxRuntime: {
		keeps:  func(s situation) (tree, bool) { return inSpec(tree{"runtimeClassName": s.value.Text}), true },
		breaks: always(inSpec(tree{"runtimeClassName": nil})),
	},

	control.Memory:           limited("memory", "1"),
	control.CPU:              limited("cpu", "1m"),
	control.EphemeralStorage: limited("ephemeral-storage", "1"),
	control.Hugepages:        {breaks: otherPages},
	control.Probes:           {keeps: probed, breaks: notProbed},

	control.Registries:   {keeps: imageKept, breaks: otherImage},
	control.ImagesDenied: {keeps: imageKept, breaks: deniedImage},
	control.TagsDenied:   {keeps: imageKept, breaks: deniedTag},
	control.Digest:       {keeps: imageKept, breaks: imageByTag},
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
	items := make([]control.Item, len(candidates))
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
			if s.control.ID == control.Users && n == 0 && s.ownUsers() {
				continue // root in a user namespace is another control's
			}
			if !slices.ContainsFunc(s.value.Keys(), func(key string) bool {
				from, to, err := control.ParseIdentities(key)
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
	if s.value.Text == procMountInUserNamespace && s.restricts(control.HostUsers) {
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
	if !s.value.Has(control.APIServerToken) {
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
	var ranges []control.Port
	for _, key := range s.value.Keys() {
		if p, err := control.ParsePort(key); err == nil {
			ranges = append(ranges, p)
		}
	}
	for _, protocol := range []string{"tcp", "udp", "sctp"} {
		for n := 80; n <= 65535; n++ {
			if !slices.ContainsFunc(ranges, func(p control.Port) bool { return p.Protocol == protocol && p.From <= n && n <= p.To }) {
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
	var candidates []control.Item
	for _, size := range []string{"1Gi", "2Mi", "64Ki", "16Gi", "3Mi"} {
		candidates = append(candidates, control.Item{Key: size, Arg: "1Ei"})
	}
	it, found := s.outside(candidates...)
	if !found {
		return nil
	}
	return []tree{inContainer(tree{"resources": tree{"limits": tree{"hugepages-" + it.Key: it.Arg}}})}
}
