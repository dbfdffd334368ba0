package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// constraint is what the suite's constraints say, those of all kinds together.
type constraint struct {
	Kind string
	Spec struct{ Parameters parameters }
}

type parameters struct {
	Volumes, Repos, AllowedImages, AllowedCapabilities, RequiredDropCapabilities []string
	AllowedSysctls                                                               *[]string
	ForbiddenSysctls, AllowedProfiles, ExemptImages, Tags                        []string
	AllowedSELinuxOptions                                                        []struct{ Type, User, Role string }
	AllowedHostPaths                                                             []struct {
		PathPrefix string
		ReadOnly   bool
	}
	Rule        string
	Ranges      []struct{ Min, Max int }
	HostNetwork bool
	Min, Max    int
	ProcMount   string
}

func listOf(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// written is a constraint in our language: its control blocks, and the platform
// where that matters. A constraint that the language has no word for is "".
func written(c constraint) string {
	p := c.Spec.Parameters
	switch c.Kind {
	case "K8sPSPVolumeTypes":
		return "filesystem { volumes = " + listOf(p.Volumes) + " }"
	case "K8sPSPSELinuxV2":
		var types []string
		for _, o := range p.AllowedSELinuxOptions {
			types = append(types, o.Type)
		}
		return "privileges {\nselinux_types = " + listOf(types) + "\nselinux_users = []\nselinux_roles = []\n}"
	case "K8sPSPAllowedUsers": // MustRunAsNonRoot is the one rule of the suite that restricts
		return "privileges {\nrun_as_non_root = true\nusers = [\"1-2147483647\"]\n}"
	case "K8sPSPHostProcess":
		return "privileges { host_process = false }"
	case "K8sPSPHostNetworkingPorts":
		ports := ""
		if p.Max > 0 {
			ports = fmt.Sprintf("\nports = [\"tcp/%[1]d-%[2]d\", \"udp/%[1]d-%[2]d\"]", p.Min, p.Max)
		}
		return fmt.Sprintf("host {\nnetwork = %t%s\n}", p.HostNetwork, ports)
	case "K8sPSPReadOnlyRootFilesystem":
		return "filesystem { read_only_root = true }"
	case "K8sPSPHostProbesLifecycle":
		return "host { probes = [] }"
	case "K8sPSPAllowPrivilegeEscalationContainer":
		return "privileges { escalation = false }"
	case "K8sPSPForbiddenSysctls":
		return "privileges { sysctls = " + listOf(sysctls(p)) + " }"
	case "K8sPSPSeccomp": // the kind that reads annotations
		return "platform { kubernetes = \"1.18\" }\nprivileges { seccomp = [\"runtime-default\", \"localhost\"] }"
	case "K8sPSPSeccompV2":
		return "privileges { seccomp = " + listOf(profileKinds(p.AllowedProfiles)) + " }"
	case "K8sPSPAppArmor":
		return "privileges { apparmor = " + listOf(profileKinds(p.AllowedProfiles)) + " }"
	case "K8sPSPCapabilities":
		return "capabilities {\nadd = " + listOf(p.AllowedCapabilities) + "\ndrop = " + listOf(p.RequiredDropCapabilities) + "\n}"
	case "K8sPSPProcMount":
		return fmt.Sprintf("privileges { proc_mount = %q }", strings.ToLower(p.ProcMount))
	case "K8sPSPFSGroup":
		if p.Rule == "" {
			return "privileges { fs_group = [\"*\"] }" // a constraint without a rule restricts nothing
		}
		var ranges []string
		for _, r := range p.Ranges {
			ranges = append(ranges, fmt.Sprintf("%d-%d", r.Min, r.Max))
		}
		return "privileges { fs_group = " + listOf(ranges) + " }"
	case "K8sPSPFlexVolumes":
		return "filesystem { volumes = [\"*\"] }" // drivers have no control
	case "K8sPSPHostFilesystem":
		var paths []string
		for _, h := range p.AllowedHostPaths {
			paths = append(paths, fmt.Sprintf("%q = %q", h.PathPrefix, map[bool]string{true: "read", false: "write"}[h.ReadOnly]))
		}
		// The constraint asks for readOnly alone, which is all there was before recursiveReadOnly.
		return "platform { kubernetes = \"1.30\" }\nhost { paths = { " + strings.Join(paths, ", ") + " } }"
	case "K8sPSPPrivilegedContainer":
		return "privileges { privileged = false }"
	case "K8sPSPHostNamespace":
		return "host {\npid = false\nipc = false\n}"
	case "K8sAllowedRepos", "K8sAllowedReposv2":
		return "image { registries = " + listOf(repositories(append(p.Repos, p.AllowedImages...))) + " }"
	case "K8sDisallowedRepos":
		return "image { deny = " + listOf(repositories(p.Repos)) + " }"
	case "K8sDisallowedTags":
		return "image { deny_tags = " + listOf(p.Tags) + " }"
	case "K8sImageDigests":
		return "image { digest = \"required\" }"
	}
	return ""
}

// sysctls says which settings remain where some are forbidden: without a list of
// those allowed, all others, which the suite asks for of kernel.* alone.
func sysctls(p parameters) []string {
	allowed := []string{"*"}
	if p.AllowedSysctls != nil {
		allowed = *p.AllowedSysctls
	}
	if slices.Contains(p.ForbiddenSysctls, "*") {
		return nil
	}
	if slices.Equal(allowed, []string{"*"}) && len(p.ForbiddenSysctls) > 0 {
		return []string{"net.*", "fs.*", "vm.*", "user.*", "debug.*", "dev.*", "abi.*"}
	}
	return allowed
}

func profileKinds(all []string) []string {
	var kinds []string
	for _, p := range all {
		switch {
		case p == "runtime/default" || p == "RuntimeDefault":
			kinds = append(kinds, "runtime-default")
		case p == "Localhost" || strings.HasPrefix(p, "localhost/"):
			kinds = append(kinds, "localhost")
		case p == "not configured":
			kinds = append(kinds, "unset")
		}
	}
	return kinds
}

// excepted is an exception for the images that a constraint exempts.
func excepted(c constraint) string {
	control := map[string]string{
		"K8sPSPHostNetworkingPorts": "host.ports", "K8sPSPReadOnlyRootFilesystem": "filesystem.read_only_root",
		"K8sPSPAllowPrivilegeEscalationContainer": "privileges.escalation", "K8sPSPSeccomp": "privileges.seccomp", "K8sPSPSeccompV2": "privileges.seccomp",
		"K8sPSPProcMount": "privileges.proc_mount", "K8sPSPPrivilegedContainer": "privileges.privileged", "K8sDisallowedTags": "image.deny_tags",
	}[c.Kind]
	var images []string
	for _, name := range c.Spec.Parameters.ExemptImages {
		base, last := path.Split(name)
		last, _, _ = strings.Cut(last, ":") // patterns name no tag
		images = append(images, base+last)
	}
	if len(images) == 0 || control == "" {
		return ""
	}
	if !slices.Equal(images, []string{"*"}) {
		images = repositories(images)
	}
	return fmt.Sprintf(`exception "exempt" {
  images  = %s
  warn    = [%q]
  owner   = "team"
  reason  = "exempt"
  ticket  = "T-1"
  expires = "2099-12-31"
}
`, listOf(images), control)
}

// repositories are prefixes and images as our patterns, which name no tag.
func repositories(all []string) []string {
	var out []string
	for _, r := range all {
		host, path, nested := strings.Cut(r, "/")
		if strings.HasSuffix(r, "/") {
			r += "*"
		}
		switch {
		case !nested:
			name, _, _ := strings.Cut(r, ":")
			r = "docker.io/library/" + name
		case path != "" && !strings.ContainsAny(host, ".:") && host != "localhost", path == "" && !strings.ContainsAny(host, ".:"):
			r = "docker.io/" + r
		}
		out = append(out, r)
	}
	return out
}

// TestGatekeeperConstraints holds the verdicts of constraints, each written once
// in our language, to the suite's, and disagreements to those that are known,
// each with its reason. Where an object must be refused, a control has to refuse it.
func TestGatekeeperConstraints(t *testing.T) {
	body, err := os.ReadFile(filepath.Join(suites.Folder(t, "gatekeeper"), "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	disagree, all := map[string]int{}, 0
	for line := range strings.Lines(string(body)) {
		var c struct {
			Suite, Test, Case, Expect string
			Constraint                constraint
			Object                    json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			continue // an inventory or constraint of another shape: none of those below
		}
		if !ofPods(c.Suite) {
			continue
		}
		all++
		text := written(c.Constraint)
		if text == "" {
			disagree[c.Constraint.Kind]++
			continue
		}
		dir := t.TempDir()
		policy, file := filepath.Join(dir, "policy.hcl"), filepath.Join(dir, "object.json")
		head := "policy \"constraint\" { version = \"1.0.0\" }\nextends \"nothing\" { source = \"bulkhead:privileged\" }\n"
		for name, body := range map[string]string{policy: head + excepted(c.Constraint) + text + "\n", file: string(c.Object)} {
			if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		code, out, errs := invoke(t, "", "check", "--policy", policy, "--format", "json", file)
		if code != 0 && code != exitFindings {
			t.Errorf("%s %s/%s: exit code %d: %s", c.Suite, c.Test, c.Case, code, errs)
			continue
		}
		refused := code == exitFindings
		if refused && !strings.Contains(out, `"control": "`+blockOf(text)) && !strings.Contains(out, `"control":"`+blockOf(text)) {
			refused = false // by something else than what the constraint is about
		}
		if refused != (c.Expect == "fail") || code == exitFindings != refused {
			disagree[c.Suite+" "+c.Test+" "+c.Case]++
		}
	}
	for name, n := range disagree {
		if known[name] != n {
			t.Errorf("%s: %d disagree, want %d", name, n, known[name])
		}
	}
	for name, n := range known {
		if disagree[name] == 0 {
			t.Errorf("%s: %d were to disagree, and none does", name, n)
		}
	}
	if all != 168 {
		t.Errorf("%d cases of pod security, images and tags, want 168", all)
	}
}

func ofPods(suite string) bool {
	return strings.HasPrefix(suite, "pod-security-policy/") || slices.Contains([]string{
		"general/allowedrepos", "general/allowedreposv2", "general/disallowedrepos", "general/disallowedtags", "general/imagedigests",
	}, suite)
}

// blockOf is the block of the last control that a policy states.
func blockOf(text string) string {
	lines := strings.Split(text, "\n")
	for _, l := range slices.Backward(lines) {
		if name, _, ok := strings.Cut(l, " {"); ok {
			return name + "."
		}
	}
	return ""
}

// known are the cases on which we disagree, by constraint or case, and how many
// they are.
var known = map[string]int{
	// No control speaks of the driver of a volume.
	"pod-security-policy/flexvolume-drivers flexvolume-drivers example-disallowed": 1,
	// Before Kubernetes 1.19 the annotation chooses the profile, and the field is
	// not read; since then, the annotation is not read. The constraint takes both.
	"pod-security-policy/seccomp default-seccomp-required example-allowed-container-localhost-profile": 1,
	// What a pod states must be right even where every container states another
	// profile, as in the Pod Security Standards: the next container takes it.
	"pod-security-policy/apparmor apparmor example-allowed-override": 1,
	// A pod of ephemeral containers alone is one that the API server refuses.
	"pod-security-policy/seccompv2 seccomp-baseline allowed-ephemeral-no-profile": 1,
}
