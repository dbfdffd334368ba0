package profile

import (
	"fmt"
	"slices"
	"strings"
)

// The permissions of ptrace and signal rules.
const (
	permTrace uint32 = 1 << iota
	permTracedBy
	permReadOther
	permReadBy
)

const (
	permSend uint32 = 1 << iota
	permReceive
)

// The words of ptrace and signal rules, short forms included.
var (
	ptracePerms = map[string]uint32{"r": permReadOther, "read": permReadOther, "w": permTrace, "trace": permTrace,
		"rw": permReadOther | permTrace, "tracedby": permTracedBy, "readby": permReadBy}
	signalPerms = map[string]uint32{"r": permReceive, "receive": permReceive, "read": permReceive, "w": permSend,
		"send": permSend, "write": permSend, "rw": permSend | permReceive}
	signalNames = strings.Fields(`hup int quit ill trap abrt bus fpe kill usr1 segv usr2 pipe alrm term stkflt chld cont
		stop stp ttin ttou urg xcpu xfsz vtalrm prof winch io pwr sys emt lost exists`)
)

// peerRule is a ptrace or signal rule: permissions, the profiles on the other side, and signals. Empty lists are all.
type peerRule struct {
	head
	perms   uint32
	peers   []*Glob
	signals []string
}

func (p *parser) ptraceRule(q *Profile, h head, _ int) (filing, error) {
	r, err := p.peerRule(q, h, ptracePerms, false)
	return func(at Place) {
		r.place = at
		q.ptraces = append(q.ptraces, r)
	}, err
}

func (p *parser) signalRule(q *Profile, h head, _ int) (filing, error) {
	r, err := p.peerRule(q, h, signalPerms, true)
	return func(at Place) {
		r.place = at
		q.signals = append(q.signals, r)
	}, err
}

// peerRule reads "(send, receive) set=(kill, term) peer=name", each part of which may be left out.
func (p *parser) peerRule(q *Profile, h head, perms map[string]uint32, signals bool) (peerRule, error) {
	r := peerRule{head: h}
	var err error
	if r.perms, err = p.accesses(perms); err != nil {
		return r, err
	}
	for {
		p.skip()
		switch word := p.peekKeyword(); {
		case p.peek() == ',':
			return r, nil
		case word == "set" && signals:
			p.pos += len(word)
			err = p.signalSet(&r)
		case word == "peer" && r.peers == nil:
			p.pos += len(word)
			err = p.peer(q, &r)
		default:
			err = p.errorf("expected accesses, a set, a peer or the end of the rule, found %s", p.found())
		}
		if err != nil {
			return r, err
		}
	}
}

// accesses reads one access or a list; none at all means every one.
func (p *parser) accesses(perms map[string]uint32) (uint32, error) {
	p.skip()
	at := p.pos
	var words []string
	var err error
	if p.peek() == '(' {
		if words, err = p.list(); err != nil {
			return 0, err
		}
	} else if word := p.peekKeyword(); perms[word] != 0 {
		p.pos += len(word)
		words = []string{word}
	}
	if words == nil {
		return ^uint32(0), nil
	}
	var all uint32
	for _, word := range words {
		if perms[word] == 0 {
			return 0, p.errorAt(at, "unknown access %q", word)
		}
		all |= perms[word]
	}
	return all, nil
}

func (p *parser) signalSet(r *peerRule) error {
	if err := p.expect("=", `after "set"`); err != nil {
		return err
	}
	p.skip()
	at := p.pos
	names, err := p.oneOrList()
	if err != nil {
		return err
	}
	for i, name := range names {
		if !isSignal(name) {
			return p.errorAt(at, "unknown signal %q; apparmor_parser takes lower case names without SIG", name)
		}
		names[i] = plainSignal(name)
	}
	r.signals = append(r.signals, names...)
	return nil
}

func isSignal(name string) bool {
	if slices.Contains(signalNames, name) {
		return true
	}
	number, ok := strings.CutPrefix(name, "rtmin+")
	if !ok || number == "" || len(number) > 2 || strings.Trim(number, "0123456789") != "" {
		return false
	}
	return len(number) == 1 || number <= "32"
}

// plainSignal gives the one name of a signal that a leading zero gives a second one, "rtmin+03".
func plainSignal(name string) string {
	if number, ok := strings.CutPrefix(name, "rtmin+0"); ok && number != "" {
		return "rtmin+" + number
	}
	return name
}

// oneOrList reads a value or a list of them.
func (p *parser) oneOrList() ([]string, error) {
	p.skip()
	if p.peek() == '(' {
		return p.list()
	}
	value, err := p.word("")
	return []string{value}, err
}

func (p *parser) peer(q *Profile, r *peerRule) error {
	if err := p.expect("=", `after "peer"`); err != nil {
		return err
	}
	p.skip()
	at := p.pos
	if p.peek() == '(' {
		return p.errorf("the peer of a ptrace or signal rule is a name, not a list")
	}
	text, err := p.word("")
	if err != nil {
		return err
	}
	r.peers, err = p.patterns(q, at, text, false)
	return err
}

// speaksOf says whether the rule concerns a peer: the name of a profile, or "unconfined".
func (r *peerRule) speaksOf(peer string) bool {
	return r.peers == nil || slices.ContainsFunc(r.peers, func(g *Glob) bool { return g.Match(peer) })
}

// Ptrace says whether the profile lets its process take part in ptrace: "trace" or "read" another process, or be
// traced or read by one ("tracedby", "readby"). peer is the profile of the other process, or "unconfined". This is one
// side only: a confined peer's profile must allow the other. A tracer that is unconfined is not held to the profile of
// whom it traces (security/apparmor/ipc.c; seen on Linux 6.1).
func (p *Profile) Ptrace(access, peer string) Decision {
	t := tally{want: ptracePerms[access]}
	if t.want == 0 {
		return Decision{Outcome: Undecided, Reason: fmt.Sprintf("%q is none of trace, tracedby, read, readby", access)}
	}
	if peer == "unconfined" && t.want&(ptracePerms["tracedby"]|ptracePerms["readby"]) != 0 {
		return Decision{Outcome: Allow, Reason: "the kernel does not hold a tracer that is unconfined to the profile of whom it traces"}
	}
	for i := range p.ptraces {
		if r := &p.ptraces[i]; r.speaksOf(peer) {
			t.add(r.head, r.perms, matchYes, "")
		}
	}
	t.addUnread(p, classPtrace)
	return t.decide(p, fmt.Sprintf("ptrace %s with %s", access, peer))
}

// Signal says whether the profile lets its process "send" a signal to a peer, or "receive" one from it. The signal is
// named as in a rule ("kill", "term", "rtmin+1", "exists" for signal 0); peer is a profile's name, or "unconfined".
// This is one side only: a confined peer's profile must allow the other.
func (p *Profile) Signal(access, signal, peer string) Decision {
	t := tally{want: signalPerms[access]}
	if t.want == 0 || !isSignal(signal) {
		return Decision{Outcome: Undecided, Reason: fmt.Sprintf("%s %s is not a signal to send or receive", access, signal)}
	}
	for i := range p.signals {
		r := &p.signals[i]
		if r.speaksOf(peer) && (r.signals == nil || slices.Contains(r.signals, plainSignal(signal))) {
			t.add(r.head, r.perms, matchYes, "")
		}
	}
	t.addUnread(p, classSignal)
	return t.decide(p, fmt.Sprintf("signal %s %s with %s", access, signal, peer))
}
