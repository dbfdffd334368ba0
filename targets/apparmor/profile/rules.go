package profile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// block reads the rules of a profile, or of a qualifier block whose qualifiers they inherit, up to its "}".
func (p *parser) block(q *Profile, inherited head) error {
	if p.nested++; p.nested > maxNested {
		return p.errorf("blocks nest deeper than %d", maxNested)
	}
	defer func() { p.nested-- }()
	for {
		p.skip()
		if p.eof() {
			return p.errorAt(len(p.src), "the block of profile %q is not closed", q.Name)
		}
		if p.accept("}") {
			return nil
		}
		if err := p.rule(q, inherited); err != nil {
			return err
		}
	}
}

// rule reads one rule, nested profile, block or include.
func (p *parser) rule(q *Profile, inherited head) error {
	start := p.pos
	if p.include() || p.peekKeyword() == "include" {
		return p.ruleInclude(q, inherited)
	}
	if p.keyword("abi") != "" { // apparmor_parser has chosen the features before it reads rules
		if _, err := p.includeName(); err != nil {
			return err
		}
		return p.expect(",", "after the abi")
	}
	h, err := p.qualifiers(inherited)
	if err != nil {
		return err
	}
	if h.deny && inherited.owner {
		return p.errorAt(start, "versions of apparmor_parser disagree on deny in a block of owner; write \"deny owner\" outside of it")
	}
	p.skip()
	if p.peek() == '{' {
		return p.qualifierBlock(q, h, inherited, start)
	}
	if h == inherited && (p.peek() == '^' || slices.Contains([]string{"profile", "hat"}, p.peekKeyword())) {
		child, err := p.profile(q)
		if err == nil {
			q.Children = append(q.Children, child)
		}
		return err
	}
	return p.commaRule(q, h, start)
}

func (p *parser) qualifierBlock(q *Profile, h, inherited head, start int) error {
	if h.deny {
		return p.errorAt(start, "a block cannot be denied as a whole; write deny before each rule")
	}
	if h.priority != inherited.priority {
		return p.errorAt(start, "a block has no priority")
	}
	if !h.audit && !h.owner {
		return p.errorAt(start, "a block without qualifiers")
	}
	p.pos++
	return p.block(q, h)
}

// qualifiers reads "priority=1", "audit", "allow" or "deny", and "owner", in the only order that apparmor_parser takes.
func (p *parser) qualifiers(h head) (head, error) {
	if p.keyword("priority") != "" {
		var err error
		if h.priority, err = p.priority(); err != nil {
			return h, err
		}
	}
	if p.keyword("audit") != "" {
		h.audit = true
	}
	switch at := p.pos; p.keyword("allow", "deny") {
	case "deny":
		if h.deny {
			return h, p.errorAt(at, "deny stands twice")
		}
		h.deny = true
	}
	if p.keyword("owner") != "" {
		h.owner = true
	}
	return h, nil
}

// maxPriority is the highest priority of a rule, and below zero the lowest (apparmor.d(5) of 4.1).
const maxPriority = 1000

// priority reads "= number". Parsers before 4.1 do not know it.
func (p *parser) priority() (int, error) {
	if err := p.expect("=", `after "priority"`); err != nil {
		return 0, err
	}
	p.skip()
	text, err := p.word("")
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < -maxPriority || n > maxPriority {
		return 0, p.errorf("a priority is a number from -%d to %d", maxPriority, maxPriority)
	}
	return n, nil
}

// commaRule reads a rule that ends with a comma, and files it.
func (p *parser) commaRule(q *Profile, h head, start int) error {
	word := p.peekKeyword()
	read, ok := ruleReaders[word]
	if !ok {
		read = (*parser).fileRule
	} else {
		p.pos += len(word)
		if h.owner && word != "file" && word != "link" {
			return p.errorAt(start, "owner belongs to file rules only")
		}
		if h.priority != 0 && slices.Contains(withoutPriority, word) {
			return p.errorAt(start, "a rule that begins with %s has no priority", word)
		}
	}
	if !ok && !slices.Contains([]byte(`/"@`), p.peek()) && !isModes(word) && !p.bareFile() {
		return p.errorf("expected a rule, found %s", p.found())
	}
	end, err := read(p, q, h, start)
	if err != nil {
		return err
	}
	end(p.placeOf(start))
	return p.expect(",", "at the end of a rule")
}

// bareFile says whether a name and permissions come, as in "deleted r,".
func (p *parser) bareFile() bool {
	after := *p.scanner
	name := after.peekKeyword()
	after.pos += len(name)
	after.skip()
	return isBareName(name) && isModes(after.peekKeyword())
}

// filing puts a rule that was read into its profile, once it is known where the rule ends.
type filing func(Place)

// ruleReader reads a rule after its keyword.
type ruleReader func(p *parser, q *Profile, h head, start int) (filing, error)

var ruleReaders = map[string]ruleReader{
	"file":           (*parser).fileKeyword,
	"link":           (*parser).linkRule,
	"capability":     (*parser).capabilityRule,
	"network":        (*parser).networkRule,
	"mount":          (*parser).mountRule,
	"remount":        (*parser).remountRule,
	"umount":         (*parser).umountRule,
	"unmount":        (*parser).umountRule,
	"pivot_root":     (*parser).pivotRule,
	"ptrace":         (*parser).ptraceRule,
	"signal":         (*parser).signalRule,
	"unix":           (*parser).unixRule,
	"all":            (*parser).allRule,
	"userns":         (*parser).usernsRule,
	"io_uring":       (*parser).ioUringRule,
	"mqueue":         (*parser).mqueueRule,
	"change_profile": (*parser).changeProfileRule,
	"dbus":           unreadReader(classOther, "dbus rules are not modelled"),
	"set":            unreadReader(classOther, "resource limits are not modelled"),
}

// withoutPriority are the rules that apparmor_parser takes no priority for.
var withoutPriority = []string{"network", "all", "set"}

// unreadReader reads any rule up to its comma, without looking into it.
func unreadReader(c class, why string) ruleReader {
	return func(p *parser, q *Profile, h head, start int) (filing, error) {
		if err := p.anything(); err != nil {
			return nil, err
		}
		return func(at Place) {
			h.place = at
			q.unread = append(q.unread, unreadRule{head: h, class: c, mayAllow: !h.deny, mayDeny: h.deny, why: why})
		}, nil
	}
}

// anything takes words, lists and conditions up to the comma that ends a rule.
func (p *parser) anything() error {
	depth := 0
	for {
		p.skip()
		switch b := p.peek(); {
		case p.eof() || b == '}' && depth == 0:
			return p.errorf("expected \",\" at the end of a rule, found %s", p.found())
		case b == ',' && depth == 0:
			return nil
		case b == '(':
			depth++
			p.pos++
		case b == ')':
			if depth == 0 {
				return p.errorf("a parenthesis closes nothing")
			}
			depth--
			p.pos++
		case b == ',' || b == '=':
			p.pos++
		default:
			if _, err := p.word("()="); err != nil {
				return err
			}
		}
	}
}

// capabilityNames are the kernel's, as profiles write them.
var capabilityNames = lowerCapabilities()

func lowerCapabilities() []string {
	var names []string
	for _, c := range linux.Capabilities() {
		names = append(names, strings.ToLower(c.Name))
	}
	return names
}

// capabilityRule is "capability a b"; without names it speaks of every capability.
type capabilityRule struct {
	head
	names []string
}

func (p *parser) capabilityRule(q *Profile, h head, _ int) (filing, error) {
	r := capabilityRule{head: h}
	for {
		p.skip()
		if b := p.peek(); b == ',' || b == 0 {
			break
		}
		name := p.peekKeyword()
		if !slices.Contains(capabilityNames, name) {
			return nil, p.errorf("unknown capability %s; apparmor_parser takes lower case names without cap_", p.found())
		}
		p.pos += len(name)
		r.names = append(r.names, name)
	}
	return func(at Place) {
		r.place = at
		q.capabilities = append(q.capabilities, r)
	}, nil
}

// Capability says whether the profile lets a process use a capability that it holds, named in lower case without
// CAP_. A profile grants none: it only leaves.
func (p *Profile) Capability(name string) Decision {
	if !slices.Contains(capabilityNames, name) {
		return Decision{Outcome: Undecided, Reason: "no capability is named " + name}
	}
	t := tally{want: 1}
	for _, r := range p.capabilities {
		if len(r.names) == 0 || slices.Contains(r.names, name) {
			unranked := r.head
			unranked.priority = 0 // apparmor_parser takes one, and leaves it out of account
			t.add(unranked, 1, matchYes, "")
		}
	}
	t.addUnread(p, classCapability)
	return t.decide(p, "capability "+name)
}
