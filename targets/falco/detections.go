package falco

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/falco/rules"
)

// gravest is the gravest priority at which any container reports; "" none does.
func gravest(p *policy.Policy) string {
	best := rules.PriorityUnknown
	for c := range p.Subjects() {
		if priority, ok := rules.ParsePriority(priorityOf(c)); ok && (best == rules.PriorityUnknown || priority < best) {
			best = priority
		}
	}
	if best == rules.PriorityUnknown {
		return ""
	}
	return best.String()
}

// undeclaredRules reports programs in pods that no workload block describes, where
// the policy refuses such pods.
func undeclaredRules(p *policy.Policy, s *scopes, ctrl *control.Control) []rule {
	setting := p.Settings[ctrl.ID]
	priority := gravest(p)
	if !ctrl.Restricts(setting.Value) || priority == "" {
		return nil
	}
	condition := eventIs(execTypes) + "\nand " + s.all
	if s.declared != "" {
		condition += "\nand not " + s.declared
	}
	r := rule{
		name: ruleName(p, string(ctrl.ID)), description: ctrl.Title + ". " + ctrl.Reason,
		condition: condition, output: output(p, "a pod that no workload block describes"), priority: priority,
		tags:    tags(string(ctrl.ID), ctrl.Mappings),
		origins: []target.SourceMapping{{Location: ruleName(p, string(ctrl.ID)), Control: control.Ref{ID: ctrl.ID}, Range: setting.Range}},
	}
	var subjects []subject
	for _, c := range s.subjects {
		if c.priority == priority {
			subjects = append(subjects, c)
		}
	}
	r.comment()
	r.reported(subjects)
	return []rule{r}
}

// detection is one detect block and the containers that have it.
type detection struct {
	label    string
	body     *control.Detection
	subjects []subject
}

// detectionRules makes a rule for each detect block. Blocks of one label that
// differ between containers make several, told apart by a number.
func detectionRules(p *policy.Policy, s *scopes, ctrl *control.Control) []rule {
	var out []rule
	count := map[string]int{}
	for _, d := range detections(s, ctrl) {
		ref := control.Ref{ID: ctrl.ID, Label: d.label}
		name := ruleName(p, ref.String())
		if count[d.label]++; count[d.label] > 1 {
			name += fmt.Sprintf(" (%d)", count[d.label])
		}
		description := d.body.Description
		if description == "" {
			description = ctrl.Title
		}
		r := rule{
			name: name, description: description, priority: d.body.Priority,
			// The author's condition parses by itself, so it cannot leave its parentheses.
			condition: s.whose(d.subjects) + "\nand (" + strings.TrimSpace(d.body.Condition) + ")",
			output:    output(p, ref.String()),
			tags:      tags(ref.String(), ctrl.Mappings),
		}
		r.attribute(ref, d.subjects, func(*policy.Container) policy.Setting { return policy.Setting{Range: d.body.Range} })
		r.comment()
		out = append(out, r)
	}
	return out
}

// detections gathers the blocks that work, by label.
func detections(s *scopes, ctrl *control.Control) []*detection {
	var all []*detection
	for _, subject := range s.subjects {
		if unwatched(subject.Container) != "" {
			continue
		}
		for _, it := range subject.Get(ctrl.ID).Items {
			body := it.Body.(*control.Detection)
			i := slices.IndexFunc(all, func(d *detection) bool {
				return d.label == it.Key && d.body.Condition == body.Condition && d.body.Priority == body.Priority && d.body.Description == body.Description
			})
			if i < 0 {
				if checkDetection(body) != nil {
					continue // Support says so
				}
				i = len(all)
				all = append(all, &detection{label: it.Key, body: body})
			}
			all[i].subjects = append(all[i].subjects, subject)
		}
	}
	slices.SortStableFunc(all, func(a, b *detection) int { return strings.Compare(a.label, b.label) })
	return all
}
