package profile

import (
	"fmt"
	"slices"
	"strings"
)

// The permissions of a file rule. Writing includes appending in a rule; an open asks for one of the two.
const (
	permRead uint32 = 1 << iota
	permWrite
	permAppend
	permExec
	permMap
	permLock
	permLink

	permAll = permRead | permWrite | permAppend | permExec | permMap | permLock | permLink
)

var permOf = map[byte]uint32{'r': permRead, 'w': permWrite, 'a': permAppend, 'x': permExec, 'm': permMap,
	'k': permLock, 'l': permLink}

// transitions are the ways to execute. The upper case forms clear the environment.
var transitions = []string{"pix", "Pix", "cix", "Cix", "pux", "PUx", "cux", "CUx", "ix", "px", "Px", "cx", "Cx", "ux", "Ux"}

// fileRule is a file rule, or a link rule: one whose permission to link depends on the target.
type fileRule struct {
	head
	perms      uint32
	globs      []*Glob
	transition string  // of permExec, with its target
	targets    []*Glob // what may be linked to, of a link rule; nil is everything
	subset     bool    // the link may grant no more than its target does
}

// isModes says whether a word could be the permissions that lead a file rule.
func isModes(word string) bool { return word != "" && strings.Trim(word, "rwalkmxpPcCuUi") == "" }

// modes reads permissions such as "rw", "rix", "PUx".
func (p *parser) modes(h head) (perms uint32, transition string, err error) {
	p.skip()
	at, word := p.pos, p.peekKeyword()
	p.pos += len(word)
	for rest := word; rest != ""; {
		if t := transitionOf(rest); t != "" {
			if transition != "" && transition != t {
				return 0, "", p.errorAt(at, "the permissions %q hold two ways to execute", word)
			}
			transition, rest = t, rest[len(t):]
			perms |= permExec
			continue
		}
		bit, ok := permOf[rest[0]]
		if !ok {
			return 0, "", p.errorAt(at, "the permissions %q hold %q, which is none of r w a l k m x", word, rest[0])
		}
		if bit == permExec && transition == "" {
			transition = "x"
		}
		perms |= bit
		rest = rest[1:]
	}
	switch {
	case word == "":
		return 0, "", p.errorf("expected permissions, found %s", p.found())
	case perms&permAppend != 0 && perms&permWrite != 0:
		return 0, "", p.errorAt(at, "the permissions %q hold both a and w", word)
	case transition == "x" && !h.deny:
		return 0, "", p.errorAt(at, `a bare x can only be denied; say how to execute: "ix", "px", ...`)
	case transition != "" && transition != "x" && h.deny:
		return 0, "", p.errorAt(at, `in a deny rule execution is a bare "x"`)
	}
	if perms&permWrite != 0 {
		perms |= permAppend
	}
	return perms, transition, nil
}

func transitionOf(s string) string {
	for _, t := range transitions {
		if strings.HasPrefix(s, t) {
			return t
		}
	}
	return ""
}

// fileKeyword reads what follows "file": nothing, which means every file, or a file rule.
func (p *parser) fileKeyword(q *Profile, h head, start int) (filing, error) {
	p.skip()
	if p.peek() != ',' {
		return p.fileRule(q, h, start)
	}
	if h.deny {
		return nil, p.errorAt(start, `apparmor_parser refuses "deny file,"; write "deny /** rwlkmx,"`)
	}
	every, err := CompileGlob(everyFile)
	if err != nil {
		return nil, p.errorAt(start, "%s", err)
	}
	r := fileRule{head: h, perms: permAll, globs: []*Glob{every}, transition: "ix"}
	return func(at Place) {
		r.place = at
		q.files = append(q.files, r)
	}, nil
}

// fileRule reads "/path rw", "rw /path", "/path px -> target" or "l /path -> /target".
func (p *parser) fileRule(q *Profile, h head, _ int) (filing, error) {
	r := fileRule{head: h}
	var err error
	p.skip()
	leading := isModes(p.peekKeyword())
	if leading {
		if r.perms, r.transition, err = p.modes(h); err != nil {
			return nil, err
		}
	}
	if r.globs, err = p.path(q); err != nil {
		return nil, err
	}
	if !leading {
		if r.perms, r.transition, err = p.modes(h); err != nil {
			return nil, err
		}
	}
	if p.accept("->") {
		if err := p.target(&r); err != nil {
			return nil, err
		}
	}
	return func(at Place) {
		r.place = at
		q.files = append(q.files, r)
	}, nil
}

// target reads what an execution goes over to. Behind all other permissions apparmor_parser takes a target too and leaves it
// out of account: "/path rwl -> /target" lets /path be a link to anything.
func (p *parser) target(r *fileRule) error {
	p.skip()
	target, err := p.word("")
	if err == nil && r.perms&permExec != 0 && r.transition != "ix" && r.transition != "x" {
		r.transition += " -> " + target
	}
	return err
}

// linkRule reads "link [subset] /path -> /target".
func (p *parser) linkRule(q *Profile, h head, _ int) (filing, error) {
	r := fileRule{head: h, perms: permLink, subset: p.keyword("subset") != ""}
	var err error
	if r.globs, err = p.path(q); err != nil {
		return nil, err
	}
	if err := p.expect("->", "in a link rule"); err != nil {
		return nil, err
	}
	if r.targets, err = p.path(q); err != nil {
		return nil, err
	}
	if len(p.aliases) > 0 {
		return func(at Place) {
			h.place = at
			q.unread = append(q.unread, unreadRule{head: h, class: classFile, mayAllow: !h.deny, mayDeny: h.deny,
				why: "what aliases make of link rules"})
		}, nil
	}
	return func(at Place) {
		r.place = at
		q.files = append(q.files, r)
	}, nil
}

// path reads a path's pattern, and gives what aliases make of it too. A bare name stands for the file of that name without
// a folder, which no process opens.
func (p *parser) path(q *Profile) ([]*Glob, error) {
	p.skip()
	at, bare := p.pos, p.peek() != '"'
	text, err := p.word("")
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "@{") && (!bare || !isBareName(text)) {
		return nil, p.errorAt(at, "the path %q must begin with a slash", text)
	}
	expanded, err := p.expand(q, at, text)
	if err != nil {
		return nil, err
	}
	return p.compile(at, p.aliased(expanded), true)
}

// isBareName says whether a word can be the path of a file without a folder: apparmor_parser takes keywords for what they are.
func isBareName(s string) bool {
	return isVariableName(s) && !isModes(s) && !slices.Contains(keywords, s)
}

var keywords = strings.Fields(`abi alias all allow audit bind capability change_profile dbus defined deny eavesdrop else file hat if in include
	io_uring link mount mqueue network not other owner peer pivot_root priority profile prompt ptrace quiet read readby receive remount rlimit safe send
	set signal subset trace tracedby umount unix unmount unsafe user userns write`)

// File says whether the profile lets a process access a path. The path is absolute, as the kernel sees it within the
// container; a directory's ends with a slash. access is one or more of r (read), w (write, create, remove), a (open
// for appending), x (execute), m (map executable), k (lock) and l (link); with several, all must be allowed. owner
// says whether the process owns the file.
//
// Linking depends on the target too: without it, it is Undecided unless it is denied. Link takes the target.
func (p *Profile) File(path, access string, owner bool) Decision {
	if !strings.HasPrefix(path, "/") || strings.IndexByte(path, 0) >= 0 {
		return Decision{Outcome: Undecided, Reason: fmt.Sprintf("%q is not an absolute path", path)}
	}
	t := tally{}
	for i := 0; i < len(access); i++ {
		bit, ok := permOf[access[i]]
		if !ok {
			return Decision{Outcome: Undecided, Reason: fmt.Sprintf("%q is none of the accesses r w a x m k l", access[i])}
		}
		t.want |= bit
	}
	var executing []execution
	for _, hit := range p.matching(path) {
		r := &p.files[hit.rule]
		wanted := r.perms&t.want != 0 || t.want&permMap != 0 && r.mapsToo()
		if !wanted || r.owner && !owner {
			continue
		}
		t.addFile(r)
		if r.perms&t.want&permExec != 0 && !r.deny {
			executing = append(executing, execution{r, hit.literal})
		}
	}
	t.addUnread(p, classFile)
	return transit(t.decide(p, fmt.Sprintf("access %s to %s", access, path)), executing)
}

// matching gives the first pattern of the rule that matches, preferring one without wildcards.
func (r *fileRule) matching(path string) *Glob {
	var found *Glob
	for _, g := range r.globs {
		if g.Match(path) && (found == nil || g.Literal()) {
			found = g
		}
	}
	return found
}

// mapsToo says whether the rule lets what it executes be mapped as well: apparmor_parser adds that permission, without
// logging it, to every rule that may execute within the profile.
func (r *fileRule) mapsToo() bool {
	way, _, _ := strings.Cut(r.transition, " ")
	return strings.HasSuffix(way, "ix") && r.perms&permMap == 0
}

func (t *tally) addFile(r *fileRule) {
	if r.deny {
		m := matchYes
		if r.targets != nil {
			m = matchMaybe
		}
		t.add(r.head, r.perms, m, "what is linked to counts as well")
		return
	}
	t.add(r.head, r.perms&^permLink, matchYes, "")
	if r.mapsToo() {
		quiet := r.head
		quiet.audit = false
		t.add(quiet, permMap, matchYes, "")
	}
	t.add(r.head, r.perms&permLink, matchMaybe, "what is linked to counts as well")
}

// execution is a rule that allows an execution.
type execution struct {
	rule    *fileRule
	literal bool
}

// transit says how an allowed execution goes on. A rule without wildcards wins over one with them; several others
// that differ are what apparmor_parser refuses to compile.
func transit(d Decision, executing []execution) Decision {
	if d.Outcome != Allow || len(executing) == 0 {
		return d
	}
	highest := executing[0].rule.priority
	for _, e := range executing {
		highest = max(highest, e.rule.priority)
	}
	executing = slices.DeleteFunc(executing, func(e execution) bool { return e.rule.priority < highest })
	best := executing[0]
	for _, e := range executing[1:] {
		switch {
		case e.literal && !best.literal:
			best = e
		case e.literal == best.literal && e.rule.transition != best.rule.transition:
			return Decision{Outcome: Undecided, Places: []Place{best.rule.place, e.rule.place},
				Reason: "two rules execute the path in different ways, which apparmor_parser refuses"}
		}
	}
	d.Transition = best.rule.transition
	if strings.HasPrefix(strings.ToLower(d.Transition), "ux") {
		d.Reason += ", and leaves the profile"
	}
	return d
}
