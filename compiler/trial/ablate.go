package trial

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// maxLayers bounds how often controls are loosened for one attempt. Each round
// loosens at least one more, so there is an end anyway.
const maxLayers = 64

// ablate loosens the controls that decided, and judges again, until the attempt
// passes. Each round is a layer; the named control must be in one of them.
func (r *runner) ablate(a *lang.Attempt, c cell, attempts []attempt.Attempt, verdict target.Verdict, out *AttemptResult) error {
	var loosened []control.Ref
	for range maxLayers {
		artifacts, err := r.workshop.emit(c.judger, loosened)
		if err != nil {
			return err
		}
		deciding := decided(artifacts, verdict, loosened)
		if len(deciding) == 0 && len(loosened) > 0 {
			out.Problem = fmt.Sprintf("the refusal stays without %s, and names no other control%s", key(loosened), because(verdict.Findings))
			return nil
		}
		if len(deciding) == 0 {
			out.Problem = "the refusal names no control of the policy, so it proves nothing about one" + because(verdict.Findings)
			return nil
		}
		out.Layers = append(out.Layers, strs(deciding))
		before := r.workshop.contents(c.judger, c.container, loosened, artifacts)
		loosened = append(slices.Clone(loosened), deciding...)
		if artifacts, err = r.workshop.emit(c.judger, loosened); err != nil {
			return err
		}
		if r.workshop.contents(c.judger, c.container, loosened, artifacts) == before {
			out.Problem = fmt.Sprintf("loosening %s changes no artifact, so it is not what refuses", strings.Join(strs(deciding), ", "))
			return nil
		}
		if verdict, err = r.judge(c, attempts, loosened); err != nil {
			return err
		}
		switch verdict.Outcome {
		case target.Undecided:
			out.Problem = fmt.Sprintf("without %s the verdict is undecided%s", key(loosened), because(verdict.Findings))
			return nil
		case target.Allow, target.Silent, target.Inapplicable:
			out.named(a.Control)
			return nil
		}
	}
	out.Problem = fmt.Sprintf("the refusal stays after %d rounds of loosening", maxLayers)
	return nil
}

// named looks for the control that the test names among the layers.
func (out *AttemptResult) named(ctrl control.Ref) {
	for i, layer := range out.Layers {
		if slices.ContainsFunc(layer, func(s string) bool { return stands(ctrl, s) }) {
			out.Layer, out.SecondLine = i, i > 0
			return
		}
	}
	behind := make([]string, len(out.Layers))
	for i, layer := range out.Layers {
		behind[i] = strings.Join(layer, ", ")
	}
	out.Problem = fmt.Sprintf("%s is not what refuses this; that is %s", ctrl, strings.Join(behind, "; then "))
}

// proved lists what a passed attempt stands for. One that names all blocks of a
// control stands for those that decided: the others may do nothing.
func (out *AttemptResult) proved(ctrl control.Ref) []control.Ref {
	var refs []control.Ref
	for _, s := range out.Layers[out.Layer] {
		if ref, ok := control.ParseRef(s); ok && stands(ctrl, s) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// stands reports whether a deciding control is the one named, or a labelled
// block of it.
func stands(named control.Ref, deciding string) bool {
	return deciding == named.String() || named.Label == "" && strings.HasPrefix(deciding, string(named.ID)+".")
}

// decided lists the controls that the findings name and that are not loosened
// yet.
func decided(artifacts []target.Artifact, v target.Verdict, loosened []control.Ref) []control.Ref {
	var out []control.Ref
	for _, f := range v.Findings {
		if f.Warning || f.Undecided {
			continue
		}
		for _, ref := range target.Controls(artifacts, f) {
			if !slices.Contains(loosened, ref) && !slices.Contains(out, ref) {
				out = append(out, ref)
			}
		}
	}
	slices.SortFunc(out, func(a, b control.Ref) int { return strings.Compare(a.String(), b.String()) })
	return out
}

func strs(refs []control.Ref) []string {
	out := make([]string, len(refs))
	for i, r := range refs {
		out[i] = r.String()
	}
	return out
}

// untested lists the stated controls that no passing test names, and those of
// them whose loosening changes nothing. What the choice of targets leaves out is
// listed when the policy is compiled.
func (r *runner) untested(report *Report) error {
	stated := statedRefs(r.workshop.policy)
	for _, u := range stated {
		if slices.ContainsFunc(r.proven, func(p control.Ref) bool { return p == u.ref || p.Label == "" && p.ID == u.ref.ID }) {
			continue
		}
		entry := Untested{Control: u.ref.String(), Range: u.setting.Range}
		inert, err := r.inert(u.ref, stated)
		if err != nil {
			return err
		}
		if inert && r.leftOut(u.ref.ID) {
			continue // no attempt could meet it
		}
		report.Untested = append(report.Untested, entry)
		if inert && !r.accepted(u.ref.ID, "") {
			report.Inert = append(report.Inert, entry)
		}
	}
	return nil
}

type stated struct {
	ref     control.Ref
	setting policy.Setting
}

// statedRefs lists every control that the policy states, labelled blocks each
// for itself, in the catalogue's order.
func statedRefs(p *policy.Policy) []stated {
	found := map[control.Ref]policy.Setting{}
	for s := range profile.Statements(p) {
		if s.Control == nil || !s.Setting.Stated() {
			continue
		}
		if s.Control.Type != control.Blocks {
			found[control.Ref{ID: s.Control.ID}] = s.Setting
			continue
		}
		for _, it := range s.Setting.Items {
			found[control.Ref{ID: s.Control.ID, Label: it.Key}] = policy.Setting{Value: s.Setting.Value, Range: it.Range}
		}
	}
	var out []stated
	for ref, setting := range found {
		out = append(out, stated{ref, setting})
	}
	slices.SortFunc(out, func(a, b stated) int { return strings.Compare(a.ref.String(), b.ref.String()) })
	return out
}

// accepted reports whether an exception says that nothing holds the control, in
// the container or (where it is "") in any.
func (r *runner) accepted(id control.ID, container string) bool {
	return slices.ContainsFunc(r.workshop.gaps, func(g target.Gap) bool {
		return g.Statement.Control != nil && g.Statement.Control.ID == id && (container == "" || slices.Contains(g.Containers, container))
	})
}

// leftOut reports whether the choice of targets leaves a control out.
func (r *runner) leftOut(id control.ID) bool {
	return slices.ContainsFunc(r.workshop.gaps, func(g target.Gap) bool {
		return len(g.LeftOut) > 0 && g.Statement.Control != nil && g.Statement.Control.ID == id
	})
}

// inert reports whether a control makes no difference to any artifact: neither
// in the policy as it is, nor as the only one that is left, without which a second
// line would look like nothing. Controls that void others at their loosest stay.
func (r *runner) inert(ref control.Ref, all []stated) (bool, error) {
	if changes, err := r.changes(nil, ref); changes || err != nil {
		return false, err
	}
	var others []control.Ref
	for _, s := range all {
		if c, _ := control.Lookup(s.ref.ID); s.ref != ref && !c.Bypasses {
			others = append(others, s.ref)
		}
	}
	changes, err := r.changes(others, ref)
	return !changes, err
}

// changes reports whether loosening one more control changes an artifact.
func (r *runner) changes(loosened []control.Ref, ref control.Ref) (bool, error) {
	for _, t := range r.workshop.targets {
		before, err := r.workshop.emit(t, loosened)
		if err != nil {
			return false, err
		}
		after, err := r.workshop.emit(t, append(slices.Clone(loosened), ref))
		if err != nil {
			return false, err
		}
		if bodies(before, "") != bodies(after, "") {
			return true, nil
		}
	}
	return false, nil
}
