package profile

import (
	"errors"
	"slices"
)

// profile reads a profile, its header first; parent is nil for one that stands on its own.
func (p *parser) profile(parent *Profile) (*Profile, error) {
	start := p.pos
	q, err := p.header(parent)
	if err != nil {
		return nil, err
	}
	q.Place = p.placeOf(start)
	if p.names[q.Name] {
		return nil, p.errorAt(start, "the file holds two profiles named %q", q.Name)
	}
	p.names[q.Name] = true
	if err := p.expect("{", "before the rules of a profile"); err != nil {
		return nil, err
	}
	q.escaped, q.preamble = escape(q.Name), p.unread
	outer := p.once
	p.once = map[string]bool{}
	err = p.block(q, head{})
	p.once = outer
	if err != nil {
		return nil, err
	}
	if err := p.imply(q, parent); err != nil {
		return nil, err
	}
	q.index = newIndex(q.files)
	return q, nil
}

// header reads "profile name attachment flags=(...)", "/attachment flags=(...)", "hat name" or "^name".
func (p *parser) header(parent *Profile) (*Profile, error) {
	hat := parent != nil && p.accept("^")
	keyword := ""
	if !hat {
		keyword = p.keyword("profile", "hat")
	}
	p.skip()
	if keyword == "" && !hat && p.peek() != '/' && p.peek() != '"' && p.peek() != '@' {
		return nil, p.errorf(`expected "profile", or a path that a profile attaches to, found %s`, p.found())
	}
	at := p.pos
	name, err := p.word("")
	if err != nil {
		return nil, err
	}
	q := &Profile{Mode: Enforce, abi: p.abiName}
	if q.Name, err = p.plainName(at, name); err != nil {
		return nil, err
	}
	q.hat = hat || keyword == "hat"
	if keyword == "" && !hat {
		q.Attachment = name
	}
	if parent != nil {
		q.Name = parent.Name + "//" + q.Name
	}
	return q, p.conditions(q)
}

// plainName resolves a profile's name. One that stands for several, or is a pattern, is kept as it is written: it
// can be attached to, but not referred to.
func (p *parser) plainName(at int, name string) (string, error) {
	expanded, err := p.variables.expand(name)
	var undefined undefinedError
	if errors.As(err, &undefined) && len(p.unread) > 0 {
		return name, nil
	}
	if err != nil {
		return "", p.errorAt(at, "%s", err)
	}
	if len(expanded) != 1 {
		return name, nil
	}
	if expanded[0] == "" {
		return "", p.errorAt(at, "a profile's name is empty")
	}
	return expanded[0], nil
}

// conditions reads what stands between a profile's name and its rules, in the only order that apparmor_parser takes.
func (p *parser) conditions(q *Profile) error {
	p.skip()
	if q.Attachment == "" && slices.Contains([]byte(`/"@`), p.peek()) {
		attachment, err := p.word("")
		if err != nil {
			return err
		}
		q.Attachment = attachment
	}
	if p.keyword("xattrs") != "" {
		if err := p.expect("=", `after "xattrs"`); err != nil {
			return err
		}
		if _, err := p.list(); err != nil {
			return err
		}
	}
	if p.keyword("flags") != "" {
		if err := p.expect("=", `after "flags"`); err != nil {
			return err
		}
		return p.flags(q)
	}
	if p.peek() == '(' {
		return p.flags(q)
	}
	return nil
}

// harmlessFlags do not change what rules decide: they say how paths of disconnected, deleted and re-rooted files are
// built, which a question states for itself.
var harmlessFlags = []string{"attach_disconnected", "mediate_deleted", "chroot_relative", "namespace_relative",
	"chroot_attach", "chroot_no_attach", "delegate_deleted", "no_attach_disconnected"}

// exclusiveFlags are groups of flags; apparmor_parser refuses two of a group.
var exclusiveFlags = [][]string{
	{"enforce", "complain", "kill", "unconfined", "prompt", "default_allow"},
	{"attach_disconnected", "no_attach_disconnected"},
	{"mediate_deleted", "delegate_deleted"},
	{"chroot_relative", "namespace_relative"},
	{"chroot_attach", "chroot_no_attach"},
}

func (p *parser) flags(q *Profile) error {
	at := p.pos
	flags, err := p.list()
	if err != nil {
		return err
	}
	for _, group := range exclusiveFlags {
		if a, b := conflict(flags, group); b != "" {
			return p.errorAt(at, "the flags %s and %s exclude each other", a, b)
		}
	}
	for _, flag := range flags {
		q.Flags = append(q.Flags, flag)
		switch {
		case flag == "enforce" || flag == "kill" || slices.Contains(harmlessFlags, flag):
		case flag == "audit":
			q.auditAll = true
		case flag == "complain" && (q.Mode == Enforce || q.Mode == Complain):
			q.Mode = Complain
		case flag == "unconfined" && (q.Mode == Enforce || q.Mode == Unconfined):
			q.Mode = Unconfined
		default:
			q.Mode = Unmodelled
		}
	}
	return nil
}

// conflict gives the first two different flags of a group; b is "" if there are none.
func conflict(flags, group []string) (a, b string) {
	for _, flag := range flags {
		switch {
		case !slices.Contains(group, flag) || flag == a:
		case a == "":
			a = flag
		default:
			return a, flag
		}
	}
	return a, ""
}

// list reads "(a, b c)". An empty list is an error.
func (p *parser) list() ([]string, error) {
	if err := p.expect("(", "before a list"); err != nil {
		return nil, err
	}
	var items []string
	for {
		p.skip()
		if p.accept(",") {
			continue
		}
		if p.accept(")") {
			break
		}
		item, err := p.word("(),")
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	if len(items) == 0 {
		return nil, p.errorf("an empty list")
	}
	return items, nil
}
