package profile

import "fmt"

// Outcome is what a profile says to a request.
type Outcome int

// The outcomes. The zero value is none of them: a decision that nobody made.
const (
	outcomeInvalid Outcome = iota
	// Undecided: a rule that is not modelled could decide it either way.
	Undecided
	// Allow: a rule allows it, or the mode does.
	Allow
	// Deny: a rule denies it, or none allows it.
	Deny
)

func (o Outcome) String() string {
	switch o {
	case Undecided:
		return "undecided"
	case Allow:
		return "allow"
	case Deny:
		return "deny"
	default:
		return "invalid"
	}
}

// Decision is the answer to a request.
type Decision struct {
	Outcome Outcome
	// Places are the rules that decided, all of them, in the order of the file. Where nothing allows the request it is
	// the profile's own header.
	Places []Place
	// Absent says that the request is denied because no rule allows it, not because one denies it.
	Absent bool
	// Audit says that the kernel logs the access: a denial unless a plain "deny" silences it, an allowed access where
	// the rule says "audit".
	Audit bool
	// Transition is how an allowed execution goes on: "ix", "px", "ux -> other", ...; empty for all other requests.
	Transition string
	// Reason says in words why.
	Reason string
}

// Line is the line of the first rule that decided.
func (d Decision) Line() int {
	if len(d.Places) == 0 {
		return 0
	}
	return d.Places[0].Line
}

// Rule is the text of the first rule that decided.
func (d Decision) Rule() string {
	if len(d.Places) == 0 {
		return ""
	}
	return d.Places[0].Text
}

// match says whether a rule speaks of a request.
type match int

const (
	matchInvalid match = iota
	matchNo
	matchMaybe // it depends on what the rule's model leaves out
	matchYes
)

// tally collects what rules say to a request for a set of permissions, each a bit.
type tally struct {
	want                                       uint32
	denied, maybeDenied, allowed, maybeAllowed uint32
	silenced, audited                          uint32
	denies, allows                             []Place
	maybeDenies, maybeAllows                   []maybe
	rules                                      []weighed
	ranked                                     bool // some rule has a priority
}

// weighed is a rule that speaks of some permissions.
type weighed struct {
	head
	bits uint32
	match
	why string
}

// maybe is a rule that could decide, and what of it is not modelled.
type maybe struct {
	place Place
	why   string
}

// add notes one rule that speaks of the permissions bits, as far as they are wanted.
func (t *tally) add(h head, bits uint32, m match, why string) {
	if bits &= t.want; bits == 0 || m == matchNo {
		return
	}
	t.rules = append(t.rules, weighed{h, bits, m, why})
	t.ranked = t.ranked || h.priority != 0
}

// settle counts the rules that were noted. What a rule of a higher priority speaks of is out of the hands of others.
func (t *tally) settle() {
	for _, r := range t.rules {
		bits, unsure := r.bits, uint32(0)
		for _, o := range t.rules {
			if !t.ranked || o.priority <= r.priority {
				continue
			}
			if o.match == matchYes {
				bits &^= o.bits
			} else {
				unsure |= o.bits
			}
		}
		t.count(r.head, bits&^unsure, r.match, r.why)
		t.count(r.head, bits&unsure, matchMaybe, "a rule of a higher priority is not modelled")
	}
}

func (t *tally) count(h head, bits uint32, m match, why string) {
	switch {
	case bits == 0:
	case m == matchYes && h.deny:
		t.denied |= bits
		t.denies = append(t.denies, h.place)
		if !h.audit {
			t.silenced |= bits
		}
	case m == matchYes:
		t.allowed |= bits
		t.allows = append(t.allows, h.place)
		if h.audit {
			t.audited |= bits
		}
	case m == matchMaybe && h.deny:
		t.maybeDenied |= bits
		t.maybeDenies = append(t.maybeDenies, maybe{h.place, why})
	case m == matchMaybe:
		t.maybeAllowed |= bits
		t.maybeAllows = append(t.maybeAllows, maybe{h.place, why})
	}
}

// addUnread counts the rules of the profile that are not modelled and could concern the class.
func (t *tally) addUnread(p *Profile, c class) {
	for _, rules := range [][]unreadRule{p.preamble, p.unread} {
		for _, u := range rules {
			if u.class == c || u.class == classEvery {
				t.addMaybe(u)
			}
		}
	}
}

func (t *tally) addMaybe(u unreadRule) {
	h := u.head
	if u.mayDeny {
		h.deny = true
		t.add(h, t.want, matchMaybe, u.why)
	}
	if u.mayAllow {
		h.deny = false
		t.add(h, t.want, matchMaybe, u.why)
	}
}

// decide weighs the rules as the kernel does: a denial beats whatever allows, wherever it stands, and what nothing
// allows is denied. A rule that is not modelled counts only where it could change the outcome.
func (t *tally) decide(p *Profile, what string) Decision {
	t.settle()
	if p.Mode == Unconfined {
		return Decision{Outcome: Allow, Places: []Place{p.Place}, Reason: "the profile's flags leave it unconfined"}
	}
	if p.Mode != Enforce && p.Mode != Complain {
		return Decision{Outcome: Undecided, Places: []Place{p.Place}, Reason: "the profile's flags are not modelled"}
	}
	d := t.enforced(p, what)
	if p.Mode == Complain && d.Outcome == Deny {
		return complained(d)
	}
	return d
}

// logged says whether a refusal is logged: unless all that is refused is denied by plain "deny" rules.
func (t *tally) logged(p *Profile) bool {
	refused := t.want&^t.allowed | t.denied
	return refused&^t.silenced != 0 || p.auditAll
}

func (t *tally) enforced(p *Profile, what string) Decision {
	missing := t.want &^ t.allowed
	switch {
	case t.want == 0:
		return Decision{Outcome: outcomeInvalid, Reason: "the request asks for nothing"}
	case t.denied != 0:
		return Decision{Outcome: Deny, Places: t.denies, Audit: t.logged(p),
			Reason: what + " is denied"}
	case t.maybeDenied != 0:
		return undecided(what, t.maybeDenies)
	case missing == 0:
		return Decision{Outcome: Allow, Places: t.allows, Audit: t.audited != 0 || p.auditAll, Reason: what + " is allowed"}
	case missing&^t.maybeAllowed == 0:
		return undecided(what, t.maybeAllows)
	default:
		return Decision{Outcome: Deny, Places: []Place{p.Place}, Absent: true, Audit: true,
			Reason: "no rule allows " + what}
	}
}

func undecided(what string, maybes []maybe) Decision {
	d := Decision{Outcome: Undecided}
	for _, m := range maybes {
		d.Places = append(d.Places, m.place)
	}
	d.Reason = fmt.Sprintf("%s depends on what is not modelled: %s", what, maybes[0].why)
	return d
}

// complained is what a denial becomes in complain mode: allowed and logged. A plain "deny", which is not logged, stays
// enforced: the kernel leaves with the error before it asks for the mode (aa_check_perms, aa_audit_file and audit_caps in
// security/apparmor).
func complained(d Decision) Decision {
	if !d.Audit {
		d.Reason += "; a plain deny holds in a complaining profile too"
		return d
	}
	return Decision{Outcome: Allow, Places: d.Places, Audit: true, Reason: "the profile only complains"}
}
