package check

import (
	"bytes"
	"context"
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/edit"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// Fix gives the text of a YAML file in which every finding is mended that leaves
// no choice, and their number. Each change is judged as the file was: one after
// which its finding is still there, or another finding is new, is not made. What
// could not be read, or needs somebody's decision, stays as it is.
func (c *Checker) Fix(ctx context.Context, name string, body []byte) (fixed []byte, mended int, err error) {
	chunks, err := input.Split(name, body, c.limits)
	if err != nil {
		return nil, 0, err
	}
	var out bytes.Buffer
	rest := body
	for _, chunk := range chunks {
		text := chunk.Text()
		before, after, found := bytes.Cut(rest, text)
		if !found {
			return nil, 0, fmt.Errorf("%s: its text is not what was read", name)
		}
		changed, n := c.fixDocument(ctx, name, text, true)
		out.Write(before)
		out.Write(changed)
		rest, mended = after, mended+n
	}
	out.Write(rest)
	return out.Bytes(), mended, nil
}

// fixDocument mends one finding after the other, until none is left that can be.
// Whether an object becomes one of the policy's is up to join.
func (c *Checker) fixDocument(ctx context.Context, name string, text []byte, join bool) ([]byte, int) {
	mended := 0
	now := c.text(ctx, name, text, nil)
	for tried := 0; tried < len(now.Findings); {
		f := now.Findings[tried]
		if joins(f) && !join || !joins(f) && !f.Fails(Error) {
			tried++
			continue
		}
		changed, result, ok := c.tryFixes(ctx, name, text, now, f)
		if !ok {
			tried++
			continue
		}
		text, now, tried = changed, result, 0
		mended++
	}
	return text, mended
}

// tryFixes makes the first change that takes a finding away and brings none. What
// becomes one of the policy's workloads by it is held to more than before, and has
// to keep to that as soon as it is mended in turn.
func (c *Checker) tryFixes(ctx context.Context, name string, text []byte, now Result, f Finding) ([]byte, Result, bool) {
	for _, steps := range c.fixes(name, text, f) {
		changed, err := edit.Apply(text, steps...)
		if err != nil {
			continue // an alias, or text that cannot be changed safely
		}
		if joins(f) {
			changed, _ = c.fixDocument(ctx, name, changed, false)
		}
		if result := c.text(ctx, name, changed, nil); better(now, result, f) {
			return changed, result, true
		}
	}
	return nil, Result{}, false
}

// joins reports whether mending a finding makes an object one of the policy's.
func joins(f Finding) bool { return f.OfUndeclared() && f.Suppressed == nil }

// better reports whether a finding is gone, and none is new.
func better(before, after Result, f Finding) bool {
	old, left := counts(before), counts(after)
	if left[f.Fingerprint()] >= old[f.Fingerprint()] || len(after.Problems) > len(before.Problems) || after.Checked < before.Checked {
		return false
	}
	for print, n := range left {
		if n > old[print] {
			return false
		}
	}
	return true
}

func counts(r Result) map[string]int {
	m := map[string]int{}
	for _, f := range r.Findings {
		m[f.Fingerprint()]++
	}
	return m
}
