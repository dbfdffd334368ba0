package rego

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// pod writes a pod in YAML's flow style: pod is added to its spec, container to its container.
func podOf(pod, container string) string {
	return fmt.Sprintf("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {%s containers: [{name: app, image: \"example.com/app:1\", %s}]}}", pod, container)
}

func security(text string) string { return "securityContext: {" + text + "}," }

// token is a pod that is given no token but what one volume projects.
func token(text string) string {
	return "automountServiceAccountToken: false, volumes: [{name: v, projected: {sources: [{serviceAccountToken: " + text + "}]}}],"
}

// Each case is a pod and where its violation is, as the path to the closest object and the field; "" is none.
type controlCase struct{ pod, container, want string }

const (
	app   = "spec.containers.0"
	appSC = app + ".securityContext "
)

// The profiles of undeclared pods, as a security context states them.
const (
	ownSeccomp  = "seccompProfile: {type: Localhost, localhostProfile: bulkhead.test.json},"
	ownAppArmor = "appArmorProfile: {type: Localhost, localhostProfile: bulkhead.test},"
)

var controlCases = map[control.ID]struct {
	value control.Value
	cases []controlCase
}{
	control.Privileged: {boolean(false), []controlCase{
		{"", "", ""},
		{"", security("privileged: false"), ""},
		{"", security("privileged: yes"), appSC + "privileged"},
		{"", security(`privileged: "false"`), appSC + "privileged"},
		{"ephemeralContainers: [{name: debug, securityContext: {privileged: true}}],", "", "spec.ephemeralContainers.0.securityContext privileged"},
		{"initContainers: [{name: init, securityContext: {privileged: true}}],", "", "spec.initContainers.0.securityContext privileged"},
	}},
	control.Escalation: {boolean(false), []controlCase{
		{"", "", app + " securityContext.allowPrivilegeEscalation"},
		{"", "securityContext: ,", app + " securityContext.allowPrivilegeEscalation"},
		{"", "securityContext: {},", appSC + "allowPrivilegeEscalation"},
		{"", security("allowPrivilegeEscalation: "), appSC + "allowPrivilegeEscalation"},
		{"", security("allowPrivilegeEscalation: false"), ""},
		{"os: {name: windows},", "", ""},
		{"os: {name: linux},", "", app + " securityContext.allowPrivilegeEscalation"},
	}},
	control.RunAsNonRoot: {boolean(true), []controlCase{
		{"", "", app + " securityContext.runAsNonRoot"},
		{security("runAsNonRoot: true"), "", ""},
		{security("runAsNonRoot: true"), security("runAsNonRoot: false"), appSC + "runAsNonRoot"},
		{security("runAsNonRoot: false"), security("runAsNonRoot: true"), "spec.securityContext runAsNonRoot"},
		{security("runAsNonRoot: false"), "", "spec.securityContext runAsNonRoot"},
		{security("runAsNonRoot: true"), security("runAsNonRoot: "), ""},
		{"hostUsers: true,", "", app + " securityContext.runAsNonRoot"},
		{"hostUsers: false,", "", ""},
		{"hostUsers: false, " + security("runAsNonRoot: false"), security("runAsNonRoot: true"), ""},
	}},
	control.RootInUserNS: {boolean(false), []controlCase{
		{"", "", ""},
		{"hostUsers: true,", security("runAsUser: 0"), ""},
		{"hostUsers: false,", "", app + " securityContext.runAsNonRoot"},
		{"hostUsers: false, " + security("runAsNonRoot: false"), security("runAsNonRoot: true"), "spec.securityContext runAsNonRoot"},
		{"hostUsers: false, " + security("runAsNonRoot: true"), "", ""},
		{"hostUsers: false, " + security("runAsNonRoot: true, runAsUser: 5"), security("runAsUser: 0"), appSC + "runAsUser"},
		{"hostUsers: false, " + security("runAsNonRoot: true, runAsUser: 0"), security("runAsUser: 5"), "spec.securityContext runAsUser"},
		{`hostUsers: "false",`, "", ""}, // no user namespace: the API server takes no text
		{"hostUsers: false, os: {name: windows},", "", app + " securityContext.runAsNonRoot"},
	}},
	control.Users: {keys("1000-2000", "5"), []controlCase{
		{"", "", ""},
		{"hostUsers: false, " + security("runAsUser: 0"), "", ""},
		{"hostUsers: false, " + security("runAsUser: 6"), "", "spec.securityContext runAsUser"},
		{"hostUsers: true,", security("runAsUser: 0"), appSC + "runAsUser"},
		{"os: {name: windows},", security("runAsUser: 0"), appSC + "runAsUser"},
		{security("runAsUser: 1000"), "", ""},
		{security("runAsUser: 0"), "", "spec.securityContext runAsUser"},
		{security("runAsUser: 0"), security("runAsUser: 5"), "spec.securityContext runAsUser"},
		{"", security("runAsUser: 2001"), appSC + "runAsUser"},
		{"", security(`runAsUser: "1500"`), appSC + "runAsUser"},
		{"", security("runAsUser: 02000"), ""}, // octal for 1024
		{"", security("runAsUser: 0100"), appSC + "runAsUser"},
	}},
	control.Groups: {keys("7"), []controlCase{
		{"", security("runAsGroup: 7"), ""},
		{"", security("runAsGroup: 0"), appSC + "runAsGroup"},
	}},
	control.FSGroup: {keys("7"), []controlCase{
		{"", "", ""},
		{security("fsGroup: 7"), "", ""},
		{security("fsGroup: 8"), "", "spec.securityContext fsGroup"},
	}},
	control.SupplementalGroups: {keys("7"), []controlCase{
		{security("supplementalGroups: [7]"), "", ""},
		{security("supplementalGroups: [7, 0]"), "", "spec.securityContext supplementalGroups"},
	}},
	control.SELinuxTypes: {keys("container_*", "spc_t"), []controlCase{
		{"", security("seLinuxOptions: {type: container_t}"), ""},
		{"", security("seLinuxOptions: {type: unconfined_t}"), appSC[:len(appSC)-1] + ".seLinuxOptions type"},
		{security("seLinuxOptions: {type: unconfined_t}"), "", "spec.securityContext.seLinuxOptions type"},
		{"", security("seLinuxOptions: {type: 5}"), appSC[:len(appSC)-1] + ".seLinuxOptions type"},
	}},
	control.SELinuxUsers: {control.Value{}, []controlCase{{"", security("seLinuxOptions: {user: u}"), appSC[:len(appSC)-1] + ".seLinuxOptions user"}}},
	control.SELinuxRoles: {control.Value{}, []controlCase{{"", security("seLinuxOptions: {role: r}"), appSC[:len(appSC)-1] + ".seLinuxOptions role"}}},
	control.SeccompProfile: {keys(control.ProfileRuntimeDefault, control.ProfileLocalhost), []controlCase{
		{"", "", app + " securityContext.seccompProfile.type"},
		{security("seccompProfile: {type: RuntimeDefault}"), "", ""},
		{security("seccompProfile: {type: Unconfined}"), security("seccompProfile: {type: Localhost}"), "spec.securityContext.seccompProfile type"},
		{"", security("seccompProfile: {type: Unconfined}"), appSC[:len(appSC)-1] + ".seccompProfile type"},
	}},
	control.AppArmorProfile: {keys(control.ProfileRuntimeDefault), []controlCase{
		{security("appArmorProfile: {type: RuntimeDefault}"), "", ""},
		{"", "", app + " securityContext.appArmorProfile.type"},
		{"", security("appArmorProfile: {type: Unconfined}"), appSC[:len(appSC)-1] + ".appArmorProfile type"},
		{"os: {name: windows},", "", ""},
		{"os: {name: windows},", security("appArmorProfile: {type: Unconfined}"), appSC[:len(appSC)-1] + ".appArmorProfile type"},
	}},
	control.Sysctls: {keys("net.*", "kernel.shm_rmid_forced"), []controlCase{
		{security("sysctls: [{name: net.ipv4.x, value: '1'}]"), "", ""},
		{security("sysctls: [{name: kernel.msgmax, value: '1'}]"), "", "spec.securityContext.sysctls.0 name"},
		{security("sysctls: [{value: '1'}]"), "", "spec.securityContext.sysctls.0 name"},
		// The kernel reads the other spelling as the same name.
		{security("sysctls: [{name: net/ipv4/x, value: '1'}]"), "", "spec.securityContext.sysctls.0 name"},
		{security("sysctls: [{name: kernel/shm_rmid_forced, value: '1'}]"), "", "spec.securityContext.sysctls.0 name"},
	}},
	control.SysctlValues: {word("numbers"), []controlCase{
		{"", "", ""},
		{security("sysctls: [{name: a, value: '1'}, {name: b, value: 1024 65000}, {name: c, value: '8080,9148-9150'}, {name: d, value: '-1'}, {name: e, value: 7}]"), "", ""},
		// What came with CVE-2022-0811: a second setting behind the first.
		{security("sysctls: [{name: kernel.shm_rmid_forced, value: '1+kernel.core_pattern=|/x #'}]"), "", "spec.securityContext.sysctls.0 value"},
		{security("sysctls: [{name: a, value: '1=2'}]"), "", "spec.securityContext.sysctls.0 value"},
		{security("sysctls: [{name: a, value: \"1\\n2\"}]"), "", "spec.securityContext.sysctls.0 value"},
		{security("sysctls: [{name: a, value: ''}]"), "", "spec.securityContext.sysctls.0 value"},
		{security("sysctls: [{name: a}]"), "", "spec.securityContext.sysctls.0 value"},
		{security("sysctls: [{name: a, value: [1]}]"), "", "spec.securityContext.sysctls.0 value"},
	}},
	control.SharedProcesses: {boolean(false), []controlCase{
		{"", "", ""},
		{"shareProcessNamespace: false,", "", ""},
		{"shareProcessNamespace: true,", "", "spec shareProcessNamespace"},
		{"shareProcessNamespace: 'false',", "", "spec shareProcessNamespace"},
	}},
	control.ProcMount: {word("default"), []controlCase{
		{"", security("procMount: Default"), ""},
		{"", security("procMount: Unmasked"), appSC + "procMount"},
		{"hostUsers: false,", security("procMount: Unmasked"), appSC + "procMount"},
	}},
	control.HostProcess: {boolean(false), []controlCase{
		{"", security("windowsOptions: {hostProcess: false}"), ""},
		{"os: {name: windows},", security("windowsOptions: {hostProcess: true}"), appSC[:len(appSC)-1] + ".windowsOptions hostProcess"},
		{security("windowsOptions: {hostProcess: true}"), "", "spec.securityContext.windowsOptions hostProcess"},
	}},
	control.Tokens: {keys("vault", "https://sts.*"), []controlCase{
		{"", "", "spec automountServiceAccountToken"},
		{"automountServiceAccountToken: true,", "", "spec automountServiceAccountToken"},
		{"automountServiceAccountToken: 'false',", "", "spec automountServiceAccountToken"},
		{"automountServiceAccountToken: false,", "", ""},
		{token("{audience: vault, path: t}}, {configMap: {name: c}"), "", ""},
		{token("{audience: 'https://sts.example.com', path: t}"), "", ""},
		{token("{path: t}"), "", "spec.volumes.0.projected.sources.0 serviceAccountToken"},
		{token("{audience: '', path: t}"), "", "spec.volumes.0.projected.sources.0 serviceAccountToken"},
		{token("{audience: vault}}, {serviceAccountToken: {audience: vaults}"), "", "spec.volumes.0.projected.sources.1 serviceAccountToken"},
		{token("{audience: '@kubernetes-api'}"), "", "spec.volumes.0.projected.sources.0 serviceAccountToken"},
		{token("vault"), "", "spec.volumes.0.projected.sources.0 serviceAccountToken"},
		{"automountServiceAccountToken: false, volumes: [{name: v, projected: {defaultMode: 1}}],", "", ""},
		{"automountServiceAccountToken: false, volumes: [{name: v, projected: {sources: {a: {serviceAccountToken: {audience: vault}}}}}],", "", "spec.volumes.0 projected"},
		{"automountServiceAccountToken: false, volumes: [{name: v, projected: token}],", "", "spec.volumes.0 projected"},
	}},
	control.Annotations: {keys("io.katacontainers.*", "*.crio.io*", "cdi.k8s.io"), []controlCase{
		// podOf's metadata has no annotations; TestAnnotationsRefused has pods with some.
		{"", "", ""},
	}},
	control.Environment: {keys("LD_*", "NVIDIA_VISIBLE_DEVICES"), []controlCase{
		{"", "env: [{name: LDAP_HOST, value: x}, {name: NVIDIA_VISIBLE_DEVICES_2}, {name: ld_preload}],", ""},
		{"", "env: [{name: A}, {name: LD_PRELOAD, value: /x}],", app + ".env.1 name"},
		{"", "env: [{name: NVIDIA_VISIBLE_DEVICES, valueFrom: {fieldRef: {fieldPath: metadata.name}}}],", app + ".env.0 name"},
		{"initContainers: [{name: i, env: [{name: LD_AUDIT}]}],", "", "spec.initContainers.0.env.0 name"},
		{"ephemeralContainers: [{name: i, env: [{name: LD_AUDIT}]}],", "", "spec.ephemeralContainers.0.env.0 name"},
		{"", "envFrom: [{prefix: LDAP_, configMapRef: {name: c}}, {prefix: APP_, secretRef: {name: s}}],", ""},
		{"", "envFrom: [{configMapRef: {name: c}}],", app + ".envFrom.0 prefix"},
		{"", "envFrom: [{prefix: APP_}, {prefix: LD, secretRef: {name: c}}],", app + ".envFrom.1 prefix"},
		{"", "envFrom: [{prefix: LD_X}],", app + ".envFrom.0 prefix"},
		{"", "envFrom: [{prefix: NVIDIA_}],", app + ".envFrom.0 prefix"},
		{"", "envFrom: [{prefix: [APP_]}],", app + ".envFrom.0 prefix"},
	}},
	control.CapabilitiesAdd: {keys("CHOWN"), []controlCase{
		{"", security("capabilities: {add: [CHOWN]}"), ""},
		{"", security("capabilities: {add: [CHOWN, SYS_ADMIN]}"), appSC[:len(appSC)-1] + ".capabilities add"},
		{"", security("capabilities: {add: [chown]}"), appSC[:len(appSC)-1] + ".capabilities add"}, // as Pod Security has it
		{"", security("capabilities: {add: [CAP_CHOWN]}"), appSC[:len(appSC)-1] + ".capabilities add"},
		{"", security("capabilities: {add: [all]}"), appSC[:len(appSC)-1] + ".capabilities add"},
		{"", security("capabilities: {add: [1]}"), appSC[:len(appSC)-1] + ".capabilities add"},
	}},
	control.CapabilitiesDrop: {keys("MKNOD", "NET_RAW"), []controlCase{
		{"", security("capabilities: {drop: [ALL]}"), ""},
		{"", security("capabilities: {drop: [NET_RAW, MKNOD, CHOWN]}"), ""},
		{"", security("capabilities: {drop: [NET_RAW]}"), appSC[:len(appSC)-1] + ".capabilities drop"},
		{"", "", app + " securityContext.capabilities.drop"},
		{"", security("capabilities: {drop: [ALL], add: [NET_RAW]}"), appSC[:len(appSC)-1] + ".capabilities add"},
		{"", security("capabilities: {drop: [ALL], add: [net_raw]}"), appSC[:len(appSC)-1] + ".capabilities add"},
		{"", security("capabilities: {drop: [ALL], add: [CAP_NET_RAW]}"), appSC[:len(appSC)-1] + ".capabilities add"},
		{"", security("capabilities: {drop: [ALL], add: [ALL]}"), appSC[:len(appSC)-1] + ".capabilities add"},
		{"", security("capabilities: {drop: [ALL], add: [all]}"), appSC[:len(appSC)-1] + ".capabilities add"},
		{"", security("capabilities: {drop: [ALL, MKNOD], add: [ALL]}"), appSC[:len(appSC)-1] + ".capabilities add"},
		{"", security("capabilities: {drop: [MKNOD, NET_RAW], add: [ALL]}"), ""},
		{"", security("capabilities: {drop: [ALL], add: [CHOWN]}"), ""},
		{"", security("capabilities: {drop: [all]}"), appSC[:len(appSC)-1] + ".capabilities drop"}, // Pod Security knows it in upper case only
		{"", security("capabilities: {drop: [net_raw, Mknod]}"), ""},
		{"", security("capabilities: {drop: [CAP_NET_RAW, MKNOD]}"), appSC[:len(appSC)-1] + ".capabilities drop"}, // containerd: CAP_CAP_NET_RAW
	}},
	control.HostNetwork: {boolean(false), []controlCase{{"hostNetwork: true,", "", "spec hostNetwork"}, {"hostNetwork: 'no',", "", "spec hostNetwork"}, {"hostNetwork: no,", "", ""}}},
	control.HostPID:     {boolean(false), []controlCase{{"hostPID: true,", "", "spec hostPID"}}},
	control.HostIPC:     {boolean(false), []controlCase{{"hostIPC: true,", "", "spec hostIPC"}}},
	control.HostUsers:   {boolean(false), []controlCase{{"", "", "spec hostUsers"}, {"hostUsers: true,", "", "spec hostUsers"}, {"hostUsers: false,", "", ""}}},
	control.HostPorts: {keys("tcp/80", "udp/4000-4100"), []controlCase{
		{"", "ports: [{containerPort: 1, hostPort: 80}, {containerPort: 1}, {hostPort: 4000, protocol: UDP}],", ""},
		{"", "ports: [{containerPort: 1}, {containerPort: 1, hostPort: 81}],", app + ".ports.1 hostPort"},
		{"", "ports: [{hostPort: 80, protocol: UDP}],", app + ".ports.0 hostPort"},
		{"", "ports: [{hostPort: '80'}],", app + ".ports.0 hostPort"},
		{"hostNetwork: true,", "ports: [{containerPort: 8080}],", app + ".ports.0 hostPort"},
		{"hostNetwork: true,", "ports: [{containerPort: 80}],", ""},
		{"hostNetwork: true,", "ports: [{containerPort: 81, hostPort: 0}],", app + ".ports.0 hostPort"},
		{"hostNetwork: true,", "ports: [{containerPort: 81, hostPort: }],", app + ".ports.0 hostPort"},
		{"hostNetwork: true,", "ports: [{containerPort: 80, hostPort: 0}, {containerPort: 80, hostPort: 80}],", ""},
		{"", "ports: [{containerPort: 81, hostPort: 0}],", ""},
	}},
	control.HostPaths: {control.Value{Items: []control.Item{{Key: "/data", Arg: "write"}, {Key: "/var/log", Arg: "read"}}}, []controlCase{
		{"volumes: [{name: v, hostPath: {path: /data/x/}}],", "volumeMounts: [{name: v}],", ""},
		{"volumes: [{name: v, hostPath: {path: /data}}],", "", ""},
		{"volumes: [{name: v, hostPath: {path: /database}}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {path: /data/../etc}}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {path: /var/log}}],", "volumeMounts: [{name: v, readOnly: true, recursiveReadOnly: Enabled}],", ""},
		{"volumes: [{name: v, hostPath: {path: /var/log}}],", "volumeMounts: [{name: v, readOnly: true, recursiveReadOnly: Enabled, mountPropagation: None}],", ""},
		// What is mounted below the folder.
		{"volumes: [{name: v, hostPath: {path: /var/log}}],", "volumeMounts: [{name: v, readOnly: true}],", app + ".volumeMounts.0 recursiveReadOnly"},
		{"volumes: [{name: v, hostPath: {path: /var/log, type: Directory}}],", "volumeMounts: [{name: w}, {name: v, readOnly: true, recursiveReadOnly: IfPossible}],", app + ".volumeMounts.1 recursiveReadOnly"},
		{"volumes: [{name: v, hostPath: {path: /var/log}}],", "volumeMounts: [{name: v, readOnly: true, mountPropagation: HostToContainer}],", app + ".volumeMounts.0 mountPropagation"},
		{"volumes: [{name: v, hostPath: {path: /var/log}}],", "volumeMounts: [{name: v, readOnly: true, recursiveReadOnly: Enabled, mountPropagation: Bidirectional}],", app + ".volumeMounts.0 mountPropagation"},
		{"volumes: [{name: v, hostPath: {path: /var/log/x.log, type: File}}],", "volumeMounts: [{name: v, readOnly: true}],", ""},
		{"volumes: [{name: v, hostPath: {path: /data}}],", "volumeMounts: [{name: v, readOnly: true}],", ""},
		{"volumes: [{name: v, hostPath: {path: /var/log}}],", "volumeMounts: [{name: v}],", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {path: /data/a..b}}, {name: w, hostPath: {path: /data/..a/.b/...}}],", "", ""},
		{"volumes: [{name: v, hostPath: {path: /data/./x}}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {path: /data/..}}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {path: /data//}}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {path: data}}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {}}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: /data}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {path: /}}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {path: /var}}],", "", "spec.volumes.0 hostPath"},
		{"volumes: [{name: v, hostPath: {path: /proc/1/root/data}}],", "", "spec.volumes.0 hostPath"},
	}},
	control.HostDevices: {keys("example.com/*", "claim:gpu"), []controlCase{
		{"resourceClaims: [{name: x, resourceClaimTemplateName: gpu}],", "resources: {limits: {example.com/gpu: 1, memory: 1Gi, hugepages-2Mi: 2Mi}},", ""},
		{"", "resources: {limits: {example.org/gpu: 1}},", app + ".resources.limits example.org/gpu"},
		{"", "resources: {requests: {deviceclass.resource.kubernetes.io/gpu: 1}},", app + ".resources.requests deviceclass.resource.kubernetes.io/gpu"},
		{"resources: {limits: {example.org/gpu: 1}},", "", "spec.resources.limits example.org/gpu"},
		{"resourceClaims: [{name: gpu, resourceClaimName: other}],", "", "spec.resourceClaims 0"},
		{"resourceClaims: [{name: gpu}],", "", "spec.resourceClaims 0"},
	}},
	control.HostProbes: {keys("*.example.com", "localhost*"), []controlCase{
		{"", "livenessProbe: {httpGet: {port: 80, host: ''}},", ""},
		{"", "livenessProbe: {tcpSocket: {port: 80, host: localhost.x}},", ""},
		{"", "startupProbe: {httpGet: {port: 80, host: 10.0.0.1}},", app + ".startupProbe.httpGet host"},
		{"", "lifecycle: {preStop: {tcpSocket: {host: 10.0.0.1}}},", app + ".lifecycle.preStop.tcpSocket host"},
	}},
	control.Memory: {word("512Mi"), []controlCase{
		{"", "", app + " resources.limits.memory"},
		{"", "resources: {requests: {memory: 1Mi}},", app + ".resources limits.memory"},
		{"", "resources: {limits: {memory: 0.5Gi}},", ""},
		{"", "resources: {limits: {memory: 536870912}},", ""},
		{"", "resources: {limits: {memory: 536870913}},", app + ".resources.limits memory"},
		{"", "resources: {limits: {memory: '5e8'}},", ""},
		{"", "resources: {limits: {memory: '1E3'}},", ""},
		{"", "resources: {limits: {memory: '6e+8'}},", app + ".resources.limits memory"},
		{"", "resources: {limits: {memory: '0e3'}},", app + ".resources.limits memory"},
		{"", "resources: {limits: {memory: 1E}},", app + ".resources.limits memory"},
		{"", "resources: {limits: {memory: 513Mi}},", app + ".resources.limits memory"},
		{"", "resources: {limits: {memory: 0}},", app + ".resources.limits memory"},
		{"", "resources: {limits: {memory: '0'}},", app + ".resources.limits memory"},
		{"", "resources: {limits: {memory: much}},", app + ".resources.limits memory"},
		{"ephemeralContainers: [{name: debug}],", "resources: {limits: {memory: 1Mi}},", ""},
	}},
	control.CPU: {word("500m"), []controlCase{
		{"", "resources: {limits: {cpu: 0.5}},", ""},
		{"", "resources: {limits: {cpu: 500m}},", ""},
		{"", "resources: {limits: {cpu: 501m}},", app + ".resources.limits cpu"},
		{"", "resources: {limits: {cpu: 1}},", app + ".resources.limits cpu"},
		{"", "resources: {limits: {cpu: true}},", app + ".resources.limits cpu"},
	}},
	control.EphemeralStorage: {word("1Gi"), []controlCase{
		{"", "", app + " resources.limits.ephemeral-storage"},
		{"", "resources: {limits: {ephemeral-storage: 1Gi}},", ""},
	}},
	control.Probes: {keys("liveness", "readiness"), []controlCase{
		{"", "livenessProbe: {exec: {}}, readinessProbe: {grpc: {port: 1}},", ""},
		{"", "livenessProbe: {exec: {}},", app + " readinessProbe"},
		{"", "livenessProbe: , readinessProbe: {exec: {}},", app + " livenessProbe"},
		{"", "startupProbe: {exec: {}},", app + " livenessProbe;" + app + " readinessProbe"},
		{"restartPolicy: Never,", "", ""},
		{"restartPolicy: OnFailure,", "", ""},
		{"restartPolicy: Always,", "", app + " livenessProbe;" + app + " readinessProbe"},
		{"restartPolicy: never,", "livenessProbe: {exec: {}},", app + " readinessProbe"},
		{"", "restartPolicy: Never,", ""},
		{"restartPolicy: Never, initContainers: [{name: s, restartPolicy: Always}],", "", ""},
		{"ephemeralContainers: [{name: debug}],", "livenessProbe: {exec: {}}, readinessProbe: {exec: {}},", ""},
		{"initContainers: [{name: i}, {name: s, restartPolicy: Always, livenessProbe: {exec: {}}}],",
			"livenessProbe: {exec: {}}, readinessProbe: {exec: {}},", "spec.initContainers.1 readinessProbe"},
	}},
	control.BlockIO: {keys("low", "normal"), []controlCase{
		{"", "", "metadata annotations." + control.BlockIOPod},
		{"os: {name: windows},", "", ""},
		{"ephemeralContainers: [{name: debug}],", "", "metadata annotations." + control.BlockIOPod},
	}},
	control.Hugepages: {control.Value{Items: []control.Item{{Key: "2Mi", Arg: "64Mi"}}}, []controlCase{
		{"", "resources: {limits: {hugepages-2Mi: 64Mi, memory: 1Gi}},", ""},
		{"", "resources: {limits: {hugepages-2048Ki: 64Mi}},", ""},
		{"", "resources: {limits: {hugepages-2Mi: 65Mi}},", app + ".resources.limits hugepages-2Mi"},
		{"", "resources: {requests: {hugepages-1Gi: 1Gi}},", app + ".resources.requests hugepages-1Gi"},
		{"resources: {limits: {hugepages-2Mi: 64Mi, cpu: 1}},", "", ""},
		{"resources: {limits: {hugepages-2Mi: 66Mi}},", "", "spec.resources.limits hugepages-2Mi"},
		{"resources: {requests: {hugepages-1Gi: 1Gi}},", "", "spec.resources.requests hugepages-1Gi"},
		{"resources: ,", "", ""},
		{"volumes: [{name: v, emptyDir: {medium: HugePages-1Gi}}],", "", "spec.volumes.0.emptyDir medium"},
		{"volumes: [{name: v, emptyDir: {medium: HugePages-x}}],", "", "spec.volumes.0.emptyDir medium"},
		{"volumes: [{name: v, emptyDir: {medium: HugePages-2048Ki}}, {name: w, emptyDir: {medium: HugePages}}, {name: x, emptyDir: {medium: Memory}}],", "", ""},
	}},
	control.ReadOnlyRoot: {boolean(true), []controlCase{
		{"", security("readOnlyRootFilesystem: true"), ""},
		{"", "", app + " securityContext.readOnlyRootFilesystem"},
	}},
	control.Volumes: {keys("secret"), []controlCase{
		{"volumes: [{name: v, secret: {}}],", "", ""},
		{"volumes: [{name: v, secret: {}, nfs: {}}],", "", "spec.volumes.0 nfs"},
		{"volumes: [{name: v}],", "", "spec.volumes.0 emptyDir"},
		{"volumes: [{name: v, newType: {}}],", "", "spec.volumes.0 newType"},
	}},
	control.FilesystemWrite: {keys("/tmp/**", "/var/cache/*/**", "/etc/app.conf", "/run/app-*/**"), []controlCase{
		{"", "", ""},
		{"", "volumeMounts: [{name: v, mountPath: /tmp}, {name: v, mountPath: /tmp/x/}, {name: v, mountPath: /var/cache/app}, {name: v, mountPath: /run/app-1/x}],", ""},
		{"", "volumeMounts: [{name: v, mountPath: /data}],", app + ".volumeMounts.0 readOnly"},
		{"", "volumeMounts: [{name: v, mountPath: /data, readOnly: true}],", ""},
		{"volumes: [{name: v, hostPath: {path: /x}}],", "volumeMounts: [{name: v, mountPath: /data, readOnly: true, recursiveReadOnly: Enabled}],", ""},
		{"volumes: [{name: v, hostPath: {path: /x}}],", "volumeMounts: [{name: v, mountPath: /data, readOnly: true}],", app + ".volumeMounts.0 recursiveReadOnly"},
		{"volumes: [{name: v, hostPath: {path: /x}}],", "volumeMounts: [{name: v, mountPath: /data, readOnly: true, mountPropagation: HostToContainer}],", app + ".volumeMounts.0 mountPropagation"},
		{"volumes: [{name: v, hostPath: {path: /x}}],", "volumeMounts: [{name: v, mountPath: /tmp/x, readOnly: true}],", ""},
		{"volumes: [{name: v, hostPath: {path: /x, type: Socket}}, {name: w, emptyDir: {}}],", "volumeMounts: [{name: v, mountPath: /data, readOnly: true}, {name: w, mountPath: /other, readOnly: true}],", ""},
		{"", "volumeMounts: [{name: v, mountPath: /data, readOnly: false}],", app + ".volumeMounts.0 readOnly"},
		{"", "volumeMounts: [{name: v, mountPath: /data, readOnly: 'true'}],", app + ".volumeMounts.0 readOnly"},
		{"", "volumeMounts: [{name: v, mountPath: /tmpx}],", app + ".volumeMounts.0 readOnly"},
		{"", "volumeMounts: [{name: v, mountPath: /var/cache}],", app + ".volumeMounts.0 readOnly"},
		{"", "volumeMounts: [{name: v, mountPath: /var/run/app-1}],", app + ".volumeMounts.0 readOnly"},
		{"", "volumeMounts: [{name: v, mountPath: /tmp/../etc}],", app + ".volumeMounts.0 readOnly"},
		{"", "volumeMounts: [{name: v, mountPath: //tmp}],", app + ".volumeMounts.0 readOnly"},
		{"", "volumeMounts: [{name: v, mountPath: tmp}],", app + ".volumeMounts.0 readOnly"},
		{"", "volumeMounts: [{name: v, mountPath: /}],", app + ".volumeMounts.0 readOnly"},
		// A file that may be written is no folder of which all may be.
		{"", "volumeMounts: [{name: v, mountPath: /etc/app.conf, subPath: app.conf}],", app + ".volumeMounts.0 readOnly"},
		{"volumes: [{name: v, configMap: {name: c}}, {name: w, secret: {}}, {name: x, image: {}}, {name: y, projected: {}}, {name: z, downwardAPI: {}}],",
			"volumeMounts: [{name: v, mountPath: /a}, {name: w, mountPath: /b}, {name: x, mountPath: /c}, {name: y, mountPath: /d}, {name: z, mountPath: /e}],", ""},
		{"volumes: [{name: v, configMap: {name: c}, emptyDir: {}}, {name: w}],", "volumeMounts: [{name: v, mountPath: /a}, {name: w, mountPath: /b}],",
			app + ".volumeMounts.0 readOnly;" + app + ".volumeMounts.1 readOnly"},
		{"", "volumeDevices: [{name: v, devicePath: /dev/xvda}],", app + ".volumeDevices.0 devicePath"},
		{"", "volumeDevices: [{name: v, devicePath: /tmp/disk}],", ""},
		{"initContainers: [{name: i, volumeMounts: [{name: v, mountPath: /data}]}],", "", "spec.initContainers.0.volumeMounts.0 readOnly"},
		{"ephemeralContainers: [{name: d, volumeMounts: [{name: v, mountPath: /data}]}],", "", "spec.ephemeralContainers.0.volumeMounts.0 readOnly"},
		{"os: {name: windows},", "volumeMounts: [{name: v, mountPath: /data}],", ""},
	}},
	control.SubPaths: {boolean(false), []controlCase{
		{"", "volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /b, subPath: ''}],", ""},
		{"", "volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /b, subPath: x}],", app + ".volumeMounts.1 subPath"},
		{"", "volumeMounts: [{name: v, mountPath: /b, subPathExpr: $(X)}],", app + ".volumeMounts.0 subPathExpr"},
		{"ephemeralContainers: [{name: debug, volumeMounts: [{name: v, mountPath: /b, subPath: x}]}],", "", "spec.ephemeralContainers.0.volumeMounts.0 subPath"},
	}},
	control.KernelMounts: {boolean(false), []controlCase{
		{"", "volumeMounts: [{name: v, mountPath: /process}, {name: v, mountPath: /a/proc}, {name: v, mountPath: /system/}], volumeDevices: [{name: w, devicePath: /dev/xvda}],", ""},
		{"", "volumeMounts: [{name: v, mountPath: /proc, readOnly: true}],", app + ".volumeMounts.0 mountPath"},
		{"", "volumeMounts: [{name: v, mountPath: /sys/fs/cgroup/}],", app + ".volumeMounts.0 mountPath"},
		{"", "volumeMounts: [{name: v, mountPath: /}],", app + ".volumeMounts.0 mountPath"},
		{"", "volumeMounts: [{name: v, mountPath: //proc}],", app + ".volumeMounts.0 mountPath"},
		{"", "volumeMounts: [{name: v, mountPath: /./proc}],", app + ".volumeMounts.0 mountPath"},
		{"", "volumeMounts: [{name: v, mountPath: /tmp/../proc}],", app + ".volumeMounts.0 mountPath"},
		{"", "volumeMounts: [{name: v, mountPath: proc}],", app + ".volumeMounts.0 mountPath"},
		{"", "volumeMounts: [{name: v}],", app + ".volumeMounts.0 mountPath"},
		{"", "volumeDevices: [{name: v, devicePath: /sys/x}],", app + ".volumeDevices.0 devicePath"},
		{"os: {name: windows},", `volumeMounts: [{name: v, mountPath: "C:\\\\data"}],`, ""},
	}},
	control.Registries: {keys("example.com/app", "docker.io/library/*"), []controlCase{
		{"", "", ""},
		{"initContainers: [{name: i, image: redis}],", "", ""},
		{"initContainers: [{name: i, image: 'docker.io/redis:7@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}],", "", ""},
		{"initContainers: [{name: i, image: evil/redis}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: example.com.evil.org/app}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: example.com/app/x}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: Example.com/app}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: 5}],", "", "spec.initContainers.0 image"},
		{"volumes: [{name: v, image: {reference: evil.org/x}}],", "", "spec.volumes.0.image reference"},
	}},
	control.ImagesDenied: {keys("example.org/*", "*.example.net/base", "docker.io/library/redis"), []controlCase{
		{"", "", ""},
		{"initContainers: [{name: i, image: 'example.org:5000/x'}, {name: j, image: acme/redis}, {name: k, image: example.net/base}, {name: l, image: example.orgx/a}],", "", ""},
		{"initContainers: [{name: i, image: example.org/a/b}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: eu.example.net/base}],", "", "spec.initContainers.0 image"},
		{"ephemeralContainers: [{name: i, image: redis}],", "", "spec.ephemeralContainers.0 image"},
		{"initContainers: [{name: i, image: 'docker.io/redis:7'}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: 'index.docker.io/library/redis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: 'example.org:443/a'}],", "", "spec.initContainers.0 image"}, // the port that https has anyhow
		{"initContainers: [{name: i, image: 'eu.example.net:443/base:1'}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: registry-1.docker.io/library/redis}],", "", "spec.initContainers.0 image"}, // who answers for docker.io
		{"initContainers: [{name: i, image: 'index.docker.io:443/library/redis'}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: Example.org/a}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: 5}],", "", "spec.initContainers.0 image"},
		{"volumes: [{name: v, image: {reference: example.org/x}}],", "", "spec.volumes.0.image reference"},
		{"volumes: [{name: v, image: {}}],", "", "spec.volumes.0.image reference"},
	}},
	control.TagsDenied: {keys("latest", "dev-*"), []controlCase{
		{"", "", ""},
		{"initContainers: [{name: i, image: 'a:5000/b:1'}, {name: j, image: 'a:Latest'}, {name: k, image: 'a:latest-1'}, {name: l, image: 'a:latest@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}, {name: m, image: 'a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}],", "", ""},
		{"initContainers: [{name: i, image: redis}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: 'a:443/b'}],", "", "spec.initContainers.0 image"},
		{"ephemeralContainers: [{name: i, image: 'a:latest'}],", "", "spec.ephemeralContainers.0 image"},
		{"initContainers: [{name: i, image: 'a/b:dev-'}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: 'a:1@sha256:0123456789abcdef0123456789abcdef'}],", "", "spec.initContainers.0 image"}, // no digest, which no runtime takes
		{"initContainers: [{name: i, image: '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}],", "", "spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: ''}],", "", "spec.initContainers.0 image"},
		{"volumes: [{name: v, image: {reference: example.org/x}}],", "", "spec.volumes.0.image reference"},
	}},
	control.Digest: {word(control.Required), []controlCase{
		{"", "", app + " image"},
		{"initContainers: [{name: i, image: 'a@sha384:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}, {name: j, image: 'a:1@sha512:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}, {name: k, image: 'a@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}],", "", app + " image"},
		{"initContainers: [{name: i, image: 'a@sha384:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}],", "", app + " image;spec.initContainers.0 image"},
		{"initContainers: [{name: i, image: 'A@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}],", "", app + " image;spec.initContainers.0 image"}, // no reference
		{"volumes: [{name: v, image: {}}],", "", "spec.volumes.0.image reference;" + app + " image"},
	}},
	control.CompiledProfiles: {boolean(true), []controlCase{
		{security(ownSeccomp + ownAppArmor), "", ""},
		{"", security(ownSeccomp + ownAppArmor), ""},
		{"", security("seccompProfile: {type: Localhost, localhostProfile: operator/bulkhead.test.json}," + ownAppArmor), ""},
		{security(ownAppArmor), security("seccompProfile: {type: Localhost, localhostProfile: operator/shop/bulkhead.test.json}"), appSC[:len(appSC)-1] + ".seccompProfile type"}, // of the operator until 0.8, which writes into other folders as its objects say
		{security(ownAppArmor), security("seccompProfile: {type: Localhost, localhostProfile: x/bulkhead.test.json}"), appSC[:len(appSC)-1] + ".seccompProfile type"},
		{security(ownAppArmor), security("seccompProfile: {type: Localhost, localhostProfile: /bulkhead.test.json}"), appSC[:len(appSC)-1] + ".seccompProfile type"},
		{"", "", app + " securityContext.appArmorProfile.type;" + app + " securityContext.seccompProfile.type"},
		{security("seccompProfile: {type: RuntimeDefault}"), security(ownAppArmor), "spec.securityContext.seccompProfile type"},
		{security(ownSeccomp + ownAppArmor), security("seccompProfile: {type: Unconfined}"), appSC[:len(appSC)-1] + ".seccompProfile type"},
		{security(ownSeccomp), security("appArmorProfile: {type: Localhost, localhostProfile: operator/bulkhead.test}"), appSC[:len(appSC)-1] + ".appArmorProfile type"},
		{security(ownAppArmor), security("seccompProfile: {type: Localhost, localhostProfile: x-bulkhead.test.json}"), appSC[:len(appSC)-1] + ".seccompProfile type"},
		{security(ownAppArmor), security("seccompProfile: {type: Localhost}"), appSC[:len(appSC)-1] + ".seccompProfile type"},
		{security(ownAppArmor), security("seccompProfile: {localhostProfile: bulkhead.test.json}"), appSC[:len(appSC)-1] + ".seccompProfile type"},
		{security(ownAppArmor), security("seccompProfile: {type: Localhost, localhostProfile: 5}"), appSC[:len(appSC)-1] + ".seccompProfile type"},
	}},
	control.SandboxRuntime: {word(control.Kata), []controlCase{
		{"", "", "spec runtimeClassName"},
		{"runtimeClassName: runc,", "", "spec runtimeClassName"},
		{"runtimeClassName: kata,", "", ""},
		{"runtimeClassName: kata-qemu,", "", ""},
		{"runtimeClassName: '',", "", "spec runtimeClassName"},
		{"runtimeClassName: katana,", "", "spec runtimeClassName"},
		{"runtimeClassName: gvisor,", "", "spec runtimeClassName"},
	}},
}

// tried is the value that a control is tried with: of a control without a case, whose rules are data and are tried with
// all shapes of rules, the strictest.
func tried(c *control.Control) control.Value {
	switch usual, ok := controlCases[c.ID]; {
	case ok:
		return usual.value
	case c.Type == control.Bool:
		return control.Value{Bool: c.Strict}
	case c.Type == control.Enum:
		return control.Value{Text: c.Names[0]}
	case c.Order == control.AllowSet:
		return control.Value{Items: []control.Item{}}
	}
	panic(c.ID + " needs a case: which of its values is strict does not follow from its type")
}

// TestControls tries each control alone: the violation, where it is, and what is no violation. All must be told apart by
// the rules of that control.
func TestControls(t *testing.T) {
	for id := range controls {
		c, _ := control.Lookup(id)
		if _, ok := controlCases[id]; !ok && ofPods(id) && len(c.Rules) == 0 {
			t.Errorf("%s is not tried", id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(controlCases)) {
		c := controlCases[id]
		t.Run(string(id), func(t *testing.T) {
			values := map[control.ID]control.Value{id: c.value}
			if id == control.CompiledProfiles {
				values[control.Privileged] = boolean(false) // else no profile is compiled
			}
			artifacts := emit(t, resolve(t, document(values)))
			clean(t, artifacts)
			j := load(t, artifacts)
			for _, one := range c.cases {
				v := judgeText(t, j, podOf(one.pod, one.container))
				if got := places(t, id, v); got != one.want {
					t.Errorf("%s%s: %q, want %q", one.pod, one.container, got, one.want)
				}
				if (v.Outcome == target.Deny) != (one.want != "") || (v.Outcome == target.Allow) != (one.want == "") {
					t.Errorf("%s%s: %s", one.pod, one.container, v.Outcome)
				}
			}
		})
	}
}

// TestAPIServerToken tries what the keyword of the policy stands for.
func TestAPIServerToken(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(map[control.ID]control.Value{control.Tokens: keys(control.APIServerToken)}))))
	for pod, want := range map[string]string{
		"":                                    "",
		"automountServiceAccountToken: true,": "",
		token("{path: t}"):                    "",
		token("{audience: '', path: t}"):      "",
		token("{audience: vault, path: t}"):   "spec.volumes.0.projected.sources.0 serviceAccountToken",
		// Its name is nobody's audience.
		token("{audience: '@kubernetes-api', path: t}"): "spec.volumes.0.projected.sources.0 serviceAccountToken",
	} {
		if got := places(t, control.Tokens, judgeText(t, j, podOf(pod, ""))); got != want {
			t.Errorf("%s: %q, want %q", pod, got, want)
		}
	}
}

// TestAnnotationsRefused tries names of annotations by patterns.
func TestAnnotationsRefused(t *testing.T) {
	j := load(t, emit(t, resolve(t, document(map[control.ID]control.Value{control.Annotations: controlCases[control.Annotations].value}))))
	for name, refused := range map[string]bool{
		"io.katacontainers.config.hypervisor.virtio_fs_extra_args": true, "io.katacontainers": false, "xio.katacontainers.x": false,
		"devices.crio.io": true, "seccomp-profile.crio.io/app": true, "crio.io": false, "devicesXcrio.io": false,
		"cdi.k8s.io": true, "cdi.k8s.io/gpu": false,
	} {
		for _, manifest := range []string{
			"{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {a: b, " + name + ": x}}, spec: {containers: [{name: app}]}}",
			"{apiVersion: apps/v1, kind: Deployment, metadata: {name: p}, spec: {template: {metadata: {annotations: {" + name + ": x}}, spec: {containers: [{name: app}]}}}}",
		} {
			v := judgeText(t, j, manifest)
			got := places(t, control.Annotations, v)
			if (got != "") != refused || refused && !strings.HasSuffix(got, "metadata.annotations "+name) {
				t.Errorf("%s: %q", manifest, got)
			}
		}
	}
}

// ofPods reports whether a control is one of pods, and not of the whole policy.
func ofPods(id control.ID) bool { c, _ := control.Lookup(id); return c.Scope != control.OfPolicy }

func places(t *testing.T, id control.ID, v target.Verdict) string {
	t.Helper()
	var out []string
	for _, f := range v.Findings {
		if f.Control != string(id) || f.Artifact != "rego/"+string(id)+".rego" || f.Message == "" || f.Subject != "*/*" {
			t.Errorf("%+v", f)
		}
		place := strings.Join(f.Path, ".") + " " + f.Field
		if !slices.Contains(out, place) {
			out = append(out, place)
		}
	}
	return strings.Join(out, ";")
}
