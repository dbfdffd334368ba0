package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// refusedAnnotations are names that runtimes, their plugins and injectors act upon, as their programs spell them
// (docs/pod-annotations.md): at least one for each pattern of bulkhead:hardened.
var refusedAnnotations = []string{
	"io.kubernetes.cri-o.Devices", "io.kubernetes.cri-o.userns-mode", "devices.crio.io", "devices.crio.io/main", "userns-mode.crio.io", "unified-cgroup.crio.io/main",
	"seccomp-profile.kubernetes.cri-o.io", "seccomp-profile.kubernetes.cri-o.io/main", "seccomp-profile.kubernetes.cri-o.io/POD", "platform-runtime-path.crio.io",
	"io.containers.trace-syscall",
	"io.kubernetes.cri.untrusted-workload", "io.kubernetes.cri.rdt-class", "io.containerd.cri.runtime-handler",
	"devices.nri.io/container.main", "mounts.nri.containerd.io", "hooks.nri.io/container.main", "ulimits.nri.containerd.io/container.main",
	"devices.noderesource.dev/container.main", "net-devices.noderesource.dev/pod", "mounts.noderesource.dev", "ulimits.noderesource.dev/container.main",
	"cdi.k8s.io/vendor", "nvidia.cdi.k8s.io/container.main",
	"org.systemd.property.DeviceAllow", "org.criu.config", "bundle",
	"run.oci.handler", "run.oci.hooks.stderr", "run.oci.seccomp_bpf_data", "run.oci.keep_original_groups", "module.wasm.image/variant", "krun.cpus", "krun.ram_mib",
	"io.katacontainers.config.hypervisor.path", "io.katacontainers.config.hypervisor.kernel_params",
	"dev.gvisor.flag.network", "dev.gvisor.spec.mount.tmp.type",
	"k8s.v1.cni.cncf.io/networks", "v1.multus-cni.io/default-network",
	"proxy.istio.io/overrides", "proxy.istio.io/config",
	"sidecar.istio.io/userVolume", "sidecar.istio.io/userVolumeMount", "sidecar.istio.io/proxyImage", "sidecar.istio.io/bootstrapOverride",
	"sidecar.istio.io/enableCoreDump", "sidecar.istio.io/interceptionMode", "sidecar.istio.io/capNetBindService",
}

// ordinaryAnnotations are names that workloads state every day, some of them next to a refused one.
var ordinaryAnnotations = []string{
	"prometheus.io/scrape", "prometheus.io/port", "prometheus.io/path",
	"kubectl.kubernetes.io/restartedAt", "kubectl.kubernetes.io/default-container", "checksum/config", "checksum/secret",
	"sidecar.istio.io/inject", "sidecar.istio.io/proxyCPU", "sidecar.istio.io/proxyMemoryLimit", "sidecar.istio.io/logLevel", "sidecar.istio.io/rewriteAppHTTPProbers",
	"traffic.sidecar.istio.io/excludeOutboundPorts", "inject.istio.io/templates", "prometheus.istio.io/merge-metrics", "linkerd.io/inject",
	"cluster-autoscaler.kubernetes.io/safe-to-evict", "cni.projectcalico.org/ipv4pools", "vault.hashicorp.com/agent-inject", "meta.helm.sh/release-name",
	"example.com/bundle", "crio.io", "argocd.argoproj.io/sync-wave",
}

var (
	refusedVariables = []string{
		"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GLIBC_TUNABLES", "GCONV_PATH",
		"NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_MIG_CONFIG_DEVICES", "AMD_VISIBLE_DEVICES", "ASCEND_VISIBLE_DEVICES", "HABANA_VISIBLE_DEVICES",
	}
	ordinaryVariables = []string{"PATH", "HOME", "LANG", "TZ", "JAVA_TOOL_OPTIONS", "GODEBUG", "NODE_ENV", "LDAP_URL", "DATABASE_URL", "CUDA_VERSION"}
)

// TestHardenedNames holds what bulkhead:hardened refuses by name, one by one, for manifests and plans: a name that leaves the
// preset fails here. The pod complies otherwise.
func TestHardenedNames(t *testing.T) {
	a := judgesExtending(t, "bulkhead:hardened", "")
	for _, c := range []struct {
		control control.ID
		refused bool
		names   []string
		pod     func(name string) map[string]any
	}{
		{control.Annotations, true, refusedAnnotations, annotated},
		{control.Annotations, false, ordinaryAnnotations, annotated},
		{control.Environment, true, refusedVariables, withVariable},
		{control.Environment, false, ordinaryVariables, withVariable},
	} {
		for _, name := range c.names {
			var want []control.ID
			if c.refused {
				want = []control.ID{c.control}
			}
			for who, got := range a.controlsOf(t, c.pod(name)) {
				if !slices.Equal(got, want) {
					t.Errorf("%s, %s: %v, want %v", name, who, got, want)
				}
			}
		}
	}
}

// TestHardenedPatterns holds that no pattern of bulkhead:hardened could be left out without a name above passing.
func TestHardenedPatterns(t *testing.T) {
	p := judgesExtending(t, "bulkhead:hardened", "").policy
	for id, names := range map[control.ID][]string{control.Annotations: refusedAnnotations, control.Environment: refusedVariables} {
		needed := map[string]bool{}
		keys := p.Settings[id].Value.Keys()
		for _, name := range names {
			matching := slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
				return !regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(key), `\*`, ".*") + "$").MatchString(name)
			})
			if len(matching) == 1 {
				needed[matching[0]] = true
			}
		}
		for _, key := range keys {
			if !needed[key] {
				t.Errorf("%s: no name of the table needs %q; add one", id, key)
			}
		}
	}
}

// controlsOf gives the controls that Rego finds broken in a pod, and those that the module finds in a plan with it.
func (a *agreement) controlsOf(t *testing.T, pod map[string]any) map[string][]control.ID {
	t.Helper()
	body, err := json.Marshal(pod)
	if err != nil {
		t.Fatal(err)
	}
	_, found, _ := a.manifest(t, a.today, body)
	plan, _ := planFor("manifest", pod) // no typed resource complies: the provider has no hostUsers
	out := map[string][]control.ID{}
	for who, found := range map[string]findings{"rego": found, "plan": a.plan(t, plan)} {
		ids := map[control.ID]bool{}
		for f := range found {
			ids[f.control] = true
		}
		out[who] = slices.Sorted(maps.Keys(ids))
	}
	return out
}

// hardenedPod complies with bulkhead:hardened.
func hardenedPod() map[string]any {
	object := func(pairs ...any) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i].(string)] = pairs[i+1]
		}
		return out
	}
	return object("apiVersion", "v1", "kind", "Pod", "metadata", object("name", "p", "namespace", "test", "annotations", object()), "spec", object(
		"automountServiceAccountToken", false, "hostUsers", false,
		"securityContext", object("runAsNonRoot", true, "runAsUser", 1000, "runAsGroup", 1000,
			"seccompProfile", object("type", "RuntimeDefault"), "appArmorProfile", object("type", "RuntimeDefault")),
		"containers", []any{object(
			"name", "main", "image", "registry.example.com/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
			"securityContext", object("allowPrivilegeEscalation", false, "readOnlyRootFilesystem", true, "capabilities", object("drop", []any{"ALL"})),
			"resources", object("limits", object("memory", "1Gi", "cpu", "1", "ephemeral-storage", "1Gi")),
		)},
	))
}

func annotated(name string) map[string]any {
	pod := hardenedPod()
	pod["metadata"].(map[string]any)["annotations"].(map[string]any)[name] = "x"
	return pod
}

func withVariable(name string) map[string]any {
	pod := hardenedPod()
	container := pod["spec"].(map[string]any)["containers"].([]any)[0].(map[string]any)
	container["env"] = []any{map[string]any{"name": name, "value": "x"}}
	return pod
}
