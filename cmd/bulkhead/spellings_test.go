package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets"
	"github.com/bulkhead-policy/bulkhead/targets/rego"
	"github.com/bulkhead-policy/bulkhead/targets/terraform"
)

// judgesOf are the judges of manifests and plans for a policy with the blocks in HCL.
func judgesOf(t *testing.T, blocks string) *agreement {
	t.Helper()
	return judgesExtending(t, "bulkhead:privileged", blocks)
}

// judgesExtending does the same for a policy that extends a preset.
func judgesExtending(t *testing.T, preset, blocks string) *agreement {
	t.Helper()
	text := "policy \"test\" {\n  version = \"1.0.0\"\n  namespaces = [\"test\"]\n}\nextends \"p\" { source = \"" + preset + "\" }\n" + blocks
	program, diags := lang.Load("test", lang.Options{
		Open:    func(string) (fs.FS, error) { return fstest.MapFS{"policy.hcl": {Data: []byte(text)}}, nil },
		Presets: policies.FS, Now: testNow(), Version: version, Facts: target.Facts(targets.All()),
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	chosen, diags := target.Select(program.Policy, targets.All())
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	p := target.InForce(program.Policy, chosen)
	load := func(tg interface {
		target.Target
		target.Judger
	}) (target.Judge, []target.Artifact) {
		artifacts, err := tg.Emit(p)
		if err != nil {
			t.Fatal(err)
		}
		j, err := tg.Load(target.Environment{Platform: p.Platform, Now: testNow()}, artifacts)
		if err != nil {
			t.Fatal(err)
		}
		return j, artifacts
	}
	a := &agreement{policy: p, skipped: map[string]int{}, occurred: map[occurrence]bool{}}
	a.today, _ = load(rego.Target{})
	a.module, a.artifacts = load(terraform.Target{})
	return a
}

// say gives what Rego, both forms of plans, and the rules as data say of a pod with a specification in YAML: each as findings in words.
func (a *agreement) say(t *testing.T, spec string) map[string]string {
	t.Helper()
	body, err := yaml.YAMLToJSON(fmt.Appendf(nil, "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: test}\nspec: %s\n", spec))
	if err != nil {
		t.Fatal(err)
	}
	var pod map[string]any
	if err := json.Unmarshal(body, &pod); err != nil {
		t.Fatal(err)
	}
	_, found, _ := a.manifest(t, a.today, body)
	out := map[string]string{"rego": found.String()}
	if len(ruled(found)) == len(found) {
		_, inModule := a.evaluate(a.subjectOf(pod), pod["spec"].(map[string]any))
		out["Eval"] = inModule.String()
	}
	for _, form := range []string{"manifest", "typed"} {
		if plan, ok := planFor(form, pod); ok {
			out[form] = a.plan(t, plan).String()
		}
	}
	return out
}

// messages are those of Rego for a pod with a specification in YAML.
func (a *agreement) messages(t *testing.T, spec string) (out []string) {
	t.Helper()
	docs, err := input.Read("pod.yaml", fmt.Appendf(nil, "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: test}\nspec: %s\n", spec), input.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.today.Judge(context.Background(), attempt.Manifest{Document: docs[0]})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range v.Findings {
		out = append(out, f.Message)
	}
	return out
}

// spelling is a container that must or must not pass.
type spelling struct {
	container string // what it states, in YAML
	pod       string // what its pod states
	denied    bool
}

// TestSpellings holds that one thing in several spellings is one thing to the Rego bundle, to the Terraform module, for a
// resource of the provider and for kubernetes_manifest, and to the rules as data; and that an empty object is not taken for
// one that is not stated, where Kubernetes does not.
func TestSpellings(t *testing.T) {
	image := func(name string) string { return "image: '" + name + "'" }
	for name, c := range map[string]struct {
		policy string
		cases  []spelling
	}{
		"image.deny": {`image { deny = ["docker.io/*", "bad.example.com/*", "reg.example.com:5000/*", "[2001:db8::1]:5000/*", "10.0.0.1:5000/*"] }`, []spelling{
			{image("docker.io:0443/library/nginx:1"), "", true},
			{image("bad.example.com:0443/x:1"), "", true},
			{image("bad.example.com:80/x:1"), "", true},
			{image("reg.example.com:05000/x:1"), "", true},
			{image("reg.example.com:05001/x:1"), "", false},
			{image("reg.example.com/x:1"), "", false},
			{image("registry.hub.docker.com/library/nginx"), "", true},
			{image("[2001:0db8:0:0::1]:05000/x"), "", true},
			{image("[2001:db8::1]:5001/x"), "", false},
			{image("[::ffff:a00:1]:5000/x"), "", true},
			{image("010.0.0.1:5000/x"), "", true},
			{image("10.1:5000/x"), "", true},
			{image("Bad.example.com/x"), "", true},
			{image("bad.example.com./x"), "", true},
			{image("good.example.com/x"), "", false},
		}},
		"image.registries": {`image { registries = ["docker.io/*", "[2001:db8::1]/*"] }`, []spelling{
			{image("nginx"), "", false},
			{image("[2001:db8::1]/x"), "", false},
			{image("my_registry.example.com/x"), "", true}, // which runtimes dial
			{image("a.b/x"), "", true},
			{image("a.b"), "", false},
		}},
		"privileges.seccomp": {`privileges { seccomp = ["runtime-default", "localhost", "unset"] }`, []spelling{
			{"securityContext: {}", "", false},
			{"securityContext: {seccompProfile: null}", "", false},
			{"securityContext: {seccompProfile: {}}", "", true},
			{"securityContext: {seccompProfile: {type: ''}}", "", true},
			{"securityContext: {seccompProfile: {type: null}}", "", true},
			{"securityContext: {seccompProfile: {localhostProfile: a.json}}", "", true},
			{"securityContext: {seccompProfile: {type: runtimedefault}}", "", true},
			{"", "securityContext: {seccompProfile: {}}", true},
			{"securityContext: {seccompProfile: {}}", "securityContext: {seccompProfile: {type: RuntimeDefault}}", true},
			{"securityContext: {seccompProfile: {type: RuntimeDefault}}", "", false},
		}},
		"privileges.apparmor": {`privileges { apparmor = ["runtime-default", "localhost", "unset"] }`, []spelling{
			{"securityContext: {appArmorProfile: {}}", "", true},
			{"securityContext: {appArmorProfile: {type: null}}", "", true},
			{"securityContext: {appArmorProfile: {localhostProfile: a}}", "", true},
			{"", "securityContext: {appArmorProfile: {}}", true},
			{"securityContext: {appArmorProfile: {}}", "securityContext: {appArmorProfile: {type: RuntimeDefault}}", true},
			{"securityContext: {appArmorProfile: {type: RuntimeDefault}}", "", false},
			{"", "", false},
		}},
	} {
		a := judgesOf(t, c.policy)
		for _, s := range c.cases {
			spec := "{" + s.pod + strings.Repeat(", ", min(len(s.pod), 1)) + "containers: [{name: a, " + s.container + "}]}"
			for who, said := range a.say(t, spec) {
				if (said != "") != s.denied || said != "" && !strings.Contains(said, name) {
					t.Errorf("%s, %s: %q of %s, denied is right: %v", name, who, said, spec, s.denied)
				}
			}
		}
	}
}

// TestSubmounts holds that a mount which is read-only is not taken for one of all that is mounted below a folder of the node,
// that nothing is demanded which Kubernetes lacks or refuses, and that each message says what to write. A typed resource of
// Terraform has no argument for it, so that none passes.
func TestSubmounts(t *testing.T) {
	const hostPath = `host { paths = { "/sys" = "read" } }`
	const write = `filesystem { write = ["/tmp/**"] }`
	mounting := func(volume, mount string) string {
		return "{volumes: [{name: v, " + volume + "}], containers: [{name: a, volumeMounts: [{name: v, mountPath: /host/sys, " + mount + "}]}]}"
	}
	const folder, recursively = "hostPath: {path: /sys}", "readOnly: true, recursiveReadOnly: Enabled"
	for name, c := range map[string]struct {
		policy, spec string
		denied       bool
		message      string // what the message of Rego has
	}{
		"readOnly":                  {hostPath, mounting(folder, "readOnly: true"), true, `mounts of the node below "/sys" stay writable at "/host/sys": set recursiveReadOnly: Enabled`},
		"recursively":               {hostPath, mounting(folder, recursively), false, ""},
		"if possible":               {hostPath, mounting(folder, "readOnly: true, recursiveReadOnly: IfPossible"), true, "set recursiveReadOnly: Enabled"},
		"with propagation":          {hostPath, mounting(folder, "readOnly: true, mountPropagation: HostToContainer"), true, `remove mountPropagation, or write an exception with warn = ["host.paths"]`},
		"both":                      {hostPath, mounting(folder, recursively+", mountPropagation: Bidirectional"), true, "remove mountPropagation"},
		"no propagation":            {hostPath, mounting(folder, recursively+", mountPropagation: None"), false, ""},
		"a file":                    {hostPath, mounting("hostPath: {path: /sys/kernel/x, type: File}", "readOnly: true"), false, ""},
		"to write":                  {`host { paths = { "/sys" = "write" } }`, mounting(folder, "readOnly: true"), false, ""},
		"before the field":          {hostPath + "\nplatform { kubernetes = \"1.30\" }", mounting(folder, "readOnly: true"), false, ""},
		"with the field":            {hostPath + "\nplatform { kubernetes = \"1.31\" }", mounting(folder, "readOnly: true"), true, "recursiveReadOnly"},
		"filesystem.write":          {write, mounting(folder, "readOnly: true"), true, "set recursiveReadOnly: Enabled"},
		"filesystem.write, passes":  {write, mounting(folder, recursively), false, ""},
		"filesystem.write, exempts": {write, mounting(folder, "readOnly: true, mountPropagation: HostToContainer"), true, `warn = ["filesystem.write"]`},
		"another volume":            {write, mounting("emptyDir: {}", "readOnly: true"), false, ""},
	} {
		a := judgesOf(t, c.policy)
		for who, said := range a.say(t, c.spec) {
			denied := c.denied || who == "typed" && strings.Contains(c.spec, "recursiveReadOnly: Enabled")
			if (said != "") != denied {
				t.Errorf("%s, %s: %q, denied is right: %v", name, who, said, denied)
			}
		}
		if messages := strings.Join(a.messages(t, c.spec), "\n"); !strings.Contains(messages, c.message) || strings.Contains(c.message, "remove") && strings.Contains(messages, "set recursive") {
			t.Errorf("%s: %s", name, messages)
		}
	}
}

// TestAmounts holds that amounts mean what resource.ParseQuantity reads in them, that the limits of a pod count where the
// version has them, and that each cause has its own message.
func TestAmounts(t *testing.T) {
	const policy = `resources {
  memory            = "4Gi"
  cpu               = "1500m"
  ephemeral_storage = "1Gi"
}`
	limits := func(memory, cpu string) string {
		return "{containers: [{name: a, resources: {limits: {memory: " + memory + ", cpu: " + cpu + ", ephemeral-storage: 1Gi}}}]}"
	}
	pod := func(of, container string) string {
		return "{resources: {limits: {" + of + "}}, containers: [{name: a, resources: {limits: {" + container + "}}}]}"
	}
	a := judgesOf(t, policy)
	for spec, want := range map[string]string{
		limits("1Gi", "1"):                     "",
		limits(".5Gi", `".5"`):                 "",
		limits("+1Gi", "+1"):                   "",
		limits("4294967296000m", "1"):          "",
		limits("4294967296001m", "1"):          "the memory limit 4294967296001m is over 4Gi",
		limits(`"1e3"`, `"1E0"`):               "",
		limits("1n", "1n"):                     "",
		limits("0.0000000001Ki", "1"):          "",
		limits("4.0000000000Gi", "1"):          "",
		limits("4.0000000001Gi", "1"):          "the memory limit 4.0000000001Gi is over 4Gi",
		limits(`"4294967296.0000000001"`, "1"): "is over 4Gi",
		limits(`"4294967296"`, "1500000000n"):  "",
		limits(`"4294967297"`, "1500000001n"):  "is over",
		limits("4096Mi", `"15e-1"`):            "",
		limits("1.Gi", "1."):                   "",
		limits(`"1e09"`, "1"):                  "",
		limits(`"1e10"`, "1"):                  "is over 4Gi",
		limits("4e9", "1"):                     "", // numbers, not texts
		limits("5000000000", "1.25"):           "is over 4Gi",
		limits("8Gi", "1"):                     "the memory limit 8Gi is over 4Gi",
		limits("1GB", "1"):                     `the memory limit "1GB" is not an amount; set one of at most 4Gi`,
		limits("1K", "1"):                      "is not an amount",
		limits("1gi", "1"):                     "is not an amount",
		limits("1e", "1"):                      "is not an amount",
		limits("1 Gi", "1"):                    "is not an amount",
		limits("0x10", "1"):                    "", // YAML's 16
		limits(`"0x10"`, "1"):                  "is not an amount",
		limits(`""`, "1"):                      "is not an amount",
		limits("+-1", "1"):                     "is not an amount",
		limits("0", "1"):                       "a memory limit of 0 is none",
		limits(`"0.000"`, "1"):                 "a memory limit of 0 is none",
		limits("-1", "1"):                      "the memory limit -1 is negative; set one of at most 4Gi",
		limits("-1Gi", "1"):                    "the memory limit -1Gi is negative",
		limits("-.5Gi", "1"):                   "the memory limit -.5Gi is negative",
		limits("-1e3", "1"):                    "is negative",
		limits("1Gi", "-100m"):                 "the cpu limit -100m is negative",
		limits("-0", "1"):                      "a memory limit of 0 is none",
		"{containers: [{name: a, resources: {limits: {cpu: 1, ephemeral-storage: 1Gi}}}]}": "no memory limit is set; set one of at most 4Gi",
		pod("memory: 2Gi, cpu: 1", "ephemeral-storage: 1Gi"):                               "",
		pod("memory: 8Gi, cpu: 1", "memory: 1Gi, ephemeral-storage: 1Gi"):                  "",
		pod("memory: 8Gi, cpu: 1", "ephemeral-storage: 1Gi"):                               "the memory limit 8Gi is over 4Gi",
		pod("memory: x, cpu: 1", "ephemeral-storage: 1Gi"):                                 "is not an amount",
		pod("memory: 1Gi, cpu: 1", "memory: 8Gi, ephemeral-storage: 1Gi"):                  "is over 4Gi",
		pod("memory: 1Gi, cpu: 1, ephemeral-storage: 1Gi", ""):                             "no ephemeral-storage limit is set",
	} {
		for who, said := range a.say(t, spec) {
			if (said != "") != (want != "") {
				t.Errorf("%s, %s: %q, want %q", spec, who, said, want)
			}
		}
		if messages := strings.Join(a.messages(t, spec), "\n"); !strings.Contains(messages, want) {
			t.Errorf("%s: %q, want %q", spec, messages, want)
		}
	}
	old := judgesOf(t, policy+"\nplatform { kubernetes = \"1.33\" }")
	for who, said := range old.say(t, pod("memory: 2Gi, cpu: 1", "ephemeral-storage: 1Gi")) {
		if !strings.Contains(said, "resources.memory") || !strings.Contains(said, "resources.cpu") {
			t.Errorf("Kubernetes 1.33, %s: %q", who, said)
		}
	}
}

// TestProjectedSources holds that no source of a projected volume is a credential that nobody has looked at.
func TestProjectedSources(t *testing.T) {
	a := judgesOf(t, `privileges { tokens = ["vault", "example.com/*"] }`)
	for source, denied := range map[string]bool{
		"{configMap: {name: c}}":                                          false,
		"{secret: {name: c}}":                                             false,
		"{downwardAPI: {}}":                                               false,
		"{clusterTrustBundle: {name: c, path: p}}":                        false,
		"{serviceAccountToken: {audience: vault}}":                        false,
		"{serviceAccountToken: {}}":                                       true,
		"{serviceAccountToken: {audience: other}}":                        true,
		"{podCertificate: {signerName: example.com/x, keyType: ED25519}}": false,
		"{podCertificate: {signerName: example.org/x, keyType: ED25519}}": true,
		"{podCertificate: {}}":                                            true,
		"{podCertificate: null, secret: {name: c}}":                       false,
		"{newest: {}}":                                                    true,
		"{secret: {name: c}, newest: {}}":                                 true,
	} {
		spec := "{automountServiceAccountToken: false, volumes: [{name: v, projected: {sources: [" + source + "]}}], containers: [{name: a}]}"
		for who, said := range a.say(t, spec) {
			if (said != "") != denied {
				t.Errorf("%s, %s: %q, denied is right: %v", source, who, said, denied)
			}
		}
	}
}

// TestDevices holds that all ways to request a device of the node are seen.
func TestDevices(t *testing.T) {
	a := judgesOf(t, `host { devices = ["example.com/*", "claim:gpu"] }`)
	for spec, denied := range map[string]bool{
		"{containers: [{name: a}]}": false,
		"{containers: [{name: a, resources: {limits: {memory: 1Gi, cpu: 1, ephemeral-storage: 1Gi, hugepages-2Mi: 2Mi}}}]}": false,
		"{containers: [{name: a, resources: {limits: {example.com/gpu: 1}}}]}":                                              false,
		"{containers: [{name: a, resources: {limits: {example.org/gpu: 1}}}]}":                                              true,
		"{initContainers: [{name: i, resources: {limits: {example.org/gpu: 1}}}], containers: [{name: a}]}":                 true,
		"{containers: [{name: a, resources: {limits: {deviceclass.resource.kubernetes.io/gpu: 1}}}]}":                       true,
		"{resources: {limits: {example.org/gpu: 1}}, containers: [{name: a}]}":                                              true,
		"{resourceClaims: [{name: x, resourceClaimTemplateName: gpu}], containers: [{name: a}]}":                            false,
		"{resourceClaims: [{name: x, resourceClaimName: gpu}], containers: [{name: a}]}":                                    false,
		"{resourceClaims: [{name: gpu, resourceClaimName: other}], containers: [{name: a}]}":                                true,
		"{resourceClaims: [{name: gpu, resourceClaimTemplateName: other}], containers: [{name: a}]}":                        true,
		"{resourceClaims: [{name: gpu}], containers: [{name: a}]}":                                                          true,
	} {
		for who, said := range a.say(t, spec) {
			if who == "typed" && strings.Contains(spec, "resourceClaims") {
				continue // the provider has no such block
			}
			if (said != "") != denied {
				t.Errorf("%s, %s: %q, denied is right: %v", spec, who, said, denied)
			}
		}
	}
}

// TestWrongTypes holds that a value of another type is named as such, with what to write, and that the rules as data say the
// same.
func TestWrongTypes(t *testing.T) {
	a := judgesOf(t, `
privileges {
  users          = ["1000-1999"]
  run_as_non_root = true
  privileged     = false
  seccomp        = ["runtime-default"]
  tokens         = []
}
host {
  pid   = false
  ports = ["tcp/80"]
}
filesystem { write = ["/tmp/**"] }`)
	const ok = "automountServiceAccountToken: false, securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, "
	for spec, want := range map[string]string{
		"{" + ok + `containers: [{name: a, securityContext: {runAsUser: "1000"}}]}`:                       `runAsUser is "1000" (a string); write 1000`,
		"{" + ok + `containers: [{name: a, securityContext: {runAsUser: "0"}}]}`:                          `runAsUser must not be "0"`,
		"{" + ok + `containers: [{name: a, securityContext: {runAsUser: "01000"}}]}`:                      `runAsUser is "01000" (a string); write a whole number`,
		"{" + ok + `containers: [{name: a, securityContext: {runAsUser: true}}]}`:                         `runAsUser is true (a boolean); write a whole number`,
		"{" + ok + `containers: [{name: a, securityContext: {runAsUser: 999}}]}`:                          `runAsUser must not be 999`,
		"{" + ok + `containers: [{name: a, securityContext: {runAsNonRoot: "true"}}]}`:                    `runAsNonRoot is "true" (a string); write true`,
		"{" + ok + `containers: [{name: a, securityContext: {privileged: "false"}}]}`:                     `privileged is "false" (a string); write false`,
		"{" + ok + `containers: [{name: a, securityContext: {privileged: 0}}]}`:                           `privileged is 0 (a number); write false`,
		"{" + ok + `containers: [{name: a, securityContext: {seccompProfile: {type: 5}}}]}`:               `seccompProfile.type is 5 (a number); write a string`,
		"{" + ok + `hostPID: "no", containers: [{name: a}]}`:                                              `hostPID is "no" (a string); write false`,
		"{" + ok + `containers: [{name: a, ports: [{containerPort: 80, hostPort: "80"}]}]}`:               `hostPort is "80" (a string); write a whole number`,
		"{" + ok + `containers: [{name: a, volumeMounts: [{name: v, mountPath: /x, readOnly: "true"}]}]}`: `readOnly is "true" (a string); write true`,
		strings.Replace("{"+ok+"containers: [{name: a}]}", "Token: false", `Token: "false"`, 1):           `automountServiceAccountToken is "false" (a string); write false`,
	} {
		messages := a.messages(t, spec)
		if len(messages) != 1 || !strings.HasSuffix(messages[0], ": "+want) {
			t.Errorf("%s: %q, want %q", spec, messages, want)
		}
		if evaluated := a.evaluated(t, spec); len(evaluated) > 0 && evaluated[0] != want {
			t.Errorf("%s: the rules as data say %q, want %q", spec, evaluated, want)
		}
	}
}

// evaluated are the messages of the rules as data about a pod with one container.
func (a *agreement) evaluated(t *testing.T, spec string) (out []string) {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(spec), &object); err != nil {
		t.Fatal(err)
	}
	container := object["containers"].([]any)[0].(map[string]any)
	for _, c := range control.Controls() {
		setting := a.policy.Undeclared.Container(policy.AnyContainer).Get(c.ID)
		for _, r := range c.Rules {
			if c.Restricts(setting.Value) {
				out = append(out, r.Eval(c.Encoded(setting.Value), podrule.Facts{}, object, container)...)
			}
		}
	}
	return out
}
