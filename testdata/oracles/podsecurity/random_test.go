package podsecurity

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	psa "k8s.io/pod-security-admission/policy"
)

// podsVariable says how many random pods are tried: make nightly asks for 100,000.
const podsVariable = "PODSECURITY_PODS"

const usualPods = 2000

func pods(t *testing.T) int {
	text := os.Getenv(podsVariable)
	if text == "" {
		return usualPods
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is a number of pods, not %q", podsVariable, text)
	}
	return n
}

func nightly() bool { return os.Getenv(podsVariable) != "" }

// Random pods at random versions: every pod is judged at both levels. The pod of a
// number is always the same.
func TestRandomPods(t *testing.T) {
	t.Parallel()
	type pair struct {
		r *reference
		j *judged
	}
	p := regoPresets()
	pairs := map[api.Level][]pair{}
	for _, level := range levels {
		for minor := range newest + 1 {
			pairs[level] = append(pairs[level], pair{newReference(t, level, minor), p.judge(t, level, minor)})
		}
	}
	seen := map[psa.CheckID]int{}
	passed := map[api.Level]int{}
	wrong := 0
	for n := range pods(t) {
		g := generator{rand.New(rand.NewPCG(uint64(n), 42))}
		minor := g.IntN(newest + 1)
		pod := g.pod()
		body := manifest(t, pod)
		for _, level := range levels {
			at := pairs[level][minor]
			want := at.r.failing(t, completed(pod))
			for _, id := range want {
				seen[id]++
			}
			if len(want) == 0 {
				passed[level]++
			}
			got := at.j.failing(t, at.r, body)
			want = stricter(level, minor, pod, want)
			if !slices.Equal(got, want) {
				t.Errorf("pod %d, %s at 1.%d: %v, the reference %v\n%s", n, level, minor, got, want, body)
				if wrong++; wrong > 20 {
					t.FailNow()
				}
			}
		}
	}
	// What is not tried proves nothing: every check fails, and pods pass.
	for _, check := range psa.DefaultChecks() {
		if seen[check.ID] < pods(t)/400 {
			t.Errorf("only %d pods fail %s", seen[check.ID], check.ID)
		}
	}
	for _, level := range levels {
		if passed[level] < pods(t)/20 {
			t.Errorf("only %d pods pass %s", passed[level], level)
		}
	}
	t.Logf("passed %v, failed %v", passed, seen)
}

// A hundred of them by Terraform.
func TestRandomPodsInPlans(t *testing.T) {
	t.Parallel()
	p := terraformPresets()
	for n := range pods(t) / 20 {
		g := generator{rand.New(rand.NewPCG(uint64(n), 43))}
		minor := g.IntN(newest + 1)
		pod := g.pod()
		for _, stray := range []string{"", "other"} { // of no container: the API server refuses it, and the module does not look for it
			delete(pod.Annotations, "container.apparmor.security.beta.kubernetes.io/"+stray)
		}
		for _, level := range levels {
			r := newReference(t, level, minor)
			want := alike(minor, pod, stricter(level, minor, pod, r.failing(t, completed(pod))))
			got := alike(minor, pod, p.judge(t, level, minor).failing(t, r, manifest(t, pod)))
			if !slices.Equal(got, want) {
				t.Errorf("pod %d, %s at 1.%d: %v, the reference %v\n%s", n, level, minor, got, want, manifest(t, pod))
			}
		}
	}
}

// stricter adds what the presets refuse and restricted of the reference lets pass:
// a volume of two types, of which it looks no further than at one that it allows,
// and, since 1.25, capabilities and seccomp profiles that a Windows pod states,
// which its baseline refuses. The API server refuses all of these before.
func stricter(level api.Level, minor int, pod *corev1.Pod, failing []psa.CheckID) []psa.CheckID {
	if level != api.LevelRestricted {
		return failing
	}
	out := slices.Clone(failing)
	for _, v := range pod.Spec.Volumes {
		if n := sources(v); len(n) > 1 && slices.ContainsFunc(n, func(s string) bool { return !slices.Contains(allowedSources, s) }) {
			out = append(out, "restrictedVolumes")
		}
	}
	if minor >= 25 && pod.Spec.OS != nil && pod.Spec.OS.Name == corev1.Windows {
		linux := pod.DeepCopy()
		linux.Spec.OS = nil
		if !psa.CheckSeccompBaseline().Versions[1].CheckPod(&linux.ObjectMeta, &linux.Spec).Allowed {
			out = append(out, "seccompProfile_restricted")
		}
		for _, c := range containersOf(linux) {
			if c.SecurityContext != nil && c.SecurityContext.Capabilities != nil &&
				slices.ContainsFunc(c.SecurityContext.Capabilities.Add, func(c corev1.Capability) bool { return c != "NET_BIND_SERVICE" }) {
				out = append(out, "capabilities_restricted")
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var allowedSources = []string{"ConfigMap", "CSI", "DownwardAPI", "EmptyDir", "Ephemeral", "Image", "PersistentVolumeClaim", "Projected", "Secret"}

// sources names the types that a volume has.
func sources(v corev1.Volume) []string {
	var out []string
	source := reflect.ValueOf(v.VolumeSource)
	for i := range source.NumField() {
		if !source.Field(i).IsNil() {
			out = append(out, source.Type().Field(i).Name)
		}
	}
	return out
}

// generator makes pods that lie around the rules: most begin as one that restricted
// admits, and a few fields of them get values of which some are right and some not.
type generator struct{ *rand.Rand }

func (g generator) pod() *corev1.Pod {
	p := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "example.com/app"}}}}
	p.Name = "p"
	if g.one(3) {
		p.Spec.InitContainers = []corev1.Container{{Name: "init", Image: "example.com/init"}}
	}
	if g.one(6) {
		p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug", Image: "example.com/debug"}}}
	}
	if !g.one(4) {
		restrict(p, g.one(2))
	}
	for range []int{0, 1, 1, 2, 3, 8}[g.IntN(6)] {
		podEdits[g.IntN(len(podEdits))](g, p)
		if !g.one(3) {
			all := containersOf(p)
			containerEdits[g.IntN(len(containerEdits))](g, all[g.IntN(len(all))])
		}
	}
	for i := range p.Spec.EphemeralContainers { // the API server takes no ports there, and completes none
		c := &p.Spec.EphemeralContainers[i]
		c.Ports = slices.DeleteFunc(c.Ports, func(port corev1.ContainerPort) bool { return port.HostPort == 0 })
	}
	return p
}

func (g generator) one(in int) bool { return g.IntN(in) == 0 }

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }

func containersOf(p *corev1.Pod) []*corev1.Container {
	var out []*corev1.Container
	for i := range p.Spec.InitContainers {
		out = append(out, &p.Spec.InitContainers[i])
	}
	for i := range p.Spec.Containers {
		out = append(out, &p.Spec.Containers[i])
	}
	for i := range p.Spec.EphemeralContainers {
		out = append(out, (*corev1.Container)(&p.Spec.EphemeralContainers[i].EphemeralContainerCommon))
	}
	return out
}

// restrict states all that restricted asks for at any version, of the pod or of
// each container where it may be either.
func restrict(p *corev1.Pod, ofPod bool) {
	yes, no := true, false
	profile := &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	if ofPod {
		p.Spec.SecurityContext = &corev1.PodSecurityContext{RunAsNonRoot: &yes, SeccompProfile: profile}
	}
	for _, c := range containersOf(p) {
		c.SecurityContext = &corev1.SecurityContext{AllowPrivilegeEscalation: &no, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}}
		if !ofPod {
			c.SecurityContext.RunAsNonRoot, c.SecurityContext.SeccompProfile = &yes, profile
		}
	}
}

func securityOf(p *corev1.Pod) *corev1.PodSecurityContext {
	if p.Spec.SecurityContext == nil {
		p.Spec.SecurityContext = &corev1.PodSecurityContext{}
	}
	return p.Spec.SecurityContext
}

func contextOf(c *corev1.Container) *corev1.SecurityContext {
	if c.SecurityContext == nil {
		c.SecurityContext = &corev1.SecurityContext{}
	}
	return c.SecurityContext
}

func (g generator) flag() *bool {
	return pick(g, nil, new(bool), func() *bool { yes := true; return &yes }())
}

func (g generator) user() *int64 {
	n := pick[int64](g, 0, 0, 1, 65534, 1<<31-1)
	return pick(g, nil, &n, &n)
}

func (g generator) seccomp() *corev1.SeccompProfile {
	if g.one(4) {
		return nil
	}
	return &corev1.SeccompProfile{Type: pick[corev1.SeccompProfileType](g, "RuntimeDefault", "RuntimeDefault", "Localhost", "Unconfined", "", "runtime/default")}
}

func (g generator) apparmor() *corev1.AppArmorProfile {
	if g.one(4) {
		return nil
	}
	return &corev1.AppArmorProfile{Type: pick[corev1.AppArmorProfileType](g, "RuntimeDefault", "Localhost", "Localhost", "Unconfined", "", "unset")}
}

func (g generator) selinux() *corev1.SELinuxOptions {
	if g.one(4) {
		return nil
	}
	return &corev1.SELinuxOptions{
		Type: pick(g, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "container_engine_t", "spc_t", "container_t2"),
		User: pick(g, "", "", "", "", "system_u"), Role: pick(g, "", "", "", "", "system_r"),
	}
}

func (g generator) windows() *corev1.WindowsSecurityContextOptions {
	return pick(g, nil, &corev1.WindowsSecurityContextOptions{HostProcess: g.flag()})
}

func (g generator) annotate(p *corev1.Pod, key, value string) {
	if p.Annotations == nil {
		p.Annotations = map[string]string{}
	}
	p.Annotations[key] = value
}

func (g generator) container(p *corev1.Pod) string {
	all := containersOf(p)
	return all[g.IntN(len(all))].Name
}

func (g generator) host() string {
	return pick(g, "", "", "127.0.0.1", "localhost", "169.254.169.254", "example.com")
}

func (g generator) probe() *corev1.Probe {
	p := &corev1.Probe{}
	switch g.IntN(4) {
	case 0:
		p.HTTPGet = &corev1.HTTPGetAction{Host: g.host()}
	case 1:
		p.TCPSocket = &corev1.TCPSocketAction{Host: g.host()}
	case 2:
		p.GRPC = &corev1.GRPCAction{Port: 1}
	}
	return p
}

func (g generator) handler() *corev1.LifecycleHandler {
	h := &corev1.LifecycleHandler{}
	switch g.IntN(4) {
	case 0:
		h.HTTPGet = &corev1.HTTPGetAction{Host: g.host()}
	case 1:
		h.TCPSocket = &corev1.TCPSocketAction{Host: g.host()}
	case 2:
		h.Sleep = &corev1.SleepAction{Seconds: 1}
	}
	return h
}

var sysctls = []string{
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
	"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
	"net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
	"kernel.msgmax", "net.ipv4.tcp_syncookies2", "net/ipv4/tcp_syncookies", "net.core.somaxconn",
}

var podEdits = []func(generator, *corev1.Pod){
	func(generator, *corev1.Pod) {}, // one of a container only
	func(generator, *corev1.Pod) {},
	func(generator, *corev1.Pod) {},
	func(generator, *corev1.Pod) {},
	func(g generator, p *corev1.Pod) { p.Spec.HostNetwork = g.one(2) },
	func(g generator, p *corev1.Pod) { p.Spec.HostPID = g.one(2) },
	func(g generator, p *corev1.Pod) { p.Spec.HostIPC = g.one(2) },
	func(g generator, p *corev1.Pod) { p.Spec.HostUsers = g.flag() },
	func(g generator, p *corev1.Pod) { p.Spec.HostUsers = new(bool) },
	func(g generator, p *corev1.Pod) { // what a user namespace excuses
		p.Spec.HostUsers = new(bool)
		securityOf(p).RunAsUser = g.user()
		securityOf(p).RunAsNonRoot = g.flag()
	},
	func(g generator, p *corev1.Pod) {
		p.Spec.HostUsers = new(bool)
		contextOf(&p.Spec.Containers[0]).ProcMount = pick(g, nil, procMount("Default"), procMount("Unmasked"))
	},
	func(g generator, p *corev1.Pod) {
		p.Spec.OS = &corev1.PodOS{Name: pick[corev1.OSName](g, "linux", "windows", "windows")}
	},
	func(g generator, p *corev1.Pod) { securityOf(p).RunAsNonRoot = g.flag() },
	func(g generator, p *corev1.Pod) { securityOf(p).RunAsUser = g.user() },
	func(g generator, p *corev1.Pod) { securityOf(p).SeccompProfile = g.seccomp() },
	func(g generator, p *corev1.Pod) { securityOf(p).AppArmorProfile = g.apparmor() },
	func(g generator, p *corev1.Pod) { securityOf(p).SELinuxOptions = g.selinux() },
	func(g generator, p *corev1.Pod) { securityOf(p).WindowsOptions = g.windows() },
	func(g generator, p *corev1.Pod) {
		s := securityOf(p)
		s.Sysctls = append(s.Sysctls, corev1.Sysctl{Name: sysctls[g.IntN(len(sysctls))], Value: "1"})
	},
	func(g generator, p *corev1.Pod) {
		g.annotate(p, "container.apparmor.security.beta.kubernetes.io/"+g.container(p), pick(g, "runtime/default", "localhost/x", "localhost/", "localhost", "unconfined", "", "Localhost"))
	},
	func(g generator, p *corev1.Pod) {
		g.annotate(p, "container.apparmor.security.beta.kubernetes.io/"+pick(g, "", "other"), pick(g, "runtime/default", "localhost/x", "unconfined", ""))
	},
	func(g generator, p *corev1.Pod) {
		key := pick(g, "seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/"+g.container(p), "container.seccomp.security.alpha.kubernetes.io/other")
		g.annotate(p, key, pick(g, "runtime/default", "docker/default", "localhost/x", "localhost", "unconfined", ""))
	},
	func(g generator, p *corev1.Pod) {
		p.Spec.Volumes = append(p.Spec.Volumes, g.volume(len(p.Spec.Volumes)))
	},
	func(g generator, p *corev1.Pod) {
		p.Spec.Volumes = append(p.Spec.Volumes, g.volume(len(p.Spec.Volumes)))
	},
	func(g generator, p *corev1.Pod) {
		p.Spec.Volumes = append(p.Spec.Volumes, corev1.Volume{Name: "host", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}})
	},
}

// volume makes a volume of one of all types there are; now and then of none, or of two.
func (g generator) volume(n int) corev1.Volume {
	v := corev1.Volume{Name: fmt.Sprintf("v%d", n)}
	for range pick(g, 1, 1, 1, 1, 1, 0, 2) {
		source := reflect.ValueOf(&v.VolumeSource).Elem()
		field := source.Field(g.IntN(source.NumField()))
		field.Set(reflect.New(field.Type().Elem()))
	}
	return v
}

func procMount(p corev1.ProcMountType) *corev1.ProcMountType { return &p }

var containerEdits = []func(generator, *corev1.Container){
	func(g generator, c *corev1.Container) { contextOf(c).Privileged = g.flag() },
	func(g generator, c *corev1.Container) { contextOf(c).AllowPrivilegeEscalation = g.flag() },
	func(g generator, c *corev1.Container) { contextOf(c).RunAsNonRoot = g.flag() },
	func(g generator, c *corev1.Container) { contextOf(c).RunAsUser = g.user() },
	func(g generator, c *corev1.Container) { contextOf(c).SeccompProfile = g.seccomp() },
	func(g generator, c *corev1.Container) { contextOf(c).AppArmorProfile = g.apparmor() },
	func(g generator, c *corev1.Container) { contextOf(c).SELinuxOptions = g.selinux() },
	func(g generator, c *corev1.Container) { contextOf(c).WindowsOptions = g.windows() },
	func(g generator, c *corev1.Container) {
		contextOf(c).ProcMount = pick(g, nil, procMount("Default"), procMount("Unmasked"), procMount("Unmasked"), procMount(""))
	},
	func(g generator, c *corev1.Container) { contextOf(c).Capabilities = nil },
	func(g generator, c *corev1.Container) {
		contextOf(c).Capabilities = &corev1.Capabilities{
			Drop: pick(g, nil, []corev1.Capability{"ALL"}, []corev1.Capability{"NET_RAW", "ALL"}, []corev1.Capability{"all"}, []corev1.Capability{"NET_RAW"}, []corev1.Capability{"CAP_ALL"}),
			Add: pick(g, nil, nil, []corev1.Capability{"NET_BIND_SERVICE"}, []corev1.Capability{"NET_BIND_SERVICE"}, []corev1.Capability{"CHOWN", "KILL"}, []corev1.Capability{"net_bind_service"},
				[]corev1.Capability{"CAP_CHOWN"}, []corev1.Capability{"NET_RAW"}, []corev1.Capability{"SYS_ADMIN"}, []corev1.Capability{"ALL"}, []corev1.Capability{"AUDIT_WRITE", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}),
		}
	},
	func(g generator, c *corev1.Container) {
		c.Ports = append(c.Ports, corev1.ContainerPort{ContainerPort: pick[int32](g, 80, 8080), HostPort: pick[int32](g, 0, 0, 80, 8080), Protocol: pick[corev1.Protocol](g, "", "TCP", "UDP")})
	},
	func(g generator, c *corev1.Container) { c.LivenessProbe = g.probe() },
	func(g generator, c *corev1.Container) { c.ReadinessProbe = g.probe() },
	func(g generator, c *corev1.Container) { c.StartupProbe = g.probe() },
	func(g generator, c *corev1.Container) { c.Lifecycle = &corev1.Lifecycle{PostStart: g.handler()} },
	func(g generator, c *corev1.Container) { c.Lifecycle = &corev1.Lifecycle{PreStop: g.handler()} },
}
