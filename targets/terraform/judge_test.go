package terraform_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// A pod that keeps to the policy strict, as the kubernetes provider plans a
// Deployment and as kubernetes_manifest carries a Pod.
const (
	goodTyped = `{"metadata":[{"name":"api","namespace":"payments","labels":{"app":"api"},"annotations":null,"generate_name":null}],"spec":[{"replicas":"2","template":[{
"metadata":[{"labels":{"app":"api"},"annotations":null,"name":null,"namespace":null}],
"spec":[{"host_network":false,"host_pid":false,"host_ipc":false,"host_users":false,"automount_service_account_token":false,"restart_policy":"Always","runtime_class_name":"gvisor","volume":[],"init_container":[],"os":[],
"security_context":[{"run_as_non_root":true,"run_as_user":null,"run_as_group":null,"fs_group":null,"supplemental_groups":null,"sysctl":[],"se_linux_options":[],"windows_options":[],
"seccomp_profile":[{"type":"RuntimeDefault","localhost_profile":""}]}],
"container":[{"name":"api","image":"registry.example.com/payments/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
"port":[],"volume_mount":[],"liveness_probe":[{"grpc":[{"port":1}]}],"readiness_probe":[{"grpc":[{"port":1}]}],"startup_probe":[],"lifecycle":[],
"resources":[{"limits":{"memory":"256Mi","cpu":"1","ephemeral-storage":"1Gi"},"requests":{}}],
"security_context":[{"privileged":false,"allow_privilege_escalation":false,"read_only_root_filesystem":true,"run_as_non_root":null,"run_as_user":null,"run_as_group":null,
"capabilities":[{"add":[],"drop":["ALL"]}],"se_linux_options":[],"seccomp_profile":[]}]}]}]}]}]}`
	goodManifest = `{"manifest":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"api","namespace":"payments","labels":{"app":"api"}},
"spec":{"hostUsers":false,"automountServiceAccountToken":false,"runtimeClassName":"runsc","securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},
"containers":[{"name":"api","image":"registry.example.com/payments/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
"livenessProbe":{"grpc":{"port":1}},"readinessProbe":{"grpc":{"port":1}},"resources":{"limits":{"memory":"256Mi","cpu":1,"ephemeral-storage":"1Gi"}},
"securityContext":{"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]}}}]}}}`
)

// A path into the two pods begins with P for the pod's spec, C for the
// container, M for the pod's metadata.
var places = map[string]map[string]string{
	"typed":    {"P": "spec.0.template.0.spec.0", "C": "spec.0.template.0.spec.0.container.0", "M": "spec.0.template.0.metadata.0", "O": "metadata.0"},
	"manifest": {"P": "manifest.spec", "C": "manifest.spec.containers.0", "M": "manifest.metadata", "O": "manifest.metadata"},
}

// pods are the good pods, by how they are written.
func pods() map[string]planResource {
	return map[string]planResource{
		"typed":    {typ: "kubernetes_deployment_v1", values: goodTyped},
		"manifest": {typ: "kubernetes_manifest", values: goodManifest},
	}
}

// change sets what lies at a path, such as C.security_context.0.privileged, to
// a JSON value; "-" removes it. It makes objects on the way.
func change(t testing.TB, form, doc, edit string) string {
	t.Helper()
	at, value, _ := strings.Cut(edit, "=")
	place, rest, _ := strings.Cut(at, ".")
	var root any
	if err := json.Unmarshal([]byte(doc), &root); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(places[form][place]+"."+rest, ".")
	var to any
	if value != "-" {
		if err := json.Unmarshal([]byte(value), &to); err != nil {
			t.Fatalf("%s: %v", edit, err)
		}
	}
	changed := setAt(root, steps, to, value == "-")
	out, err := json.Marshal(changed)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func setAt(v any, steps []string, to any, remove bool) any {
	step, rest := steps[0], steps[1:]
	if list, ok := v.([]any); ok {
		i, _ := strconv.Atoi(step)
		for len(list) <= i {
			list = append(list, map[string]any{})
		}
		if len(rest) == 0 {
			list[i] = to
		} else {
			list[i] = setAt(list[i], rest, to, remove)
		}
		return list
	}
	object, ok := v.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	switch {
	case len(rest) == 0 && remove:
		delete(object, step)
	case len(rest) == 0:
		object[step] = to
	default:
		inner := object[step]
		if inner == nil && len(rest) > 0 && rest[0] == "0" {
			inner = []any{}
		}
		object[step] = setAt(inner, rest, to, remove)
	}
	return object
}

// case_ is one change of a good pod and the controls that then refuse it; none
// where it is allowed. A form that cannot say it is left out.
type edits struct {
	name            string
	typed, manifest []string
	controls        []control.ID
}

var changes = []edits{
	{"nothing", []string{}, []string{}, nil},
	{"no labels", []string{"M.labels=null"}, []string{"M.labels=-"}, []control.ID{control.Undeclared}},
	{"other labels", []string{`M.labels={"app":"web"}`}, []string{`M.labels={"app":"web"}`}, []control.ID{control.Undeclared}},
	{"more labels", []string{`M.labels={"app":"api","x":"y"}`}, []string{`M.labels={"app":"api","x":"y"}`}, nil},
	{"no namespace", []string{"O.namespace=-", "P.host_network=true"}, []string{"O.namespace=-", "P.hostNetwork=true"}, []control.ID{control.HostNetwork}},
	{"null for a namespace", []string{"O.namespace=null", "P.host_network=true"}, []string{"O.namespace=null", "P.hostNetwork=true"}, []control.ID{control.HostNetwork}},
	{"empty namespace", []string{`O.namespace=""`, "P.host_network=true"}, []string{`O.namespace=""`, "P.hostNetwork=true"}, []control.ID{control.HostNetwork}},

	{"privileged", []string{"C.security_context.0.privileged=true"}, []string{"C.securityContext.privileged=true"}, []control.ID{control.Privileged}},
	{"privileged as text", nil, []string{`C.securityContext.privileged="true"`}, []control.ID{control.Privileged}},
	{"privileged in a way to be read", nil, []string{`C.securityContext.privileged="T"`}, []control.ID{control.Privileged}},
	{"not privileged", []string{"C.security_context.0.privileged=null"}, []string{"C.securityContext.privileged=false"}, nil},
	{"escalation", []string{"C.security_context.0.allow_privilege_escalation=true"}, []string{"C.securityContext.allowPrivilegeEscalation=true"}, []control.ID{control.Escalation}},
	{"escalation unset", []string{"C.security_context.0.allow_privilege_escalation=null"}, []string{"C.securityContext.allowPrivilegeEscalation=-"}, []control.ID{control.Escalation}},
	{"as root", []string{"P.security_context.0.run_as_non_root=false"}, []string{"P.securityContext.runAsNonRoot=false"}, []control.ID{control.RootInUserNS}},
	{"as root, of the node", []string{"P.host_users=true", "P.security_context.0.run_as_non_root=false"}, []string{"P.hostUsers=true", "P.securityContext.runAsNonRoot=false"}, []control.ID{control.RunAsNonRoot, control.HostUsers}},
	{"as anybody", []string{"P.security_context.0.run_as_non_root=null"}, []string{"P.securityContext.runAsNonRoot=-"}, []control.ID{control.RootInUserNS}},
	{"as anybody, of the node", []string{"P.host_users=true", "P.security_context.0.run_as_non_root=null"}, []string{"P.hostUsers=true", "P.securityContext.runAsNonRoot=-"}, []control.ID{control.RunAsNonRoot, control.HostUsers}},
	{"container as root", []string{"C.security_context.0.run_as_non_root=false"}, []string{"C.securityContext.runAsNonRoot=false"}, []control.ID{control.RootInUserNS}},
	{"container as root, of the node", []string{"P.host_users=true", "C.security_context.0.run_as_non_root=false"}, []string{"P.hostUsers=true", "C.securityContext.runAsNonRoot=false"}, []control.ID{control.RunAsNonRoot, control.HostUsers}},
	{"container not as root", []string{"P.security_context.0.run_as_non_root=null", "C.security_context.0.run_as_non_root=true"}, []string{"P.securityContext.runAsNonRoot=null", "C.securityContext.runAsNonRoot=true"}, nil},
	{"user 0", []string{`P.security_context.0.run_as_user="0"`}, []string{"P.securityContext.runAsUser=0"}, []control.ID{control.RootInUserNS}},
	{"user 0 of the node", []string{"P.host_users=true", `P.security_context.0.run_as_user="0"`}, []string{"P.hostUsers=true", "P.securityContext.runAsUser=0"}, []control.ID{control.Users, control.HostUsers}},
	{"user 0 of a container", []string{`C.security_context.0.run_as_user="0"`}, []string{"C.securityContext.runAsUser=0"}, []control.ID{control.RootInUserNS}},
	{"a user in the range", []string{`C.security_context.0.run_as_user="1999"`}, []string{"C.securityContext.runAsUser=1999"}, nil},
	{"a user outside the range", []string{`C.security_context.0.run_as_user="2000"`}, []string{"C.securityContext.runAsUser=2000"}, []control.ID{control.Users}},
	{"group 0", []string{`C.security_context.0.run_as_group="0"`}, []string{"C.securityContext.runAsGroup=0"}, []control.ID{control.Groups}},
	{"fs group", []string{`P.security_context.0.fs_group="2001"`}, []string{"P.securityContext.fsGroup=2001"}, []control.ID{control.FSGroup}},
	{"fs group allowed", []string{`P.security_context.0.fs_group="2000"`}, []string{"P.securityContext.fsGroup=2000"}, nil},
	{"supplemental group", []string{"P.security_context.0.supplemental_groups=[999]"}, []string{"P.securityContext.supplementalGroups=[999]"}, []control.ID{control.SupplementalGroups}},
	{"SELinux type", []string{`C.security_context.0.se_linux_options=[{"type":"spc_t"}]`}, []string{`C.securityContext.seLinuxOptions={"type":"spc_t"}`}, []control.ID{control.SELinuxTypes}},
	{"SELinux type by prefix", []string{`P.security_context.0.se_linux_options=[{"type":"svirt_lxc","user":"","role":null}]`}, []string{`P.securityContext.seLinuxOptions={"type":"svirt_lxc"}`}, nil},
	{"SELinux user", []string{`P.security_context.0.se_linux_options=[{"user":"u"}]`}, []string{`P.securityContext.seLinuxOptions={"user":"u"}`}, []control.ID{control.SELinuxUsers}},
	{"SELinux role", []string{`P.security_context.0.se_linux_options=[{"role":"r"}]`}, []string{`P.securityContext.seLinuxOptions={"role":"r"}`}, []control.ID{control.SELinuxRoles}},
	{"AppArmor annotation", []string{`M.annotations={"container.apparmor.security.beta.kubernetes.io/api":"unconfined"}`}, []string{`M.annotations={"container.apparmor.security.beta.kubernetes.io/api":"unconfined"}`}, []control.ID{control.AppArmorProfile}},
	{"AppArmor annotation allowed", []string{`M.annotations={"container.apparmor.security.beta.kubernetes.io/api":"localhost/x"}`}, []string{`M.annotations={"container.apparmor.security.beta.kubernetes.io/api":"runtime/default"}`}, nil},
	{"AppArmor field", nil, []string{`C.securityContext.appArmorProfile={"type":"Unconfined"}`}, []control.ID{control.AppArmorProfile}},
	{"AppArmor field of the pod", nil, []string{`P.securityContext.appArmorProfile={"type":"Unconfined"}`, `C.securityContext.appArmorProfile={"type":"RuntimeDefault"}`}, []control.ID{control.AppArmorProfile}},
	{"AppArmor of a kind to come", nil, []string{`C.securityContext.appArmorProfile={"type":"New"}`}, []control.ID{control.AppArmorProfile}},
	{"seccomp unconfined", []string{`P.security_context.0.seccomp_profile=[{"type":"Unconfined"}]`}, []string{`P.securityContext.seccompProfile={"type":"Unconfined"}`}, []control.ID{control.SeccompProfile}},
	{"seccomp unconfined in the pod alone", []string{`P.security_context.0.seccomp_profile=[{"type":"Unconfined"}]`, `C.security_context.0.seccomp_profile=[{"type":"Localhost"}]`}, []string{`P.securityContext.seccompProfile={"type":"Unconfined"}`, `C.securityContext.seccompProfile={"type":"Localhost"}`}, []control.ID{control.SeccompProfile}},
	{"seccomp unset", []string{"P.security_context.0.seccomp_profile=[]"}, []string{"P.securityContext.seccompProfile=-"}, []control.ID{control.SeccompProfile}},
	{"seccomp in the container alone", []string{"P.security_context.0.seccomp_profile=[]", `C.security_context.0.seccomp_profile=[{"type":"Localhost"}]`}, []string{"P.securityContext.seccompProfile=null", `C.securityContext.seccompProfile={"type":"Localhost"}`}, nil},
	{"sysctl", []string{`P.security_context.0.sysctl=[{"name":"kernel.core_pattern","value":"1"}]`}, []string{`P.securityContext.sysctls=[{"name":"kernel.core_pattern","value":"1"}]`}, []control.ID{control.Sysctls}},
	{"sysctls allowed", []string{`P.security_context.0.sysctl=[{"name":"net.ipv4.tcp_rmem","value":"4096 131072\t6291456"}]`}, []string{`P.securityContext.sysctls=[{"name":"kernel.shm_rmid_forced","value":"1"}]`}, nil},
	{"sysctl with another behind it", []string{`P.security_context.0.sysctl=[{"name":"kernel.shm_rmid_forced","value":"1+kernel.core_pattern=|/x"}]`}, []string{`P.securityContext.sysctls=[{"name":"kernel.shm_rmid_forced","value":"1=2"}]`}, []control.ID{control.SysctlValues}},
	{"sysctl without a value", []string{`P.security_context.0.sysctl=[{"name":"kernel.shm_rmid_forced","value":null}]`}, []string{`P.securityContext.sysctls=[{"name":"kernel.shm_rmid_forced"}]`}, []control.ID{control.SysctlValues}},
	{"shared processes", []string{"P.share_process_namespace=true"}, []string{"P.shareProcessNamespace=true"}, []control.ID{control.SharedProcesses}},
	{"no shared processes", []string{"P.share_process_namespace=false"}, []string{"P.shareProcessNamespace=false"}, nil},
	{"a token unless told", []string{"P.automount_service_account_token=null"}, []string{"P.automountServiceAccountToken=-"}, []control.ID{control.Tokens}},
	{"a token", []string{"P.automount_service_account_token=true"}, []string{"P.automountServiceAccountToken=true"}, []control.ID{control.Tokens}},
	{"a token that may be", []string{`P.volume=[{"name":"t","projected":[{"sources":[{"service_account_token":[{"audience":"vault"}]},{"config_map":[]}]}]}]`}, []string{`P.volumes=[{"name":"t","projected":{"sources":[{"serviceAccountToken":{"audience":"https://sts.example.com"}}]}}]`}, nil},
	{"a token for somebody else", []string{`P.volume=[{"name":"t","projected":[{"sources":[{"service_account_token":[{"audience":"vaults"}]}]}]}]`}, []string{`P.volumes=[{"name":"t","projected":{"sources":[{"configMap":{}},{"serviceAccountToken":{"audience":"@kubernetes-api"}}]}}]`}, []control.ID{control.Tokens}},
	{"a token for the API server", []string{`P.volume=[{"name":"t","projected":[{"sources":[{"service_account_token":[{"audience":""}]}]}]}]`}, []string{`P.volumes=[{"name":"t","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]`}, []control.ID{control.Tokens}},
	{"one probe only", []string{"C.liveness_probe=[]"}, []string{"C.readinessProbe=null"}, []control.ID{control.Probes}},
	{"no probe of what ends", []string{`P.restart_policy="Never"`, "C.liveness_probe=[]"}, []string{`P.restartPolicy="OnFailure"`, "C.livenessProbe=-"}, nil},
	{"no probe of a container that ends", nil, []string{`C.restartPolicy="Never"`, "C.livenessProbe=-"}, nil},
	{"an annotation of a runtime", []string{`M.annotations={"devices.crio.io":"/dev/sda"}`}, []string{`M.annotations={"io.katacontainers.config.x":"y"}`}, []control.ID{control.Annotations}},
	{"an annotation of nobody's", []string{`M.annotations={"crio.io":"/dev/sda"}`}, []string{`M.annotations={"a.io.katacontainers.x":"y"}`}, nil},
	{"a variable of a hook", []string{`C.env=[{"name":"A"},{"name":"LD_PRELOAD","value":"x"}]`}, []string{`C.env=[{"name":"NVIDIA_VISIBLE_DEVICES","value":"all"}]`}, []control.ID{control.Environment}},
	{"a variable of nobody's", []string{`C.env=[{"name":"LDAP"}]`}, []string{`C.env=[{"name":"ld_preload"},{"name":"NVIDIA_VISIBLE_DEVICES_2"}]`}, nil},
	{"variables of unknown names", []string{`C.env_from=[{"prefix":"","config_map_ref":[{"name":"c"}]}]`}, []string{`C.envFrom=[{"configMapRef":{"name":"c"}}]`}, []control.ID{control.Environment}},
	{"variables with a prefix of a hook's", []string{`C.env_from=[{"prefix":"LD_X"}]`}, []string{`C.envFrom=[{"prefix":"NVIDIA_"}]`}, []control.ID{control.Environment}},
	{"variables with another prefix", []string{`C.env_from=[{"prefix":"LDAP_"}]`}, []string{`C.envFrom=[{"prefix":"APP_"}]`}, nil},
	{"a volume that may not be written", []string{`C.volume_mount=[{"name":"v","mount_path":"/data","read_only":false}]`}, []string{`C.volumeMounts=[{"name":"v","mountPath":"/a","readOnly":true},{"name":"v","mountPath":"/tmpx"}]`}, []control.ID{control.FilesystemWrite}},
	{"a volume that may be written", []string{`C.volume_mount=[{"name":"v","mount_path":"/tmp/x/","read_only":false}]`}, []string{`C.volumeMounts=[{"name":"v","mountPath":"/var/cache/app/x"},{"name":"v","mountPath":"/tmp"}]`}, nil},
	{"a volume that is mounted to be read", []string{`P.volume=[{"name":"v","config_map":[{"name":"c"}],"secret":[]}]`, `C.volume_mount=[{"name":"v","mount_path":"/etc/app","read_only":false}]`}, []string{`P.volumes=[{"name":"v","secret":{}}]`, `C.volumeMounts=[{"name":"v","mountPath":"/etc/app"}]`}, nil},
	{"a device that may not be written", []string{`C.volume_device=[{"name":"v","device_path":"/dev/xvda"}]`}, []string{`C.volumeDevices=[{"name":"v","devicePath":"/dev/xvda"}]`}, []control.ID{control.FilesystemWrite}},
	{"a part of a volume", []string{`C.volume_mount=[{"name":"v","mount_path":"/tmp/a","sub_path":"x"}]`}, []string{`C.volumeMounts=[{"name":"v","mountPath":"/tmp/a","subPathExpr":"x"}]`}, []control.ID{control.SubPaths}},
	{"all of a volume", []string{`C.volume_mount=[{"name":"v","mount_path":"/tmp/a","sub_path":""}]`}, []string{`C.volumeMounts=[{"name":"v","mountPath":"/tmp/a/"}]`}, nil},
	{"on the kernel's files", []string{`C.volume_mount=[{"name":"v","mount_path":"/proc/sys","read_only":true}]`}, []string{`C.volumeMounts=[{"name":"v","mountPath":"/sys/","readOnly":true}]`}, []control.ID{control.KernelMounts}},
	{"on a path that is not clean", []string{`C.volume_mount=[{"name":"v","mount_path":"/tmp/../proc","read_only":true}]`}, []string{`C.volumeMounts=[{"name":"v","mountPath":"proc","readOnly":true}]`}, []control.ID{control.KernelMounts}},
	{"a device among the kernel's files", []string{`C.volume_device=[{"name":"v","device_path":"/sys/x"}]`}, []string{`C.volumeDevices=[{"name":"v","devicePath":"//proc"}]`}, []control.ID{control.FilesystemWrite, control.KernelMounts}},
	{"proc mount", nil, []string{`C.securityContext.procMount="Unmasked"`}, []control.ID{control.ProcMount}},
	{"proc mount as usual", nil, []string{`C.securityContext.procMount="Default"`}, nil},
	{"host process", []string{`P.security_context.0.windows_options=[{"host_process":true}]`}, []string{"C.securityContext.windowsOptions.hostProcess=true"}, []control.ID{control.HostProcess}},

	{"drops nothing", []string{"C.security_context.0.capabilities=[]"}, []string{"C.securityContext.capabilities=-"}, []control.ID{control.CapabilitiesDrop}},
	{"drops one", []string{`C.security_context.0.capabilities.0.drop=["NET_RAW"]`}, []string{`C.securityContext.capabilities.drop=["NET_RAW"]`}, []control.ID{control.CapabilitiesDrop}},
	{"adds one", []string{`C.security_context.0.capabilities.0.add=["NET_BIND_SERVICE"]`}, []string{`C.securityContext.capabilities.add=["NET_BIND_SERVICE"]`}, []control.ID{control.CapabilitiesAdd}},
	{"adds one in lower case", []string{`C.security_context.0.capabilities.0.add=["net_raw"]`}, []string{`C.securityContext.capabilities.add=["cap_net_raw"]`}, []control.ID{control.CapabilitiesAdd}},
	{"adds all", []string{`C.security_context.0.capabilities.0.add=["ALL"]`}, []string{`C.securityContext.capabilities.add=["all"]`}, []control.ID{control.CapabilitiesAdd}},
	{"drops in lower case", []string{`C.security_context.0.capabilities.0.drop=["all"]`}, []string{`C.securityContext.capabilities.drop=["All"]`}, []control.ID{control.CapabilitiesDrop}},
	{"drops by a name that may not be known", []string{`C.security_context.0.capabilities.0.drop=["CAP_ALL"]`}, []string{`C.securityContext.capabilities.drop=["CAP_ALL"]`}, []control.ID{control.CapabilitiesDrop}},

	{"host network", []string{"P.host_network=true"}, []string{"P.hostNetwork=true"}, []control.ID{control.HostNetwork}},
	{"host pid", []string{"P.host_pid=true"}, []string{"P.hostPID=true"}, []control.ID{control.HostPID}},
	{"host ipc", []string{"P.host_ipc=true"}, []string{"P.hostIPC=true"}, []control.ID{control.HostIPC}},
	{"host users", []string{"P.host_users=true"}, []string{"P.hostUsers=-"}, []control.ID{control.HostUsers}},
	{"host port", []string{"C.port.0.host_port=80"}, []string{`C.ports=[{"containerPort":80,"hostPort":80}]`}, []control.ID{control.HostPorts}},
	{"host network with a port", []string{"P.host_network=true", `C.port=[{"container_port":8080,"host_port":null,"protocol":"TCP"}]`}, []string{"P.hostNetwork=true", `C.ports=[{"containerPort":8080,"hostPort":0}]`}, []control.ID{control.HostNetwork, control.HostPorts}},
	{"a port of the pod", []string{`C.port=[{"container_port":8080,"host_port":null,"protocol":"TCP"}]`}, []string{`C.ports=[{"containerPort":8080}]`}, nil},
	{"host ports allowed", []string{`C.port=[{"host_port":9100,"protocol":"TCP"},{"host_port":4050,"protocol":"UDP"},{"host_port":0}]`}, []string{`C.ports=[{"hostPort":9100},{"hostPort":4100,"protocol":"UDP"},{"hostPort":0}]`}, nil},
	{"host port of another protocol", []string{`C.port=[{"host_port":9100,"protocol":"UDP"}]`}, []string{`C.ports=[{"hostPort":9100,"protocol":"SCTP"}]`}, []control.ID{control.HostPorts}},
	{"host path", []string{`P.volume=[{"name":"v","host_path":[{"path":"/etc"}],"secret":[]}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/etc"}}]`}, []control.ID{control.HostPaths}},
	{"host path to read", nil, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/log"}}]`, `C.volumeMounts=[{"name":"v","mountPath":"/tmp/v","readOnly":true,"recursiveReadOnly":"Enabled"},{"name":"w","mountPath":"/tmp/w"}]`}, nil},
	{"host path to read, with an argument that the provider lacks", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/log/pods/"}]}]`, `C.volume_mount=[{"name":"v","mount_path":"/tmp/v","read_only":true,"recursive_read_only":"Enabled","mount_propagation":"None"}]`}, nil, []control.ID{control.HostPaths}},
	{"host path with mounts below it", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/log/pods/","type":""}]}]`, `C.volume_mount=[{"name":"v","mount_path":"/tmp/v","read_only":true}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/log","type":"Directory"}}]`, `C.volumeMounts=[{"name":"v","mountPath":"/tmp/v","readOnly":true,"recursiveReadOnly":"Enabled","mountPropagation":"HostToContainer"}]`}, []control.ID{control.HostPaths}},
	{"host path to one file", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/log/x","type":"File"}]}]`, `C.volume_mount=[{"name":"v","mount_path":"/tmp/v","read_only":true}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/log/x","type":"CharDevice"}}]`, `C.volumeMounts=[{"name":"v","mountPath":"/tmp/v","readOnly":true}]`}, nil},
	{"mounts below a folder that may not be written", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/cache/node","type":""}]}]`, `C.volume_mount=[{"name":"v","mount_path":"/data","read_only":true}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/cache/node"}}]`, `C.volumeMounts=[{"name":"v","mountPath":"/data","readOnly":true,"recursiveReadOnly":"IfPossible"}]`}, []control.ID{control.FilesystemWrite}},
	{"host path to read is written", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/log"}]}]`, `C.volume_mount=[{"name":"v","mount_path":"/tmp/v","read_only":false}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/log"}}]`, `C.volumeMounts=[{"name":"v","mountPath":"/tmp/v"}]`}, []control.ID{control.HostPaths}},
	{"host path to write", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/cache/node"}]}]`, `C.volume_mount=[{"name":"v","mount_path":"/tmp/v","read_only":false}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/cache/node/x"}}]`, `C.volumeMounts=[{"name":"v","mountPath":"/tmp/v"}]`}, nil},
	{"host path beside one allowed", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/logs"}]}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/log2"}}]`}, []control.ID{control.HostPaths}},
	{"host path behind a link of the node", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/log/../run"}]}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/proc/1/root/var/log"}}]`}, []control.ID{control.HostPaths}},
	{"host path that climbs", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/log/../../etc"}]}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/log/.."}}]`}, []control.ID{control.HostPaths}},
	{"host path with dots in its names", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/cache/node/a..b"}]}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/cache/node/..a/.b/..."}}]`}, nil},
	{"host path that is not clean", []string{`P.volume=[{"name":"v","host_path":[{"path":"/var/log/./x"}]}]`}, []string{`P.volumes=[{"name":"v","hostPath":{"path":"/var/log//"}}]`}, []control.ID{control.HostPaths}},
	{"host path without a path", []string{`P.volume=[{"name":"v","host_path":[{"path":null}]}]`}, []string{`P.volumes=[{"name":"v","hostPath":{}}]`}, []control.ID{control.HostPaths}},
	{"probe of a host", []string{`C.liveness_probe=[{"http_get":[{"host":"169.254.169.254","port":"80"}]}]`}, []string{`C.readinessProbe={"tcpSocket":{"host":"10.0.0.1"}}`}, []control.ID{control.HostProbes}},
	{"hook to a host", []string{`C.lifecycle=[{"post_start":[],"pre_stop":[{"http_get":[{"host":"x"}]}]}]`}, []string{`C.lifecycle={"postStart":{"httpGet":{"host":"x"}}}`}, []control.ID{control.HostProbes}},
	{"probe of the pod", []string{`C.liveness_probe=[{"http_get":[{"host":"","port":"80"}]}]`}, []string{`C.startupProbe={"httpGet":{"host":"localhost"}}`}, nil},

	{"no memory limit", []string{`C.resources.0.limits={"cpu":"1","ephemeral-storage":"1"}`}, []string{"C.resources.limits.memory=-"}, []control.ID{control.Memory}},
	{"memory above", []string{`C.resources.0.limits.memory="513Mi"`}, []string{`C.resources.limits.memory="0.6Gi"`}, []control.ID{control.Memory}},
	{"memory at the limit", []string{`C.resources.0.limits.memory="0.5Gi"`}, []string{"C.resources.limits.memory=536870912"}, nil},
	{"memory just above", []string{`C.resources.0.limits.memory="536870913"`}, []string{"C.resources.limits.memory=536870912.001"}, []control.ID{control.Memory}},
	{"memory in decimal units", []string{`C.resources.0.limits.memory="536.8M"`}, []string{`C.resources.limits.memory="5e8"`}, nil},
	{"memory that nobody can read", []string{`C.resources.0.limits.memory="much"`}, []string{`C.resources.limits.memory="512 Mi"`}, []control.ID{control.Memory}},
	{"cpu above", []string{`C.resources.0.limits.cpu="2"`}, []string{`C.resources.limits.cpu="1501m"`}, []control.ID{control.CPU}},
	{"cpu at the limit", []string{`C.resources.0.limits.cpu="1.5"`}, []string{`C.resources.limits.cpu="1500m"`}, nil},
	{"no storage limit", []string{`C.resources.0.limits={"memory":"1","cpu":"1"}`}, []string{"C.resources.limits.ephemeral-storage=-"}, []control.ID{control.EphemeralStorage}},
	{"no resources", []string{"C.resources=[]"}, []string{"C.resources=-"}, []control.ID{control.Memory, control.CPU, control.EphemeralStorage}},
	{"huge pages", []string{`C.resources.0.limits.hugepages-1Gi="1Gi"`}, []string{`C.resources.limits.hugepages-2Mi="65Mi"`}, []control.ID{control.Hugepages}},
	{"huge pages allowed", []string{`C.resources.0.limits.hugepages-2Mi="64Mi"`}, []string{`C.resources.limits.hugepages-2Mi="2Mi"`}, nil},
	{"huge pages of the pod", nil, []string{`P.resources={"limits":{"hugepages-2Mi":"65Mi"}}`}, []control.ID{control.Hugepages}},
	{"huge pages of the pod by request", nil, []string{`P.resources={"requests":{"hugepages-1Gi":"1Gi"}}`}, []control.ID{control.Hugepages}},
	{"huge pages by request", nil, []string{`C.resources.requests={"hugepages-1Gi":"1Gi"}`}, []control.ID{control.Hugepages}},
	{"huge pages of the pod allowed", nil, []string{`P.resources={"limits":{"hugepages-2Mi":"64Mi","cpu":"9"}}`}, nil},
	{"a volume of huge pages", []string{`P.volume=[{"name":"v","empty_dir":[{"medium":"HugePages-1Gi"}]}]`}, []string{`P.volumes=[{"name":"v","emptyDir":{"medium":"HugePages-1Gi"}}]`}, []control.ID{control.Hugepages}},
	{"volumes of huge pages allowed", []string{`P.volume=[{"name":"v","empty_dir":[{"medium":"HugePages-2Mi"}]},{"name":"w","empty_dir":[{"medium":"HugePages"}]}]`}, []string{`P.volumes=[{"name":"v","emptyDir":{"medium":"HugePages-2048Ki"}},{"name":"w","emptyDir":{"medium":"HugePages"}},{"name":"x","emptyDir":{"medium":"Memory"}}]`}, nil},

	{"root that can be written", []string{"C.security_context.0.read_only_root_filesystem=false"}, []string{"C.securityContext.readOnlyRootFilesystem=-"}, []control.ID{control.ReadOnlyRoot}},
	{"volume type", []string{`P.volume=[{"name":"v","nfs":[{"server":"x"}],"secret":[]}]`}, []string{`P.volumes=[{"name":"v","nfs":{}}]`}, []control.ID{control.Volumes}},
	{"volume types allowed", []string{`P.volume=[{"name":"v","config_map":[{}]},{"name":"w","empty_dir":[{}]}]`}, []string{`P.volumes=[{"name":"v","configMap":{}},{"name":"w"},{"name":"x","emptyDir":{}}]`}, nil},
	{"volume type to come", []string{`P.volume=[{"name":"v","brand_new":[{}]}]`}, []string{`P.volumes=[{"name":"v","brandNew":{}}]`}, []control.ID{control.Volumes}},

	{"another registry", []string{`C.image="docker.io/library/redis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []string{`C.image="redis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []control.ID{control.Registries}},
	{"a registry that begins alike", []string{`C.image="registry.example.com.evil.org/payments/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []string{`C.image="registry.example.com:5000/payments/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []control.ID{control.Registries}},
	{"a registry by suffix", []string{`C.image="a.b.example.org/base@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []string{`C.image="a.example.org/base@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, nil},
	{"tag", []string{`C.image="registry.example.com/payments/api:1.4"`}, []string{`C.image="registry.example.com/payments/api:latest-1"`}, []control.ID{control.Digest}},
	{"a digest of SHA-384", []string{`C.image="registry.example.com/payments/api@sha384:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []string{`C.image="a.example.org/base@sha384:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, nil},
	{"a digest that is too short", []string{`C.image="registry.example.com/payments/api@sha384:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []string{`C.image="a.example.org/base@sha512:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []control.ID{control.Registries, control.ImagesDenied, control.TagsDenied, control.Digest}},
	{"tag that is refused", []string{`C.image="registry.example.com/payments/api:latest"`}, []string{`C.image="registry.example.com/payments/api:dev-7"`}, []control.ID{control.TagsDenied, control.Digest}},
	{"no tag", []string{`C.image="registry.example.com/payments/api"`}, []string{`C.image="a.example.org/base"`}, []control.ID{control.TagsDenied, control.Digest}},
	{"tag beside a digest", []string{`C.image="registry.example.com/payments/api:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []string{`C.image="registry.example.com/payments/api:dev-7@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, nil},
	{"image that is refused", []string{`C.image="registry.example.com/payments/old@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []string{`C.image="registry.example.com/payments/old:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []control.ID{control.ImagesDenied}},
	{"image that is refused, by other names", []string{`C.image="acme/x@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []string{`C.image="index.docker.io/acme/x/y@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []control.ID{control.Registries, control.ImagesDenied}},
	{"image that is refused, by other names of its registry", []string{`C.image="registry.example.com:443/payments/old@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []string{`C.image="registry-1.docker.io/acme/x@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"`}, []control.ID{control.Registries, control.ImagesDenied}},
	{"no image", []string{"C.image=null"}, []string{"C.image=-"}, []control.ID{control.Registries, control.ImagesDenied, control.TagsDenied, control.Digest}},
	{"no reference", []string{`C.image="registry.example.com/Payments/api"`}, []string{`C.image="registry.example.com/payments/"`}, []control.ID{control.Registries, control.ImagesDenied, control.TagsDenied, control.Digest}},

	{"no sandbox", []string{"P.runtime_class_name=null"}, []string{"P.runtimeClassName=-"}, []control.ID{control.SandboxRuntime}},
	{"another sandbox", []string{`P.runtime_class_name="kata"`}, []string{`P.runtimeClassName="gvisor2"`}, []control.ID{control.SandboxRuntime}},
	{"Windows, of a workload on Linux", []string{`P.os=[{"name":"windows"}]`, "C.security_context.0.allow_privilege_escalation=null", "C.security_context.0.capabilities=[]", "P.security_context.0.seccomp_profile=[]"},
		[]string{`P.os={"name":"windows"}`, "C.securityContext.allowPrivilegeEscalation=-", "C.securityContext.capabilities=-", "P.securityContext.seccompProfile=-"},
		[]control.ID{control.Escalation, control.CapabilitiesDrop, control.SeccompProfile}},

	{"init container", []string{`P.init_container=[{"name":"setup","image":"x"}]`}, []string{`P.initContainers=[{"name":"setup","image":"x"}]`},
		[]control.ID{control.Escalation, control.CapabilitiesDrop, control.Memory, control.CPU, control.EphemeralStorage, control.ReadOnlyRoot, control.Registries, control.TagsDenied, control.Digest}},
	{"ephemeral container", nil, []string{`P.ephemeralContainers=[{"name":"debug","image":"registry.example.com/payments/api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}]`},
		[]control.ID{control.Escalation, control.CapabilitiesDrop, control.ReadOnlyRoot}},
	{"pod as root, container not", []string{"P.security_context.0.run_as_non_root=false", "C.security_context.0.run_as_non_root=true"}, []string{"P.securityContext.runAsNonRoot=false", "C.securityContext.runAsNonRoot=true"}, []control.ID{control.RootInUserNS}},
	{"pod as root, container not, of the node", []string{"P.host_users=true", "P.security_context.0.run_as_non_root=false", "C.security_context.0.run_as_non_root=true"}, []string{"P.hostUsers=true", "P.securityContext.runAsNonRoot=false", "C.securityContext.runAsNonRoot=true"}, []control.ID{control.RunAsNonRoot, control.HostUsers}},
	{"memory limit of 0", []string{`C.resources.0.limits.memory="0"`}, []string{"C.resources.limits.memory=0"}, []control.ID{control.Memory}},
	{"huge pages by another name", []string{`C.resources.0.limits.hugepages-2048Ki="2Mi"`}, []string{`C.resources.limits.hugepages-2048Ki="2Mi"`}, nil},
	{"image volume", nil, []string{`P.volumes=[{"name":"v","image":{"reference":"docker.io/library/redis:7"}}]`}, []control.ID{control.Volumes, control.Registries, control.Digest}},
	{"proc mount in a user namespace", nil, []string{`C.securityContext.procMount="Unmasked"`, "P.hostUsers=false"}, []control.ID{control.ProcMount}},
}

// forms gives the pod of a change in each form that can say it.
func (e edits) forms(t testing.TB) map[string]planResource {
	t.Helper()
	out := map[string]planResource{}
	for form, r := range pods() {
		list := e.typed
		if form == "manifest" {
			list = e.manifest
		}
		if list == nil {
			continue
		}
		for _, edit := range list {
			r.values = change(t, form, r.values, edit)
		}
		out[form] = r
	}
	return out
}

func TestControls(t *testing.T) {
	artifacts := emit(t, resolve(t, document(strict())))
	j := load(t, artifacts)
	for _, e := range changes {
		for form, r := range e.forms(t) {
			t.Run(e.name+"/"+form, func(t *testing.T) {
				v := judge(t, j, planOf(r))
				want := target.Allow
				if len(e.controls) > 0 {
					want = target.Deny
				}
				if v.Outcome != want {
					t.Errorf("got %v, want %v: %+v", v.Outcome, want, v.Findings)
				}
				var controls []string
				for _, id := range e.controls {
					controls = append(controls, string(id))
				}
				got := controlsOf(artifacts, v)
				slices.Sort(got)
				slices.Sort(controls)
				if fmt.Sprint(got) != fmt.Sprint(controls) {
					t.Errorf("got %v, want %v: %+v", got, controls, v.Findings)
				}
			})
		}
	}
}

// TestAnotherNamespace: a module has no say in a plan with pods of other namespaces only.
func TestAnotherNamespace(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(strict()))))
	elsewhere := edits{"another namespace", []string{`O.namespace="shop"`, "P.host_network=true"}, []string{`O.namespace="shop"`, "P.hostNetwork=true"}, nil}
	for form, r := range elsewhere.forms(t) {
		if v := judge(t, j, planOf(r)); v.Outcome != target.Inapplicable {
			t.Errorf("%s: %v %+v", form, v.Outcome, v.Findings)
		}
	}
}

// TestEveryControlRefuses makes sure that no control of the module goes without
// a pod that it refuses.
func TestEveryControlRefuses(t *testing.T) {
	seen := map[control.ID]bool{control.KubernetesVersion: true} // has tests of its own
	for _, e := range changes {
		for _, id := range e.controls {
			seen[id] = true
		}
	}
	for id := range strict() {
		if !seen[id] {
			t.Errorf("no pod is refused by %s", id)
		}
	}
}

// What is stated but cannot be read is never taken for what is not stated.
func TestUnreadable(t *testing.T) {
	artifacts := emit(t, resolve(t, document(strict())))
	j := load(t, artifacts)
	for _, test := range []struct{ form, edit, control string }{
		{"manifest", "C.securityContext.privileged=[true]", "privileges.privileged"},
		{"manifest", "C.securityContext.runAsUser=[0]", "privileges.users"},
		{"manifest", `C.securityContext.runAsUser="root"`, "privileges.users"},
		{"manifest", "C.securityContext.runAsGroup={}", "privileges.groups"},
		{"manifest", "P.securityContext.fsGroup=[0]", "privileges.fs_group"},
		{"manifest", `C.securityContext.windowsOptions={"hostProcess":[true]}`, "privileges.host_process"},
		{"manifest", "P.hostNetwork=[true]", "host.network"},
		{"manifest", `P.hostPID={"a":1}`, "host.pid"},
		{"manifest", "P.hostIPC=[true]", "host.ipc"},
		{"manifest", "P.hostUsers=[false]", "host.users"},
		{"manifest", `C.ports=[{"hostPort":[9100]}]`, "host.ports"},
		{"manifest", `C.ports=[{"hostPort":9100,"protocol":["UDP"]}]`, "host.ports"},
		{"manifest", `P.securityContext.runAsNonRoot=[true]`, "privileges.root_in_user_namespace"},
		{"typed", "C.security_context.0.privileged=[true]", "privileges.privileged"},
		{"typed", "P.host_network=[true]", "host.network"},
		// In the wrong place: no control's doing, and never a pass.
		{"manifest", `C.securityContext.seccompProfile=[{"type":"Unconfined"}]`, ""},
		{"manifest", `C.securityContext.seccompProfile="Unconfined"`, ""},
		{"manifest", `C.securityContext=[{"privileged":true,"allowPrivilegeEscalation":false}]`, ""},
		{"manifest", `C.livenessProbe=[{"httpGet":{"host":"a.example.com"}}]`, ""},
		{"manifest", `C.lifecycle={"preStop":{"httpGet":[{"host":"a.example.com"}]}}`, ""},
		{"manifest", `P.volumes=[{"name":"v","emptyDir":[{"medium":"HugePages-2Mi"}]}]`, ""},
		{"typed", `C.security_context={"privileged":true}`, ""},
	} {
		r := pods()[test.form]
		r.values = change(t, test.form, r.values, test.edit)
		v := judge(t, j, planOf(r))
		if test.control == "" {
			if v.Outcome == target.Allow || v.Outcome == target.Inapplicable {
				t.Errorf("%s: %v", test.edit, v.Outcome)
			}
			continue
		}
		if got := controlsOf(artifacts, v); v.Outcome != target.Deny || !slices.Contains(got, test.control) {
			t.Errorf("%s: got %v %v, want %s: %+v", test.edit, v.Outcome, got, test.control, v.Findings)
		}
	}
}

// A list in which the module finds no pod does not pass, versions alone do.
func TestInput(t *testing.T) {
	var files []module.File
	for _, a := range emit(t, resolve(t, document(strict()))) {
		files = append(files, module.File{Path: a.Path, Body: a.Body})
	}
	m, err := module.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	object := func(name string, v cty.Value) cty.Value { return cty.ObjectVal(map[string]cty.Value{name: v}) }
	named := object("metadata", cty.TupleVal([]cty.Value{object("name", cty.StringVal("x"))}))
	container := object("container", cty.TupleVal([]cty.Value{object("name", cty.StringVal("c"))}))
	pod := cty.ObjectVal(map[string]cty.Value{"metadata": named.GetAttr("metadata"), "spec": cty.TupleVal([]cty.Value{container})})
	versions := object("cluster", cty.StringVal("1.34"))
	for _, test := range []struct {
		name      string
		resources []cty.Value
		versions  cty.Value
		want      module.Outcome
		message   string
	}{
		{"nothing", nil, cty.EmptyObjectVal, module.Fails, "it is empty"},
		{"no pod", []cty.Value{named}, cty.EmptyObjectVal, module.Fails, ": x"},
		{"no pod beside versions", []cty.Value{named}, versions, module.Fails, ": x"},
		{"an unknown resource", []cty.Value{cty.DynamicVal}, cty.EmptyObjectVal, module.Undecided, ""},
		{"a pod", []cty.Value{named, pod}, cty.EmptyObjectVal, module.Holds, ""},
		{"versions", nil, versions, module.Holds, ""},
	} {
		results, err := m.Evaluate(context.Background(), module.Inputs{"resources": cty.TupleVal(test.resources), "kubernetes_versions": test.versions})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, r := range results {
			if !strings.HasSuffix(r.Range.Filename, "input.tf") {
				continue
			}
			found = true
			if r.Outcome != test.want || !strings.Contains(r.Message, test.message) {
				t.Errorf("%s: got %v %q, want %v %q", test.name, r.Outcome, r.Message, test.want, test.message)
			}
		}
		if !found {
			t.Error("no condition of the input")
		}
	}
}

// A type that is not known is held to the policy where it is made like a pod's.
func TestUnknownTypes(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(strict()))))
	bad := change(t, "typed", goodTyped, "P.host_network=true")
	const service = `{"metadata":[{"name":"api"}],"spec":[{"type":"ClusterIP","port":[]}]}`
	for _, test := range []struct {
		name, typ, values, unknown string
		want                       target.Outcome
	}{
		{"a good one", "kubernetes_deployment_v2", goodTyped, "", target.Allow},
		{"a bad one", "kubernetes_deployment_v2", bad, "", target.Deny},
		{"a pod", "kubernetes_pod_v2", `{"metadata":[{"name":"x"}],"spec":[{"container":[{"name":"c"}]}]}`, "", target.Deny},
		{"an object where a block is a list", "kubernetes_pod_v2", `{"metadata":[{"name":"x"}],"spec":{"container":[{"name":"c"}]}}`, "", target.Deny},
		{"what is not known", "kubernetes_pod_v2", `{"metadata":[{"name":"x"}]}`, `{"spec":true}`, target.Undecided},
		{"none", "kubernetes_service_v1", service, "", target.Inapplicable},
		{"no spec", "kubernetes_namespace_v1", `{"metadata":[{"name":"x"}]}`, "", target.Inapplicable},
		{"an empty spec", "kubernetes_service_v1", `{"spec":[]}`, "", target.Inapplicable},
		{"a text", "kubernetes_service_v1", `{"spec":"x"}`, "", target.Inapplicable},
		{"another provider's", "example_deployment", bad, "", target.Inapplicable},
	} {
		if v := judge(t, j, planOf(planResource{typ: test.typ, values: test.values, unknown: test.unknown})); v.Outcome != test.want {
			t.Errorf("%s: got %v, want %v: %+v", test.name, v.Outcome, test.want, v.Findings)
		}
	}
	unread := planResource{typ: "kubernetes_pod_v2", values: `{"metadata":[{"name":"x"}],"spec":{"container":[{"name":"c"}]}}`}
	if v := judge(t, j, planOf(pods()["typed"], unread)); v.Outcome != target.Deny {
		t.Errorf("a pod that is not read, beside one that is: got %v: %+v", v.Outcome, v.Findings)
	}
}

// TestBlockIO tries which annotation names the block I/O class of a container: its own stands before its pod's.
func TestBlockIO(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(policy.Settings{control.BlockIO: set(10, "low", "normal")}))))
	const own, all = control.BlockIOContainer + "api", control.BlockIOPod
	for annotations, want := range map[string]target.Outcome{
		`null`:                     target.Deny,
		`{}`:                       target.Deny,
		`{"` + all + `":"low"}`:    target.Allow,
		`{"` + all + `":""}`:       target.Deny,
		`{"` + all + `":"high"}`:   target.Deny,
		`{"` + own + `":"normal"}`: target.Allow,
		`{"` + own + `b":"low"}`:   target.Deny,
		`{"` + own + `":"low","` + all + `":"high"}`: target.Allow,
		`{"` + own + `":"high","` + all + `":"low"}`: target.Deny,
		`{"` + own + `":null,"` + all + `":"low"}`:   target.Allow,
	} {
		for form, r := range pods() {
			r.values = change(t, form, r.values, "M.annotations="+annotations)
			if v := judge(t, j, planOf(r)); v.Outcome != want {
				t.Errorf("%s, %s: %s, want %s", form, annotations, v.Outcome, want)
			}
		}
	}
}
