package rego

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// review asks about an object as an API server does; old is what it was, "" where that is not said.
func review(operation, object, old string) string {
	if old != "" {
		old = ", oldObject: " + old
	}
	return fmt.Sprintf("{kind: AdmissionReview, apiVersion: admission.k8s.io/v1, request: {operation: %s, object: %s%s}}", operation, object, old)
}

// asWebhook gives what OPA refuses of a question that a webhook hands over as it stands: the controls.
func asWebhook(t *testing.T, j target.Judge, question string) string {
	t.Helper()
	docs, err := input.Read("f", []byte(question), input.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(denied(t, j.(*judge), docs[0].Root))
	if err != nil {
		t.Fatal(err)
	}
	var refused []struct{ Control string }
	if err := json.Unmarshal(body, &refused); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range refused {
		out = append(out, r.Control)
	}
	return sorted(out)
}

// sorted writes texts in order.
func sorted(texts []string) string {
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// refusals gives the controls that a judge finds broken.
func refusals(v target.Verdict) string {
	var out []string
	for _, f := range v.Findings {
		if !f.Warning {
			out = append(out, f.Control)
		}
	}
	return sorted(out)
}

func changed(pod string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(pod) }

// TestUpdatesOfPods says which violations a change of a pod is held to.
func TestUpdatesOfPods(t *testing.T) {
	doc := document(map[control.ID]control.Value{
		control.Privileged: boolean(false), control.HostPaths: {Items: []control.Item{{Key: "/logs", Arg: "read", Range: line(9)}}},
		control.Registries: keys("example.com/*"), control.Digest: word(control.Required), control.Memory: word("1Gi"),
		control.AppArmorProfile: keys(control.ProfileUnset), control.Undeclared: word(control.AsCeiling),
	})
	j := load(t, emit(t, resolve(t, doc)))
	const digest = "@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	const bad = `{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {a: b}, finalizers: [x.example/y]}, spec: {
		volumes: [{name: l, hostPath: {path: /logs}}, {name: i, image: {reference: other.example/i}}],
		containers: [{name: app, image: "other.example/app:1", securityContext: {privileged: true}}]}}`
	const free = `{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {
		containers: [{name: app, image: "example.com/app` + digest + `", resources: {limits: {memory: 1Gi}}, securityContext: {privileged: true}}]}}`
	writer := func(name string) string {
		return changed(bad, "containers: [{", "ephemeralContainers: [{name: "+name+", image: \"example.com/d"+digest+"\", volumeMounts: [{name: l, mountPath: /l}]}], containers: [{")
	}
	const all = "image.digest image.digest image.registries image.registries privileges.privileged resources.memory"
	const open = "image.digest image.registries resources.memory"
	for name, c := range map[string]struct{ question, want string }{
		"made":                        {review("CREATE", bad, ""), all},
		"no operation":                {review("", bad, ""), all},
		"another operation":           {review("update", bad, ""), all},
		"asked in no version":         {changed(review("CREATE", bad, ""), "admission.k8s.io/v1", "null"), all},
		"asked in an empty version":   {changed(review("CREATE", bad, ""), "admission.k8s.io/v1", "''"), all},
		"changed, from something":     {review("UPDATE", bad, ""), open},
		"nothing is wrong but lasts":  {review("UPDATE", free, ""), ""},
		"a finalizer taken off":       {review("UPDATE", changed(bad, ", finalizers: [x.example/y]", ""), bad), ""},
		"a label of no workload":      {review("UPDATE", changed(bad, "a: b", "a: c"), bad), open},
		"another image":               {review("UPDATE", changed(bad, "app:1", "app:2"), bad), open},
		"an image out of bounds":      {review("UPDATE", changed(free, "example.com/app", "evil.example/app"), free), "image.registries"},
		"an old pod that is odd":      {review("UPDATE", bad, "text"), open},
		"an old object of other kind": {review("UPDATE", bad, changed(bad, "kind: Pod", "kind: Node")), open},
		"without an apiVersion":       {review("UPDATE", changed(bad, "apiVersion: v1, ", ""), ""), all},
		"asked about as another kind": {changed(review("UPDATE", bad, ""), "request: {", "request: {kind: {kind: Deployment, group: apps, version: v1}, "), all},
		"asked about as a Pod":        {changed(review("UPDATE", bad, ""), "request: {", "request: {kind: {kind: Pod, group: '', version: v1}, "), open},
		"a list":                      {review("UPDATE", changed(bad, "kind: Pod", "kind: Pod, items: ["+bad+"]"), ""), all},
		"a typed list":                {review("UPDATE", "{apiVersion: v1, kind: PodList, items: ["+changed(bad, "apiVersion: v1, kind: Pod, ", "")+"]}", ""), all},
		"a controller": {review("UPDATE", "{apiVersion: apps/v1, kind: Deployment, spec: {template: "+changed(bad, "apiVersion: v1, kind: Pod, ", "")+"}}",
			"{apiVersion: apps/v1, kind: Deployment, spec: {template: "+changed(bad, "apiVersion: v1, kind: Pod, ", "")+"}}"), all},
		"a privileged ephemeral container": {review("UPDATE", changed(free, "containers: [{", "ephemeralContainers: [{name: d, image: \"example.com/d"+digest+"\", securityContext: {privileged: true}}], containers: [{"), free),
			"privileges.privileged"},
		"an ephemeral container that writes": {review("UPDATE", writer("d"), bad), "host.paths image.digest image.registries"},
		"one that wrote before":              {review("UPDATE", changed(writer("d"), ", finalizers: [x.example/y]", ""), writer("d")), ""},
		"one more that writes":               {review("UPDATE", writer("e"), writer("d")), "host.paths image.digest image.registries"},
		"without an object":                  {"{kind: AdmissionReview, apiVersion: admission.k8s.io/v1, request: {operation: UPDATE, oldObject: " + bad + "}}", "manifest"},
	} {
		if got := asWebhook(t, j, c.question); got != c.want {
			t.Errorf("%s, as a webhook: %q, want %q", name, got, c.want)
		}
		if name == "without an object" {
			continue // which check lists as skipped
		}
		if got := refusals(judgeText(t, j, c.question)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestUpdatesIntoAnotherWorkload lets no pod take the name of a workload by a change of its labels.
func TestUpdatesIntoAnotherWorkload(t *testing.T) {
	j := load(t, emit(t, resolve(t, tiers())))
	api := tierPod("app: api", "", ", capabilities: {add: [NET_BIND_SERVICE]}")
	shard := tierPod("app: shard, region: us", "", ", capabilities: {add: [NET_BIND_SERVICE]}")
	bad := tierPod("app: api", "", ", capabilities: {add: [SYS_ADMIN]}")
	for name, c := range map[string]struct{ question, want string }{
		"as it was":           {review("UPDATE", api, api), ""},
		"another's label":     {review("UPDATE", shard, api), "capabilities.add"},
		"what it was":         {review("UPDATE", shard, ""), "capabilities.add"},
		"no workload's label": {review("UPDATE", tierPod("app: x", "", ""), api), "policy.undeclared"},
		"one label more":      {review("UPDATE", changed(bad, "app: api", "app: api, tier: b"), bad), ""},
		"wrong before":        {review("UPDATE", bad, bad), ""},
		"wrong, and unknown":  {review("UPDATE", bad, ""), "capabilities.add"},
		"never described":     {review("UPDATE", tierPod("app: y", "", ""), tierPod("app: x", "", "")), "policy.undeclared"},
		"not described still": {review("UPDATE", tierPod("app: x", "", ""), tierPod("app: x", "", "")), ""},
	} {
		got, asked := refusals(judgeText(t, j, c.question)), asWebhook(t, j, c.question)
		if got != c.want || asked != c.want {
			t.Errorf("%s: %q, and %q as a webhook, want %q", name, got, asked, c.want)
		}
	}
}

// TestUpdatesByControl holds the table of what an update can break to every case of every control: made within a review, a
// pod is refused as outside of one, and changed without a word of what it was, for what can be changed only.
func TestUpdatesByControl(t *testing.T) {
	for _, id := range slices.Sorted(maps.Keys(controlCases)) {
		j := load(t, emit(t, resolve(t, document(map[control.ID]control.Value{id: controlCases[id].value}))))
		for _, c := range controlCases[id].cases {
			pod := podOf(c.pod, c.container)
			made := judgeText(t, j, pod)
			want := refusals(made)
			if got := refusals(judgeText(t, j, review("CREATE", pod, ""))); got != want {
				t.Errorf("%s, %s made: %q, want %q", id, pod, got, want)
			}
			if got := refusals(judgeText(t, j, review("UPDATE", pod, pod))); got != "" {
				t.Errorf("%s, %s as it was: %q", id, pod, got)
			}
			if (settledByUpdates(controls[id]) || id == control.CompiledProfiles) && !strings.Contains(pod, "ephemeralContainers") {
				want = ""
			}
			if id.Block() == "image" { // but for volumes that are images
				made.Findings = slices.DeleteFunc(made.Findings, func(f target.Finding) bool { return slices.Contains(f.Path, "volumes") })
				want = refusals(made)
			}
			if got := refusals(judgeText(t, j, review("UPDATE", pod, ""))); got != want {
				t.Errorf("%s, %s changed: %q, want %q", id, pod, got, want)
			}
		}
	}
}

// settledByUpdates reports whether an update of a pod can break no rule of a control.
func settledByUpdates(c check) bool {
	return c.fixed || !slices.ContainsFunc(c.rules, func(r rule) bool { return !r.fixed })
}
