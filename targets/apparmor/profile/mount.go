package profile

import (
	"slices"
	"strings"
)

// The operations that mount rules speak of.
const (
	permMount uint32 = 1 << iota
	permUmount
	permPivot
)

// mountRule is a mount, remount, umount or pivot_root rule. Lists that are nil are not stated: they are all.
type mountRule struct {
	head
	perms   uint32
	remount bool // the keyword, which stands for the option
	types   []*Glob
	exact   *mountFlags // "options=": these and no others
	within  *mountFlags // "options in": any of these and no others
	source  []*Glob
	target  []*Glob
	oldRoot []*Glob // pivot_root: where the old root goes; target is the new one
}

func (p *parser) mountRule(q *Profile, h head, start int) (filing, error) {
	return p.anyMount(q, mountRule{head: h, perms: permMount}, start)
}

func (p *parser) remountRule(q *Profile, h head, start int) (filing, error) {
	return p.anyMount(q, mountRule{head: h, perms: permMount, remount: true}, start)
}

func (p *parser) umountRule(q *Profile, h head, start int) (filing, error) {
	return p.anyMount(q, mountRule{head: h, perms: permUmount}, start)
}

func (p *parser) pivotRule(q *Profile, h head, start int) (filing, error) {
	return p.anyMount(q, mountRule{head: h, perms: permPivot}, start)
}

// anyMount reads the four kinds of rules: conditions, then a path, then what "->" leads to, each of which may be left out.
func (p *parser) anyMount(q *Profile, r mountRule, start int) (filing, error) {
	for name := p.mountConditionName(); name != ""; name = p.mountConditionName() {
		if err := p.mountCondition(q, &r, name); err != nil {
			return nil, err
		}
	}
	if p.peek() != ',' && !strings.HasPrefix(p.src[p.pos:], "->") {
		if err := p.mountPath(q, &r); err != nil {
			return nil, err
		}
	}
	if p.accept("->") {
		p.skip()
		if err := p.mountTarget(q, &r); err != nil {
			return nil, err
		}
	}
	if p.mountConditionName() != "" {
		return nil, p.errorAt(start, "the conditions of a rule stand before its paths")
	}
	if r.perms == permMount && len(r.forms()) == 0 {
		return nil, p.errorAt(start, "no mount fits all conditions of the rule: a remount has no source, and only a new file system has a type")
	}
	return func(at Place) {
		r.place = at
		q.mounts = append(q.mounts, r)
	}, nil
}

// mountConditionName takes the name of a condition if one comes.
func (p *parser) mountConditionName() string {
	return p.keyword("fstype", "vfstype", "options", "option", "oldroot")
}

// mountPath reads the path that stands alone: the source of a mount, and the target of all others.
func (p *parser) mountPath(q *Profile, r *mountRule) error {
	source := r.perms == permMount && !r.remount
	globs, err := p.mountPattern(q, !source)
	if source {
		r.source = globs
	} else {
		r.target = globs
	}
	return err
}

// mountTarget reads what follows "->": where a mount goes, or, after a pivot_root, the profile that is changed to.
func (p *parser) mountTarget(q *Profile, r *mountRule) error {
	if r.perms == permPivot {
		_, err := p.word("")
		return err
	}
	if r.perms != permMount || r.remount {
		return p.errorf(`only a mount has a "->" target`)
	}
	var err error
	r.target, err = p.mountPattern(q, true)
	return err
}

func (p *parser) mountPattern(q *Profile, path bool) ([]*Glob, error) {
	at := p.pos
	text, err := p.word("")
	if err != nil {
		return nil, err
	}
	return p.patterns(q, at, text, path && strings.HasPrefix(text, "/"))
}

func (p *parser) mountCondition(q *Profile, r *mountRule, name string) error {
	p.skip()
	at := p.pos
	in := p.keyword("in") != ""
	if !in {
		if err := p.expect("=", "after "+name); err != nil {
			return err
		}
	}
	values, err := p.oneOrList()
	if err != nil {
		return err
	}
	switch name {
	case "fstype", "vfstype":
		if r.perms == permPivot {
			return p.errorAt(at, "a pivot_root has no type of file system")
		}
		return p.globList(q, at, values, &r.types)
	case "oldroot":
		if r.perms != permPivot || in {
			return p.errorAt(at, "only a pivot_root has an oldroot=")
		}
		if len(values) != 1 {
			return p.errorAt(at, "oldroot= has one place; write a rule for each")
		}
		return p.globList(q, at, values, &r.oldRoot)
	default:
		return p.mountOptions(r, at, in, values)
	}
}

// globList compiles a list of patterns, any one of which may match.
func (p *parser) globList(q *Profile, at int, values []string, into *[]*Glob) error {
	for _, value := range values {
		globs, err := p.patterns(q, at, value, false)
		if err != nil {
			return err
		}
		*into = append(*into, globs...)
	}
	return nil
}

func (p *parser) mountOptions(r *mountRule, at int, in bool, values []string) error {
	if r.perms != permMount {
		return p.errorAt(at, "only a mount has options")
	}
	flags := &mountFlags{}
	for _, value := range values {
		if err := flags.add(value); err != nil {
			return p.errorAt(at, "%s", err)
		}
	}
	into := &r.exact
	if in {
		into = &r.within
	}
	if *into != nil {
		return p.errorAt(at, "a second list of options of the same kind is not read")
	}
	*into = flags
	return nil
}

func anyMatch(globs []*Glob, s string) bool {
	return globs == nil || slices.ContainsFunc(globs, func(g *Glob) bool { return g.Match(s) })
}
