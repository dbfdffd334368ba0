package terraform_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// withImages has exceptions for images, of all workloads and of one.
func withImages() *policy.Document {
	doc := document(strict())
	for name, e := range map[string]*policy.Exception{
		"agent": {
			Images:   []control.Item{{Key: "registry.example.com/payments/agent/*"}, {Key: "docker.io/library/agent"}},
			Controls: []control.Item{{Key: "filesystem.read_only_root"}, {Key: "image.digest"}, {Key: "resources.hugepages"}},
		},
		"of the api": {Workload: "api", Images: []control.Item{{Key: "registry.example.com/payments/agent/*"}}, Controls: []control.Item{{Key: "privileges.privileged"}}},
		"of web":     {Workload: "web", Images: []control.Item{{Key: "*"}}, Controls: []control.Item{{Key: "privileges.privileged"}}},
	} {
		e.Name, e.Kind, e.Owner, e.Reason, e.Ticket, e.Expires, e.Policy, e.Range = name, policy.ExceptionWarn, "team", "it writes", "SEC-2", "2027-01-31", "payments", at(91)
		doc.Exceptions = append(doc.Exceptions, e)
	}
	slices.SortFunc(doc.Exceptions, func(a, b *policy.Exception) int { return strings.Compare(a.Name, b.Name) })
	doc.Workloads = append(doc.Workloads, &policy.WorkloadBlock{Name: "web", Match: map[string]string{"app": "web"}, OS: "linux", Range: at(52)})
	return doc
}

func TestImagesExempt(t *testing.T) {
	artifacts := emit(t, resolve(t, withImages()))
	j := load(t, artifacts)
	const agent, other = "registry.example.com/payments/agent/x:1", "registry.example.com/payments/api:1"
	for _, c := range []struct {
		name, image, field string
		outcome            target.Outcome
		controls           string
	}{
		{"another image", other, "readOnlyRootFilesystem=false", target.Deny, "[filesystem.read_only_root image.digest]"},
		{"its image", agent, "readOnlyRootFilesystem=false", target.Allow, "[filesystem.read_only_root (warning) image.digest (warning)]"},
		{"its image, of the workload", agent, "privileged=true", target.Allow, "[image.digest (warning) privileges.privileged (warning)]"},
		{"another image, of the workload", other, "privileged=true", target.Deny, "[image.digest privileges.privileged]"},
		{"not what it names", agent, "allowPrivilegeEscalation=true", target.Deny, "[image.digest (warning) privileges.escalation]"},
		{"no reference", "registry.example.com/payments/agent/X", "readOnlyRootFilesystem=false", target.Deny, "[filesystem.read_only_root image.deny image.deny_tags image.digest image.registries]"},
	} {
		e := edits{manifest: []string{fmt.Sprintf("C.image=%q", c.image), "C.securityContext." + c.field}}
		v := judge(t, j, planOf(e.forms(t)["manifest"]))
		got := controlsOf(artifacts, v)
		slices.Sort(got)
		if v.Outcome != c.outcome || fmt.Sprint(got) != c.controls {
			t.Errorf("%s: %v, %v, want %v, %v", c.name, v.Outcome, got, c.outcome, c.controls)
		}
	}
	names := map[string]bool{}
	for _, a := range artifacts {
		for _, o := range a.Mappings {
			names[o.Exception] = true
		}
	}
	if len(names) != 4 {
		t.Errorf("the conditions are of the exceptions %v", names)
	}
}

// TestReportedInAnyImage: where one exception has a control reported only in a whole workload, and another in containers of
// some images, those are reported too.
func TestReportedInAnyImage(t *testing.T) {
	doc := withImages()
	doc.Values = policy.Settings{control.ReadOnlyRoot: boolean(38, true)}
	whole := *doc.Exceptions[0]
	whole.Name, whole.Workload, whole.Images = "whole", "api", nil
	doc.Exceptions = []*policy.Exception{doc.Exceptions[0], &whole}
	for _, e := range doc.Exceptions {
		e.Controls = []control.Item{{Key: "filesystem.read_only_root"}}
	}
	artifacts := emit(t, resolve(t, doc))
	j := load(t, artifacts)
	for _, image := range []string{"registry.example.com/payments/agent/x:1", "registry.example.com/payments/api:1"} {
		e := edits{manifest: []string{fmt.Sprintf("C.image=%q", image), "C.securityContext.readOnlyRootFilesystem=false"}}
		v := judge(t, j, planOf(e.forms(t)["manifest"]))
		if got := fmt.Sprint(controlsOf(artifacts, v)); v.Outcome != target.Allow || got != "[filesystem.read_only_root (warning)]" {
			t.Errorf("%s: %v, %s", image, v.Outcome, got)
		}
	}
}

// TestUnknownImages: an image that is known only after apply may be that of an
// exception or not.
func TestUnknownImages(t *testing.T) {
	doc := withImages()
	doc.Values = policy.Settings{control.ReadOnlyRoot: boolean(38, true)}
	doc.Exceptions = doc.Exceptions[:1]
	doc.Exceptions[0].Controls = doc.Exceptions[0].Controls[:1]
	j := load(t, emit(t, resolve(t, doc)))
	for edit, want := range map[string]target.Outcome{
		"C.security_context.0.read_only_root_filesystem=false": target.Undecided, "C.security_context.0.read_only_root_filesystem=true": target.Allow,
	} {
		r := deployment(t, edit)
		r.unknown = `{"spec":[{"template":[{"spec":[{"container":[{"image":true}]}]}]}]}`
		if v := judge(t, j, planOf(r)); v.Outcome != want {
			t.Errorf("%s: %v, want %v: %+v", edit, v.Outcome, want, v.Findings)
		}
	}
}
