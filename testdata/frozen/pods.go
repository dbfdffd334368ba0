package frozen

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Pod draws a pod for the policies here, as a document that encodes to JSON: one
// that strict policies admit, with up to six fields changed. The policies state
// values close to those that are drawn, so that some comply and some do not.
// Nine pods of ten are in one of the namespaces.
func Pod(r *rand.Rand, namespaces ...string) map[string]any {
	namespace := "elsewhere"
	if r.IntN(10) > 0 {
		namespace = pick(r, namespaces...)
	}
	pod := map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{
			"name": "p", "namespace": namespace,
			"labels": map[string]any{"app": pick(r, "api", "store", "batch", "inside", "nobody")},
		},
		"spec": map[string]any{"automountServiceAccountToken": false, "hostUsers": r.IntN(3) == 0, "runtimeClassName": pick(r, "gvisor", "gvisor", "runc"), "containers": []any{container(r, "app", "registry.example.com/team/app")}},
	}
	spec := pod["spec"].(map[string]any)
	if r.IntN(3) == 0 {
		spec["containers"] = append(spec["containers"].([]any), container(r, pick(r, "sidecar", "proxy", "agent"), pick(r, "registry.example.com/team/agent", "docker.io/library/nginx")))
	}
	for _, kind := range []string{"initContainers", "ephemeralContainers"} {
		if r.IntN(5) == 0 {
			spec[kind] = []any{container(r, pick(r, "migrate", "sidecar", "debug"), "registry.example.com/team/app")}
		}
	}
	together(r, pod)
	for range r.IntN(7) {
		change(r, pod)
	}
	return pod
}

// together makes changes that mean something only together: a limit of the pod where a container has none, and a mount of
// the node that is read-only.
func together(r *rand.Rand, pod map[string]any) {
	first := pod["spec"].(map[string]any)["containers"].([]any)[0].(map[string]any)
	if r.IntN(12) == 0 {
		set(pod, []string{"spec", "resources", "limits"}, map[string]any{"memory": "513Mi"})
		set(first, []string{"resources", "limits", "memory"}, nil)
	}
	if r.IntN(12) == 0 {
		set(pod, []string{"spec", "volumes"}, volumes("hostPath:/var/log"))
		set(first, []string{"volumeMounts"}, list(map[string]any{"name": "v0", "mountPath": "/host", "readOnly": true}))
	}
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func container(r *rand.Rand, name, repository string) map[string]any {
	probe := func() any { return map[string]any{"httpGet": map[string]any{"port": 8080}} }
	return map[string]any{
		"name": name, "image": repository + "@sha256:" + strings.Repeat("0a", 32),
		"livenessProbe": probe(), "readinessProbe": probe(),
		"resources": map[string]any{"limits": map[string]any{"memory": "256Mi", "cpu": "500m", "ephemeral-storage": "512Mi"}},
		"securityContext": map[string]any{
			"allowPrivilegeEscalation": false, "runAsNonRoot": true, "runAsUser": 1000, "readOnlyRootFilesystem": true,
			"capabilities":    map[string]any{"drop": []any{pick(r, "ALL", "ALL", "NET_RAW")}},
			"seccompProfile":  pick(r, map[string]any{"type": "RuntimeDefault"}, map[string]any{"type": "Localhost", "localhostProfile": "bulkhead.everything.api.json"}),
			"appArmorProfile": pick(r, map[string]any{"type": "RuntimeDefault"}, map[string]any{"type": "Localhost", "localhostProfile": "bulkhead.everything.api"}),
		},
	}
}

// change gives one field of the pod, or of one of its containers, another value; nil removes it.
func change(r *rand.Rand, pod map[string]any) {
	f := fields[r.IntN(len(fields))]
	of := pod
	if path, ok := strings.CutPrefix(f.path, "container."); ok {
		f.path = path
		spec := pod["spec"].(map[string]any)
		list, ok := spec[pick(r, "containers", "containers", "initContainers", "ephemeralContainers")].([]any)
		if !ok {
			list = spec["containers"].([]any)
		}
		of = list[r.IntN(len(list))].(map[string]any)
	}
	set(of, strings.Split(f.path, "/"), f.values[r.IntN(len(f.values))])
}

func set(of map[string]any, path []string, value any) {
	key := path[0]
	switch {
	case len(path) > 1:
		inner, ok := of[key].(map[string]any)
		if !ok {
			inner = map[string]any{}
			of[key] = inner
		}
		set(inner, path[1:], value)
	case value == nil:
		delete(of, key)
	default:
		of[key] = clone(value)
	}
}

// clone copies a value of the table, since what is changed next may lie within it.
func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			out[key] = clone(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = clone(inner)
		}
		return out
	}
	return value
}

// field is a field by its path, with / between the keys.
type field struct {
	path   string
	values []any
}

func texts(values ...string) []any {
	var out []any
	for _, v := range values {
		out = append(out, v)
	}
	return out
}

func list(values ...any) []any { return values }

func named(names ...string) any {
	var out []any
	for i, n := range names {
		out = append(out, map[string]any{"name": n, "value": strconv.Itoa(i)})
	}
	return out
}

func mounts(paths ...string) any {
	var out []any
	for i, p := range paths {
		out = append(out, map[string]any{"name": fmt.Sprint("v", i), "mountPath": p})
	}
	return out
}

// volumes makes one of each source, which is of the type in front of its colon.
func volumes(sources ...string) any {
	var out []any
	for i, s := range sources {
		kind, arg, _ := strings.Cut(s, ":")
		source := map[string]any{}
		switch kind {
		case "hostPath":
			source["path"] = arg
		case "projected":
			token := map[string]any{"path": "token"}
			if arg != "" {
				token["audience"] = arg
			}
			source["sources"] = []any{map[string]any{"serviceAccountToken": token}}
		}
		out = append(out, map[string]any{"name": fmt.Sprint("v", i), kind: source})
	}
	return out
}

var (
	flags    = []any{nil, true, false, "true"}
	users    = []any{nil, 0, 1, 7, 1000, 1999, 65534, "1000", -1, 1 << 32, 0.5}
	profiles = []any{
		nil, map[string]any{"type": "RuntimeDefault"}, map[string]any{"type": "Localhost", "localhostProfile": "x"}, map[string]any{"type": "Unconfined"}, map[string]any{},
	}
	selinux = []any{nil, map[string]any{"type": "container_t"}, map[string]any{"type": "spc_t"}, map[string]any{"user": "system_u"}, map[string]any{"role": "object_r", "type": "container_x"}}
	probes  = []any{nil, map[string]any{"exec": map[string]any{}}, map[string]any{"httpGet": map[string]any{"host": "localhost"}}, map[string]any{"tcpSocket": map[string]any{"host": "169.254.169.254"}}, map[string]any{"grpc": map[string]any{"port": 1}}}
)

// fields are what the controls read.
var fields = []field{
	{"metadata/annotations", []any{
		nil, map[string]any{"io.katacontainers.config": "x"}, map[string]any{"a.crio.io/b": "x"}, map[string]any{"cdi.k8s.io": "x"},
		map[string]any{"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}, map[string]any{"seccomp.security.alpha.kubernetes.io/pod": "runtime/default"},
		map[string]any{"container.apparmor.security.beta.kubernetes.io/app": "localhost/x"}, map[string]any{"container.apparmor.security.beta.kubernetes.io/app": "unconfined"},
	}},
	{"spec/os", list(nil, map[string]any{"name": "windows"}, map[string]any{"name": "linux"})},
	{"spec/runtimeClassName", list(nil, "gvisor", "kata", "runc")},
	{"spec/automountServiceAccountToken", flags},
	{"spec/shareProcessNamespace", flags},
	{"spec/hostNetwork", flags},
	{"spec/hostPID", flags},
	{"spec/hostIPC", flags},
	{"spec/hostUsers", []any{nil, true, false, false}},
	{"spec/volumes", list(volumes("emptyDir"), volumes("configMap", "secret"), volumes("hostPath:/var/log"), volumes("hostPath:/"), volumes("hostPath:/var/log/app", "nfs"),
		volumes("projected:vault"), volumes("projected:"), volumes("projected:https://sts.example.com", "persistentVolumeClaim"))},
	{"spec/securityContext/runAsNonRoot", flags},
	{"spec/securityContext/runAsUser", users},
	{"spec/securityContext/runAsGroup", users},
	{"spec/securityContext/fsGroup", users},
	{"spec/securityContext/supplementalGroups", list(nil, list(7), list(2000, 0), list())},
	{"spec/securityContext/seLinuxOptions", selinux},
	{"spec/securityContext/seccompProfile", profiles},
	{"spec/securityContext/appArmorProfile", profiles},
	{"spec/securityContext/sysctls", list(nil, named("net.ipv4.ip_unprivileged_port_start"), named("kernel.shm_rmid_forced", "kernel.msgmax"), list(map[string]any{"name": "net.ipv4.x", "value": "1=2"}))},
	{"spec/securityContext/windowsOptions/hostProcess", flags},
	{"container.image", texts("registry.example.com/team/app:1.0", "registry.example.com/team/legacy-app:1", "docker.io/library/busybox", "nginx:latest", "registry.example.com/old/x:dev-1", "registry.example.com/agents/x:1-rc", "registry.example.com:0443/old/x:1", "UPPER")},
	{"container.securityContext", list(nil, map[string]any{})},
	{"container.securityContext/privileged", flags},
	{"container.securityContext/allowPrivilegeEscalation", flags},
	{"container.securityContext/runAsNonRoot", flags},
	{"container.securityContext/runAsUser", users},
	{"container.securityContext/runAsGroup", users},
	{"container.securityContext/readOnlyRootFilesystem", flags},
	{"container.securityContext/seLinuxOptions", selinux},
	{"container.securityContext/seccompProfile", profiles},
	{"container.securityContext/appArmorProfile", profiles},
	{"container.securityContext/procMount", list(nil, "Default", "Unmasked", "other")},
	{"container.securityContext/windowsOptions/hostProcess", flags},
	{"container.securityContext/capabilities/add", list(nil, texts("CHOWN"), texts("NET_BIND_SERVICE", "KILL"), texts("SYS_ADMIN"), texts("ALL"), texts("CAP_CHOWN"))},
	{"container.securityContext/capabilities/drop", list(nil, texts("ALL"), texts("NET_RAW"), texts("SYS_ADMIN", "NET_RAW", "MKNOD"), texts("all"))},
	{"container.ports", list(nil, list(map[string]any{"containerPort": 80, "hostPort": 8080}), list(map[string]any{"containerPort": 53, "hostPort": 53, "protocol": "UDP"}), list(map[string]any{"containerPort": 80}))},
	{"container.livenessProbe", probes},
	{"container.readinessProbe", probes},
	{"container.startupProbe", probes},
	{"container.lifecycle/preStop", probes},
	{"container.resources/limits/memory", list(nil, "256Mi", "512Mi", "1.5Gi", "2Gi", 1e9, ".5Gi", "+1Gi", "1e3", "1073741824000m", "x")},
	{"container.resources/limits/cpu", list(nil, "500m", 1, "2.5", "3", "0")},
	{"container.resources/limits/ephemeral-storage", list(nil, "512Mi", "1Gi", "1e10", "1Ti")},
	{"container.resources/limits/hugepages-2Mi", list(nil, "64Mi", "128Mi")},
	{"container.resources/requests/hugepages-1Gi", list(nil, "1Gi", "4Gi")},
	{"container.env", list(nil, named("LD_PRELOAD"), named("A", "NVIDIA_VISIBLE_DEVICES"), named("AWS_REGION"), named("B"))},
	{"container.envFrom", list(nil, list(map[string]any{"prefix": "APP_"}), list(map[string]any{"prefix": "LD"}))},
	{"container.volumeMounts", list(nil, mounts("/tmp"), mounts("/var/cache/x", "/data/x"), mounts("/proc"), mounts("/sys/fs"), list(map[string]any{"name": "v0", "mountPath": "/tmp/x", "subPath": "x"}), list(map[string]any{"name": "v0", "mountPath": "/etc", "readOnly": true}))},
}
