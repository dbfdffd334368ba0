package lang_test

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/policies"
)

// seed adds every policy file of the cases and presets.
func seed(f *testing.F) {
	names, err := filepath.Glob("../../testdata/lang/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if strings.HasSuffix(file.Name, ".hcl") {
				f.Add(file.Data)
			}
		}
	}
	presets, err := fs.Glob(policies.FS, "presets/*.hcl")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range presets {
		body, err := fs.ReadFile(policies.FS, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
}

// FuzzLoad reads anything as a policy. It must not panic; every diagnostic must
// say something, and lie within the files that were read; and there is a policy
// exactly where there is no error.
func FuzzLoad(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		files := fstest.MapFS{"policy.hcl": {Data: body}, "a.test.hcl": {Data: []byte("test \"t\" {\n  capability {\n    name   = \"CHOWN\"\n    expect = \"allow\"\n  }\n}\n")}}
		program, diags := lang.Load(".", options(files))
		if (program.Policy == nil) != diags.HasErrors() {
			t.Fatalf("a policy: %v, with diagnostics: %v", program.Policy != nil, diags)
		}
		for _, d := range diags {
			if d.Summary == "" || d.Detail == "" || d.Subject == nil {
				t.Errorf("an empty diagnostic: %+v", d)
				continue
			}
			if file, ok := program.Files[d.Subject.Filename]; ok && (d.Subject.End.Byte > len(file.Bytes) || d.Subject.Start.Byte > d.Subject.End.Byte) {
				t.Errorf("%s lies outside of the file: %s", d.Summary, d.Subject)
			}
		}
		if program.Policy == nil {
			return
		}
		for c := range program.Policy.Subjects() {
			c.Capabilities()
		}
	})
}

// FuzzFormat formats anything that parses: formatting it again changes nothing,
// and the tokens stay the same but for white space.
func FuzzFormat(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		once, diags := lang.Format(body, "policy.hcl")
		if diags.HasErrors() {
			return
		}
		twice, diags := lang.Format(once, "policy.hcl")
		if diags.HasErrors() {
			t.Fatalf("does not parse once formatted: %v\n%s", diags, once)
		}
		if !bytes.Equal(once, twice) {
			t.Fatalf("formatting is not settled:\n%q\n%q", once, twice)
		}
		if a, b := words(body), words(once); a != b {
			t.Fatalf("formatting changed what it says:\n%q\n%q", a, b)
		}
	})
}

func words(body []byte) string {
	tokens, _ := hclsyntax.LexConfig(body, "", hcl.InitialPos)
	var out strings.Builder
	for _, token := range tokens {
		out.Write(bytes.TrimSpace(token.Bytes))
		out.WriteByte(' ')
	}
	return out.String()
}
