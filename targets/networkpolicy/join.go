package networkpolicy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/model/reach"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/networkpolicy/manifest"
)

var _ target.Joiner = Target{}

// Join judges NetworkPolicies of others beside ours: policies add up, so each may open what ours refuse. One of the name of ours takes
// its place.
func (t Target) Join(ctx context.Context, environment target.Environment, artifacts, objects []target.Artifact) ([]target.Joined, error) {
	loaded, err := t.Load(environment, artifacts)
	if err != nil {
		return nil, err
	}
	ours := loaded.(judge)
	out := make([]target.Joined, len(objects))
	all := ours.policies.List()
	if len(all) == 0 {
		return out, nil // nothing is refused
	}
	var foreign []reach.Policy
	of := map[int]int{} // objects by policies
	for i, o := range objects {
		read, err := manifest.Read(Namespace.Of(environment.Platform), manifest.Source{Name: o.Path, Body: o.Body})
		if err != nil {
			out[i].Err = plain(err)
			continue
		}
		for _, p := range read.Policies {
			of[len(foreign)] = i
			foreign = append(foreign, p)
		}
	}
	beside := reach.NewBeside(all, foreign)
	for n, p := range foreign {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		openings, err := beside.Openings(n)
		joined := &out[of[n]]
		joined.Openings = append(joined.Openings, ours.openings(openings)...)
		if err != nil {
			joined.Openings = append(joined.Openings, unknown(all[0], err))
		}
		for _, own := range all {
			if own.Namespace == p.Namespace && own.Name == p.Name && !own.Says(p) {
				joined.Openings = append(joined.Openings, replaces(own))
			}
		}
	}
	return out, nil
}

// replaces is the finding of an object that has the name of ours and says something else.
func replaces(own reach.Policy) target.Opening {
	f := at(own)
	f.Path = []string{"metadata", "name"}
	f.Message = fmt.Sprintf("it has the name of a NetworkPolicy that the policy compiles into, and would take its place: rename it, or write what is compiled for %s", own.Name)
	return target.Opening{Finding: f}
}

// unknown is the finding of an object of which it takes too long to tell what it opens.
func unknown(own reach.Policy, err error) target.Opening {
	f := at(own)
	f.Path, f.Undecided = []string{"spec"}, true
	f.Message = fmt.Sprintf("what it opens cannot be told: %v", err)
	return target.Opening{Finding: f}
}

// at is a finding at what one of ours refuses.
func at(own reach.Policy) target.Finding {
	way := ingressPath
	if own.Egress.Isolates {
		way = egressPath
	}
	return target.Finding{Artifact: own.Location.Source, Location: own.Name + way}
}

// plain says what is wrong with an object by places in it: the file has it at others.
func plain(err error) error {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var words []string
	for _, one := range several.Unwrap() {
		var at *manifest.Error
		if errors.As(one, &at) {
			words = append(words, strings.TrimPrefix(at.Location.Path+": "+at.Message, ": ")) // of the whole object, no path
		}
	}
	return errors.New(strings.Join(words, "; "))
}

// openings places what rules open: in the object, and at what of ours refuses it.
func (j judge) openings(list []reach.Opening) []target.Opening {
	var out []target.Opening
	for _, o := range list {
		f := j.refusal(o)
		f.Path, f.Undecided, f.Message = strings.Split(strings.TrimPrefix(o.Location.Path, "/"), "/"), o.Possibly, opened(o)
		out = append(out, target.Opening{Finding: f, Range: otherEnd(o)})
	}
	return out
}

func opened(o reach.Opening) string {
	verb, way := "opens", "to"
	if o.Possibly {
		verb = "may open"
	}
	if o.Egress {
		way = "from"
	}
	return fmt.Sprintf("it %s what the policy refuses: connections %s %s", verb, way, o.Pods)
}

func otherEnd(o reach.Opening) string {
	way, some := "from", ""
	if o.Egress {
		way = "to"
	}
	if o.Partly {
		some = "some "
	}
	return fmt.Sprintf("%s %s%s on %s", way, some, o.Other, o.Ports)
}

// refusal is the place of ours that refuses a connection: at the end of the opening, where that refuses it too.
func (j judge) refusal(o reach.Opening) target.Finding {
	way := ingressPath
	if o.Egress {
		way = egressPath
	}
	findings := verdict(o.Refused, j.about(o.To, o.Port), j.about(o.From, reach.Port{})).Findings
	if i := slices.IndexFunc(findings, func(f target.Finding) bool { return strings.Contains(f.Location, way) }); i >= 0 {
		return findings[i]
	}
	return append(findings, at(j.policies.List()[0]))[0] // an opening is a finding, whoever refuses it
}
