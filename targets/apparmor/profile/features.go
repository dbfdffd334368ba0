package profile

import "slices"

// features are what a feature set has the kernel mediate, of what sets differ in. The kernel must know it too.
type features struct {
	userns, mqueue, ioUring mediation
	// unixByNetwork says that a network rule speaks of all that is done with unix sockets, not of creating them alone.
	unixByNetwork mediation
}

// mediation says whether a class of accesses is mediated.
type mediation int

const (
	mediationUnknown mediation = iota
	unmediated
	mediated
)

// The feature sets that AppArmor ships, abi/3.0 since 3.0 and abi/4.0 since 4.0. Neither holds io_uring, and
// only the latter the creation of user namespaces and message queues. What a profile is compiled with that names none depends on
// the parser's configuration.
var (
	features3 = features{unmediated, unmediated, unmediated, mediated}
	features4 = features{mediated, mediated, unmediated, mediated}
)

var olderSets = []string{"abi/3.0", "abi/kernel-5.4-vanilla", "abi/kernel-5.4-outoftree-network"}

func (p *Profile) features() features {
	switch {
	case slices.Contains(olderSets, p.abi):
		return features3
	case p.abi == "abi/4.0":
		return features4
	}
	return features{}
}

// underFeatures gives what becomes of a decision about a class that may not be mediated.
func (p *Profile) underFeatures(m mediation, what string, d Decision) Decision {
	if p.Mode == Unmodelled || m == mediated {
		return d
	}
	if m == unmediated {
		return Decision{Outcome: Allow, Places: []Place{p.Place}, Reason: "the feature set " + p.abi + " does not mediate " + what}
	}
	if d.Outcome == Deny {
		d.Outcome = Undecided
		d.Reason += ", if it is mediated, which the file leaves open: it names no feature set that is known here"
	}
	return d
}
