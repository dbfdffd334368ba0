package rego

import (
	"context"
	"testing"

	sigsjson "sigs.k8s.io/json"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// FuzzKubelet reads anything as fields of a kubelet's configuration, and holds the verdict to what Kubernetes' decoder finds in them:
// allowed is what it decodes and what complies, and nothing else.
func FuzzKubelet(f *testing.F) {
	values := map[control.ID]control.Value{}
	for id, c := range kubeletCases {
		values[id] = c.value
		for fields := range c.want {
			f.Add(fields)
		}
	}
	f.Add("seccompDefault: true, protectKernelDefaults: true, podPidsLimit: 100")
	f.Add("seccompDefault: true, protectKernelDefaults: true, podPidsLimit: 1e2, readOnlyPort: 0, authentication: {anonymous: {enabled: false}}")
	j := load(f, emit(f, resolve(f, document(values))))
	f.Fuzz(func(t *testing.T, fields string) {
		text := []byte(kubeletOf(fields))
		docs, err := input.Read("f.yaml", text, input.DefaultLimits())
		if err != nil || len(docs) != 1 || docs[0].Root.Get("kind").Text() != "KubeletConfiguration" || docs[0].Root.Get("apiVersion").Text() != "kubelet.config.k8s.io/v1beta1" {
			return
		}
		v, err := j.Judge(context.Background(), attempt.Manifest{Document: docs[0]})
		if err != nil {
			t.Fatal(err)
		}
		decoded, complies := kubeletComplies(text)
		if v.Outcome == target.Allow && (!decoded || !complies) || decoded && complies && v.Outcome != target.Allow {
			t.Errorf("%s: %s; decoded %v, complies %v", text, summary(v), decoded, complies)
		}
	})
}

// kubeletComplies decodes a configuration as Kubernetes does, as far as the controls of kubeletCases read it.
func kubeletComplies(text []byte) (decoded, complies bool) {
	var c struct {
		SeccompDefault        *bool  `json:"seccompDefault"`
		ProtectKernelDefaults bool   `json:"protectKernelDefaults"`
		ReadOnlyPort          int32  `json:"readOnlyPort"`
		PodPidsLimit          *int64 `json:"podPidsLimit"`
		Authentication        struct {
			Anonymous struct {
				Enabled *bool `json:"enabled"`
			} `json:"anonymous"`
		} `json:"authentication"`
	}
	body, err := sigsyaml.YAMLToJSONStrict(text)
	if err != nil || sigsjson.UnmarshalCaseSensitivePreserveInts(body, &c) != nil {
		return false, false
	}
	anonymous := c.Authentication.Anonymous.Enabled
	return true, c.SeccompDefault != nil && *c.SeccompDefault && c.ProtectKernelDefaults && c.ReadOnlyPort == 0 &&
		c.PodPidsLimit != nil && *c.PodPidsLimit >= 1 && *c.PodPidsLimit <= 4096 && (anonymous == nil || !*anonymous)
}
