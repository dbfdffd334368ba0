package terraform

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Tests writes tests of the module for `terraform test`: a pod that it lets pass,
// one that it refuses, and a list without a pod.
func (Target) Tests(p *policy.Policy) ([]target.Artifact, error) {
	var w bytes.Buffer
	if pod, ok := goodPod(p); ok {
		writeRun(&w, "a_pod_that_the_policy_allows", []cty.Value{pod}, nil)
	}
	if expected := failures(p); len(expected) > 0 && !spares(p) {
		writeRun(&w, "a_pod_that_asks_for_everything", []cty.Value{badPod(p)}, expected)
	}
	writeRun(&w, "nothing_to_hold_to_the_policy", []cty.Value{withoutPod}, []string{"terraform_data.input"})
	body := hclwrite.Format(bytes.TrimRight(w.Bytes(), "\n"))
	return []target.Artifact{*file(p, "tests/policy.tftest.hcl", string(body)+"\n")}, nil
}

func writeRun(w *bytes.Buffer, name string, resources []cty.Value, failures []string) {
	fmt.Fprintf(w, "run %q {\ncommand = plan\n\nvariables {\nresources = %s\n}\n", name, hclwrite.TokensForValue(tuple(resources)).Bytes())
	if len(failures) > 0 {
		fmt.Fprintf(w, "\nexpect_failures = [%s]\n", strings.Join(failures, ", "))
	}
	w.WriteString("}\n\n")
}

// withoutPod is a resource in which there is no pod, such as a service account.
var withoutPod = cty.ObjectVal(map[string]cty.Value{
	"metadata": tuple([]cty.Value{cty.ObjectVal(map[string]cty.Value{"name": text("example")})}),
})

func tuple(values []cty.Value) cty.Value { return cty.TupleVal(values) }

// subject is whom the pods of the tests are for: the first workload on Linux,
// else pods that no workload describes. Nil where those are refused.
func subject(p *policy.Policy) *policy.Workload {
	for _, w := range p.Workloads {
		if w.OS != "windows" {
			return w
		}
	}
	return p.Undeclared
}

// object is the attributes of an object; null ones are left out.
type object map[string]cty.Value

func (o object) value() cty.Value {
	for k, v := range o {
		if v == cty.NilVal {
			delete(o, k)
		}
	}
	return cty.ObjectVal(o)
}

// when gives the value only where something holds.
func when(holds bool, v cty.Value) cty.Value {
	if holds {
		return v
	}
	return cty.NilVal
}

func text(s string) cty.Value { return cty.StringVal(s) }

func texts(all []string) cty.Value {
	values := make([]cty.Value, len(all))
	for i, s := range all {
		values[i] = text(s)
	}
	return tuple(values)
}

// podOf makes a resource of a pod's spec, with annotations.
func podOf(p *policy.Policy, w *policy.Workload, spec cty.Value, annotations ...string) cty.Value {
	labels := map[string]cty.Value{}
	if w != nil {
		for k, v := range w.Match {
			labels[k] = text(v)
		}
	}
	notes := map[string]cty.Value{}
	for _, name := range annotations {
		notes[name] = text("example")
	}
	namespace := "default"
	if len(p.Namespaces) > 0 {
		namespace = p.Namespaces[0].Key
	}
	return cty.ObjectVal(map[string]cty.Value{"manifest": cty.ObjectVal(map[string]cty.Value{
		"apiVersion": text("v1"),
		"kind":       text("Pod"),
		"metadata":   cty.ObjectVal(map[string]cty.Value{"name": text("example"), "namespace": text(namespace), "labels": cty.ObjectVal(labels), "annotations": cty.ObjectVal(notes)}),
		"spec":       spec,
	})})
}

// goodPod makes a pod that keeps to the policy, if there can be one.
func goodPod(p *policy.Policy) (cty.Value, bool) {
	w := subject(p)
	if w == nil {
		return cty.NilVal, false
	}
	c := w.Container(policy.AnyContainer)
	name, okImage := goodImage(c)
	seccomp, okSeccomp := goodProfile(p, c, control.SeccompProfile)
	apparmor, okApparmor := goodProfile(p, c, control.AppArmorProfile)
	if !okImage || !okSeccomp || !okApparmor {
		return cty.NilVal, false
	}
	limits := object{}
	for id, name := range map[control.ID]string{control.Memory: "memory", control.CPU: "cpu", control.EphemeralStorage: "ephemeral-storage"} {
		limits[name] = when(restricts(c, id), text(c.Get(id).Text))
	}
	container := object{
		"name":  text(otherName(w)),
		"image": text(name),
		"securityContext": object{
			"allowPrivilegeEscalation": when(restricts(c, control.Escalation), cty.False),
			"readOnlyRootFilesystem":   when(restricts(c, control.ReadOnlyRoot), cty.True),
			"runAsNonRoot":             when(restricts(c, control.RunAsNonRoot) || restricts(c, control.RootInUserNS), cty.True),
			"capabilities":             when(restricts(c, control.CapabilitiesDrop), cty.ObjectVal(map[string]cty.Value{"drop": texts(c.Get(control.CapabilitiesDrop).Keys())})),
			"seccompProfile":           seccomp,
			"appArmorProfile":          apparmor,
		}.value(),
		"resources": cty.ObjectVal(map[string]cty.Value{"limits": limits.value()}),
	}
	for _, name := range c.Get(control.Probes).Keys() {
		container[name+"Probe"] = cty.ObjectVal(map[string]cty.Value{"tcpSocket": cty.ObjectVal(map[string]cty.Value{"port": cty.NumberIntVal(8080)})})
	}
	spec := object{"containers": tuple([]cty.Value{container.value()})}
	spec["automountServiceAccountToken"] = when(restricts(c, control.Tokens), cty.False)
	spec["hostUsers"] = when(restricts(c, control.HostUsers), cty.False)
	if classes := runtimeClasses[c.Get(control.SandboxRuntime).Text]; len(classes) > 0 {
		spec["runtimeClassName"] = text(classes[0])
	}
	return podOf(p, w, spec.value()), true
}

func restricts(c *policy.Container, id control.ID) bool {
	ctrl, _ := control.Lookup(id)
	return ctrl.Restricts(c.Get(id).Value)
}

// otherName is a name that no container block of the workload has.
func otherName(w *policy.Workload) string {
	name := "example"
	for slices.ContainsFunc(w.Containers, func(c *policy.Container) bool { return c.Name == name }) {
		name += "-x"
	}
	return name
}

// goodImage makes a reference that image.registries allows.
func goodImage(c *policy.Container) (string, bool) {
	name := "registry.example.com/example"
	if restricts(c, control.Registries) {
		patterns := c.Get(control.Registries).Keys()
		if len(patterns) == 0 {
			return "", false
		}
		host, path, _ := strings.Cut(patterns[0], "/")
		if rest, wild := strings.CutPrefix(host, "*."); wild {
			host = "registry." + rest
		}
		name = host + "/" + strings.ReplaceAll(path, "*", "example")
	}
	if slices.ContainsFunc(c.Get(control.ImagesDenied).Items, func(it control.Item) bool { return matches(it.Key, name) }) {
		return "", false
	}
	if restricts(c, control.Digest) || restricts(c, control.TagsDenied) {
		return name + "@sha256:" + strings.Repeat("0", 64), true
	}
	return name + ":1.0", true
}

// matches reports whether a pattern of repositories takes an image.
func matches(pattern, name string) bool {
	p, errPattern := image.ParsePattern(pattern)
	ref, errName := image.ParseReference(name)
	return errPattern != nil || errName != nil || p.Matches(ref)
}

// goodProfile makes the field of a profile of a kind that the policy allows.
func goodProfile(p *policy.Policy, c *policy.Container, id control.ID) (cty.Value, bool) {
	if own := profile.Localhost(p, id, c); own != "" && restricts(c, control.CompiledProfiles) {
		return cty.ObjectVal(map[string]cty.Value{"type": text("Localhost"), "localhostProfile": text(own)}), true
	}
	if !restricts(c, id) {
		return cty.NilVal, true
	}
	allowed := c.Get(id)
	switch {
	case allowed.Has(control.ProfileRuntimeDefault):
		return cty.ObjectVal(map[string]cty.Value{"type": text("RuntimeDefault")}), true
	case allowed.Has(control.ProfileLocalhost):
		return cty.ObjectVal(map[string]cty.Value{"type": text("Localhost"), "localhostProfile": text("example")}), true
	case allowed.Has(control.ProfileUnconfined):
		return cty.ObjectVal(map[string]cty.Value{"type": text("Unconfined")}), true
	}
	return cty.NilVal, allowed.Has(control.ProfileUnset)
}

// badPod makes a pod that asks for what most policies refuse. It states no
// limits, and nothing that a policy may demand.
func badPod(p *policy.Policy) cty.Value {
	yes, one := cty.True, cty.NumberIntVal(1)
	zero := cty.NumberIntVal(0)
	unconfined := cty.ObjectVal(map[string]cty.Value{"type": text("Unconfined")})
	var variables []cty.Value
	for _, name := range refused(p, control.Environment) {
		variables = append(variables, cty.ObjectVal(map[string]cty.Value{"name": text(name)}))
	}
	container := object{
		"name":  text("example"),
		"image": text(worst[control.Registries].Key + ":" + append(refused(p, control.TagsDenied), "latest")[0]),
		"securityContext": object{
			"privileged": yes, "procMount": text("Unmasked"), "runAsUser": zero, "runAsGroup": zero,
			"seccompProfile": unconfined, "appArmorProfile": unconfined,
			"capabilities":   cty.ObjectVal(map[string]cty.Value{"add": texts([]string{worst[control.CapabilitiesAdd].Key})}),
			"windowsOptions": cty.ObjectVal(map[string]cty.Value{"hostProcess": yes}),
			"seLinuxOptions": cty.ObjectVal(map[string]cty.Value{
				"type": text(worst[control.SELinuxTypes].Key), "user": text(worst[control.SELinuxUsers].Key), "role": text(worst[control.SELinuxRoles].Key),
			}),
		}.value(),
		"ports": tuple([]cty.Value{cty.ObjectVal(map[string]cty.Value{"containerPort": one, "hostPort": one})}),
		"lifecycle": cty.ObjectVal(map[string]cty.Value{"preStop": cty.ObjectVal(map[string]cty.Value{"tcpSocket": cty.ObjectVal(map[string]cty.Value{
			"host": text(worst[control.HostProbes].Key), "port": one,
		})})}),
		"resources": cty.ObjectVal(map[string]cty.Value{"limits": cty.ObjectVal(map[string]cty.Value{
			"hugepages-" + worst[control.Hugepages].Key: text(worst[control.Hugepages].Arg),
		})}),
		"env":          tuple(variables),
		"volumeMounts": tuple([]cty.Value{cty.ObjectVal(map[string]cty.Value{"name": text("node"), "mountPath": text("/proc"), "subPath": text("example")})}),
	}
	spec := object{
		"hostNetwork": yes, "hostPID": yes, "hostIPC": yes, "shareProcessNamespace": yes,
		"securityContext": cty.ObjectVal(map[string]cty.Value{
			"fsGroup": zero, "supplementalGroups": tuple([]cty.Value{zero}),
			"sysctls": tuple([]cty.Value{cty.ObjectVal(map[string]cty.Value{"name": text(worst[control.Sysctls].Key), "value": text("1 + 1")})}),
		}),
		"automountServiceAccountToken": cty.False, // what the projected one is for is refused
		"volumes": tuple([]cty.Value{cty.ObjectVal(map[string]cty.Value{
			"name": text("node"), "hostPath": cty.ObjectVal(map[string]cty.Value{"path": text("/")}),
		}), cty.ObjectVal(map[string]cty.Value{
			"name": text("token"), "projected": cty.ObjectVal(map[string]cty.Value{"sources": tuple([]cty.Value{cty.ObjectVal(map[string]cty.Value{
				"serviceAccountToken": cty.ObjectVal(map[string]cty.Value{"audience": text(worst[control.Tokens].Key), "path": text("token")}),
			})})}),
		})}),
		"containers": tuple([]cty.Value{container.value()}),
	}
	var denied []cty.Value
	for _, name := range refused(p, control.ImagesDenied) {
		denied = append(denied, cty.ObjectVal(map[string]cty.Value{"name": text("example"), "image": text(name)}))
	}
	spec["initContainers"] = when(len(denied) > 0, tuple(denied))
	return podOf(p, subject(p), spec.value(), refused(p, control.Annotations)...)
}

// refused are names that a control refuses to the pods of the tests.
func refused(p *policy.Policy, id control.ID) []string {
	if w := subject(p); w != nil {
		names := w.Container("example").Get(id).Keys()
		for i, name := range names {
			names[i] = strings.ReplaceAll(name, "*", "example")
		}
		return names
	}
	return nil
}

// worst is what badPod asks for of each grant.
var worst = map[control.ID]control.Item{
	control.Users:              {Key: "0"},
	control.Groups:             {Key: "0"},
	control.FSGroup:            {Key: "0"},
	control.SupplementalGroups: {Key: "0"},
	control.SELinuxTypes:       {Key: "spc_t"},
	control.SELinuxUsers:       {Key: "unconfined_u"},
	control.SELinuxRoles:       {Key: "unconfined_r"},
	control.AppArmorProfile:    {Key: control.ProfileUnconfined},
	control.SeccompProfile:     {Key: control.ProfileUnconfined},
	control.Sysctls:            {Key: "kernel.core_pattern"},
	control.Tokens:             {Key: "example.invalid"},
	control.CapabilitiesAdd:    {Key: "SYS_ADMIN"},
	control.HostPorts:          {Key: "tcp/1"},
	control.HostPaths:          {Key: "/", Arg: "write"},
	control.HostProbes:         {Key: "169.254.169.254"},
	control.Hugepages:          {Key: "1Gi", Arg: "1Ei"},
	control.FilesystemWrite:    {Key: "/proc/**"},
	control.Volumes:            {Key: "hostPath"},
	control.Registries:         {Key: "registry.invalid/example"},
}

// failures are the addresses of the conditions that badPod fails.
func failures(p *policy.Policy) []string {
	var addresses []string
	w := subject(p)
	for _, check := range checks {
		c, _ := control.Lookup(check.id)
		enforced, reported := p.Settings[check.id].Value, c.Loosest
		switch {
		case c.Scope == control.OfPolicy && w != nil && w.Name != "":
			enforced = c.Loosest // the pod is of a workload
		case c.Scope != control.OfPolicy && w != nil:
			s := w.Container("example").Get(check.id)
			enforced, reported = s.Value, c.Loosest
			if s.Warn != nil {
				enforced, reported = c.Loosest, s.Value
			}
		}
		if violates(c, enforced) && !slices.Contains(addresses, "terraform_data.controls") {
			addresses = append(addresses, "terraform_data.controls")
		}
		if violates(c, reported) {
			addresses = append(addresses, "check."+localName(c.ID))
		}
	}
	slices.Sort(addresses)
	return addresses
}

// violates reports whether badPod asks for more than a value allows.
func violates(c *control.Control, v control.Value) bool {
	if !c.Restricts(v) || c.ID == control.RootInUserNS { // the pod shares the node's users
		return false
	}
	if c.Order == control.AllowSet {
		return !c.Within(control.Value{Items: []control.Item{worst[c.ID]}}, v)
	}
	return true
}
