package profile

// apparmor_parser adds rules that are not written: a profile that states a change of profile may write the
// attributes of processes that it owns, and so may one that has children, or is a hat. A "deny change_profile" adds them as well.
const (
	impliedReads  = "/proc/*/attr/apparmor/"
	impliedModule = "/sys/module/apparmor/parameters/enabled"
	impliedChange = "/proc/*/attr/{apparmor/,}{current,exec}"
	impliedHat    = "/proc/[0-9]*/attr/{apparmor/,}current"
)

// imply adds what follows from what a profile holds.
func (p *parser) imply(q, parent *Profile) error {
	if len(q.Children) == 0 && parent == nil {
		return nil
	}
	return p.implied(q, q.Place, impliedHat)
}

func (p *parser) implied(q *Profile, at Place, written string) error {
	for _, r := range []struct {
		path  string
		perms uint32
	}{{impliedReads, permRead}, {impliedModule, permRead}, {written, permWrite}} {
		globs, err := p.compile(0, []string{r.path}, true)
		if err != nil {
			return err
		}
		q.files = append(q.files, fileRule{head: head{place: at, owner: true}, perms: r.perms, globs: globs})
	}
	return nil
}

// changeProfileRule reads "change_profile safe /program -> profile", each part of which may be left out. What a process
// may change to is no question here; what the rule adds to its files is.
func (p *parser) changeProfileRule(q *Profile, _ head, start int) (filing, error) {
	p.keyword("safe", "unsafe")
	p.skip()
	if p.peek() != ',' && p.src[p.pos:min(p.pos+2, len(p.src))] != "->" {
		if b := p.peek(); b != '/' && b != '"' && b != '@' {
			return nil, p.errorf("the program of change_profile must begin with a slash")
		}
		if _, err := p.path(q); err != nil {
			return nil, err
		}
	}
	if p.accept("->") {
		p.skip()
		at := p.pos
		target, err := p.word("")
		if err != nil {
			return nil, err
		}
		if _, err := p.patterns(q, at, target, false); err != nil {
			return nil, err
		}
	}
	if err := p.implied(q, p.placeOf(start), impliedChange); err != nil {
		return nil, err
	}
	return func(Place) {}, nil
}
