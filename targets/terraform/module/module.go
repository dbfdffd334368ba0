// Package module reads the bytes of a Terraform module that checks other
// resources, and evaluates its conditions over a plan.
//
// The part of Terraform's language that is modelled is what such a module
// needs: locals, variables, preconditions of terraform_data, check blocks,
// conditions of outputs and validations of variables, with the functions that
// functions.go lists. Whatever else a module holds is kept as Unread with its
// place, and nobody may take a module with unread parts for one that passes.
//
// Conditions are three-valued, as Terraform's are: a value that is known only
// after apply makes what depends on it Undecided. The package is a model,
// written from Terraform's documentation; its tests hold every function and
// the conditions of a whole module to the terraform binary.
package module

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// Limits of what is read. A module for 1,000 workloads is below 4 MiB; the
// largest plans that teams report are some tens of MiB.
const (
	MaxModuleBytes = 16 << 20
	MaxPlanBytes   = 64 << 20
	MaxNesting     = 100   // brackets and templates inside one another
	MaxChain       = 2000  // operators, indexes and template directives in one expression
	MaxSteps       = 50e6  // loop rounds, and bytes and elements that functions walk, in one evaluation
	MaxDigits      = 100   // of a number in a plan
	MaxDepth       = 200   // of a value in a plan, of modules, and of locals that refer to locals
	MaxResources   = 50000 // in a plan
)

// File is one file of a module.
type File struct {
	Path string // slash-separated, from the module's folder
	Body []byte
}

// Kind says what a condition does when it does not hold.
type Kind int

// The kinds of conditions.
const (
	KindUnread       Kind = iota // not a condition: a construct that is not modelled
	KindPrecondition             // of a resource or an output: stops the run
	KindValidation               // of a variable: stops the run
	KindCheck                    // an assertion of a check block: a warning
)

func (k Kind) String() string {
	return [...]string{"unread", "precondition", "validation", "check"}[k]
}

// Stops reports whether a condition of this kind stops a run of Terraform when
// it does not hold; the others warn.
func (k Kind) Stops() bool { return k == KindPrecondition || k == KindValidation }

// Condition is one precondition, validation or assertion.
type Condition struct {
	Kind    Kind
	Address string    // "terraform_data.controls", "check.image_digest", "output.x" or "var.resources"
	Index   int       // among the conditions of the address, from 0
	Range   hcl.Range // of the block

	condition, message *expression
}

// Place is where the condition stands, as a person looks it up: "controls.tf:12".
func (c *Condition) Place() string { return hcltext.At(c.Range) }

// Unread is a construct that this package does not model.
type Unread struct {
	Range  hcl.Range
	Reason string
}

// Module is what was read. It is not changed by evaluation.
type Module struct {
	Conditions []*Condition // in the order of files and of places
	Unread     []Unread

	variables map[string]*variable
	locals    map[string]*expression
}

// variable is an input variable of the module.
type variable struct {
	rng hcl.Range
	def *expression // nil where the caller must give it
}

// expression is an expression with what it refers to. The references are
// collected before the expression is metered, because the meter hides the
// types that hclsyntax looks for.
type expression struct {
	expr      hclsyntax.Expression
	locals    []string
	variables []string
}
