package rego

import (
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// layer is one of those whose profiles a pod names.
type layer struct {
	*control.Profile
	control control.ID // where profiles may come from
	name    string     // of the functions of shape.rego
}

var layers = func() (all []layer) {
	for _, c := range control.Profiles() {
		all = append(all, layer{c.Profile, c.ID, strings.ToLower(c.Profile.Title)})
	}
	return all
}()

// annotation is what was before the field, as Rego over a container c.
func (l layer) annotation() string {
	if l.name == "apparmor" { // shape.rego reads it too
		return "apparmor_key(c)"
	}
	return fmt.Sprintf(`concat("", [%q, c.name])`, l.Annotation)
}

// compiledProfiles demands that a container names the profiles that are compiled for it. What a container is held to is
// their names.
func compiledProfiles(p platform.Facts) check {
	c := check{variable: "profiles", own: profilesOf}
	for _, l := range layers {
		r := rule{
			over: "linux_containers",
			where: []string{
				"own := profiles." + l.name,
				`own != ""`,
				fmt.Sprintf("not %s_named(c, own)", l.name),
			},
		}
		if p.SinceKubernetes(l.Since) {
			keys := fmt.Sprintf(`["securityContext", %q, "type"]`, l.Field)
			r.at, r.keys, r.fixed = "stating(c, "+keys+")", keys, true
			r.problem = fmt.Sprintf(`sprintf("%s must be {type: Localhost, localhostProfile: %%s}, the profile that is compiled for it", [own])`, l.Field)
		} else {
			r.at, r.keys = "in_pod(c)", fmt.Sprintf(`["metadata", "annotations", %s]`, l.annotation())
			r.problem = fmt.Sprintf(`sprintf("the annotation %%s must be localhost/%%s, the profile that is compiled for it", [%s, own])`, l.annotation())
		}
		c.rules = append(c.rules, r)
	}
	return c
}

// profilesOf writes the names of a container's profiles by layer, "" where it has none in a layer; "" where it has none at all. In Rego "" stands for none
// and not null: where no container has a profile of the layer, OPA would infer null for the name, and refuse the bundle at a function of strings.
func profilesOf(p *policy.Policy, c *policy.Container) string {
	var members []string
	any := false
	for _, l := range layers {
		name := profile.Localhost(p, l.control, c)
		any = any || name != ""
		members = append(members, quote(l.name)+": "+quote(name))
	}
	if !any {
		return ""
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// foreignProfile writes, for the control that says where a layer's profiles may come from, that a container which names a
// profile of the node has to name its own. It is told of described containers only: undeclared pods share one profile,
// and a preset is compiled for nobody. Who has to name its own anyway is told of that by compiled_profiles.
func (e *emitter) foreignProfile(c *control.Control, h held) string {
	for _, l := range layers {
		if l.control == c.ID {
			return e.foreign(l, c, h)
		}
	}
	return ""
}

func (e *emitter) foreign(l layer, c *control.Control, h held) string {
	var table strings.Builder
	for s := range e.policy.Subjects() {
		if !profile.RefusesForeign(e.policy, c, s) {
			continue
		}
		fmt.Fprintf(&table, "\t%s: %s,\n", quote(s.ID()), quote(profile.Name(e.policy, s)+c.Profile.Suffix))
	}
	if table.Len() == 0 {
		return ""
	}
	r := rule{
		over: "linux_containers", fixed: true, // no update changes the field
		at:      fmt.Sprintf(`stating(c, ["securityContext", %q, "type"])`, l.Field),
		keys:    fmt.Sprintf(`["securityContext", %q, "localhostProfile"]`, l.Field),
		problem: fmt.Sprintf(`sprintf("the %s profile must be the one that is compiled for it, %%s", [own])`, l.Title),
		where: []string{
			fmt.Sprintf("own := %s_profile_of[c.subject]", l.name),
			fmt.Sprintf("%s_file(c) != null", l.name),
			fmt.Sprintf("not %s_named(c, own)", l.name),
		},
	}
	if !e.policy.Platform.SinceKubernetes(l.Since) {
		r.fixed, r.at, r.keys = false, "in_pod(c)", fmt.Sprintf(`["metadata", "annotations", %s]`, l.annotation())
	}
	h.subjects = nil // the table says whom it is about
	return fmt.Sprintf(`
# The profile that is compiled for each container. A profile does nothing for a
# container that names another one.
%s_profile_of := {
%s}

`, l.name, table.String()) + h.refusals(check{}, r, nil)
}
