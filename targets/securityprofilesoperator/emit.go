package securityprofilesoperator

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/opencontainers/runtime-spec/specs-go"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/compiler/model/seccomp"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/securityprofilesoperator/object"
)

// eperm is what runtimes have a refused call return where a profile states no error.
const eperm = 1

// spec is the specification of a SeccompProfile, as far as profiles of ours need it.
type spec struct {
	DefaultAction specs.LinuxSeccompAction `json:"defaultAction"`
	Architectures []specs.Arch             `json:"architectures,omitempty"`
	Syscalls      []rule                   `json:"syscalls,omitempty"`
}

type rule struct {
	Names    []string                 `json:"names"`
	Action   specs.LinuxSeccompAction `json:"action"`
	ErrnoRet int32                    `json:"errnoRet,omitempty"`
	Args     []argument               `json:"args,omitempty"`
}

type argument struct {
	Index    int32                      `json:"index"`
	Value    int64                      `json:"value"`
	ValueTwo int64                      `json:"valueTwo,omitempty"`
	Op       specs.LinuxSeccompOperator `json:"op"`
}

// Emit writes a SeccompProfile for each seccomp profile that one can say.
func (Target) Emit(p *policy.Policy) ([]target.Artifact, error) {
	var artifacts []target.Artifact
	written := map[*specs.LinuxSeccomp]string{} // containers with the same settings share a profile, all but its name
	for _, profile := range seccomp.Profiles(p, false) {
		text, ok := written[profile.OCI]
		if !ok {
			var err error
			if text, err = specification(profile.OCI); err != nil {
				return nil, fmt.Errorf("seccomp profile of %s: %w", profile.Container, err)
			}
			written[profile.OCI] = text
		}
		if text == "" {
			continue
		}
		a, err := wrap(p, profile, text)
		if err == nil && !ok { // objects of one profile differ in their names only
			err = same(a.Body, profile.OCI)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Path, err)
		}
		artifacts = append(artifacts, a)
	}
	return artifacts, nil
}

// wrap makes the object of a profile. Its locations are those in the profile, below the specification. No schema is for YAML: what is read
// back is compared with the profile instead.
func wrap(p *policy.Policy, profile seccomp.Profile, specification string) (target.Artifact, error) {
	name := objectName(profile.Name)
	head, err := sigsyaml.Marshal(map[string]any{
		"apiVersion": object.APIVersion,
		"kind":       object.Kind,
		"metadata": map[string]any{
			"name":   name,
			"labels": map[string]string{"app.kubernetes.io/managed-by": "bulkhead", "app.kubernetes.io/part-of": p.Name},
		},
	})
	a := target.Artifact{
		Path:        "security-profiles-operator/seccomp/" + name + ".yaml",
		Containers:  []string{profile.Container},
		Body:        fmt.Appendf(nil, "# %s\n# A pod names it as %s.\n%s%s", p.Notice(), object.Localhost(name), head, specification),
		Mappings:    slices.Clone(profile.Mappings),
		Diagnostics: inObject(profile.Diagnostics),
	}
	for i := range a.Mappings {
		a.Mappings[i].Location = place(a.Mappings[i].Location)
	}
	return a, err
}

// place is that in the object of a place in the profile.
func place(inProfile string) string {
	if inProfile == "" {
		return ""
	}
	return "/spec" + inProfile
}

// objectName makes of a profile's name one that an object may have, and of which the operator makes the name of the profile's file: it adds
// .json to names that do not end in it. Names of profiles have up to four parts, so neither change takes the name of another one.
func objectName(profile string) string {
	profile = strings.Replace(profile, ".-.", ".undeclared.container.", 1) // a "-" is no part of an object's name
	if strings.HasSuffix(profile, ".json") {
		return profile + ".json"
	}
	return profile
}

// specification gives the YAML of a profile's specification; "" where it cannot be said.
func specification(profile *specs.LinuxSeccomp) (string, error) {
	if profile.DefaultErrnoRet != nil && *profile.DefaultErrnoRet != eperm {
		return "", nil
	}
	s := spec{DefaultAction: profile.DefaultAction, Architectures: profile.Architectures}
	for i, from := range profile.Syscalls {
		to := rule{Names: from.Names, Action: from.Action}
		if from.ErrnoRet != nil {
			to.ErrnoRet = int32(*from.ErrnoRet)
		}
		for _, arg := range from.Args {
			if arg.Value > math.MaxInt64 || arg.ValueTwo > math.MaxInt64 {
				return "", fmt.Errorf("/syscalls/%d: an object holds values up to %d", i, math.MaxInt64)
			}
			to.Args = append(to.Args, argument{int32(arg.Index), int64(arg.Value), int64(arg.ValueTwo), arg.Op})
		}
		s.Syscalls = append(s.Syscalls, to)
	}
	text, err := sigsyaml.Marshal(map[string]any{"spec": s})
	return string(text), err
}

// same compares what the operator makes of an object with the profile that the object was made of.
func same(body []byte, profile *specs.LinuxSeccomp) error {
	read, err := object.Parse(body)
	if err != nil {
		return err
	}
	var got specs.LinuxSeccomp
	if len(read) != 1 {
		return fmt.Errorf("the file has %d objects, want 1", len(read))
	}
	if err := json.Unmarshal(read[0].OCI, &got); err != nil {
		return err
	}
	want := *profile
	want.DefaultErrnoRet = nil // EPERM, stated or not
	if !reflect.DeepEqual(want, got) {
		return fmt.Errorf("the operator would make another profile of the object")
	}
	return nil
}
