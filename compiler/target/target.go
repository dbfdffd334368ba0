// Package target defines what a compilation target is, and what is done with
// all targets alike: asking how far each holds a policy, collecting and
// checking artifacts, and writing them.
package target

import (
	"context"
	"io/fs"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Target compiles a policy into one kind of artifact.
type Target interface {
	// Info says what the target is; it is the same every time.
	Info() Info
	// Support says how far the target holds one statement of the policy. The
	// zero Support fails the build.
	Support(*policy.Policy, policy.Statement) Support
	// Emit makes the artifacts. It is pure, and leaves out what Support does not
	// hold. A policy that was resolved can always be emitted: an error is a
	// mistake of ours.
	Emit(*policy.Policy) ([]Artifact, error)
}

// Tester is a Target whose artifacts bring tests of their own along, for the tools that run them.
type Tester interface {
	Target
	// Tests makes those files, of the policy and not of the artifacts. They stand beside the artifacts and hold nothing, so
	// that no judge is given them and no control lives by them.
	Tests(*policy.Policy) ([]Artifact, error)
}

// Judger is a Target whose artifacts can be tried.
type Judger interface {
	Target
	// Kinds are the attempts that its judge understands.
	Kinds() []attempt.Kind
	// Load parses artifacts, ours or not, once. An error names artifact and place.
	Load(Environment, []Artifact) (Judge, error)
}

// Joiner is a Judger of artifacts that are in force together with objects of others: these may allow what the artifacts refuse.
type Joiner interface {
	Judger
	// Join judges objects of others, each the only content of an artifact, beside artifacts that are ours. It gives one answer for each.
	Join(ctx context.Context, environment Environment, artifacts, objects []Artifact) ([]Joined, error)
}

// Joined is what a Joiner says of one object.
type Joined struct {
	Openings []Opening
	// Err is why the object cannot be judged.
	Err error
}

// Opening is what an object allows that the artifacts refuse. Artifact and Location are of what it undoes; Path leads into the object.
type Opening struct {
	Finding
	// Range is what of many is opened, to follow the message: "to 10.0.0.0/8 on tcp/443". "" where the message says all.
	Range string
}

// Judge answers for loaded artifacts. It is safe for concurrent use.
type Judge interface {
	Judge(context.Context, attempt.Attempt) (Verdict, error)
}

// Advisor is a Judge that reports what of its artifacts has no effect in the
// environment that they were loaded for.
type Advisor interface {
	Judge
	Advice() []Finding
}

// Divider is a Judge of attempts that stand for many: of a connection between
// ends that a test names, each of which may be many pods or addresses.
type Divider interface {
	Judge
	// Divide gives the attempts that its artifacts tell apart, one of each part, which
	// together stand for the whole attempt. An error says why it cannot be asked.
	Divide(attempt.Attempt) ([]Part, error)
}

// Part is an attempt that stands for a part of a wider one.
type Part struct {
	Name    string // which part: "to 10.20.0.0/16"; "" where there is one only
	Attempt attempt.Attempt
}

// Environment is what artifacts mean something in: the platform, of which a
// policy's author, the container or a command line states facts, and the time.
type Environment struct {
	Platform platform.Facts
	Now      time.Time
	// Includes is the folder from which files are read that artifacts include (Info.Includes). nil: none was given.
	Includes fs.FS
}

// Level says how much of a statement a target holds.
type Level int

// The levels. The zero Level fails the build.
const (
	Unknown       Level = iota
	NotApplicable       // another layer's business
	None                // this layer's business, but it cannot
	Partial
	Full
)

func (l Level) String() string {
	return [...]string{"unknown", "not applicable", "none", "partial", "full"}[l]
}

// Support says how far one statement of the resolved policy is held, in which
// mode and, where it is not, why and by which element.
type Support struct {
	Level  Level
	Mode   control.EnforcementMode
	Reason string    // needed for None and Partial: one sentence for the author
	Range  hcl.Range // the element that cannot be held; empty: the whole statement
	// Utmost marks partial support than which the platform's version allows no more to anybody. The statement counts as
	// enforced: a policy for that version cannot ask for more.
	Utmost bool
}

// Enforces reports whether the support is enough for a statement to count as
// enforced. For a flow, which has no control, checking is.
func (s Support) Enforces(statement policy.Statement) bool {
	enough := s.Level == Full || s.Level == Partial && s.Utmost
	if statement.Control == nil {
		return enough && s.Mode >= control.Checks
	}
	return enough && statement.Control.EnforcedBy(s.Mode)
}

// Artifact is one emitted file.
type Artifact struct {
	Path        string   // slash-separated, below the output folder: "seccomp/bulkhead.payments.api.json"
	Containers  []string // the policy.Container.ID of those it is for; none: all
	Body        []byte
	Schema      []byte // JSON schema of the body, which is JSON then; nil where the format has none
	Mappings    []SourceMapping
	Diagnostics []Diagnostic
}

// SourceMapping says which statement of the policy a place in an artifact comes from.
type SourceMapping struct {
	Location string // as the target's judge names places: "/syscalls/3", "line 12", the name of a rule; "": the whole file
	// Subject narrows a place to one of the things decided there, such as the
	// call "ptrace" at a filter's default action. An origin without a subject
	// speaks for every subject that has none of its own.
	Subject   string
	Control   control.Ref
	Container string // whose value it is; "": not of one container
	// Exception names the exception for images by which what the place finds is only
	// reported; "" of none.
	Exception string
	Range     hcl.Range
}

// Verdict is what a judge says of an attempt.
type Verdict struct {
	Outcome  Outcome
	Findings []Finding // every reason, not the first
	// Skipped are objects to which the artifacts do not apply, with the reason as the
	// message. Those that have pods, or may have, are marked as undecided. Where the
	// artifacts apply to none, the outcome is Inapplicable, and Findings says why.
	Skipped []Finding
}

// Finding is one reason of a verdict.
type Finding struct {
	Artifact string // path of the artifact
	Location string // place in the artifact, as SourceMapping.Location
	Subject  string // as SourceMapping.Subject
	// Control is set where the artifact itself names the control; otherwise the
	// origins tell.
	Control   string
	Container string   // name of the container in the input, where there is one
	Path      []string // path into the input, to what is wrong or to what lacks it
	Field     string   // the field below Path that is wrong or missing
	Message   string
	// Exception names the exception by which it is only reported, where the artifact
	// does; otherwise the policy tells.
	Exception string
	// Warning marks what is reported and let through: it does not make the
	// outcome Deny.
	Warning bool
	// Undecided marks what could not be decided. Beside findings that refuse, the
	// outcome is Deny, and this one is still unknown.
	Undecided bool
}
