package profile

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Parse reads the text of a profile file. The name stands in errors only. An error is an *Error: the first thing that
// could not be read, and where. A file without a profile is an error.
func Parse(name string, src []byte) (*File, error) {
	p := &parser{scanner: newScanner(name, string(src)), variables: variables{}, names: map[string]bool{}}
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
			return p.preambleInclude()
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
	name, _, err := p.includeName()
	if err != nil {
		return err
	}
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

// includeName reads what is included: "<magic>", "\"path\"" or a path. found says whether "if exists" stood before.
func (p *parser) includeName() (name string, optional bool, err error) {
	p.blanks()
	if p.peekKeyword() == "if" {
		p.pos += len("if")
		p.blanks()
		if p.peekKeyword() != "exists" {
			return "", false, p.errorf(`expected "exists" after "if"`)
		}
		p.pos += len("exists")
		optional = true
		p.blanks()
	}
	if p.peek() != '<' {
		name, err = p.word("")
		return name, optional, err
	}
	end := strings.IndexAny(p.src[p.pos:], ">\n")
	if end < 0 || p.src[p.pos+end] != '>' || end == 1 {
		return "", false, p.errorf("a name in angle brackets is empty or not closed on its line")
	}
	name = p.src[p.pos+1 : p.pos+end]
	p.pos += end + 1
	return name, optional, nil
}

// inclusion reads "include <name>" or "#include <name>" up to the end of its line.
func (p *parser) inclusion() (name string, at Place, err error) {
	start := p.pos
	if p.peek() == '#' {
		p.pos++
	} else if b := p.at(len("include")); b != ' ' && b != '\t' {
		return "", Place{}, p.errorf(`expected a blank after "include"`)
	}
	p.pos += len("include")
	name, _, err = p.includeName()
	if err != nil {
		return "", Place{}, err
	}
	at = p.placeOf(start)
	p.blanks()
	if rest := p.peek(); rest != '\n' && rest != '\r' && rest != '#' && rest != 0 {
		return "", Place{}, p.errorf("expected the end of the line after an include, found %s", p.found())
	}
	return name, at, nil
}

func (p *parser) preambleInclude() error {
	start := p.pos
	name, at, err := p.inclusion()
	if err != nil {
		return err
	}
	if known, ok := tunables[name]; ok {
		if err := p.variables.merge(known); err != nil {
			return p.errorAt(start, "%s", err)
		}
		return nil
	}
	p.unread = append(p.unread, unreadRule{head: head{place: at}, class: classEvery, mayAllow: true, mayDeny: true,
		why: name + " is not read, and may change every rule"})
	return nil
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
	if p.shipped != nil {
		return *p.shipped
	}
	line, column := p.place(start)
	return Place{Line: line, Column: column, Text: oneLine(p.src[start:p.pos])}
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
	p.variables[profileName] = []string{q.escaped}
	expanded, err := p.variables.expand(text)
	if err != nil {
		return nil, p.errorAt(at, "%s", err)
	}
	return p.compile(at, expanded, path)
}

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
