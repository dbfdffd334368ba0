package check

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// What lets a finding through.
const (
	ByException = "exception" // of the policy
	ByComment   = "comment"   // in the manifest
	ByBaseline  = "baseline"  // it was there when the policy was adopted
)

// Suppression is why a finding does not count.
type Suppression struct {
	By     string
	Reason string
	// Exception is the policy's, where By is ByException.
	Exception *policy.Exception
}

// marker begins a comment that ignores findings on its line, or on the next line
// that is no comment: # bulkhead:ignore CONTROL -- reason.
const marker = "bulkhead:ignore"

var ignoring = regexp.MustCompile(`(?:^|\s)#\s*` + marker + `(.*)$`)

// comment is one such comment.
type comment struct {
	line, about int // where it stands, and the line that it is about
	control     control.ID
	reason      string
	used        bool
}

// comments reads those of a file. What is not well formed is a problem: its
// author believes that it says something.
func comments(file string, body []byte) (list []*comment, problems []error) {
	if !bytes.Contains(body, []byte(marker)) || isJSON(body) {
		return nil, nil
	}
	var waiting []*comment // comments that stand above what they are about
	number := 0
	for line := range bytes.Lines(body) {
		number++
		text := strings.TrimSpace(string(line))
		if m := ignoring.FindStringSubmatch(text); m != nil {
			if c, err := readComment(m[1]); err != nil {
				problems = append(problems, &input.Error{File: file, Line: number, Problem: err.Error()})
			} else {
				c.line, c.about = number, number
				list = append(list, c)
				if strings.HasPrefix(text, "#") {
					waiting = append(waiting, c)
				}
			}
		}
		if text != "" && !strings.HasPrefix(text, "#") {
			for _, c := range waiting {
				c.about = number
			}
			waiting = nil
		}
	}
	return list, problems
}

// isJSON reports whether the text is JSON, which has no comments.
func isJSON(body []byte) bool {
	text := bytes.TrimSpace(body)
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

func readComment(text string) (*comment, error) {
	ctrl, reason, found := strings.Cut(text, "--")
	ctrl, reason = strings.TrimSpace(ctrl), strings.TrimSpace(reason)
	if !found || ctrl == "" || reason == "" {
		return nil, fmt.Errorf("a comment that ignores a finding names its control and a reason: # %s resources.cpu -- why", marker)
	}
	ref, ok := control.ParseRef(ctrl)
	if !ok {
		return nil, fmt.Errorf("%s: no control is called %q; bulkhead controls lists them", marker, ctrl)
	}
	return &comment{control: ref.ID, reason: reason}, nil
}

// about is what a comment can ignore: the findings of a control on a line.
type about struct {
	line    int
	control control.ID
}

// ignore lets findings go that a comment ignores and whose control the policy
// lets comments ignore. A comment that ignores nothing is told of.
func (c *Checker) ignore(r *Result, file string, body []byte) {
	list, problems := comments(file, body)
	r.Problems = append(r.Problems, problems...)
	first := map[about]*comment{} // a second one ignores nothing
	for _, x := range list {
		if at := (about{x.about, x.control}); first[at] == nil {
			first[at] = x
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		ref, ok := control.ParseRef(f.Control)
		x := first[about{f.Line, ref.ID}]
		if !ok || x == nil {
			continue
		}
		x.used = true
		if c.policy.MayIgnore(ref.ID) {
			f.Suppressed = &Suppression{By: ByComment, Reason: x.reason}
		} else {
			f.Message += fmt.Sprintf(" (the policy does not list %s in ignorable, so the comment on line %d changes nothing)", ref.ID, x.line)
		}
	}
	for _, x := range list {
		if !x.used {
			r.Findings = append(r.Findings, Finding{
				Control: string(x.control), Severity: Warning, File: file, Line: x.line, Column: 1,
				Message: "the comment ignores nothing on its line or the one below: remove it, or move it to the line of the finding",
			})
		}
	}
}
