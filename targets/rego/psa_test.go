package rego

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// checkControls are the controls that hold each check of Pod Security admission.
var checkControls = map[string][]control.ID{
	"allowprivilegeescalation":   {control.Escalation},
	"apparmorprofile":            {control.AppArmorProfile},
	"capabilities_baseline":      {control.CapabilitiesAdd},
	"capabilities_restricted":    {control.CapabilitiesAdd, control.CapabilitiesDrop},
	"hostnamespaces":             {control.HostNetwork, control.HostPID, control.HostIPC},
	"hostpathvolumes":            {control.HostPaths},
	"hostports":                  {control.HostPorts},
	"hostprobesandhostlifecycle": {control.HostProbes},
	"privileged":                 {control.Privileged},
	"procmount":                  {control.ProcMount},
	"procmount_restricted":       {control.ProcMount},
	"restrictedvolumes":          {control.Volumes},
	"runasnonroot":               {control.RunAsNonRoot},
	"runasuser":                  {control.Users},
	"seccompprofile_baseline":    {control.SeccompProfile},
	"seccompprofile_restricted":  {control.SeccompProfile},
	"selinuxoptions":             {control.SELinuxTypes, control.SELinuxUsers, control.SELinuxRoles},
	"sysctls":                    {control.Sysctls},
	"windowshostprocess":         {control.HostProcess},
}

var trailingDigits = regexp.MustCompile(`[0-9]*\.yaml$`)

// TestPodSecuritySuite holds the rules to the verdicts of Pod Security admission, and demands that each refusal names a
// control of the check that the pod breaks, and of no other.
func TestPodSecuritySuite(t *testing.T) {
	dir := suites.Folder(t, "psa")
	base := baseline()
	base[control.ProcMount] = word(procMountInUserNamespace)
	for level, values := range map[string]map[control.ID]control.Value{"baseline": base, "restricted": restricted()} {
		j := load(t, emit(t, resolve(t, document(values))))
		files, _ := filepath.Glob(filepath.Join(dir, level, "*", "*.yaml"))
		if len(files) < 40 {
			t.Fatalf("%d pods", len(files))
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := level + "/" + filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
			v := judgeText(t, j, string(data))
			if filepath.Base(filepath.Dir(file)) == "pass" {
				if v.Outcome != target.Allow {
					t.Errorf("%s: %s %v", name, v.Outcome, v.Findings)
				}
				continue
			}
			check := trailingDigits.ReplaceAllString(filepath.Base(file), "")
			want := checkControls[check]
			if want == nil {
				t.Fatalf("no control is known for the check %s", check)
			}
			fits := slices.ContainsFunc(v.Findings, func(f target.Finding) bool { return slices.Contains(want, control.ID(f.Control)) })
			if v.Outcome != target.Deny || !fits {
				t.Errorf("%s: %s %v", name, v.Outcome, v.Findings)
			}
			for _, f := range v.Findings {
				if !slices.Contains(want, control.ID(f.Control)) && !alsoBroken(check, f) {
					t.Errorf("%s: %s is not what this pod breaks: %s", name, f.Control, f.Message)
				}
			}
		}
	}
}

// alsoBroken lists what pods of the suite break besides the check that they are named after.
func alsoBroken(check string, f target.Finding) bool {
	return slices.Contains(map[string][]control.ID{
		"hostpathvolumes":          {control.Volumes},
		"restrictedvolumes":        {control.HostPaths},
		"windowshostprocess":       {control.HostNetwork},
		"privileged":               {control.Escalation},
		"allowprivilegeescalation": {control.CapabilitiesDrop},
	}[check], control.ID(f.Control))
}
