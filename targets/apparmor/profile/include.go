package profile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Limits of what a file includes. All that AppArmor ships has half a MiB.
const (
	maxIncludes     = 16      // files that include each other; apparmor_parser takes a hundred
	maxIncluded     = 4096    // files that one includes, each as often as it is included
	maxIncludedSize = 8 << 20 // bytes of all of them
)

// policyFolder is the folder from which apparmor_parser reads what stands in angle brackets.
const policyFolder = "/etc/apparmor.d/"

// inclusion is an "include" statement.
type inclusion struct {
	name     string // as written, without its quotes
	magic    bool   // in angle brackets: a file of the policy folder
	optional bool   // "if exists"
	start    int
	at       Place
}

// includeName reads what is included: "<magic>", "\"path\"" or a path.
func (p *parser) includeName() (i inclusion, err error) {
	p.blanks()
	if p.peekKeyword() == "if" {
		p.pos += len("if")
		p.blanks()
		if p.peekKeyword() != "exists" {
			return i, p.errorf(`expected "exists" after "if"`)
		}
		p.pos += len("exists")
		i.optional = true
		p.blanks()
	}
	if p.peek() != '<' {
		i.name, err = p.word("")
		return i, err
	}
	end := strings.IndexAny(p.src[p.pos:], ">\n")
	if end < 0 || p.src[p.pos+end] != '>' || end == 1 {
		return i, p.errorf("a name in angle brackets is empty or not closed on its line")
	}
	i.name, i.magic = p.src[p.pos+1:p.pos+end], true
	p.pos += end + 1
	return i, nil
}

// inclusion reads "include <name>" or "#include <name>" up to the end of its line.
func (p *parser) inclusion() (inclusion, error) {
	start := p.pos
	if p.peek() == '#' {
		p.pos++
	} else if b := p.at(len("include")); b != ' ' && b != '\t' {
		return inclusion{}, p.errorf(`expected a blank after "include"`)
	}
	p.pos += len("include")
	i, err := p.includeName()
	if err != nil {
		return i, err
	}
	i.start, i.at = start, p.placeOf(start)
	p.blanks()
	if rest := p.peek(); rest != '\n' && rest != '\r' && rest != '#' && rest != 0 {
		return i, p.errorf("expected the end of the line after an include, found %s", p.found())
	}
	return i, nil
}

// preambleInclude reads what stands before the profiles.
func (p *parser) preambleInclude(f *File) error {
	i, err := p.inclusion()
	if err != nil || p.again(i) {
		return err
	}
	if name := p.inFolder(i); name != "" {
		return p.read(i, name, func() error {
			for p.skip(); !p.eof(); p.skip() {
				if err := p.statement(f); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if known, ok := tunables[i.name]; ok && p.folder == nil {
		if err := p.variables.merge(known); err != nil {
			return p.errorAt(i.start, "%s", err)
		}
		return nil
	}
	p.unread = append(p.unread, unreadRule{head: head{place: i.at}, class: classEvery, mayAllow: true, mayDeny: true,
		why: i.name + " is not read, and may change every rule"})
	return nil
}

// ruleInclude reads what stands among the rules of a profile, or of a block whose qualifiers they inherit.
func (p *parser) ruleInclude(q *Profile, inherited head) error {
	i, err := p.inclusion()
	if err != nil || p.again(i) {
		return err
	}
	rules := func() error {
		for p.skip(); !p.eof(); p.skip() {
			if err := p.rule(q, inherited); err != nil {
				return err
			}
		}
		return nil
	}
	if name := p.inFolder(i); name != "" {
		return p.read(i, name, rules)
	}
	known, ok := abstractions[i.name]
	if !ok || p.folder != nil {
		q.unread = append(q.unread, unreadRule{head: head{place: i.at}, class: classEvery, mayAllow: true, mayDeny: true,
			why: i.name + " is not read"})
		return nil
	}
	q.unread = append(q.unread, unreadRule{head: head{place: i.at}, class: known.other, mayAllow: true,
		why: "not all of " + i.name + " is modelled"})
	return p.inside(newScanner(p.scanner.file, known.rules), i.at, rules)
}

// again says whether a file was included before in the same preamble or profile: apparmor_parser reads it once.
func (p *parser) again(i inclusion) bool {
	key := i.name
	if i.magic {
		key = "<" + key + ">"
	}
	before := p.once[key]
	p.once[key] = true
	return before
}

// inFolder gives the file that is included by its name in the folder that is given; "" where there is none, or the file lies
// elsewhere.
func (p *parser) inFolder(i inclusion) string {
	name, within := i.name, i.magic
	if !within {
		name, within = strings.CutPrefix(name, policyFolder)
	}
	if p.folder == nil || !within {
		return ""
	}
	return strings.TrimPrefix(path.Clean("/"+name), "/") // what leads out of the folder above stays below it, and is not there
}

// read reads a file of the folder, or all of a folder in it. What they hold has the place at which they are included.
func (p *parser) read(i inclusion, name string, rules func() error) error {
	info, err := fs.Stat(p.folder, name)
	switch {
	case i.optional && errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return p.cannotRead(i, name, err)
	case !info.IsDir():
		return p.readFile(i, name, rules)
	}
	entries, err := fs.ReadDir(p.folder, name)
	if err != nil {
		return p.cannotRead(i, name, err)
	}
	for _, entry := range entries {
		within := path.Join(name, entry.Name())
		// As of a file: entry does not follow links.
		if info, err := fs.Stat(p.folder, within); err != nil || info.IsDir() || leftOut(entry.Name()) {
			if err != nil {
				return p.cannotRead(i, within, err)
			}
			continue
		}
		if err := p.readFile(i, within, rules); err != nil {
			return err
		}
	}
	return nil
}

// leftOut says whether apparmor_parser takes a file of a folder for one that an editor or a package manager left there.
func leftOut(name string) bool {
	if strings.HasPrefix(name, ".") || name == "README" {
		return true
	}
	for _, end := range []string{"~", ".dpkg-new", ".dpkg-old", ".dpkg-dist", ".dpkg-bak", ".dpkg-remove", ".pacsave", ".pacnew", ".rpmnew", ".rpmsave", ".orig", ".rej"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

func (p *parser) readFile(i inclusion, name string, rules func() error) error {
	if len(p.within) == maxIncludes {
		return p.errorAt(i.start, "files include each other deeper than %d", maxIncludes)
	}
	body, err := p.body(name)
	if err != nil {
		return p.cannotRead(i, name, err)
	}
	at := i.at
	if p.shipped != nil {
		at = *p.shipped
	}
	line, _ := p.place(i.start)
	from := fmt.Sprintf(" (included at %s:%d)", p.scanner.file, line)
	p.within = append(p.within, name)
	err = p.inside(newScanner(name, body), at, func() error {
		if err := p.check(); err != nil {
			return err
		}
		return rules()
	})
	p.within = p.within[:len(p.within)-1]
	var problem *Error
	if errors.As(err, &problem) {
		problem.Problem += from
	}
	return err
}

// body gives the text of a file. With all others that are included it must not be too long.
func (p *parser) body(name string) (string, error) {
	info, err := fs.Stat(p.folder, name)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("it is no regular file")
	}
	f, err := p.folder.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if p.files++; p.files > maxIncluded {
		return "", fmt.Errorf("more than %d files are included", maxIncluded)
	}
	body, err := io.ReadAll(io.LimitReader(f, MaxSource+1)) // check refuses the last byte
	if p.included += len(body); p.included > maxIncludedSize {
		return "", fmt.Errorf("the files that are included have more than %d bytes", maxIncludedSize)
	}
	return string(body), err
}

func (p *parser) cannotRead(i inclusion, name string, err error) error {
	var within *fs.PathError
	if errors.As(err, &within) {
		err = within.Err
	}
	return p.errorAt(i.start, "%s, which is included, cannot be read in the folder that is given: %s", name, err)
}

// inside reads another text in place of the statement by which it is included.
func (p *parser) inside(text *scanner, at Place, read func() error) error {
	outer, shipped := p.scanner, p.shipped
	p.scanner, p.shipped = text, &at
	err := read()
	p.scanner, p.shipped = outer, shipped
	return err
}
