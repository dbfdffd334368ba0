// Package report prints what came of tests and checks: for people, for programs
// and for CI systems.
package report

import (
	"fmt"
	"io"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/trial"
)

// Version is Bulkhead's own.
const Version = "0.1.0"

// Tests are the formats of what came of tests, by name.
var Tests = map[string]func(io.Writer, *trial.Report, *lang.Program) error{
	"text": testText, "json": testJSON, "junit": testJUnit,
}

// Checks are the formats of what came of checking, by name.
var Checks = map[string]func(io.Writer, check.Result, *lang.Program) error{
	"text": checkText, "json": checkJSON, "junit": checkJUnit, "sarif": checkSARIF, "github": checkGitHub, "gitlab": checkGitLab,
}

type position struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// positionOf gives a place in the policy by the name that its user knows it by.
func positionOf(r hcl.Range, p *lang.Program) position {
	if r.Filename == "" {
		return position{}
	}
	return position{p.Path(r.Filename), r.Start.Line}
}

func (p position) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }
