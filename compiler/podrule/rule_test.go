package podrule

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

var (
	privileged = Rule{Over: Containers, Field: "securityContext.privileged", Shape: Flag, Message: "privileged must not be true"}
	hostUsers  = Rule{Over: LinuxPods, Field: "hostUsers", Shape: Flag, Message: "hostUsers must be false"}
	nonRoot    = Rule{Over: Containers, Field: "securityContext.runAsNonRoot", Shape: Flag, Good: true, When: NodeUsers, Message: "runAsNonRoot must be true"}
	user       = Rule{Over: Containers, Field: "securityContext.runAsUser", Shape: Member, Excuse: RootInOwnUsers, Message: "runAsUser must not be %v"}
	notRoot    = Rule{Over: Containers, Field: "securityContext.runAsUser", Shape: Member, When: OwnUsers, Value: Value{Kind: Ranges, Ranges: [][2]int64{{1, math.MaxUint32}}}, Message: "runAsUser must not be %v"}
	sysctl     = Rule{Over: Pods, Field: "securityContext.sysctls[].name", Shape: Member, Message: "sysctls must not set %v", Missing: "sysctls has an entry without a name"}
	seccomp    = Rule{Over: Containers, Field: "securityContext.seccompProfile.type", Shape: Member, Excuse: UnsetOnWindows, Message: "seccompProfile.type must not be %v", Missing: "no seccomp profile is set; use %s"}
	subPath    = Rule{Over: Containers, Field: SubPaths, Shape: Member, Value: Value{Kind: Set}, Message: "subPath must not be set; it is %v"}
	memory     = Rule{Over: LastingContainers, Field: "resources.limits.memory", Shape: Limit}
	registry   = Rule{Over: Containers, Field: "image", Shape: Image, Part: Name, Message: "image %v is from a registry that is not allowed"}
	volume     = Rule{Over: Pods, Field: "volumes[].image.reference", Shape: Image, Part: Name, Message: "image %v is from a registry that is not allowed"}
	tag        = Rule{Over: Containers, Field: "image", Shape: Image, Part: Tag, Refuse: true, Message: "image %v must not have this tag"}
	digest     = Rule{Over: Containers, Field: "image", Shape: Image, Part: Digest, Message: "image %v must have a digest"}
)

// TestRego shows what each shape prints.
func TestRego(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		kind Kind
		want string
	}{
		{privileged, None, `some c in containers: value := c.spec.securityContext.privileged; value != false => ["securityContext", "privileged"]: typed_flag("privileged", value, "false", "privileged must not be true")`},
		{hostUsers, None, `some pod in linux_pods: value := pod.spec.hostUsers; value != false => ["spec", "hostUsers"]: typed_flag("hostUsers", value, "false", "hostUsers must be false")`},
		{nonRoot, None, `some c in containers: value := object.get(c.spec.securityContext, "runAsNonRoot", c.pod.spec.securityContext.runAsNonRoot); value != true; not c.pod.own_users => stating(c, ["securityContext", "runAsNonRoot"]) ["securityContext", "runAsNonRoot"]: typed_flag("runAsNonRoot", value, "true", "runAsNonRoot must be true")
some pod in pods: value := object.get(pod.stated.spec, ["securityContext", "runAsNonRoot"], null); value != null; value != true; not pod.own_users; not inherited(pod, ["securityContext", "runAsNonRoot"]) => ["spec", "securityContext", "runAsNonRoot"]: typed_flag("runAsNonRoot", value, "true", "runAsNonRoot must be true")`},
		{user, Ranges, `some c in containers: value := object.get(c.spec.securityContext, "runAsUser", c.pod.spec.securityContext.runAsUser); value != null; not in_ranges(value, allowed); [value, c.pod.own_users] != [0, true] => stating(c, ["securityContext", "runAsUser"]) ["securityContext", "runAsUser"]: typed_number("runAsUser", value, allowed, sprintf("runAsUser must not be %v", [json.marshal(value)]))
some pod in pods: value := object.get(pod.stated.spec, ["securityContext", "runAsUser"], null); value != null; not in_ranges(value, allowed); [value, pod.own_users] != [0, true]; not inherited(pod, ["securityContext", "runAsUser"]) => ["spec", "securityContext", "runAsUser"]: typed_number("runAsUser", value, allowed, sprintf("runAsUser must not be %v", [json.marshal(value)]))`},
		{sysctl, Words, `some pod in pods: some i, item in pod.spec.securityContext.sysctls; value := object.get(item, "name", null); not in_words(value, allowed) => ["spec", "securityContext", "sysctls", i, "name"]: unset_or(value, null, "sysctls has an entry without a name", typed_text("name", value, sprintf("sysctls must not set %v", [json.marshal(value)])))`},
		{subPath, None, `some c in containers: some i, item in c.spec.volumeMounts; some field in ["subPath", "subPathExpr"]; value := object.get(item, field, ""); value != "" => ["volumeMounts", i, field]: sprintf("subPath must not be set; it is %v", [json.marshal(value)])`},
		{memory, Most, `some c in lasting_containers: value := object.get(c.spec.resources.limits, "memory", pod_limit(c.pod, "memory")); not within_limit(value, allowed) => limiting(c, ["resources", "limits", "memory"]) ["resources", "limits", "memory"]: limit_problem("memory", value, allowed)`},
		{volume, Patterns, `some pod in pods: some i, item in pod.spec.volumes; object.get(item, "image", null) != null; value := object.get(item, ["image", "reference"], ""); not image_matches(value, allowed) => ["spec", "volumes", i, "image", "reference"]: sprintf("image %v is from a registry that is not allowed", [json.marshal(value)])`},
		{tag, Patterns, `some c in containers: value := c.spec.image; not tag_apart(value, allowed) => ["image"]: sprintf("image %v must not have this tag", [json.marshal(value)])`},
	} {
		var got []string
		for _, r := range c.rule.Rego(c.kind) {
			got = append(got, fmt.Sprintf("some %s in %s: %s => %s: %s", c.rule.variableOf(r.Over), r.Over, strings.Join(r.Where, "; "), strings.TrimSpace(r.At+" "+r.Keys), r.Problem))
		}
		if all := strings.Join(got, "\n"); all != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.rule.Field, all, c.want)
		}
	}
}

func (r Rule) variableOf(over string) string {
	if strings.HasSuffix(over, "pods") {
		return "pod"
	}
	return "c"
}

// TestValid refuses rules that leave out what has no default: the zero value of an enumeration never makes a rule.
func TestValid(t *testing.T) {
	for _, r := range []Rule{privileged, hostUsers, nonRoot, user, notRoot, sysctl, seccomp, subPath, memory, registry, volume, tag, digest} {
		if err := r.Valid(); err != nil {
			t.Error(err)
		}
	}
	for what, r := range map[string]Rule{
		"nothing": {}, "no shape": {Over: Pods, Field: "hostPID"}, "no over": {Field: "hostPID", Shape: Flag}, "an image without a part": {Over: Containers, Field: "image", Shape: Image},
		"a part of no image": {Over: Pods, Field: "hostPID", Shape: Flag, Part: Digest}, "another shape": {Over: Pods, Field: "hostPID", Shape: Image + 1},
	} {
		if r.Valid() == nil {
			t.Errorf("%s is valid", what)
		}
	}
}

func TestSummary(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		want string
	}{
		{privileged, "privileged must not be true"},
		{user, "runAsUser must not be a value that is not allowed"},
		{subPath, "subPath must not be set"},
		{memory, "the memory limit must be set, and at most what the policy allows"},
		{digest, "image must have a digest"},
		{Rule{Message: "probes must not name the host %v"}, "probes must not name a host that is not allowed"},
	} {
		if got := c.rule.Summary(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestTerraform shows what each shape prints.
func TestTerraform(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		kind Kind
		want string
	}{
		{privileged, None, `(c.privileged == null ? false : c.privileged != "false")`},
		{hostUsers, None, `c.host_users != "false"`},
		{nonRoot, None, `!anytrue([c.pod.own_users, !anytrue([for x in [c.non_root == null ? c.pod.non_root : c.non_root, c.pod.non_root == null ? c.non_root : c.pod.non_root] : x != "true"])])`},
		{notRoot, None, `!anytrue([!c.pod.own_users, !anytrue([for x in [c.user == null ? c.pod.user : c.user, c.pod.user == null ? c.user : c.pod.user] : (x == null ? false : !anytrue([for a in [[1, 4294967295]] : !anytrue([x < a[0], x > a[1]])]))])])`},
		{sysctl, Words, `anytrue([for x in c.sysctls : (x == null ? true : !anytrue([anytrue([for a in allowed.names : x == a]), anytrue([for a in allowed.prefixes : startswith(x, a)])]))])`},
		{subPath, None, `anytrue([for x in c.sub_paths : (x == null ? false : !anytrue([anytrue([for a in [] : x == a]), x == ""]))])`},
		{memory, Most, `!anytrue([!c.lasting, anytrue([for l in concat(c.limits, local.pod_limits ? [for q in c.pod.limits : q if !anytrue([for l in c.limits : l.name == q.name])] : []) : !anytrue([l.name != "memory", l.amount == null ? true : anytrue([l.amount <= 0, l.amount > allowed])])])])`},
		{registry, Patterns, `(c.image == null ? true : !anytrue([for a in allowed : length(regexall(a, c.image.name)) > 0]))`},
		{tag, Patterns, `(c.image == null ? true : (c.image.tag == null ? false : anytrue([for a in allowed : length(regexall(a, c.image.tag)) > 0])))`},
		{digest, None, `(c.image == null ? true : c.image.digest == null)`},
	} {
		if got := c.rule.Terraform(c.kind); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.rule.Field, got, c.want)
		}
	}
}

type object = map[string]any

func spec(fields object) object { return object{"securityContext": fields} }

// TestEval holds the oracle to what Kubernetes means.
func TestEval(t *testing.T) {
	profiles := Value{Kind: Set, Words: []string{"RuntimeDefault", "Localhost"}}
	users := Value{Kind: Ranges, Ranges: [][2]int64{{1000, 1999}, {65534, 65534}}}
	for _, c := range []struct {
		name           string
		rule           Rule
		value          Value
		facts          Facts
		pod, container object
		want           string
	}{
		{"unset is false", privileged, Value{}, Facts{}, nil, object{}, ""},
		{"true", privileged, Value{}, Facts{}, nil, spec(object{"privileged": true}), "privileged must not be true"},
		{"no boolean", privileged, Value{}, Facts{}, nil, spec(object{"privileged": "false"}), `privileged is "false" (a string); write false`},
		{"unset is the node's", hostUsers, Value{}, Facts{}, object{}, nil, "hostUsers must be false"},
		{"not on Windows", hostUsers, Value{}, Facts{Windows: true}, object{}, nil, ""},
		{"from the pod", nonRoot, Value{}, Facts{}, spec(object{"runAsNonRoot": true}), object{}, ""},
		{"before the pod's", nonRoot, Value{}, Facts{}, spec(object{"runAsNonRoot": true}), spec(object{"runAsNonRoot": false}), "runAsNonRoot must be true"},
		{"the pod's alone", nonRoot, Value{}, Facts{}, spec(object{"runAsNonRoot": false}), nil, "runAsNonRoot must be true"},
		{"the pod states nothing", nonRoot, Value{}, Facts{}, object{}, nil, ""},
		{"of another control", nonRoot, Value{}, Facts{OwnUsers: true}, object{}, object{}, ""},
		{"in a range", user, users, Facts{}, spec(object{"runAsUser": 1500.0}), object{}, ""},
		{"outside", user, users, Facts{}, spec(object{"runAsUser": 0.0}), object{}, "runAsUser must not be 0"},
		{"a text", user, users, Facts{}, spec(object{"runAsUser": "0"}), object{}, `runAsUser must not be "0"`},
		{"nothing in quotes", user, users, Facts{}, spec(object{"runAsUser": ""}), object{}, `runAsUser is "" (a string); write a whole number`},
		{"a large number", user, users, Facts{}, spec(object{"runAsUser": 4294967296.0}), object{}, "runAsUser must not be 4294967296"},
		{"excused", user, users, Facts{OwnUsers: true}, spec(object{"runAsUser": 0.0}), object{}, ""},
		{"not excused", notRoot, Value{}, Facts{OwnUsers: true}, spec(object{"runAsUser": 0.0}), object{}, "runAsUser must not be 0"},
		{"a name", sysctl, Value{Kind: Words, Prefixes: []string{"net."}}, Facts{}, spec(object{"sysctls": []any{object{"name": "net.x"}, object{"name": "kernel.x"}, object{}}}), nil, "sysctls must not set \"kernel.x\"; sysctls has an entry without a name"},
		{"none", seccomp, profiles, Facts{}, object{}, object{}, "no seccomp profile is set; use RuntimeDefault or Localhost"},
		{"none is right", seccomp, Value{Kind: Set, Unset: true}, Facts{}, object{}, object{}, ""},
		{"none on Windows", seccomp, profiles, Facts{Windows: true}, object{}, object{}, ""},
		{"another", seccomp, profiles, Facts{}, spec(object{"seccompProfile": object{"type": "Unconfined"}}), object{}, "seccompProfile.type must not be \"Unconfined\""},
		{"a part", subPath, Value{}, Facts{}, nil, object{"volumeMounts": []any{object{"subPath": "a"}, object{"subPathExpr": ""}}}, "subPath must not be set; it is \"a\""},
		{"no limit", memory, Value{Kind: Most, Most: "1Gi"}, Facts{}, nil, object{}, "no memory limit is set; set one of at most 1Gi"},
		{"ephemeral", memory, Value{Kind: Most, Most: "1Gi"}, Facts{Ephemeral: true}, nil, object{}, ""},
		{"over", memory, Value{Kind: Most, Most: "1Gi"}, Facts{}, nil, limit("2Gi"), "the memory limit 2Gi is over 1Gi"},
		{"negative", memory, Value{Kind: Most, Most: "1Gi"}, Facts{}, nil, limit("-1Gi"), "the memory limit -1Gi is negative; set one of at most 1Gi"},
		{"zero", memory, Value{Kind: Most, Most: "1Gi"}, Facts{}, nil, limit("0"), "a memory limit of 0 is none; set one of at most 1Gi"},
		{"nothing", memory, Value{Kind: Most, Most: "1Gi"}, Facts{}, nil, limit("much"), "the memory limit \"much\" is not an amount; set one of at most 1Gi"},
		{"within", memory, Value{Kind: Most, Most: "1Gi"}, Facts{}, nil, limit("1024Mi"), ""},
		{"a registry", registry, Value{Kind: Patterns, Patterns: []string{"^docker[.]io/"}}, Facts{}, nil, object{"image": "redis"}, ""},
		{"another registry", registry, Value{Kind: Patterns, Patterns: []string{"^docker[.]io/"}}, Facts{}, nil, object{"image": "quay.io/redis"}, "image \"quay.io/redis\" is from a registry that is not allowed"},
		{"no image volume", volume, Value{Kind: Patterns}, Facts{}, object{"volumes": []any{object{"name": "v"}}}, nil, ""},
		{"latest", tag, Value{Kind: Patterns, Patterns: []string{"^latest$"}}, Facts{}, nil, object{"image": "redis"}, "image \"redis\" must not have this tag"},
		{"beside a digest", tag, Value{Kind: Patterns, Patterns: []string{"^latest$"}}, Facts{}, nil, object{"image": "redis:latest@sha256:" + strings.Repeat("0", 64)}, ""},
		{"a digest of SHA-384", digest, Value{}, Facts{}, nil, object{"image": "redis@sha384:" + strings.Repeat("0", 96)}, ""},
		{"no digest", digest, Value{}, Facts{}, nil, object{"image": "redis:1"}, "image \"redis:1\" must have a digest"},
	} {
		if got := strings.Join(c.rule.Eval(c.value, c.facts, c.pod, c.container), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func limit(amount any) object {
	return object{"resources": object{"limits": object{"memory": amount}}}
}

// TestLiterals shows each kind of value in each language.
func TestLiterals(t *testing.T) {
	for _, c := range []struct {
		value     Value
		rego, hcl string
	}{
		{Value{}, "true", "true"},
		{Value{Kind: Set, Words: []string{`a"${b}`}, Unset: true}, `["a\"${b}", null]`, `["a\"$${b}", null]`},
		{Value{Kind: Words, Words: []string{"a"}, Prefixes: []string{"b."}}, `{"names": ["a"], "prefixes": ["b."]}`, `{ names = ["a"], prefixes = ["b."] }`},
		{Value{Kind: Ranges, Ranges: [][2]int64{{0, 5}}}, "[[0, 5]]", "[[0, 5]]"},
		{Value{Kind: Most, Most: "1500m"}, `[1500000000, "1500m"]`, "1.500"},
		{Value{Kind: Patterns, Patterns: []string{`^a\.b$`}}, `["^a\\.b$"]`, `["^a\\.b$"]`},
	} {
		if rego, hcl := c.value.Rego(), c.value.HCL(); rego != c.rego || hcl != c.hcl {
			t.Errorf("%s and %s, want %s and %s", rego, hcl, c.rego, c.hcl)
		}
	}
}
