package profile

import "strings"

// The classes of rules that parsers since 4.0 know.

// usernsRule reads "userns" or "userns create", which are the same: whether user namespaces may be created.
func (p *parser) usernsRule(q *Profile, h head, _ int) (filing, error) {
	p.keyword("create")
	return func(at Place) {
		h.place = at
		q.userns = append(q.userns, h)
	}, nil
}

// Userns says whether the profile lets a process create a user namespace, where the kernel mediates that: those of
// Ubuntu, and others since 6.7.
func (p *Profile) Userns() Decision {
	t := tally{want: 1}
	for _, h := range p.userns {
		t.add(h, 1, matchYes, "")
	}
	t.addUnread(p, classUserns)
	const what = "the creation of user namespaces"
	return p.underFeatures(p.features().userns, what, t.decide(p, what))
}

// The permissions of io_uring rules.
const (
	permSQPoll uint32 = 1 << iota
	permOverrideCreds
)

var ioUringPerms = map[string]uint32{"sqpoll": permSQPoll, "override_creds": permOverrideCreds}

// ioUringRule is "io_uring (sqpoll, override_creds) label=name": whose credentials may be overridden.
type ioUringRule struct {
	head
	perms  uint32
	labels []*Glob
}

func (p *parser) ioUringRule(q *Profile, h head, _ int) (filing, error) {
	r := ioUringRule{head: h}
	var err error
	if r.perms, err = p.accesses(ioUringPerms); err != nil {
		return nil, err
	}
	if p.keyword("label") != "" {
		r.labels, err = p.label(q, "")
	}
	return func(at Place) {
		r.place = at
		q.ioUrings = append(q.ioUrings, r)
	}, err
}

// label reads "=pattern" or "=(pattern)": the name of a profile.
func (p *parser) label(q *Profile, stop string) ([]*Glob, error) {
	value, at, err := p.value("label", stop)
	if err != nil {
		return nil, err
	}
	return p.patterns(q, at, value, false)
}

// value reads "=value" or "=(value)"; bytes of stop end it.
func (p *parser) value(name, stop string) (value string, at int, err error) {
	if err := p.expect("=", "after "+name); err != nil {
		return "", 0, err
	}
	p.skip()
	at = p.pos
	if p.peek() != '(' {
		value, err = p.word(stop)
		return value, at, err
	}
	values, err := p.list()
	if err == nil && len(values) != 1 {
		err = p.errorAt(at, "%s has a single value", name)
	}
	if err != nil {
		return "", 0, err
	}
	return values[0], at, nil
}

// IOUring says whether the profile lets a process have the kernel poll a ring ("sqpoll"), or work with the credentials of
// a profile ("override_creds"), where the kernel and the feature set mediate io_uring. All other use of it is not mediated.
func (p *Profile) IOUring(access, label string) Decision {
	t := tally{want: ioUringPerms[access]}
	if t.want == 0 {
		return Decision{Outcome: Undecided, Reason: access + " is none of sqpoll, override_creds"}
	}
	for _, r := range p.ioUrings {
		if access == "sqpoll" || anyMatch(r.labels, label) {
			t.add(r.head, r.perms, matchYes, "")
		}
	}
	t.addUnread(p, classIOUring)
	what := "io_uring " + access
	return p.underFeatures(p.features().ioUring, what, t.decide(p, what))
}

// The permissions of mqueue rules.
const (
	permQueueRead uint32 = 1 << iota
	permQueueWrite
	permQueueCreate
	permQueueOpen
	permQueueDelete
	permQueueGetAttr
	permQueueSetAttr
)

var mqueuePerms = map[string]uint32{"r": permQueueRead, "read": permQueueRead, "w": permQueueWrite, "write": permQueueWrite,
	"rw": permQueueRead | permQueueWrite, "wr": permQueueRead | permQueueWrite, "create": permQueueCreate, "open": permQueueOpen,
	"delete": permQueueDelete, "getattr": permQueueGetAttr, "setattr": permQueueSetAttr}

// mqueueRule is "mqueue (create, read) type=posix label=name /queue".
type mqueueRule struct {
	head
	perms  uint32
	names  []*Glob
	labels []*Glob
	posix  bool // it speaks of POSIX queues
}

func (p *parser) mqueueRule(q *Profile, h head, start int) (filing, error) {
	r := mqueueRule{head: h, posix: true}
	var err error
	if r.perms, err = p.accesses(mqueuePerms); err != nil {
		return nil, err
	}
	kind := ""
	for {
		p.skip()
		switch word := p.peekKeyword(); {
		case p.peek() == ',':
			return func(at Place) {
				r.place = at
				q.mqueues = append(q.mqueues, r)
			}, nil
		case word == "type" && kind == "" && r.names == nil:
			p.pos += len(word)
			kind, _, err = p.value("type", "")
			r.posix = kind != "sysv"
			if err == nil && kind != "posix" && kind != "sysv" {
				err = p.errorAt(start, "a message queue is of type posix or sysv, and not %q", kind)
			}
		case word == "label" && r.labels == nil && r.names == nil:
			p.pos += len(word)
			r.labels, err = p.label(q, "")
		case r.names == nil:
			r.names, err = p.queueName(q, kind)
			r.posix = r.posix && strings.HasPrefix(r.names0(), "/")
		default:
			err = p.errorf("expected the end of the rule, found %s", p.found())
		}
		if err != nil {
			return nil, err
		}
	}
}

// names0 is the first name, "/" where there is none.
func (r *mqueueRule) names0() string {
	if len(r.names) == 0 {
		return "/"
	}
	return r.names[0].String()
}

// queueName reads the name of a POSIX queue, or the number of another.
func (p *parser) queueName(q *Profile, kind string) ([]*Glob, error) {
	at := p.pos
	text, err := p.word("")
	if err != nil {
		return nil, err
	}
	number := text != "" && strings.Trim(text, "0123456789") == ""
	switch {
	case kind != "sysv" && (strings.HasPrefix(text, "/") || strings.HasPrefix(text, "@")):
		return p.patterns(q, at, text, false)
	case kind != "posix" && number:
		return p.patterns(q, at, text, false)
	}
	return nil, p.errorAt(at, "%q names no message queue: a POSIX one begins with a slash, another is a number", text)
}

// Mqueue says whether the profile lets a process access a POSIX message queue: "create", "open", "delete", "read",
// "write", "getattr" or "setattr". The name begins with a slash. label is the profile of who made it.
func (p *Profile) Mqueue(access, name, label string) Decision {
	t := tally{want: mqueuePerms[access]}
	if t.want == 0 || !strings.HasPrefix(name, "/") {
		return Decision{Outcome: Undecided, Reason: access + " of " + name + " is no access to a POSIX message queue"}
	}
	for _, r := range p.mqueues {
		if !r.posix || !anyMatch(r.names, name) {
			continue
		}
		if access == "create" && r.labels == nil || access != "create" && anyMatch(r.labels, label) { // what is created has no label yet
			t.add(r.head, r.perms, matchYes, "")
		}
	}
	t.addUnread(p, classMqueue)
	what := "access " + access + " to the message queue " + name
	return p.underFeatures(p.features().mqueue, what, t.decide(p, what))
}

// queueFiles are the accesses to files as which kernels see accesses to message queues.
var queueFiles = map[string]string{"create": "w", "open": "r", "read": "r", "write": "w"}

// QueueFile says whether the profile lets a process access the file as which kernels that do not mediate message queues see one: its name,
// below the root. Whether kernels that mediate them ask for the file too is not known here. ok is false of accesses that are none to
// a file.
func (p *Profile) QueueFile(access, name string) (d Decision, ok bool) {
	letter, ok := queueFiles[access]
	if !ok {
		return Decision{}, false
	}
	d = p.File(name, letter, true)
	if d.Outcome == Deny && p.features().mqueue != unmediated {
		d.Outcome = Undecided
		d.Reason += ", as which kernels see the message queue that do not mediate those"
	}
	return d, true
}

// everyFile is what a rule about all files matches.
const everyFile = "/{**,}"

// executeOfAll is the priority at which "all" lets programs be executed, so that any other rule says how.
const executeOfAll = -2

// allRule reads "all", which is a rule without conditions of each class.
func (p *parser) allRule(q *Profile, h head, start int) (filing, error) {
	every, err := p.compile(start, []string{everyFile}, true)
	if err != nil {
		return nil, err
	}
	if err := p.implied(q, p.placeOf(start), impliedChange); err != nil {
		return nil, err
	}
	return func(at Place) {
		h.place = at
		execute := h
		execute.priority = executeOfAll
		if h.deny { // what 4.1 makes of it for files is no denial of all of them
			q.unread = append(q.unread, unreadRule{head: h, class: classFile, mayDeny: true, why: "deny all"})
		} else {
			q.files = append(q.files, fileRule{head: h, perms: permAll &^ permExec, globs: every},
				fileRule{head: execute, perms: permExec, globs: every, transition: "ix"})
		}
		q.capabilities = append(q.capabilities, capabilityRule{head: h})
		q.networks = append(q.networks, networkRule{head: h})
		q.unixes = append(q.unixes, unixRule{head: h, perms: ^uint32(0)})
		q.mounts = append(q.mounts, mountRule{head: h, perms: permMount | permUmount | permPivot})
		q.ptraces = append(q.ptraces, peerRule{head: h, perms: ^uint32(0)})
		q.signals = append(q.signals, peerRule{head: h, perms: ^uint32(0)})
		q.userns = append(q.userns, h)
		q.ioUrings = append(q.ioUrings, ioUringRule{head: h, perms: ^uint32(0)})
		q.mqueues = append(q.mqueues, mqueueRule{head: h, perms: ^uint32(0), posix: true})
	}, nil
}
