// Package seccomp compiles a policy into seccomp profiles, one for each container, and judges system calls by profiles. What a profile says is
// decided in compiler/model/seccomp; this package writes it as JSON.
package seccomp

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/opencontainers/runtime-spec/specs-go"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// Target is the seccomp target.
type Target struct{}

var (
	_ target.Judger = Target{}
	_ target.Linter = Target{}
)

// schema is of the profiles that are emitted, which is narrower than what a runtime reads: two comparisons, no keys of Docker's.
//
//go:embed schema.json
var schema []byte

// Info says what the target is.
func (Target) Info() target.Info {
	return target.Info{
		Name: "seccomp", Layer: target.Kernel, Default: true,
		Facts:      seccomp.Facts(),
		Extensions: []string{".json"},
		Profiles:   []policy.CompiledProfiles{{Layer: control.SeccompProfile, Localhost: "NAME.json"}},
		Help: `A seccomp profile means what the runtime makes of it. With --runtime it is read as
that runtime does: Docker's dialect (includes, excludes, archMap, minKernel, name)
by docker, podman and cri-o, and passed over by containerd; without, it has to be
plain OCI. --capabilities, --kernel and --libseccomp say what of the container and
the node decides. What lint says of capabilities needs --capabilities, or a
runtime, which gives some.`,
	}
}

// Support says how far a profile enforces a statement.
func (Target) Support(p *policy.Policy, s policy.Statement) target.Support {
	return seccomp.Support(p, s)
}

// Emit writes one profile for each container that a runtime filters.
func (Target) Emit(p *policy.Policy) ([]target.Artifact, error) {
	var artifacts []target.Artifact
	written := map[*specs.LinuxSeccomp][]byte{} // containers with the same settings share a profile
	for _, profile := range seccomp.Profiles(p, true) {
		body, ok := written[profile.OCI]
		if !ok {
			text, err := json.MarshalIndent(profile.OCI, "", "  ")
			if err != nil {
				return nil, fmt.Errorf("seccomp profile of %s: %w", profile.Container, err)
			}
			body = append(text, '\n')
			written[profile.OCI] = body
		}
		artifacts = append(artifacts, target.Artifact{
			Path:        "seccomp/" + profile.Name + ".json",
			Containers:  []string{profile.Container},
			Body:        body,
			Schema:      schema,
			Mappings:    profile.Mappings,
			Diagnostics: profile.Diagnostics,
		})
	}
	return artifacts, nil
}

// Kinds are the attempts that a profile decides.
func (Target) Kinds() []attempt.Kind { return seccomp.Kinds() }

// Load reads profiles as the runtime of the environment does, or as all do where it names none. An error names the file, the place in it,
// and its line.
func (Target) Load(environment target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	return seccomp.Load(environment, artifacts)
}

// Lint reports where a profile, emitted by Bulkhead or not, is weaker than it looks.
func (Target) Lint(environment target.Environment, a target.Artifact) ([]target.Diagnostic, error) {
	return seccomp.Lint(environment, a)
}
