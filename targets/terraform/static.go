package terraform

import (
	"embed"
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

// placeholder is a line below which the table of fields prints.
var placeholder = regexp.MustCompile(`(?m)^( *)# (fields|objects) (of a pod, typed|of a pod, manifest|of a container, typed|of a container, manifest|that containers inherit)\n|^( *)# amounts\n`)

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
		text := placeholder.ReplaceAllStringFunc(string(pods.fill(body)), withFields)
		all = append(all, target.Artifact{Path: "terraform/" + e.Name(), Body: []byte(text)})
	}
	return all, nil
})

// withFields gives a placeholder with what follows it.
func withFields(line string) string {
	m := placeholder.FindStringSubmatch(line)
	if m[2] == "" {
		return podrule.TerraformAmounts(m[4])
	}
	if m[3] == "that containers inherit" {
		return line + podrule.TerraformInherited(m[1])
	}
	level, form := podrule.Pod, podrule.Typed
	if strings.Contains(m[3], "container") {
		level = podrule.Container
	}
	if strings.HasSuffix(m[3], "manifest") {
		form = podrule.Manifest
	}
	if m[2] == "objects" {
		return line + podrule.TerraformShapes(level, form, m[1])
	}
	return line + podrule.TerraformFields(level, form, m[1])
}
