// Package rules reads Falco rules files and answers what they do with an event.
//
// It is a model: our reading of Falco 0.44 (engine 0.62), written from its
// documentation and observed behaviour and held in tests against Falco's own
// cases of its filter parser and rule loader. It has three layers:
//
//   - [ParseCondition] reads one condition of the filter language to an [Expr];
//     [Print] writes it back in canonical form.
//   - [Load] reads rules files as Falco's loader does: lists, macros, rules,
//     exceptions, overrides, required versions, in load order, and expands every
//     rule's condition. Fields, operators and values are checked against the
//     table of fields.
//   - [Ruleset.Match] tries an [Event] against the rules and names those that fire.
//
// The package knows nothing of how Bulkhead emits rules: it reads foreign files
// as well. What the format says and this package does not model makes a match
// undecided, naming the rule and the place in its condition; it never counts as
// silence.
//
// # Limits
//
// Input is hostile. A file is at most [MaxFileSize] bytes, a condition after its
// lists were inlined at most [MaxConditionSize], its nesting at most [MaxDepth],
// its tree with macros expanded at most [MaxNodes]. Beyond is an error.
package rules

const (
	// MaxFileSize is the largest rules file that Load reads, in bytes.
	MaxFileSize = 64 << 20
	// MaxConditionSize is the longest condition in bytes, lists inlined.
	// Falco has no limit; its largest shipped condition is below 10 KiB.
	MaxConditionSize = 1 << 20
	// MaxDepth bounds the nesting of a condition, written or expanded. Falco's
	// own loader allows 1000 steps of its recursion, some seven a parenthesis.
	MaxDepth = 200
	// MaxNodes bounds the size of one rule's condition with macros expanded,
	// counted as expressions and operands. It is what stops a chain of macros
	// that doubles at each step.
	MaxNodes = 200_000
	// MaxItems bounds what one file's sequences hold, aliases followed.
	MaxItems = 2_000_000
)
