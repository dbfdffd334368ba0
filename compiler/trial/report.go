package trial

import "github.com/hashicorp/hcl/v2"

// Report is what came of running tests.
type Report struct {
	Tests []*TestResult
	// Untested are the stated controls that no passing test names, by control.
	Untested []Untested
	// Inert are stated controls whose loosening changes no artifact.
	Inert []Untested
}

// Untested is a stated control that no test stands for.
type Untested struct {
	Control string
	Range   hcl.Range
}

// TestResult is what came of one test.
type TestResult struct {
	Name     string
	Range    hcl.Range
	Attempts []*AttemptResult
}

// Passed reports whether every attempt of the test came out as expected.
func (t *TestResult) Passed() bool {
	for _, a := range t.Attempts {
		if !a.Passed() {
			return false
		}
	}
	return len(t.Attempts) > 0
}

// AttemptResult is what one target's artifacts say of one attempt, for all
// containers that these artifacts are for.
type AttemptResult struct {
	Kind       string
	Range      hcl.Range
	Target     string // "" where no target understands the attempt
	Containers []string
	Outcome    string
	Wanted     string
	Control    string // the control that the test names
	// Layers are the controls behind a refusal, the outermost first: each layer
	// decides once those before it are loosened.
	Layers [][]string
	// Layer is which of the layers the named control is in.
	Layer int
	// SecondLine says that the named control is not in the first layer.
	SecondLine bool
	// Locations are where in the artifacts the first verdict was decided.
	Locations []Location
	// Problem says why the attempt failed; empty where it passed.
	Problem string
}

// Passed reports whether the attempt came out as expected, for the reason named.
func (a *AttemptResult) Passed() bool { return a.Problem == "" }

// Location is a place in an artifact that decided, and where it comes from.
type Location struct {
	Artifact string
	Location string
	Message  string
	Sources  []hcl.Range
}
