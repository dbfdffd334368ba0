package check

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// The lengths of what people call a finding by: what is shown, and the least that
// is enough, in digits of its fingerprint.
const (
	shownID    = 8
	shortestID = 4
)

// ShortID is what a finding of a fingerprint is called in reports for people: the
// beginning of it. Equal findings have the same.
func ShortID(fingerprint string) string { return fingerprint[:shownID] }

// Find gives the finding whose fingerprint begins with an ID, and how many others
// are equal to it.
func (r Result) Find(id string) (found Finding, others int, err error) {
	id = strings.ToLower(id)
	if len(id) < shortestID {
		return found, 0, fmt.Errorf("%q is too short for a finding: give at least %d digits of the %d at the end of its line", id, shortestID, shownID)
	}
	var prints []string
	for _, f := range r.Findings {
		print := f.Fingerprint()
		switch {
		case !strings.HasPrefix(print, id):
		case slices.Contains(prints, print):
			others++
		default:
			found, prints = f, append(prints, print)
		}
	}
	switch {
	case len(r.Findings) == 0:
		return found, 0, fmt.Errorf("no finding is called %q: there are none", id)
	case len(prints) == 0:
		return found, 0, fmt.Errorf("no finding is called %q; there are:%s", id, r.listed(""))
	case len(prints) > 1:
		return found, 0, fmt.Errorf("%q may be any of these findings; give more of it:%s", id, r.listed(id))
	}
	return found, others, nil
}

// mostListed is how many findings an error lists.
const mostListed = 20

// listed lists the findings whose fingerprints begin with something, once each.
func (r Result) listed(prefix string) string {
	var lines []string
	length := shownID
	if len(prefix) >= length {
		length = len(prefix) + shownID
	}
	for _, f := range r.Findings {
		print := f.Fingerprint()
		line := fmt.Sprintf("\n  %s  %s:%d: %s", print[:min(length, len(print))], f.File, f.Line, f.Control)
		if strings.HasPrefix(print, prefix) && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	more := ""
	if n := len(lines) - mostListed; n > 0 {
		lines, more = lines[:mostListed], fmt.Sprintf("\n  and %d more", n)
	}
	return strings.Join(lines, "") + more
}

// Mend gives the text of a YAML file with one finding mended, if that leaves no
// choice, whatever lets the finding through.
func (c *Checker) Mend(ctx context.Context, body []byte, f Finding) (mended []byte, ok bool) {
	chunks, err := input.Split(f.File, body, c.limits)
	if err != nil {
		return nil, false
	}
	rest, offset := body, 0
	for _, chunk := range chunks {
		text := chunk.Text()
		at := bytes.Index(rest, text)
		if at < 0 {
			return nil, false
		}
		start := offset + at
		now := c.text(ctx, f.File, text, nil)
		for _, here := range now.Findings {
			if here.Fingerprint() != f.Fingerprint() {
				continue
			}
			if changed, _, ok := c.tryFixes(ctx, f.File, text, now, here); ok {
				return slices.Concat(body[:start], changed, body[start+len(text):]), true
			}
		}
		offset = start + len(text)
		rest = body[offset:]
	}
	return nil, false
}

// Setting is what the policy says that a finding breaks, with its control; ok is
// false where no statement of a control stands behind it.
func (c *Checker) Setting(f Finding) (ctrl *control.Control, s policy.Setting, ok bool) {
	ref, known := control.ParseRef(f.Control)
	if !known {
		return nil, s, false
	}
	ctrl, _ = control.Lookup(ref.ID)
	if ctrl.Scope == control.OfPolicy {
		s = c.policy.Settings[ref.ID]
		return ctrl, s, s.Stated()
	}
	subject := c.subject(f)
	if subject == nil {
		return ctrl, s, false
	}
	s = subject.Get(ref.ID)
	return ctrl, s, s.Stated()
}

// Workload is the name of the described workload that a finding is about; "" of
// none, and of plans, whose pods' labels are not looked at here.
func (c *Checker) Workload(f Finding) string {
	if s := c.subject(f); s != nil && f.Resource.Kind != "" {
		return s.Workload.Name
	}
	return ""
}
