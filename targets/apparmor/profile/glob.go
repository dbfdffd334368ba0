package profile

import (
	"fmt"
	"strings"
)

// Limits of one pattern. MaxPattern is ours; maxAlternationDepth is apparmor_parser's MAX_ALT_DEPTH
// (parser_regex.c), which refuses deeper nesting.
const (
	// MaxPattern is the longest pattern, in bytes after its variables are expanded, that CompileGlob takes.
	MaxPattern          = 8192
	maxAlternationDepth = 50
)

// Glob is a compiled AppArmor pattern (AARE). It matches whole strings of bytes, as the kernel does: a '?' is one
// byte, not one character. Safe for concurrent use.
type Glob struct {
	pattern string
	prefix  string // every match starts with it
	literal bool   // the pattern is its prefix, and nothing else
	program []instruction
	classes []byteSet
}

// CompileGlob compiles an AppArmor pattern whose variables are already expanded. The meaning is apparmor_parser's:
//
//   - any bytes but '/', at least one where it is a whole path component ("/*", "/*/"): "/a/*" does not match "/a/"
//     **     any bytes, at least one after a '/' at the end of a component: "/a/**" does not match "/a/"
//     ?      one byte that is not '/'
//     [abc]  one of the bytes, with ranges; [^abc] one byte that is none of them, '/' included
//     {a,b}  one of the alternatives, which may be empty and nest
//     \x     the byte x itself
//
// A pattern that apparmor_parser refuses, or whose meaning is not modelled (a '*' or '?' within a class), is an error.
func CompileGlob(pattern string) (*Glob, error) {
	if len(pattern) > MaxPattern {
		return nil, fmt.Errorf("pattern of %d bytes: the limit is %d", len(pattern), MaxPattern)
	}
	if strings.IndexByte(pattern, 0) >= 0 {
		return nil, fmt.Errorf("pattern holds a NUL byte, which no path can hold")
	}
	c := globCompiler{glob: &Glob{pattern: pattern}, in: pattern, inPrefix: true}
	if err := c.run(); err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	c.emit(instruction{op: opMatch})
	c.glob.prefix = string(c.prefix)
	c.glob.literal = c.inPrefix
	return c.glob, nil
}

// String gives the pattern as it was compiled.
func (g *Glob) String() string { return g.pattern }

// Literal says whether the pattern matches one string only. apparmor_parser lets such a rule win over one with
// wildcards where their execute transitions differ.
func (g *Glob) Literal() bool { return g.literal }

// Match says whether the whole of s matches. It takes time in the product of the lengths of s and the pattern.
func (g *Glob) Match(s string) bool {
	if !strings.HasPrefix(s, g.prefix) {
		return false
	}
	if g.literal {
		return len(s) == len(g.prefix)
	}
	return run(g, s[len(g.prefix):])
}

// globCompiler turns a pattern into a program, one instruction after another. It walks the pattern as
// convert_aaregex_to_pcre does, so that the oddities come out alike: whether a star may be empty depends on the byte
// just before it, and "{*,x}" is not a path component to that code.
type globCompiler struct {
	glob       *Glob
	in         string
	groups     []alternation
	prefix     []byte
	inPrefix   bool // everything so far was literal
	afterSlash bool // the last thing compiled was a literal '/'
}

// alternation is an open "{": where its current alternative began, and the jumps to its end that still lack a target.
type alternation struct {
	split int32
	jumps []int32
	more  bool // a comma was seen
}

func (c *globCompiler) run() error {
	for i := 0; i < len(c.in); {
		n, err := c.step(i)
		if err != nil {
			return err
		}
		i += n
	}
	if len(c.groups) > 0 {
		return fmt.Errorf("a '{' is not closed")
	}
	return nil
}

// step compiles what begins at i and says how many bytes it took.
func (c *globCompiler) step(i int) (int, error) {
	switch b := c.in[i]; b {
	case '\\':
		if i+1 == len(c.in) {
			return 0, fmt.Errorf("ends with a '\\' that escapes nothing")
		}
		if isAlphanumeric(c.in[i+1]) {
			return 0, fmt.Errorf("the escape \\%c is not modelled", c.in[i+1])
		}
		c.byte(c.in[i+1])
		return 2, nil
	case '*':
		return c.star(i), nil
	case '?':
		c.wild(instruction{op: opNotSlash})
		return 1, nil
	case '[':
		return c.class(i)
	case ']':
		return 0, fmt.Errorf("a ']' closes nothing")
	case '{':
		return 1, c.open()
	case '}':
		return 1, c.close()
	case ',':
		if len(c.groups) > 0 {
			c.alternative()
			return 1, nil
		}
		c.byte(b)
		return 1, nil
	default:
		c.byte(b)
		return 1, nil
	}
}

func (c *globCompiler) emit(in instruction) int32 {
	c.glob.program = append(c.glob.program, in)
	return int32(len(c.glob.program) - 1)
}

func (c *globCompiler) byte(b byte) {
	if c.inPrefix {
		c.prefix = append(c.prefix, b)
	}
	c.emit(instruction{op: opByte, byte: b})
	c.afterSlash = b == '/'
}

func (c *globCompiler) wild(in instruction) {
	c.emit(in)
	c.inPrefix, c.afterSlash = false, false
}

// star compiles "*" and "**". A run of stars that is a whole path component, or the end of the pattern, stands for at
// least one byte that is not a slash: "/*/" must not match "//".
func (c *globCompiler) star(i int) int {
	end := i
	for end < len(c.in) && c.in[end] == '*' {
		end++
	}
	if c.afterSlash && (end == len(c.in) || c.in[end] == '/') {
		c.wild(instruction{op: opNotSlash})
	}
	op, length := opNotSlash, 1
	if end-i > 1 {
		op, length = opAny, 2
	}
	loop := c.emit(instruction{op: opSplit})
	c.wild(instruction{op: op})
	c.emit(instruction{op: opJump, x: loop})
	c.glob.program[loop].x, c.glob.program[loop].y = loop+1, loop+3
	return length
}

func (c *globCompiler) open() error {
	if len(c.groups)+1 >= maxAlternationDepth {
		return fmt.Errorf("alternations nest deeper than %d", maxAlternationDepth-1)
	}
	split := c.emit(instruction{op: opSplit})
	c.glob.program[split].x = split + 1
	c.groups = append(c.groups, alternation{split: split})
	c.inPrefix, c.afterSlash = false, false
	return nil
}

func (c *globCompiler) alternative() {
	g := &c.groups[len(c.groups)-1]
	g.more = true
	g.jumps = append(g.jumps, c.emit(instruction{op: opJump}))
	split := c.emit(instruction{op: opSplit})
	c.glob.program[g.split].y = split
	c.glob.program[split].x = split + 1
	g.split = split
	c.afterSlash = false
}

func (c *globCompiler) close() error {
	if len(c.groups) == 0 {
		return fmt.Errorf("a '}' closes nothing")
	}
	g := c.groups[len(c.groups)-1]
	if !g.more {
		return fmt.Errorf("a '{}' needs at least two alternatives")
	}
	c.groups = c.groups[:len(c.groups)-1]
	c.glob.program[g.split].y = g.split + 1 // the last alternative has no other
	for _, jump := range g.jumps {
		c.glob.program[jump].x = int32(len(c.glob.program))
	}
	c.afterSlash = false
	return nil
}

// class compiles "[...]". What apparmor_parser turns into something else than was written, or takes in an unusual
// sense, is an error: a '*', a '?' or another '[' within the class, an escaped '-', one that is neither the first member
// nor makes a range, a range that runs backwards.
func (c *globCompiler) class(start int) (int, error) {
	i := start + 1
	negated := i < len(c.in) && c.in[i] == '^'
	if negated {
		i++
	}
	var set byteSet
	for first := true; ; first = false {
		if i >= len(c.in) {
			return 0, fmt.Errorf("a '[' is not closed")
		}
		if c.in[i] == ']' {
			if first {
				return 0, fmt.Errorf("an empty character class")
			}
			break
		}
		if c.in[i] == '-' && !first {
			return 0, fmt.Errorf("a '-' in a character class that neither is its first member nor makes a range is not modelled")
		}
		low, n, err := classByte(c.in[i:])
		if err != nil {
			return 0, err
		}
		i += n
		high := low
		if i+1 < len(c.in) && c.in[i] == '-' && low != '-' {
			high, n, err = classByte(c.in[i+1:])
			if err != nil {
				return 0, err
			}
			i += 1 + n
		}
		if high < low {
			return 0, fmt.Errorf("the range %c-%c in a character class runs backwards", low, high)
		}
		for b := int(low); b <= int(high); b++ {
			set.add(byte(b))
		}
	}
	if negated {
		set.invert()
	}
	c.glob.classes = append(c.glob.classes, set)
	c.wild(instruction{op: opClass, x: int32(len(c.glob.classes) - 1)})
	return i + 1 - start, nil
}

// classByte reads one member of a character class and how many bytes of the pattern it took.
func classByte(s string) (byte, int, error) {
	switch s[0] {
	case '*', '?', '[', '^', ']':
		return 0, 0, fmt.Errorf("an unescaped %q in a character class is not modelled", s[0])
	case '\\':
		if len(s) < 2 {
			return 0, 0, fmt.Errorf("a '[' is not closed")
		}
		if !strings.ContainsRune(`\[]{},*?^`, rune(s[1])) {
			return 0, 0, fmt.Errorf("the escape \\%c in a character class is not modelled", s[1])
		}
		return s[1], 2, nil
	}
	return s[0], 1, nil
}
