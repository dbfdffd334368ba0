package lang

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/policies"
)

// TestReference holds docs/language.md to the compiler: its examples are one
// policy (those marked "alone" one each), and it names every function, block and
// attribute of the platform.
func TestReference(t *testing.T) {
	page, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	var together strings.Builder
	alone := 0
	for i, part := range strings.Split(string(page), "\n```") {
		info, body, _ := strings.Cut(part, "\n")
		switch {
		case i%2 == 0: // prose between the fences
		case info == "hcl":
			together.WriteString(body + "\n")
		case info == "hcl alone":
			alone++
			loads(t, body)
		default:
			t.Errorf("a fence of kind %q, which is not tested", info)
		}
	}
	if alone == 0 {
		t.Error("no example that stands alone")
	}
	loads(t, together.String())

	var names []string
	for name := range functions(nil, platform.Facts{}).Functions {
		names = append(names, name)
	}
	for _, b := range rootSchema().Blocks {
		if len(b.LabelNames) > 0 {
			names = append(names, b.Type)
		}
	}
	for _, name := range names {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/language.md does not name `%s`", name)
		}
	}
}

func loads(t *testing.T, body string) {
	t.Helper()
	files := fstest.MapFS{"policy.hcl": {Data: []byte(body)}}
	program, diags := Load(".", Options{
		Open:    func(dir string) (fs.FS, error) { return fs.Sub(files, dir) },
		Presets: policies.FS, Now: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Version: "0.1.0",
		Facts: []platform.Definition{platform.Version("apparmor", "The version of the parser.", "3.0")},
	})
	if len(diags) > 0 || program.Policy == nil {
		t.Errorf("an example does not load: %v\n%s", diags, body)
	}
	formatted, _ := Format([]byte(body), "policy.hcl")
	if strings.TrimSpace(string(formatted)) != strings.TrimSpace(body) {
		t.Errorf("an example is not formatted; it would be\n%s", formatted)
	}
}
