package terraform_test

import (
	"fmt"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// A container has to name the profiles that are compiled for it, in both forms of
// resources, by the field or by the annotation that was before it.
func TestCompiledProfiles(t *testing.T) {
	const (
		seccomp, apparmor = `{"type":"Localhost","localhostProfile":"bulkhead.payments.api.json"}`, `{"type":"Localhost","localhostProfile":"bulkhead.payments.api"}`
		annotated         = `M.annotations={"container.apparmor.security.beta.kubernetes.io/api":"localhost/bulkhead.payments.api","seccomp.security.alpha.kubernetes.io/pod":"localhost/bulkhead.payments.api.json"}`
	)
	typedSeccomp := `P.security_context.0.seccomp_profile=[{"type":"Localhost","localhost_profile":"bulkhead.payments.api.json"}]`
	typedAppArmor := `C.security_context.0.app_armor_profile=[{"type":"Localhost","localhost_profile":"bulkhead.payments.api"}]`
	for _, test := range []struct {
		name, kubernetes, form string
		edits                  []string
		refused                bool
	}{
		{"neither", "", "manifest", nil, true},
		{"both in the pod", "", "manifest", []string{"P.securityContext.seccompProfile=" + seccomp, "P.securityContext.appArmorProfile=" + apparmor}, false},
		{"both in the container", "", "manifest", []string{"C.securityContext.seccompProfile=" + seccomp, "C.securityContext.appArmorProfile=" + apparmor}, false},
		{"the container's stands before the pod's", "", "manifest", []string{"P.securityContext.seccompProfile=" + seccomp, "P.securityContext.appArmorProfile=" + apparmor, `C.securityContext.seccompProfile={"type":"RuntimeDefault"}`}, true},
		{"in another folder", "", "manifest", []string{`P.securityContext.seccompProfile={"type":"Localhost","localhostProfile":"x/bulkhead.payments.api.json"}`, "P.securityContext.appArmorProfile=" + apparmor}, true},
		{"in a folder of the operator's", "", "manifest", []string{`P.securityContext.seccompProfile={"type":"Localhost","localhostProfile":"operator/x/bulkhead.payments.api.json"}`, "P.securityContext.appArmorProfile=" + apparmor}, true},
		{"in the operator's folder", "", "manifest", []string{`P.securityContext.seccompProfile={"type":"Localhost","localhostProfile":"operator/bulkhead.payments.api.json"}`, "P.securityContext.appArmorProfile=" + apparmor}, false},
		{"AppArmor knows no folders", "", "manifest", []string{"P.securityContext.seccompProfile=" + seccomp, `P.securityContext.appArmorProfile={"type":"Localhost","localhostProfile":"x/bulkhead.payments.api"}`}, true},
		{"another's", "", "manifest", []string{`P.securityContext.seccompProfile={"type":"Localhost","localhostProfile":"bulkhead.payments.web.json"}`, "P.securityContext.appArmorProfile=" + apparmor}, true},
		{"no name", "", "manifest", []string{`P.securityContext.seccompProfile={"type":"Localhost"}`, "P.securityContext.appArmorProfile=" + apparmor}, true},
		{"another's, typed", "", "typed", []string{`P.security_context.0.seccomp_profile=[{"type":"Localhost","localhost_profile":"x.json"}]`, typedAppArmor}, true},
		{"typed", "", "typed", []string{typedSeccomp, typedAppArmor}, false},
		{"an annotation where no field is stated", "", "typed", []string{typedSeccomp, annotated}, false},
		{"seccomp's means nothing any more", "", "manifest", []string{annotated}, true},
		{"AppArmor's field is not known", "1.29", "manifest", []string{"P.securityContext.seccompProfile=" + seccomp, "P.securityContext.appArmorProfile=" + apparmor}, true},
		{"its annotation is", "1.29", "manifest", []string{"P.securityContext.seccompProfile=" + seccomp, annotated}, false},
		{"neither field is known", "1.18", "typed", []string{typedSeccomp, typedAppArmor}, true},
		{"both annotations are", "1.18", "typed", []string{annotated}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc := document(policy.Settings{control.Privileged: boolean(1, false), control.CompiledProfiles: boolean(2, true)})
			doc.Platform = platform.Kubernetes.With(doc.Platform, test.kubernetes)
			artifacts := emit(t, resolve(t, doc))
			r := pods()[test.form]
			for _, e := range test.edits {
				r.values = change(t, test.form, r.values, e)
			}
			want := "[]"
			if test.refused {
				want = "[privileges.compiled_profiles]"
			}
			v := judge(t, load(t, artifacts), planOf(r))
			if got := fmt.Sprint(controlsOf(artifacts, v)); got != want {
				t.Errorf("got %v %s, want %s: %+v", v.Outcome, got, want, v.Findings)
			}
		})
	}
}
