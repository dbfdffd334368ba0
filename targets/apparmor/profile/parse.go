package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

// Parse reads the text of a profile file. The name stands in errors only. An error is an *Error: the first thing that
// could not be read, and where. A file without a profile is an error. Files that it includes are not read: of some that AppArmor
// ships it is known what they hold, and all others leave open what they could change.
func Parse(name string, src []byte) (*File, error) { return ParseIn(nil, name, src) }

// ParseIn is Parse with a folder in place of /etc/apparmor.d, from which the files are read that the profile includes. A missing
// file is an error, as it is to apparmor_parser. nil is no folder.
func ParseIn(folder fs.FS, name string, src []byte) (*File, error) {
	p := &parser{scanner: newScanner(name, string(src)), variables: variables{}, names: map[string]bool{}, folder: folder, once: map[string]bool{}}
	if err := p.check(); err != nil {
		return nil, err
	}
	file := &File{Name: name}
	if err := p.file(file); err != nil {
		return nil, err
	}
	return file, nil
}

// parser reads one file.
type parser struct {
	*scanner
	variables variables
	unread    []unreadRule    // of the preamble: they concern every profile
	names     map[string]bool // of the profiles seen
	aliases   []alias
	abiName   string
	shipped   *Place // where the file that is read as shipped was included
	nested    int
	bytes     int // of all patterns

	folder   fs.FS           // of what is included; nil is none
	once     map[string]bool // the files that are included in the preamble, or the profile, being read
	within   []string        // the files that include each other, the one being read last
	files    int             // that were included
	included int             // bytes of them
}

// check refuses what no part of the language can hold.
func (p *parser) check() error {
	if len(p.src) > MaxSource {
		return p.errorAt(0, "the file has %d bytes; the limit is %d", len(p.src), MaxSource)
	}
	if !utf8.ValidString(p.src) {
		return p.errorAt(0, "the file is not UTF-8")
	}
	for i := 0; i < len(p.src); i++ {
		if b := p.src[i]; b < ' ' && b != '\t' && b != '\n' && b != '\r' || b == 0x7f {
			return p.errorAt(i, "the control character %#02x cannot stand in a profile", b)
		}
	}
	return nil
}

// file reads the preamble and the profiles.
func (p *parser) file(f *File) error {
	for {
		p.skip()
		if p.eof() {
			break
		}
		if err := p.statement(f); err != nil {
			return err
		}
	}
	if len(f.Profiles) == 0 {
		return p.errorf("the file holds no profile")
	}
	return nil
}

func (p *parser) statement(f *File) error {
	start := p.pos
	if len(f.Profiles) == 0 {
		switch {
		case p.include() || p.peekKeyword() == "include":
			return p.preambleInclude(f)
		case p.peek() == '@' && p.assigns():
			return p.assignment()
		case p.keyword("abi") != "":
			return p.abi(f, start)
		case p.keyword("alias") != "":
			return p.alias()
		}
	}
	profile, err := p.profile(nil)
	if err != nil {
		return err
	}
	f.Profiles = append(f.Profiles, profile)
	return nil
}

// abi reads "abi <abi/3.0>,".
func (p *parser) abi(f *File, start int) error {
	i, err := p.includeName()
	if err != nil {
		return err
	}
	name := i.name
	if f.ABI != "" && f.ABI != name {
		return p.errorAt(start, "the file names two abis, %s and %s", f.ABI, name)
	}
	f.ABI, p.abiName = name, name
	return p.expect(",", "after the abi")
}

// alias is a second name of what begins with a path.
type alias struct{ from, to string }

// alias reads "alias /a/ -> /b/,". What file rules say of paths that are written with the first beginning, they say of
// those with the second too.
func (p *parser) alias() error {
	var a alias
	var err error
	if a.from, err = p.aliasPath(); err != nil {
		return err
	}
	if err := p.expect("->", "between the two paths of an alias"); err != nil {
		return err
	}
	if a.to, err = p.aliasPath(); err != nil {
		return err
	}
	p.aliases = append(p.aliases, a)
	return p.expect(",", "after an alias")
}

// aliasPath reads a plain path. apparmor_parser also takes patterns and variables, to which it gives no meaning that
// could be relied upon.
func (p *parser) aliasPath() (string, error) {
	p.skip()
	at := p.pos
	path, err := p.word("")
	if err == nil && (!strings.HasPrefix(path, "/") || strings.ContainsAny(path, `*?[]{}^@\`)) {
		err = p.errorAt(at, "an alias is of one absolute path, without wildcards and variables, to another")
	}
	return path, err
}

// aliased adds to the paths of a file rule those that aliases give them. An alias is not applied to what another made.
func (p *parser) aliased(paths []string) []string {
	for _, path := range slices.Clone(paths) {
		for _, a := range p.aliases {
			if rest, ok := strings.CutPrefix(path, a.from); ok {
				paths = append(paths, a.to+rest)
			}
		}
	}
	return paths
}

// assigns says whether the variable that comes next is being defined: a profile's name may begin with one too.
func (p *parser) assigns() bool {
	end := strings.IndexByte(p.src[p.pos:], '}')
	if end < 0 {
		return false
	}
	rest := strings.TrimLeft(p.src[p.pos+end+1:], " \t")
	return strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, "+=")
}

// assignment reads "@{name} = value value" or "+=", which end with the line.
func (p *parser) assignment() error {
	start := p.pos
	_, end := findVariable(p.src[start:])
	if end < 0 || !strings.HasPrefix(p.src[start:], "@{") || strings.IndexByte(p.src[start:], '}')+1 != end {
		return p.errorf("a variable is named with letters, digits and underscores, a letter first")
	}
	name := p.src[start+2 : start+end-1]
	p.pos += end
	p.blanks()
	add := p.peek() == '+'
	if add {
		p.pos++
	}
	p.pos++ // '=', which assigns saw
	values, err := p.values()
	if err != nil {
		return err
	}
	old, defined := p.variables[name]
	switch {
	case len(values) == 0:
		return p.errorAt(start, `the variable @{%s} is given no value; an empty one is written ""`, name)
	case add && !defined:
		return p.errorAt(start, "the variable @{%s} is added to before it is defined", name)
	case !add && (defined || name == profileName):
		return p.errorAt(start, "the variable @{%s} is defined twice", name)
	}
	p.variables[name] = append(slices.Clone(old), values...)
	return nil
}

func (p *parser) values() ([]string, error) {
	var values []string
	for {
		p.blanks()
		switch b := p.peek(); b {
		case '\n', '\r', 0:
			return values, nil
		case '#':
			return nil, p.errorAt(p.pos, "some versions of apparmor_parser take a comment here for further values; write it on a line of its own")
		}
		value, err := p.word("")
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
}

// placeOf gives the place of what was read from start up to here, on one line.
func (p *parser) placeOf(start int) Place {
	line, column := p.place(start)
	text := oneLine(p.src[start:p.pos])
	switch {
	case p.shipped == nil:
		return Place{Line: line, Column: column, Text: text}
	case len(p.within) == 0:
		return *p.shipped
	}
	at := *p.shipped
	at.Text = fmt.Sprintf("%s (%s line %d)", text, p.within[len(p.within)-1], line)
	return at
}

// oneLine drops comments and joins lines. It serves messages only.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\n\r") {
		return strings.TrimSpace(s)
	}
	var parts []string
	for line := range strings.Lines(s) {
		if code, _, found := strings.Cut(line, " #"); found {
			line = code
		}
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			parts = append(parts, line)
		}
	}
	return strings.Join(parts, " ")
}

// patterns expands and compiles a pattern as it stands in a rule of profile q. Paths have their slashes collapsed.
func (p *parser) patterns(q *Profile, at int, text string, path bool) ([]*Glob, error) {
	expanded, err := p.expand(q, at, text)
	if err != nil {
		return nil, err
	}
	return p.compile(at, expanded, path)
}

// expand expands the variables of a pattern in a rule of profile q.
func (p *parser) expand(q *Profile, at int, text string) ([]string, error) {
	p.variables[profileName] = []string{q.escaped}
	expanded, err := p.variables.expand(text)
	var undefined undefinedError
	switch {
	case err == nil:
		return expanded, nil
	case errors.As(err, &undefined) && len(p.unread) > 0: // by which every decision is open
		return []string{neverMatches}, nil
	}
	return nil, p.errorAt(at, "%s", err)
}

// neverMatches stands for what a variable defines that a file does which is not read. No path and no name holds it.
const neverMatches = "\x01"

// compile compiles patterns whose variables are expanded.
func (p *parser) compile(at int, expanded []string, path bool) ([]*Glob, error) {
	globs := make([]*Glob, 0, len(expanded))
	for _, e := range expanded {
		if path {
			e = collapseSlashes(e)
		}
		if p.bytes += len(e) + 1; p.bytes > maxBytes {
			return nil, p.errorAt(at, "the patterns of the file expand to more than %d bytes", maxBytes)
		}
		glob, err := CompileGlob(e)
		if err != nil {
			return nil, p.errorAt(at, "%s", err)
		}
		globs = append(globs, glob)
	}
	return globs, nil
}

// escape gives a pattern that matches s alone.
func escape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`\*?[]{}^,@`, s[i]) >= 0 {
			out.WriteByte('\\')
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
