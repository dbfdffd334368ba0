package terraform

import (
	"embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/bulkhead-policy/bulkhead/compiler/podrule"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// static holds the files of the module that do not depend on the policy. The kinds with pods are
// filled in, and comments stand for what the table of fields prints (placeholder).
//
//go:embed static/*.tf
var static embed.FS

// placeholder is a line below which the table of fields prints, or in place of which the units of amounts stand.
var placeholder = regexp.MustCompile(`(?m)^( *)# (fields|objects|amounts)\b(.*)\n`)

// staticFiles are the files that do not depend on the policy, as they are emitted.
var staticFiles = sync.OnceValues(func() ([]target.Artifact, error) {
	entries, err := static.ReadDir("static")
	if err != nil {
		return nil, err
	}
	var all []target.Artifact
	for _, e := range entries {
		body, err := static.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, err
		}
		text := placeholder.ReplaceAllStringFunc(string(pods.fill(body)), func(line string) string {
			filled, ok := withFields(line)
			if !ok {
				err = fmt.Errorf("static/%s has a placeholder that nothing prints: %s", e.Name(), strings.TrimSpace(line))
			}
			return filled
		})
		if err != nil {
			return nil, err
		}
		all = append(all, target.Artifact{Path: "terraform/" + e.Name(), Body: []byte(text)})
	}
	return all, nil
})

// withFields gives a placeholder with what the table prints for it; ok is false of one that it does not know.
func withFields(line string) (filled string, ok bool) {
	m := placeholder.FindStringSubmatch(line)
	indent, what, of := m[1], m[2], strings.TrimSpace(m[3])
	switch {
	case what == "amounts" && of == "":
		return podrule.TerraformAmounts(indent), true
	case what == "fields" && of == "that containers inherit":
		return line + podrule.TerraformInherited(indent), true
	}
	at, known := placements[of]
	switch {
	case known && what == "objects":
		return line + podrule.TerraformShapes(at.level, at.form, indent), true
	case known && what == "fields":
		return line + podrule.TerraformFields(at.level, at.form, indent), true
	}
	return line, false
}

// placements are what fields and objects may be of, in the words of a placeholder.
var placements = map[string]struct {
	level podrule.Level
	form  podrule.Form
}{
	"of a pod, typed":          {podrule.Pod, podrule.Typed},
	"of a pod, manifest":       {podrule.Pod, podrule.Manifest},
	"of a container, typed":    {podrule.Container, podrule.Typed},
	"of a container, manifest": {podrule.Container, podrule.Manifest},
}
