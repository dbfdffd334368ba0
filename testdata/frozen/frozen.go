// Package frozen holds policies with the Rego bundles that an early compiler
// emitted for them, as data that later compilers are compared with (README.md).
package frozen

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets"
)

//go:embed policies presets bundles
var data embed.FS

// Now is when the bundles were emitted: before every exception of the policies expires.
var Now = time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)

// Policy is one policy and what was emitted for it.
type Policy struct {
	// Name is that of its folder below policies/.
	Name string
	// Bundle are the files of the Rego bundle, with its tests, as rego/NAME.
	Bundle []target.Artifact
}

// Policies gives all of them, ordered by name.
func Policies() ([]Policy, error) {
	folders, err := fs.ReadDir(data, "policies")
	if err != nil {
		return nil, err
	}
	var out []Policy
	for _, folder := range folders {
		packed, err := data.ReadFile("bundles/" + folder.Name() + ".tar.gz")
		if err != nil {
			return nil, err
		}
		bundle, err := unpack(packed)
		if err != nil {
			return nil, fmt.Errorf("bundles/%s.tar.gz: %w", folder.Name(), err)
		}
		out = append(out, Policy{Name: folder.Name(), Bundle: bundle})
	}
	return out, nil
}

func unpack(packed []byte) ([]target.Artifact, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	var out []target.Artifact
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(files)
		if err != nil {
			return nil, err
		}
		out = append(out, target.Artifact{Path: header.Name, Body: body})
	}
}

// Load reads the policy with today's compiler and with the presets of then, as the
// bundle was compiled: for the environment prod. version is the compiler's.
func (p Policy) Load(version string) (*lang.Program, hcl.Diagnostics) {
	program, diags := lang.Load(path.Join("policies", p.Name), lang.Options{
		Open:      func(dir string) (fs.FS, error) { return fs.Sub(data, dir) },
		Presets:   data,
		Variables: []lang.Variable{{Name: "env", Text: "prod", Origin: "testdata/frozen", Optional: true}},
		Facts:     target.Facts(targets.All()),
		Now:       Now, Version: version,
	})
	if diags.HasErrors() {
		return program, diags
	}
	chosen, diags := target.Select(program.Policy, targets.All())
	program.Policy = target.InForce(program.Policy, chosen)
	return program, diags
}
