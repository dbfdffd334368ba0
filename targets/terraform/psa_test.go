package terraform_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/testdata/suites"
)

// baseline is what the Pod Security Standards' level of that name says of pods.
func baseline() policy.Settings {
	return policy.Settings{
		control.Privileged:      boolean(1, false),
		control.HostNetwork:     boolean(1, false),
		control.HostPID:         boolean(1, false),
		control.HostIPC:         boolean(1, false),
		control.HostPorts:       set(1),
		control.HostPaths:       pairs(1),
		control.HostProbes:      set(1),
		control.HostProcess:     boolean(1, false),
		control.ProcMount:       text(1, "user-namespace"),
		control.AppArmorProfile: set(1, "runtime-default", "localhost", "unset"),
		control.SeccompProfile:  set(1, "runtime-default", "localhost", "unset"),
		control.SELinuxTypes:    set(1, "container_t", "container_init_t", "container_kvm_t", "container_engine_t"),
		control.SELinuxUsers:    set(1),
		control.SELinuxRoles:    set(1),
		control.Sysctls: set(1, "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports", "net.ipv4.ip_unprivileged_port_start",
			"net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time",
			"net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_rmem", "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem"),
		control.CapabilitiesAdd: set(1, "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
		control.Undeclared:      text(1, control.AsCeiling),
	}
}

// restricted is the level above it.
func restricted() policy.Settings {
	s := baseline()
	s[control.ProcMount] = text(1, "default")
	s[control.Escalation] = boolean(1, false)
	s[control.RunAsNonRoot] = boolean(1, true)
	s[control.Users] = set(1, "1-2147483647")
	s[control.SeccompProfile] = set(1, "runtime-default", "localhost")
	s[control.CapabilitiesDrop] = set(1, "ALL")
	s[control.CapabilitiesAdd] = set(1, "NET_BIND_SERVICE")
	s[control.Volumes] = set(1, "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret")
	return s
}

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

// TestPodSecuritySuite puts the pods of Pod Security admission into plans and
// holds the module to its verdicts; a refusal names a control of the check that
// the pod breaks.
func TestPodSecuritySuite(t *testing.T) {
	dir := suites.Folder(t, "psa")
	for level, settings := range map[string]policy.Settings{"baseline": baseline(), "restricted": restricted()} {
		doc := document(settings)
		doc.Namespaces, doc.Workloads = nil, nil
		artifacts := emit(t, resolve(t, doc))
		j := load(t, artifacts)
		files, _ := filepath.Glob(filepath.Join(dir, level, "*", "*.yaml"))
		if len(files) < 40 {
			t.Fatalf("%d pods", len(files))
		}
		for _, file := range files {
			name := strings.TrimPrefix(file, dir+string(filepath.Separator))
			v := judge(t, j, manifestPlan(t, file))
			if filepath.Base(filepath.Dir(file)) == "pass" {
				if v.Outcome != target.Allow {
					t.Errorf("%s: %v %+v", name, v.Outcome, v.Findings)
				}
				continue
			}
			want := checkControls[trailingDigits.ReplaceAllString(filepath.Base(file), "")]
			got := controlsOf(artifacts, v)
			if v.Outcome != target.Deny || !slices.ContainsFunc(want, func(id control.ID) bool { return slices.Contains(got, string(id)) }) {
				t.Errorf("%s: %v by %v, want %v", name, v.Outcome, got, want)
			}
		}
	}
}

// manifestPlan puts an object from a file into a plan.
func manifestPlan(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := yaml.YAMLToJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	return planOf(planResource{typ: "kubernetes_manifest", values: `{"manifest":` + string(manifest) + `}`})
}
