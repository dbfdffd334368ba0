// Package report prints what came of tests and checks: for people, for programs
// and for CI systems.
package report

import (
	"io"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
)

// Tests are the formats of what came of tests, by name.
var Tests = map[string]func(io.Writer, *trial.Report, *policy.Policy) error{
	"text": testText, "json": testJSON, "junit": testJUnit,
}

// Checks are the formats of what came of checking, by name.
var Checks = map[string]func(io.Writer, check.Result) error{
	"text": checkText, "json": checkJSON, "junit": checkJUnit,
}

type position struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

func positionOf(r hcl.Range) position {
	if r.Filename == "" {
		return position{}
	}
	return position{r.Filename, r.Start.Line}
}
