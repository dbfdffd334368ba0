package apparmor

import (
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// FuzzQuote holds that whatever text is quoted stands for itself and nothing else, and cannot end its rule.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"/a", "/a b", `/a"b`, `/a\`, "/a{b,c}", "/a,", "/@{PROC}", "/a\nfile,", "/#x", "/é", "/a*", "/[a]", "/^", "/ux -> x,",
		"/a }\nprofile y {", "/\x00", "/\xff", "/a!b", "/a=b(c)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quoted, err := quote("/"+text, false)
		if err != nil {
			return
		}
		file, err := profile.Parse("fuzz", []byte("profile x {\n  "+quoted+" w,\n}\n"))
		if err != nil {
			t.Fatalf("%q becomes %s, which cannot be read: %v", text, quoted, err)
		}
		if len(file.Profiles) != 1 {
			t.Fatalf("%q ends its profile: %s", text, quoted)
		}
		p := file.Profiles[0]
		path := "/" + text
		if d := p.File(path, "w", false); d.Outcome != profile.Allow {
			t.Fatalf("%q is not matched by %s: %s", path, quoted, d.Reason)
		}
		for _, other := range []string{path + "x", "/", "/x" + text, "/etc/passwd"} {
			if d := p.File(other, "w", false); other != path && d.Outcome == profile.Allow {
				t.Fatalf("%s also matches %q", quoted, other)
			}
		}
	})
}

func TestQuote(t *testing.T) {
	for _, test := range []struct {
		text      string
		wildcards bool
		want      string // "" is a refusal
	}{
		{"/tmp/x", false, "/tmp/x"},
		{"/tmp/**", true, "/tmp/**"},
		{"/tmp/**", false, `"/tmp/\*\*"`},
		{"/a b", true, `"/a b"`},
		{`/a"b\c`, true, `"/a\"b\134c"`},
		{"/@{HOME}", true, `"/\@\{HOME\}"`},
		{"/a,b", true, `"/a\,b"`},
		{"/a//b", true, ""},
		{"", true, ""},
		{"/a\nb", true, ""},
		{"/a\x00", true, ""},
		{"/\x7f", true, ""},
		{"/\xff", true, ""},
		{"/" + strings.Repeat("a", 5000), true, ""},
	} {
		got, err := quote(test.text, test.wildcards)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q: %s, %v, want %s", test.text, got, err, test.want)
		}
	}
}

func TestComment(t *testing.T) {
	if got := comment("a\nfile,\r\u2028x\x00\xff"); strings.ContainsAny(got, "\n\r\x00") {
		t.Errorf("%q", got)
	}
	if got := comment(strings.Repeat("é", 1000)); len(got) > 310 {
		t.Errorf("%d bytes", len(got))
	}
}
