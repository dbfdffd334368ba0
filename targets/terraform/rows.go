package terraform

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// defaultKey is the row that holds where no other does. No container is named
// so: names of rows have a slash.
const defaultKey = "default"

// row is what a control allows to one container, in the module.
type row struct {
	key     string // policy.Container.ID, or defaultKey
	value   string // an expression
	comment string // where the value comes from
}

// table is what one control allows to every container.
type table struct {
	control *control.Control
	rows    []row
	// from are the statements behind the rows that restrict something.
	from []statement
	// exceptions are for images, in whose containers violations are only reported.
	exceptions []*policy.Exception
	exception  string // the name of the one that the conditions are about; "": of none
	// typed is what typed resources leave open whatever they state; "" where they can close it (control.Gap).
	typed string
}

// statement is one value of the policy and whom it is for.
type statement struct {
	container string // "": of the policy
	rng       hcl.Range
}

// restricts reports whether any row does.
func (t *table) restricts() bool {
	return slices.ContainsFunc(t.rows, func(r row) bool { return r.value != nothing })
}

// flag reports whether the control has one strict value only, so that its rows say who is held to it, not what is allowed.
func (t *table) flag() bool {
	return encodings[t.control.ID] == nil && !t.control.NeedsProfile && t.control.Encoded(control.Value{}).Kind == podrule.None
}

// newTable collects the values of one control: those that stop a run, or, with
// warned, those that exceptions only report.
func newTable(p *policy.Policy, c *control.Control, warned bool) (*table, error) {
	t := &table{control: c}
	base := policy.Setting{Value: c.Loosest}
	if !warned {
		base = p.Settings[c.ID]
	}
	fallback, err := encode(c, base.Value)
	if err != nil {
		return nil, err
	}
	t.rows = []row{{defaultKey, fallback, origin(c, base)}}
	if c.NeedsProfile {
		t.rows[0].comment = "no profile is compiled for others"
	}
	if c.Scope == control.OfPolicy {
		if fallback != nothing {
			t.from = []statement{{"", base.Range}}
		}
		return t, nil
	}
	// The container that stands for the others comes last in a workload, and
	// its row is what those before it are compared with.
	others := map[*policy.Workload]string{}
	for _, container := range slices.Backward(slices.Collect(p.Subjects())) {
		if err := t.add(p, container, warned, fallback, others); err != nil {
			return nil, err
		}
		if open := c.Open; open.Of != nil && p.Platform.SinceKubernetes(open.Before) && c.Restricts(container.Get(c.ID).Value) && open.Of(container.Get(c.ID).Value) {
			t.typed = open.Typed
		}
	}
	slices.SortFunc(t.rows[1:], func(a, b row) int { return strings.Compare(a.key, b.key) })
	slices.Reverse(t.from)
	slices.SortFunc(t.exceptions, func(a, b *policy.Exception) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Policy, b.Policy))
	})
	return t, nil
}

// add adds the row of one container, if it differs from what would hold without.
func (t *table) add(p *policy.Policy, container *policy.Container, warned bool, fallback string, others map[*policy.Workload]string) error {
	s := container.Get(t.control.ID)
	if warned != (s.Warn != nil) {
		s = policy.Setting{Value: t.control.Loosest, Warn: s.Warn}
	}
	value, err := encode(t.control, s.Value)
	if err != nil {
		return err
	}
	if t.control.NeedsProfile && s.Bool {
		value = profilesOf(p, container)
	}
	if value != nothing {
		t.from = append(t.from, statement{container.ID(), s.Range})
		if !warned {
			t.spare(s.Exempt) // of what is reported in any image, these are no exceptions
		}
	}
	compare := fallback
	if container.Name == policy.AnyContainer {
		others[container.Workload] = value
	} else {
		compare = others[container.Workload]
		if t.control.Scope == control.OfPod {
			return nil // one value for all containers of a pod
		}
	}
	if value != compare {
		t.rows = append(t.rows, row{container.ID(), value, origin(t.control, s)})
	}
	return nil
}

// origin tells, for a comment, where a value comes from and why.
func origin(c *control.Control, s policy.Setting) string {
	text := "nothing restricts it"
	if s.Stated() {
		text = fmt.Sprintf("%s = %s, %s", c.ID, c.Show(s.Value), hcltext.At(s.Range))
	}
	if s.Granted != nil {
		text += "; " + because(s.Granted)
	}
	if s.Warn != nil {
		text += "; reported only: " + because(s.Warn)
	}
	return comment(text)
}

// because tells of an exception what somebody who reads the module asks.
func because(e *policy.Exception) string {
	return fmt.Sprintf("exception %q until %s: %s (%s, %s)", e.Name, e.Expires, e.Reason, e.Owner, e.Ticket)
}
