package rego

import (
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// exempting is a policy with exceptions for images: one for all workloads and one for a single one.
func exempting() *policy.Document {
	doc := document(map[control.ID]control.Value{
		control.ReadOnlyRoot: boolean(true), control.SeccompProfile: keys(control.ProfileRuntimeDefault), control.TagsDenied: keys("latest"),
		control.Privileged: boolean(false), control.Undeclared: word(control.AsCeiling),
	})
	doc.Workloads = []*policy.WorkloadBlock{{Name: "api", Match: map[string]string{"app": "api"}, OS: "linux", Range: line(20)}}
	images := func(name, workload string, images []string, controls ...control.ID) *policy.Exception {
		e := &policy.Exception{
			Name: name, Kind: policy.ExceptionWarn, Workload: workload, Owner: "team", Reason: "it writes", Ticket: "T-1", Expires: "2027-01-31", Policy: "test",
			Images: keys(images...).Items, Range: line(60),
		}
		for _, id := range controls {
			e.Controls = append(e.Controls, control.Item{Key: string(id), Range: line(61)})
		}
		return e
	}
	doc.Exceptions = []*policy.Exception{
		images("agent", "", []string{"registry.example.com/agent/*", "docker.io/library/agent"}, control.ReadOnlyRoot, control.SeccompProfile, control.TagsDenied),
		images("privileged agent", "api", []string{"registry.example.com/agent/*"}, control.Privileged),
	}
	return doc
}

// exemptPod is a pod that breaks all controls of exempting, with an image.
func exemptPod(labels, image string) string {
	return "{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {" + labels + "}}, spec: {containers: [{name: app, image: '" + image + "', securityContext: {privileged: true}}]}}"
}

func TestImagesExempt(t *testing.T) {
	p := resolve(t, exempting())
	artifacts := emit(t, p)
	clean(t, artifacts)
	j := load(t, artifacts)
	const (
		most = "filesystem.read_only_root image.deny_tags privileges.privileged privileges.seccomp"
		none = "privileges.privileged"
	)
	for name, c := range map[string]struct{ in, refused, reported string }{
		"another image":         {exemptPod("", "registry.example.com/other"), most, ""},
		"an image of it":        {exemptPod("", "registry.example.com/agent/x"), none, "agent:filesystem.read_only_root agent:image.deny_tags agent:privileges.seccomp"},
		"in another spelling":   {exemptPod("", "index.docker.io/agent"), none, "agent:filesystem.read_only_root agent:image.deny_tags agent:privileges.seccomp"},
		"in short":              {exemptPod("", "agent:latest"), none, "agent:filesystem.read_only_root agent:image.deny_tags agent:privileges.seccomp"},
		"an account's":          {exemptPod("", "acme/agent"), most, ""},
		"a host that ends so":   {exemptPod("", "evil.example/registry.example.com/agent/x"), most, ""},
		"a host that begins so": {exemptPod("", "registry.example.com.evil.example/agent/x"), most, ""},
		"no reference":          {exemptPod("", "registry.example.com/agent/X"), most, ""},
		"with a blank":          {exemptPod("", "registry.example.com/agent/x "), most, ""},
		"no image":              {strings.Replace(exemptPod("", "x"), "image: 'x',", "", 1), most, ""},
		"a number":              {strings.Replace(exemptPod("", "x"), "'x'", "5", 1), most, ""},
		"of the workload": {exemptPod("app: api", "registry.example.com/agent/x"), "",
			"agent:filesystem.read_only_root agent:image.deny_tags agent:privileges.seccomp privileged agent:privileges.privileged"},
		"of the workload, by the other": {exemptPod("app: api", "agent"), none, "agent:filesystem.read_only_root agent:image.deny_tags agent:privileges.seccomp"},
		"beside others": {strings.Replace(exemptPod("", "agent"), "containers: [", "containers: [{name: b, image: b},", 1),
			"filesystem.read_only_root image.deny_tags privileges.privileged privileges.seccomp", "agent:filesystem.read_only_root agent:image.deny_tags agent:privileges.seccomp"},
		"as an init container": {strings.Replace(strings.Replace(exemptPod("", "agent"), "containers: [", "initContainers: [", 1), "}]}}", "}], containers: [{name: b, image: 'b:1', securityContext: {readOnlyRootFilesystem: true, seccompProfile: {type: RuntimeDefault}}}]}}", 1),
			none, "agent:filesystem.read_only_root agent:image.deny_tags agent:privileges.seccomp"},
		"what only the pod states": {strings.Replace(strings.Replace(exemptPod("", "agent"), "spec: {", "spec: {securityContext: {seccompProfile: {type: Unconfined}}, ", 1), "privileged: true", "seccompProfile: {type: RuntimeDefault}", 1),
			"privileges.seccomp", "agent:filesystem.read_only_root agent:image.deny_tags"},
		"what it takes from the pod": {strings.Replace(exemptPod("", "agent"), "spec: {", "spec: {securityContext: {seccompProfile: {type: Unconfined}}, ", 1),
			none, "agent:filesystem.read_only_root agent:image.deny_tags agent:privileges.seccomp"},
		"a volume of the image": {"{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: v, image: {reference: agent}}], containers: [{name: app, image: 'agent:1', securityContext: {readOnlyRootFilesystem: true, seccompProfile: {type: RuntimeDefault}}}]}}",
			"image.deny_tags", ""},
	} {
		v := judgeText(t, j, c.in)
		if got := refusals(v); got != c.refused {
			t.Errorf("%s: %q is refused, want %q", name, got, c.refused)
		}
		var reported []string
		for _, f := range v.Findings {
			if f.Warning {
				reported = append(reported, f.Exception+":"+f.Control)
			}
		}
		if got := sorted(reported); got != c.reported {
			t.Errorf("%s: %q is reported, want %q", name, got, c.reported)
		}
	}
	passing(t, modulesOf(t, withTests(t, p)))
}

// TestUpdatesOfExemptImages lets nobody keep what an exception let the image before have.
func TestUpdatesOfExemptImages(t *testing.T) {
	j := load(t, emit(t, resolve(t, exempting())))
	agent, other := exemptPod("", "registry.example.com/agent/x:1"), exemptPod("", "registry.example.com/other:1")
	for name, c := range map[string]struct{ question, want string }{
		"from it to another":       {review("UPDATE", other, agent), "filesystem.read_only_root privileges.seccomp"},
		"from another name":        {review("UPDATE", other, strings.Replace(other, "name: app", "name: b", 1)), "filesystem.read_only_root privileges.privileged privileges.seccomp"},
		"from something odd":       {review("UPDATE", other, "text"), "filesystem.read_only_root privileges.privileged privileges.seccomp"},
		"without what it was":      {review("UPDATE", other, ""), "filesystem.read_only_root privileges.privileged privileges.seccomp"},
		"from another image":       {review("UPDATE", other, strings.Replace(other, "other:1", "more:1", 1)), ""},
		"another, as it was":       {review("UPDATE", other, other), ""},
		"another, with a label":    {review("UPDATE", strings.Replace(other, "labels: {", "labels: {a: b", 1), other), ""},
		"from another to it":       {review("UPDATE", agent, other), ""},
		"into the workload":        {review("UPDATE", strings.Replace(other, "labels: {", "labels: {app: api", 1), other), "filesystem.read_only_root privileges.privileged privileges.seccomp"},
		"a tag that comes with it": {review("UPDATE", strings.Replace(other, "other:1", "other:latest", 1), other), "image.deny_tags"},
	} {
		if got, asked := refusals(judgeText(t, j, c.question)), asWebhook(t, j, c.question); got != c.want || asked != c.want {
			t.Errorf("%s: %q, and %q as a webhook, want %q", name, got, asked, c.want)
		}
	}
}

// TestShownImages holds what exceptions for images may name to what is judged here of containers.
func TestShownImages(t *testing.T) {
	for _, c := range control.Controls() {
		_, judged := controls[c.ID]
		if want := judged && c.Scope == control.OfContainer; c.ShowsImage() != want {
			t.Errorf("%s shows an image: %v, want %v", c.ID, c.ShowsImage(), want)
		}
	}
}
