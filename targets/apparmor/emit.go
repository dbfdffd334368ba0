package apparmor

import (
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// The subjects of what is decided where a profile begins: by the absence of a rule that allows it. The judge names
// them in its findings, and the origins of that line by them.
const (
	subjectCapability = "capability " // and its name
	subjectFile       = "file "       // and the access: read, write, execute, ...
	subjectNetwork    = "network"
	subjectMount      = "mount"
	subjectPtrace     = "ptrace"
	subjectSignal     = "signal"
	subjectUserns     = "userns"
	subjectIOUring    = "io_uring"
	subjectMqueue     = "mqueue"
)

// Emit writes one profile for each container that AppArmor can confine.
func (Target) Emit(p *policy.Policy) ([]target.Artifact, error) {
	var artifacts []target.Artifact
	for c := range p.Subjects() {
		if profile.Unprofiled(c) != "" {
			continue
		}
		e := emitter{policy: p, container: c}
		if err := e.profile(); err != nil {
			return nil, fmt.Errorf("apparmor profile of %s: %w", c.ID(), err)
		}
		artifacts = append(artifacts, target.Artifact{
			Path:       "apparmor/" + profile.Name(p, c),
			Containers: []string{c.ID()},
			Body:       []byte(strings.Join(e.lines, "\n") + "\n"),
			Mappings:   e.origins,
		})
	}
	return artifacts, nil
}

// emitter writes one profile, line by line.
type emitter struct {
	policy    *policy.Policy
	container *policy.Container
	lines     []string
	origins   []target.SourceMapping
	header    string // the place where the profile begins
	deny      string // "deny" or "audit deny"
}

func (e *emitter) profile() error {
	name, err := quote(profile.Name(e.policy, e.container), false)
	if err != nil {
		return err
	}
	e.deny = "deny"
	if e.audits() {
		e.deny = "audit deny"
	}
	e.preamble()
	e.line("profile %s flags=(attach_disconnected,mediate_deleted) {", name)
	e.header = e.place()
	for _, section := range []func() error{e.files, e.denied, e.folders, e.kernel, e.hostPaths, e.capabilities, e.network, e.mounts, e.mediated} {
		if err := section(); err != nil {
			return err
		}
	}
	if err := e.processes(name); err != nil {
		return err
	}
	e.line("}")
	return nil
}

// preamble says what the file is, and pins the feature set that its rules were written for: with a newer one
// "network" no longer implies unix sockets, and with 4.0 user namespaces need a rule. Parsers before 3.0 know no feature sets.
func (e *emitter) preamble() {
	e.line("# %s", comment(fmt.Sprintf("AppArmor profile of the container %s of policy %s %s.", e.container.ID(), e.policy.Name, e.policy.Version)))
	e.line("# Written by bulkhead: change the policy, not this file.")
	for _, until := range e.ends() {
		e.line("# %s", comment(until))
	}
	switch {
	case newer(e.policy):
		e.line("abi <abi/4.0>,")
	case parserMajor(e.policy) >= firstWithABI:
		e.line("abi <abi/3.0>,")
	}
	e.line("")
}

// ends tells until when the profile holds, where exceptions went into it.
func (e *emitter) ends() []string {
	var out []string
	for _, row := range covered {
		id, s := row.id, e.container.Get(row.id)
		if !row.rules || supportOf(e.policy, e.container, id).Level == target.NotApplicable {
			continue
		}
		for _, x := range []*policy.Exception{s.Warn, s.Granted} {
			if x != nil {
				out = append(out, fmt.Sprintf("Holds until %s: exception %q loosens %s.", x.Expires, x.Name, id))
			}
		}
	}
	return out
}

func (e *emitter) setting(id control.ID) policy.Setting { return e.container.Enforced(id) }

// line writes one line of the profile.
func (e *emitter) line(format string, args ...any) {
	e.lines = append(e.lines, fmt.Sprintf(format, args...))
}

// place names the line that was written last.
func (e *emitter) place() string { return place(len(e.lines)) }

// place names a line as findings and origins do.
func place(line int) string { return fmt.Sprintf("line %d", line) }

// origin notes that a place, or one subject decided there, comes from controls.
func (e *emitter) origin(at, subject string, ids ...control.ID) {
	for _, id := range ids {
		e.origins = append(e.origins, target.SourceMapping{
			Location: at, Subject: subject, Control: control.Ref{ID: id}, Container: e.container.ID(), Range: e.setting(id).Range,
		})
	}
}

// about begins a group of rules with the controls that they come from, and why.
func (e *emitter) about(why string, ids ...control.ID) {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
		if r := e.setting(id).Range; r.Filename != "" {
			names[i] += " (" + hcltext.At(r) + ")"
		}
	}
	e.line("")
	e.line("  # %s", comment(strings.Join(names, ", ")+": "+why))
}

// rule writes a rule that comes from controls.
func (e *emitter) rule(text string, ids ...control.ID) {
	e.line("  %s,", text)
	e.origin(e.place(), "", ids...)
}

func (e *emitter) grant(s policy.Setting, perms string, id control.ID) error {
	for _, path := range s.Keys() {
		if err := e.paths([]string{path}, func(pattern string) string { return pattern + " " + perms }, id); err != nil {
			return err
		}
	}
	return nil
}

// paths writes a rule for each pattern of the policy. A folder's own path ends in a slash to AppArmor, so that a
// pattern that is not about what lies below takes two rules.
func (e *emitter) paths(paths []string, rule func(pattern string) string, id control.ID) error {
	for _, path := range paths {
		forms := []string{path}
		if path != "/" && !strings.HasSuffix(path, "/**") {
			forms = append(forms, path+"/")
		}
		for _, form := range forms {
			pattern, err := quote(form, true)
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			e.rule(rule(pattern), id)
		}
	}
	return nil
}

// refuse writes a rule that denies; why stands behind it.
func (e *emitter) refuse(pattern, perms, why string, ids ...control.ID) {
	e.line("  %s %s %s,  # %s", e.deny, pattern, perms, comment(why))
	e.origin(e.place(), "", ids...)
}

// refused gives what stays refused of a path of the node that the policy grants: reading it, or nothing of it.
func refused(perms, grant string) string {
	if grant != "read" {
		return perms
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("rmx", r) {
			return -1
		}
		return r
	}, perms)
}
