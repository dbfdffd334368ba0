package falco

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/falco/rules"
)

const (
	// engineVersion is that of Falco 0.42. From it on, parameters that used to
	// belong to enter events, such as the family of a socket, are in exit events,
	// which are the only ones left; older engines would load these rules and stay
	// silent.
	engineVersion = "0.57.0"
	// containerPlugin is the first version of the plugin that Falco's own rules
	// 5.1 ask for; container.* and k8s.* come from it since Falco 0.41.
	containerPlugin = "0.4.0"
)

// rule is a rule of the emitted file.
type rule struct {
	name, description, condition, output, priority string
	tags                                           []string
	comments                                       []string
	origins                                        []target.SourceMapping
}

// Emit makes one rules file, falco/<policy>.yaml. A policy that reports nothing
// makes none.
func (Target) Emit(p *policy.Policy) ([]target.Artifact, error) {
	s := newScopes(p)
	var all []rule
	for _, ctrl := range control.Controls() {
		emit := violationRules
		if how := specials[ctrl.ID]; how.rules != nil {
			emit = how.rules
		}
		all = append(all, emit(p, s, ctrl)...)
	}
	if len(all) == 0 {
		return nil, nil
	}
	body, err := encode(p, s, all)
	if err != nil {
		return nil, fmt.Errorf("falco: %w", err)
	}
	path := "falco/" + p.Name + ".yaml"
	set, err := rules.Load(rules.File{Name: path, Body: body})
	if err != nil {
		return nil, fmt.Errorf("falco: the emitted file does not load: %w", err)
	}
	if len(set.Rules) != len(all) {
		return nil, fmt.Errorf("falco: %d rules were emitted and %d load", len(all), len(set.Rules))
	}
	a := target.Artifact{Path: path, Body: body}
	for _, r := range all {
		a.Mappings = append(a.Mappings, r.origins...)
	}
	return []target.Artifact{a}, nil
}

// group is the containers in which one control is watched alike.
type group struct {
	watch    watch
	subjects []subject
}

// violationRules makes a rule for each priority at which violations of a control
// are reported.
func violationRules(p *policy.Policy, s *scopes, ctrl *control.Control) []rule {
	byPriority := map[string][]*group{}
	seen := map[string]*group{}
	for _, subject := range s.subjects {
		if subject.priority == "" {
			continue
		}
		w := watchOf(p, subject.Container, ctrl)
		if len(w.clauses) == 0 {
			continue
		}
		key := subject.priority + "|" + w.key()
		if seen[key] == nil {
			seen[key] = &group{watch: w}
			byPriority[subject.priority] = append(byPriority[subject.priority], seen[key])
		}
		seen[key].subjects = append(seen[key].subjects, subject)
	}
	var out []rule
	for _, priority := range sortedNames(byPriority) {
		r := rule{
			name:        ruleName(p, string(ctrl.ID)),
			description: ctrl.Title + ". " + ctrl.Reason,
			condition:   condition(s, byPriority[priority]),
			output:      output(p, string(ctrl.ID)+" violated"),
			priority:    priority,
			tags:        tags(string(ctrl.ID), ctrl.Mappings),
		}
		if len(byPriority) > 1 {
			r.name += " at " + priority
		}
		for _, g := range byPriority[priority] {
			r.attribute(control.Ref{ID: ctrl.ID}, g.subjects, func(c *policy.Container) policy.Setting { return c.Get(ctrl.ID) })
		}
		r.comment()
		for _, g := range byPriority[priority] {
			r.reported(g.subjects)
		}
		out = append(out, r)
	}
	return out
}

func ruleName(p *policy.Policy, what string) string { return "Bulkhead " + p.Name + ": " + what }

// condition writes a rule's condition: types first, since Falco sorts rules by
// them, then whose event it is, then what is wrong.
func condition(s *scopes, groups []*group) string {
	var types []string
	for _, g := range groups {
		types = append(types, g.watch.types()...)
	}
	slices.Sort(types)
	types = slices.Compact(types)
	lines := []string{eventIs(types)}
	if len(groups) == 1 {
		lines = append(lines, s.whose(groups[0].subjects))
		if what := groups[0].watch.condition(types); what != "" {
			lines = append(lines, what)
		}
		return strings.Join(lines, "\nand ")
	}
	var alternatives []string
	for _, g := range groups {
		whose := s.whose(g.subjects)
		if what := g.watch.condition(types); what != "" {
			whose = "(" + whose + " and " + what + ")"
		}
		alternatives = append(alternatives, whose)
	}
	lines = append(lines, s.all, "("+strings.Join(alternatives, "\n  or ")+")")
	return strings.Join(lines, "\nand ")
}

// whose says that an event is of one of the subjects, which are in the order of
// their workloads. All of them together are what the policy holds, unless it
// refuses undeclared pods; all of a workload's are its pods.
func (s *scopes) whose(subjects []subject) string {
	if len(subjects) == len(s.subjects) {
		if slices.ContainsFunc(subjects, func(c subject) bool { return !c.Declared() }) {
			return s.all
		}
		return s.declared
	}
	var scopes []string
	for i := 0; i < len(subjects); {
		w := subjects[i].Workload
		n := 1
		for i+n < len(subjects) && subjects[i+n].Workload == w {
			n++
		}
		if n == len(w.Containers) {
			scopes = append(scopes, subjects[i].pod)
		} else {
			for _, c := range subjects[i : i+n] {
				scopes = append(scopes, c.scope)
			}
		}
		i += n
	}
	return anyOf(scopes)
}

// attribute notes which statements a rule comes from: one origin for each place
// that decided, with the container's name where it decided for one alone.
func (r *rule) attribute(ref control.Ref, subjects []subject, setting func(*policy.Container) policy.Setting) {
	for _, subject := range subjects {
		at := setting(subject.Container).Range
		i := slices.IndexFunc(r.origins, func(o target.SourceMapping) bool { return o.Control == ref && o.Range == at })
		if i >= 0 {
			r.origins[i].Container = ""
			continue
		}
		r.origins = append(r.origins, target.SourceMapping{Location: r.name, Control: ref, Container: subject.ID(), Range: at})
	}
}

// comment tells above the rule where the policy asks for it.
func (r *rule) comment() {
	const most = 5
	for _, o := range r.origins {
		line := place(o.Range) + ": " + o.Control.String()
		if o.Container != "" {
			line += " of " + o.Container
		}
		r.comments = append(r.comments, line)
	}
	if more := len(r.comments) - most; more > 0 {
		r.comments = append(r.comments[:most], fmt.Sprintf("and %d more places", more))
	}
}

func place(r hcl.Range) string {
	if r.Filename == "" {
		return "by default"
	}
	return hcltext.At(r)
}

// output is the text of an alert.
func output(p *policy.Policy, what string) string {
	return fmt.Sprintf("Policy %s: %s (event=%%evt.type result=%%evt.res command=%%proc.cmdline exe=%%proc.exepath "+
		"file=%%fd.name user=%%user.uid namespace=%%k8s.ns.name pod=%%k8s.pod.name container=%%container.name "+
		"image=%%container.image.repository)", p.Name, what)
}

// tactics are the ATT&CK tactics, as Falco's own rules spell them in tags, of the
// techniques that the catalogue names.
var tactics = map[string]string{
	"T1021": "mitre_lateral_movement", "T1036": "mitre_defense_evasion", "T1041": "mitre_exfiltration",
	"T1046": "mitre_discovery", "T1059": "mitre_execution", "T1068": "mitre_privilege_escalation",
	"T1071": "mitre_command_and_control", "T1105": "mitre_command_and_control", "T1195": "mitre_initial_access",
	"T1222": "mitre_defense_evasion", "T1525": "mitre_persistence", "T1548": "mitre_privilege_escalation",
	"T1552": "mitre_credential_access", "T1611": "mitre_privilege_escalation", "T1613": "mitre_discovery",
}

// tags are the control, and the techniques that its mappings name.
func tags(ctrl string, mappings []string) []string {
	out := []string{"bulkhead", "container", ctrl}
	for _, m := range mappings {
		technique, ok := strings.CutPrefix(m, "ATT&CK ")
		if !ok {
			continue
		}
		out = append(out, technique)
		main, _, _ := strings.Cut(technique, ".")
		if tactic := tactics[main]; tactic != "" && !slices.Contains(out, tactic) {
			out = append(out, tactic)
		}
	}
	return out
}
