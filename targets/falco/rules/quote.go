package rules

import "strings"

// quoted reads a text in single or double quotes, or nothing. As in Falco a quote
// that follows a backslash never ends the text, not even where that backslash is
// itself escaped: a text that ends in a backslash is written with the escape
// backslash-blank.
func (p *parser) quoted() (string, bool, error) {
	rest := p.rest()
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return "", false, nil
	}
	quote := rest[0]
	for n := 1; n < len(rest); n++ {
		if rest[n] == quote && rest[n-1] != '\\' {
			text, err := p.unescape(rest[1:n], quote)
			if err != nil {
				return "", false, err
			}
			p.advance(n + 1)
			return text, true, nil
		}
	}
	return "", false, p.fail("quote is not closed")
}

// unescape resolves the escapes of a text between quotes.
func (p *parser) unescape(text string, quote byte) (string, error) {
	if strings.IndexByte(text, '\\') < 0 {
		return text, nil
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\\' {
			b.WriteByte(c)
			continue
		}
		i++ // in range: quoted ends no text behind a backslash
		plain, ok := escapes[text[i]]
		if (text[i] == '"' || text[i] == '\'') && text[i] != quote {
			ok = false
		}
		if !ok {
			p.advance(i)
			return "", p.fail(`unsupported escape '\%c' in a text in %c quotes`, text[i], quote)
		}
		b.WriteByte(plain)
	}
	return b.String(), nil
}

// escapes are the characters that may follow a backslash between quotes. A blank
// stands for a backslash: rules in the wild rely on it.
var escapes = map[byte]byte{
	'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
	' ': '\\', '\\': '\\', '/': '/', '"': '"', '\'': '\'',
}
