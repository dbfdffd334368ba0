package profile

// abstraction is what is known of a file that AppArmor ships below abstractions/, as shipped: what a site adds in the
// .d folder beside it is not known here. None of them denies.
type abstraction struct {
	rules string // those that are not about files
	other class  // of what else it allows, which is not read
}

// abstractions are those that container profiles include. Of "base" the rules about processes and sockets are stated:
// a container's profile says little else of them.
var abstractions = map[string]abstraction{
	"abstractions/base": {other: classFile, rules: `
		ptrace (readby, tracedby),
		ptrace (read) peer=@{profile_name},
		signal (receive) peer=unconfined,
		signal peer=@{profile_name},
		signal (send, receive) set=(exists),
		unix peer=(label=@{profile_name}),
		unix (receive) peer=(label=unconfined),
		unix (create),
		unix (getattr, getopt, setopt, shutdown),`},
	"abstractions/consoles":    {other: classFile},
	"abstractions/nameservice": {other: classEvery},
	"abstractions/openssl":     {other: classFile},
	"abstractions/ssl_certs":   {other: classFile},
}

func (p *parser) ruleInclude(q *Profile) error {
	name, at, err := p.inclusion()
	if err != nil {
		return err
	}
	known, ok := abstractions[name]
	if !ok {
		q.unread = append(q.unread, unreadRule{head: head{place: at}, class: classEvery, mayAllow: true, mayDeny: true,
			why: name + " is not read"})
		return nil
	}
	q.unread = append(q.unread, unreadRule{head: head{place: at}, class: known.other, mayAllow: true,
		why: "not all of " + name + " is modelled"})
	return p.asShipped(q, at, known.rules)
}

// asShipped reads rules that stand in a file which the profile includes. Their place is that of the include.
func (p *parser) asShipped(q *Profile, at Place, rules string) error {
	inner := *p
	inner.scanner, inner.shipped = newScanner(p.scanner.file, rules), &at
	for inner.skip(); !inner.eof(); inner.skip() {
		if err := inner.rule(q, head{}); err != nil {
			return err
		}
	}
	p.bytes = inner.bytes
	return nil
}
