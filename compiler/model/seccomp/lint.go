package seccomp

import (
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp/filter"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Lint reports where a profile, emitted by Bulkhead or not, is weaker than it looks. What it reports of capabilities needs those of the environment, or a runtime,
// which gives a container that asks for nothing its own.
func Lint(environment target.Environment, a target.Artifact) ([]target.Diagnostic, error) {
	node, err := nodeOf(environment.Platform)
	if err != nil {
		return nil, err
	}
	f, err := filter.Read(a.Body, node)
	if err != nil {
		return nil, err
	}
	var notes []target.Diagnostic
	for _, l := range f.Lint() {
		n := target.Diagnostic{Lint: l.Name, Location: l.Place, Subject: l.Call, Summary: l.Summary, Message: l.Reason, Warning: l.Warning}
		if l.Remedy != "" {
			n.Message += " " + l.Remedy
		}
		n.Line, n.Column, _ = f.Position(l.Place)
		notes = append(notes, n)
	}
	return notes, nil
}
