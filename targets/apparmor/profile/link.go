package profile

import (
	"fmt"
	"strings"
)

// Link says whether the profile lets a process make path a hard link to target. A rule must allow the pair; where one that does
// asks for it, and every rule but "link /path -> /target" does, what may be done with the path must be allowed for the
// target as well, execution in the same way (profile_path_link in security/apparmor/file.c). But that holds for the owner of
// the target only: of others apparmor_parser does not have the kernel ask for it.
func (p *Profile) Link(path, target string, owner bool) Decision {
	if !strings.HasPrefix(path, "/") || !strings.HasPrefix(target, "/") || strings.IndexByte(path+target, 0) >= 0 {
		return Decision{Outcome: Undecided, Reason: fmt.Sprintf("%q and %q are not both absolute paths", path, target)}
	}
	t := tally{want: permLink}
	subset := false
	for _, hit := range p.matching(path) {
		r := &p.files[hit.rule]
		if r.perms&permLink == 0 || r.owner && !owner || !r.pairs(target) {
			continue
		}
		t.add(r.head, permLink, matchYes, "")
		subset = subset || owner && !r.deny && (r.targets == nil || r.subset)
	}
	t.addUnread(p, classFile)
	d := t.decide(p, fmt.Sprintf("linking %s to %s", path, target))
	if d.Outcome != Allow || !subset {
		return d
	}
	for _, access := range []string{"r", "w", "a", "x", "m", "k"} {
		if worse := p.exceeds(path, target, access, owner); worse.Outcome != Allow {
			return worse
		}
	}
	return d
}

// pairs says whether a rule that allows or denies a link speaks of what is linked to. One that names no target speaks of all but
// the root.
func (r *fileRule) pairs(target string) bool {
	if r.targets == nil {
		return len(target) > 1 && target[1] != '/'
	}
	return anyMatch(r.targets, target)
}

// exceeds is Allow if the link grants no more of an access than the target does.
func (p *Profile) exceeds(path, target, access string, owner bool) Decision {
	link := p.File(path, access, owner)
	if link.Outcome == Deny {
		return Decision{Outcome: Allow}
	}
	to := p.File(target, access, owner)
	switch {
	case to.Outcome == Allow && sameTransition(link.Transition, to.Transition):
		return to
	case to.Outcome == Undecided || link.Outcome == Undecided:
		to.Outcome = Undecided
	default:
		to.Outcome, to.Audit = Deny, true
	}
	to.Reason = fmt.Sprintf("the link %s would grant more than its target: %s", path, to.Reason)
	return to
}

// sameTransition says whether a link is executed as its target is, or more safely (xindex_is_subset in file.c).
func sameTransition(link, target string) bool {
	way, name, _ := strings.Cut(link, " ")
	to, toName, _ := strings.Cut(target, " ")
	return name == toName && (way == to || strings.EqualFold(way, to) && way != strings.ToLower(way))
}
