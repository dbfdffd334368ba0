package rego

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// kubeletCases are configurations of kubelets in YAML's flow style, with what is wrong with each and where; "" is nothing.
var kubeletCases = map[control.ID]struct {
	value control.Value
	want  map[string]string
}{
	control.SeccompDefault: {boolean(true), map[string]string{
		"":                       "seccompDefault must be true, not false at seccompDefault",
		"seccompDefault: null":   "seccompDefault must be true, not false at seccompDefault",
		"seccompDefault: false":  "seccompDefault must be true, not false at seccompDefault",
		"seccompDefault: true":   "",
		`seccompDefault: "true"`: "seccompDefault must be a boolean, not a string at seccompDefault",
		"seccompDefault: 1":      "seccompDefault must be a boolean, not 1 at seccompDefault",
	}},
	control.ProtectKernelDefaults: {boolean(true), map[string]string{
		"":                            "protectKernelDefaults must be true, not false at protectKernelDefaults",
		"protectKernelDefaults: true": "",
		"protectKernelDefaults: []":   "protectKernelDefaults must be a boolean, not a list at protectKernelDefaults",
	}},
	control.AnonymousAuth: {boolean(false), map[string]string{
		"":                     "",
		"authentication: null": "",
		"authentication: {}":   "",
		"authentication: {anonymous: {enabled: null}, webhook: {enabled: true}}": "",
		"authentication: {anonymous: {enabled: false}}":                          "",
		"authentication: {anonymous: {enabled: true}}":                           "authentication.anonymous.enabled must be false, not true at authentication.anonymous enabled",
		"authentication: {anonymous: {enabled: [true]}}":                         "authentication.anonymous.enabled must be a boolean, not a list at authentication.anonymous enabled",
		"authentication: {anonymous: true}":                                      "authentication.anonymous must be an object, not a boolean at authentication anonymous",
		"authentication: none":                                                   "authentication must be an object, not a string at authentication",
	}},
	control.ReadOnlyPort: {boolean(false), map[string]string{
		"":                      "",
		"readOnlyPort: 0":       "",
		"readOnlyPort: 10255":   "readOnlyPort must be 0, not 10255 at readOnlyPort",
		"readOnlyPort: -1":      "readOnlyPort must be 0, not -1 at readOnlyPort",
		`readOnlyPort: "10255"`: "readOnlyPort must be an integer, not a string at readOnlyPort",
		"readOnlyPort: {}":      "readOnlyPort must be an integer, not an object at readOnlyPort",
	}},
	control.PodPidsLimit: {word("4096"), map[string]string{
		"":                    "podPidsLimit must be 1 to 4096, not -1 at podPidsLimit",
		"podPidsLimit: 0":     "podPidsLimit must be 1 to 4096, not 0 at podPidsLimit",
		"podPidsLimit: 1":     "",
		"podPidsLimit: 4096":  "",
		"podPidsLimit: 4097":  "podPidsLimit must be 1 to 4096, not 4097 at podPidsLimit",
		"podPidsLimit: 10.5":  "podPidsLimit must be an integer, not 10.5 at podPidsLimit",
		"podPidsLimit: 1e300": "podPidsLimit must be an integer, not 1e+300 at podPidsLimit",
	}},
}

func kubeletOf(fields string) string {
	return "{apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, " + fields + "}"
}

// kubeletFindings gives what is wrong with the configuration of a kubelet, and where.
func kubeletFindings(t testing.TB, j target.Judge, text string) string {
	t.Helper()
	v := judgeText(t, j, text)
	var all []string
	for _, f := range v.Findings {
		all = append(all, strings.TrimPrefix(f.Message, "KubeletConfiguration: ")+" at "+strings.TrimSpace(strings.Join(f.Path, ".")+" "+f.Field))
	}
	if want := len(all) > 0; (v.Outcome == target.Deny) != want || (v.Outcome == target.Allow) == want {
		t.Errorf("%s: %s with %d findings", text, v.Outcome, len(all))
	}
	return strings.Join(all, "; ")
}

// TestKubelets tries each control alone, and in a list beside other objects.
func TestKubelets(t *testing.T) {
	for _, c := range control.Controls() {
		if ofKubelets(c) && kubeletCases[c.ID].want == nil {
			t.Errorf("%s is not tried", c.ID)
		}
	}
	for id, c := range kubeletCases {
		t.Run(string(id), func(t *testing.T) {
			t.Parallel()
			artifacts := emit(t, resolve(t, document(map[control.ID]control.Value{id: c.value})))
			clean(t, artifacts)
			j := load(t, artifacts)
			for fields, want := range c.want {
				if got := kubeletFindings(t, j, kubeletOf(fields)); got != want {
					t.Errorf("%s: %q, want %q", fields, got, want)
				}
				list := "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Service, metadata: {name: s}}, " + kubeletOf(fields) + "]}"
				if got := strings.ReplaceAll(kubeletFindings(t, j, list), " at items.1 ", " at "); strings.ReplaceAll(got, " at items.1.", " at ") != want {
					t.Errorf("%s: %q, want %q", list, got, want)
				}
			}
		})
	}
}

// TestKubeletsThatAreNotRead demands that a configuration counts as read only by a policy that asks something of it, and only
// in the version whose fields are known.
func TestKubeletsThatAreNotRead(t *testing.T) {
	asks := load(t, emit(t, resolve(t, document(map[control.ID]control.Value{control.ReadOnlyPort: boolean(false)}))))
	others := load(t, emit(t, resolve(t, document(map[control.ID]control.Value{control.Privileged: boolean(false), control.NodeRuntimes: keys("containerd")}))))
	for _, c := range []struct {
		judge target.Judge
		text  string
		want  target.Outcome
	}{
		{asks, kubeletOf(""), target.Allow},
		{asks, "{kind: KubeletConfiguration}", target.Allow},
		{asks, "{kind: KubeletConfiguration, apiVersion: kubelet.config.k8s.io/v1, readOnlyPort: 1}", target.Inapplicable},
		{asks, "{kind: KubeletConfiguration, apiVersion: example.org/v1beta1, readOnlyPort: 1}", target.Inapplicable},
		{asks, "{kind: KubeletConfiguration, readOnlyPort: 1, items: []}", target.Deny},
		{asks, "{kind: CredentialProviderConfig, apiVersion: kubelet.config.k8s.io/v1, providers: []}", target.Inapplicable},
		{others, kubeletOf("readOnlyPort: 1"), target.Inapplicable},
		{others, kubeletOf("readOnlyPort: none"), target.Inapplicable},
	} {
		if v := judgeText(t, c.judge, c.text); v.Outcome != c.want {
			t.Errorf("%s: %s, want %s", c.text, v.Outcome, c.want)
		}
	}
}

// TestKubeletsAgree holds the rules to what they are in Go, on random configurations whose types are right.
func TestKubeletsAgree(t *testing.T) {
	values := map[control.ID]control.Value{}
	for id, c := range kubeletCases {
		values[id] = c.value
	}
	j := load(t, emit(t, resolve(t, document(values))))
	field := func(t *rapid.T, into map[string]any, name string, values ...any) {
		if i := rapid.IntRange(-1, len(values)-1).Draw(t, name); i >= 0 {
			into[name] = values[i]
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		anonymous, authentication, kubelet := map[string]any{}, map[string]any{}, map[string]any{}
		field(r, anonymous, "enabled", nil, true, false)
		field(r, authentication, "anonymous", nil, anonymous)
		field(r, kubelet, "authentication", nil, authentication)
		for _, name := range []string{"seccompDefault", "protectKernelDefaults"} {
			field(r, kubelet, name, nil, true, false)
		}
		field(r, kubelet, "readOnlyPort", nil, 0.0, 10255.0)
		field(r, kubelet, "podPidsLimit", nil, -1.0, 0.0, 1.0, 4096.0, 4097.0)
		var want []string
		for _, id := range slices.Sorted(maps.Keys(values)) {
			c, _ := control.Lookup(id)
			for _, rule := range c.Rules {
				want = append(want, rule.With(c.Encoded(values[id])).Eval(podrule.Value{}, podrule.Facts{}, kubelet, nil)...)
			}
		}
		kubelet["kind"] = "KubeletConfiguration"
		text, err := json.Marshal(kubelet)
		if err != nil {
			r.Fatal(err)
		}
		var got []string
		for _, f := range judgeText(t, j, string(text)).Findings {
			got = append(got, strings.TrimPrefix(f.Message, "KubeletConfiguration: "))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			r.Fatalf("%s: %q, want %q", text, got, want)
		}
	})
}

// TestNodeRuntimes tries which runtimes nodes may run.
func TestNodeRuntimes(t *testing.T) {
	artifacts := emit(t, resolve(t, document(map[control.ID]control.Value{control.NodeRuntimes: keys("containerd", "cri-o")})))
	clean(t, artifacts)
	j := load(t, artifacts)
	const missing, wrong = "Node worker: the node reports no containerRuntimeVersion", "Node worker: containerRuntimeVersion must be of containerd or cri-o, not "
	for version, want := range map[string]string{
		"containerd://1.7.29": "", "cri-o://1.34.0": "", "null": missing,
		"docker://28.0.1": wrong + "docker://28.0.1", "containerd": wrong + "containerd", "containerd://": wrong + "containerd://", "5": wrong + "5",
		"Containerd://2.1.0": wrong + "Containerd://2.1.0", "containerd://2.1://x": wrong + "containerd://2.1://x",
	} {
		text := fmt.Sprintf("{apiVersion: v1, kind: Node, metadata: {name: worker}, status: {nodeInfo: {containerRuntimeVersion: %q}}}", version)
		if version == "null" || version == "5" {
			text = strings.ReplaceAll(text, `"`, "")
		}
		var got []string
		for _, f := range judgeText(t, j, text).Findings {
			got = append(got, f.Message)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
	if v := judgeText(t, j, "{apiVersion: v1, kind: Node, metadata: {name: worker}}"); v.Outcome != target.Deny {
		t.Errorf("a node without a status: %s", v.Outcome)
	}
}

// TestBlockIO tries which annotation names the class of a container.
func TestBlockIO(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(map[control.ID]control.Value{control.BlockIO: keys("low", "normal")}))))
	const own, pods = control.BlockIOContainer + "app", control.BlockIOPod
	missing := "Pod p, container app: no block I/O class is set; set the annotation " + pods + " to low or normal"
	wrong := func(key, value string) string {
		return "Pod p, container app: the block I/O class in " + key + " must be low or normal, not " + value
	}
	for annotations, want := range map[string]string{
		"":                                     missing,
		pods + ": low":                         "",
		pods + ": high":                        wrong(pods, "high"),
		pods + ": ''":                          wrong(pods, ""),
		own + ": normal":                       "",
		own + ": normal, " + pods + ": high":   "",
		own + ": high, " + pods + ": low":      wrong(own, "high"),
		own + ": '', " + pods + ": low":        wrong(own, ""),
		own + ": null, " + pods + ": low":      "",
		control.BlockIOContainer + "b: normal": missing,
		pods + ": [low]":                       wrong(pods, `["low"]`),
	} {
		text := "{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {" + annotations + "}}, spec: {containers: [{name: app, image: x}]}}"
		var got []string
		for _, f := range judgeText(t, j, text).Findings {
			got = append(got, f.Message)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %q, want %q", annotations, got, want)
		}
	}
}
