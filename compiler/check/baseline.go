package check

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// Baseline lists findings that were there when a policy was adopted: they are
// told and do not fail, so that only new ones do.
type Baseline struct {
	Findings []BaselineFinding `json:"findings"`
}

// BaselineFinding is one of them, or several that are equal. Only the fingerprint
// counts; the rest is for people.
type BaselineFinding struct {
	Fingerprint string `json:"fingerprint"`
	Count       int    `json:"count"`
	Control     string `json:"control"`
	File        string `json:"file"`
	Resource    string `json:"resource,omitempty"`
	Message     string `json:"message"`
}

// ParseBaseline reads a baseline file. It is strict: an entry that is not
// understood might let something through.
func ParseBaseline(body []byte) (Baseline, error) {
	var b Baseline
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return b, err
	}
	if _, err := d.Token(); err != io.EOF {
		return b, fmt.Errorf("something follows the list")
	}
	if b.Findings == nil {
		return b, fmt.Errorf(`it holds no "findings"`)
	}
	seen := map[string]bool{}
	for i, f := range b.Findings {
		if f.Fingerprint == "" || f.Count < 1 || seen[f.Fingerprint] {
			return b, fmt.Errorf("findings[%d] has no fingerprint of its own or no count", i)
		}
		seen[f.Fingerprint] = true
	}
	return b, nil
}

// NewBaseline lists the errors of a result that nothing else suppresses. What is
// undecided is left out: nobody has seen the value that would be suppressed.
func NewBaseline(r Result) Baseline {
	b := Baseline{Findings: []BaselineFinding{}}
	at := map[string]int{}
	for _, f := range r.Findings {
		if f.Severity != Error || f.Undecided || f.Suppressed != nil && f.Suppressed.By != ByBaseline {
			continue
		}
		print := f.Fingerprint()
		if i, ok := at[print]; ok {
			b.Findings[i].Count++
			continue
		}
		at[print] = len(b.Findings)
		b.Findings = append(b.Findings, BaselineFinding{print, 1, f.Control, f.File, f.Resource.String(), f.Message})
	}
	slices.SortFunc(b.Findings, func(x, y BaselineFinding) int {
		return cmp.Or(cmp.Compare(x.File, y.File), cmp.Compare(x.Resource, y.Resource), cmp.Compare(x.Control, y.Control), cmp.Compare(x.Fingerprint, y.Fingerprint))
	})
	return b
}

// Apply marks the findings that the baseline holds, and gives the number of those
// that it holds for the checked files and that are gone.
func (b Baseline) Apply(r *Result, checked []File) (mended int) {
	if len(b.Findings) == 0 {
		return 0 // fingerprints cost more than reading
	}
	left := map[string]int{}
	for _, f := range b.Findings {
		left[f.Fingerprint] = f.Count
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if print := f.Fingerprint(); f.Suppressed == nil && !f.Undecided && left[print] > 0 {
			left[print]--
			f.Suppressed = &Suppression{By: ByBaseline, Reason: "it is in the baseline"}
		}
	}
	names := map[string]bool{}
	for _, c := range checked {
		names[c.Name] = true
	}
	for _, f := range b.Findings {
		if names[f.File] {
			mended += left[f.Fingerprint]
		}
	}
	return mended
}
