package profile

import (
	"fmt"
	"slices"
	"strings"
)

// The permissions of unix rules.
const (
	permSockCreate uint32 = 1 << iota
	permSockBind
	permSockListen
	permSockAccept
	permSockConnect
	permSockSend
	permSockReceive
	permSockShutdown
	permSockGetAttr
	permSockSetAttr
	permSockGetOpt
	permSockSetOpt

	// permSockPeer are those to which the other end counts.
	permSockPeer = permSockConnect | permSockSend | permSockReceive
)

var unixPerms = map[string]uint32{"create": permSockCreate, "bind": permSockBind, "listen": permSockListen, "accept": permSockAccept,
	"connect": permSockConnect, "send": permSockSend, "write": permSockSend, "w": permSockSend, "receive": permSockReceive,
	"read": permSockReceive, "r": permSockReceive, "rw": permSockSend | permSockReceive, "shutdown": permSockShutdown,
	"getattr": permSockGetAttr, "setattr": permSockSetAttr, "getopt": permSockGetOpt, "setopt": permSockSetOpt}

// unixRule is "unix (send) type=stream addr=@a peer=(label=b addr=@c)". What is left out is every one.
type unixRule struct {
	head
	perms       uint32
	socketType  string
	addr        *unixAddr
	peerAddr    *unixAddr
	peers       []*Glob
	peerMatters bool // a condition on the other end is stated
}

// unixAddr is "none", for a socket without a name, or a pattern of names in the abstract space.
type unixAddr struct {
	none    bool
	unknown bool // "auto", which is not modelled
	names   []*Glob
}

// match compares with "none" or "@name".
func (a *unixAddr) match(addr string) match {
	name, abstract := strings.CutPrefix(addr, "@")
	switch {
	case a == nil:
		return matchYes
	case a.unknown && abstract:
		return matchMaybe
	case a.none && addr == "none" || abstract && a.names != nil && anyMatch(a.names, name):
		return matchYes
	}
	return matchNo
}

func (p *parser) unixRule(q *Profile, h head, start int) (filing, error) {
	r := unixRule{head: h}
	var err error
	if r.perms, err = p.accesses(unixPerms); err != nil {
		return nil, err
	}
	for {
		p.skip()
		switch word := p.peekKeyword(); {
		case p.peek() == ',':
			if err := p.finishUnix(&r, start); err != nil {
				return nil, err
			}
			return func(at Place) {
				r.place = at
				q.unixes = append(q.unixes, r)
			}, nil
		case word == "type" && r.socketType == "" && !r.peerMatters:
			p.pos += len(word)
			var at int
			r.socketType, at, err = p.value(word, "")
			if err == nil && !slices.Contains(socketTypes, r.socketType) {
				err = p.errorAt(at, "no type of socket is named %q", r.socketType)
			}
		case word == "addr" && r.addr == nil && !r.peerMatters:
			p.pos += len(word)
			r.addr, err = p.unixAddr(q, "")
		case word == "peer" && !r.peerMatters:
			p.pos += len(word)
			err = p.unixPeer(q, &r)
		default:
			err = p.errorf("expected accesses, type=, addr=, peer= or the end of the rule, found %s", p.found())
		}
		if err != nil {
			return nil, err
		}
	}
}

// finishUnix settles what a rule without accesses speaks of: of those to which its conditions mean something.
func (p *parser) finishUnix(r *unixRule, start int) error {
	every := r.perms == ^uint32(0)
	switch {
	case r.peerMatters && every:
		r.perms = permSockPeer | permSockAccept
	case r.peerMatters && r.perms&^(permSockPeer|permSockAccept) != 0:
		return p.errorAt(start, "to what is done with the socket itself the peer does not count; it does to connect, accept, send and receive")
	}
	return nil
}

func (p *parser) unixAddr(q *Profile, stop string) (*unixAddr, error) {
	value, at, err := p.value("addr", stop)
	if err != nil {
		return nil, err
	}
	switch value {
	case "none":
		return &unixAddr{none: true}, nil
	case "auto":
		return &unixAddr{unknown: true}, nil
	}
	expanded, err := p.expand(q, at, value)
	if err != nil {
		return nil, err
	}
	for i, e := range expanded {
		if e == neverMatches {
			continue
		}
		name, ok := strings.CutPrefix(strings.TrimPrefix(e, `\`), "@")
		if !ok {
			return nil, p.errorAt(at, `an address is none, auto, or a name that begins with "@"; sockets with a path are files`)
		}
		expanded[i] = name
	}
	globs, err := p.compile(at, expanded, false)
	return &unixAddr{names: globs}, err
}

// unixPeer reads "=(label=name addr=@name)".
func (p *parser) unixPeer(q *Profile, r *unixRule) error {
	r.peerMatters = true
	if err := p.expect("=", `after "peer"`); err != nil {
		return err
	}
	if err := p.expect("(", `after "peer="`); err != nil {
		return err
	}
	for !p.accept(")") {
		var err error
		switch word := p.peekKeyword(); {
		case word == "label" && r.peers == nil:
			p.pos += len(word)
			r.peers, err = p.label(q, "),")
		case word == "addr" && r.peerAddr == nil:
			p.pos += len(word)
			r.peerAddr, err = p.unixAddr(q, "),")
		case p.peek() == ',':
			p.pos++
		default:
			err = p.errorf("expected label=, addr= or \")\", found %s", p.found())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// UnixRequest is what is done with a unix socket. A socket with a path is a file: to connect to it takes writing the file.
type UnixRequest struct {
	Access      string // "create", "bind", "listen", "accept", "connect", "send", "receive", "getopt", ...
	Type        string // "stream", "dgram" or "seqpacket"
	Address     string // of the socket: "none", or "@name" in the abstract space; nothing to create
	PeerAddress string // of the other end, to connect, send and receive
	PeerLabel   string // the other end's profile, or "unconfined"
}

// Unix says whether the profile lets a process do something with a unix socket. Kernels differ: those of Ubuntu mediate
// it as unix rules say, all others only that a socket of the family and the type is used, as network rules say; of unix
// rules parsers make network rules for them. Where the two differ the decision is Undecided.
func (p *Profile) Unix(r UnixRequest) Decision {
	want := unixPerms[r.Access]
	if want == 0 || !slices.Contains(socketTypes, r.Type) {
		return Decision{Outcome: Undecided, Reason: fmt.Sprintf("%s %s is nothing that is done with a unix socket", r.Access, r.Type)}
	}
	if want == permSockBind && !strings.HasPrefix(r.Address, "@") {
		return Decision{Outcome: Undecided, Reason: "what a unix socket is bound to begins with @, or is a file"}
	}
	fine, coarse := p.unix(r, want), p.unixAsNetwork(r, want)
	if fine.Outcome == coarse.Outcome {
		return fine
	}
	return Decision{Outcome: Undecided, Places: append(slices.Clone(fine.Places), coarse.Places...),
		Reason: fmt.Sprintf("it comes out as %v on kernels that mediate unix sockets by address and peer, and as %v on others", fine.Outcome, coarse.Outcome)}
}

// unix decides as a kernel does that mediates unix sockets.
func (p *Profile) unix(r UnixRequest, want uint32) Decision {
	t := tally{want: want}
	implied := matchYes
	if p.features().unixByNetwork != mediated {
		implied = matchMaybe
	}
	for _, n := range p.networks {
		if n.speaksOf("unix", r.Type) {
			t.add(n.head, want, implied, "whether network rules speak of all that is done with unix sockets depends on the feature set, of which the file names none that is known here")
		}
	}
	for i := range p.unixes {
		if u := &p.unixes[i]; u.socketType == "" || u.socketType == r.Type {
			t.add(u.head, u.perms, u.matches(r, want), "automatic addresses")
		}
	}
	t.addUnread(p, classUnix)
	return t.decide(p, "unix "+r.Access+" of a "+r.Type+" socket")
}

// matches compares addresses and the peer, as far as they count.
func (u *unixRule) matches(r UnixRequest, want uint32) match {
	if want == permSockCreate {
		return matchYes
	}
	m := u.addr.match(r.Address)
	if want&permSockPeer == 0 {
		return m
	}
	if !anyMatch(u.peers, r.PeerLabel) {
		return matchNo
	}
	return min(m, u.peerAddr.match(r.PeerAddress)) // in the order of their values: no, maybe, yes
}

// unixAsNetwork decides as all other kernels do. Denials of unix rules are dropped for them, as they would deny too
// much; of what is allowed parsers before 4.1 make a rule that allows everything.
func (p *Profile) unixAsNetwork(r UnixRequest, want uint32) Decision {
	t := tally{want: want}
	for _, n := range p.networks {
		if n.speaksOf("unix", r.Type) {
			t.add(n.head, want, matchYes, "")
		}
	}
	for _, u := range p.unixes {
		if u.deny || u.socketType != "" && u.socketType != r.Type {
			continue
		}
		m := matchMaybe
		if u.perms&want != 0 {
			m = matchYes
		}
		t.add(u.head, want, m, "older parsers take a unix rule for one about every access")
	}
	t.addUnread(p, classNetwork)
	return t.decide(p, "unix "+r.Access+" of a "+r.Type+" socket")
}
