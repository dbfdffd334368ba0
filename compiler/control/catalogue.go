package control

// The controls, by the name an author writes.
const (
	Undeclared ID = "policy.undeclared"

	Privileged         ID = "privileges.privileged"
	Escalation         ID = "privileges.escalation"
	RunAsNonRoot       ID = "privileges.run_as_non_root"
	RootInUserNS       ID = "privileges.root_in_user_namespace"
	Users              ID = "privileges.users"
	Groups             ID = "privileges.groups"
	FSGroup            ID = "privileges.fs_group"
	SupplementalGroups ID = "privileges.supplemental_groups"
	SELinuxTypes       ID = "privileges.selinux_types"
	SELinuxUsers       ID = "privileges.selinux_users"
	SELinuxRoles       ID = "privileges.selinux_roles"
	AppArmorProfile    ID = "privileges.apparmor"
	SeccompProfile     ID = "privileges.seccomp"
	CompiledProfiles   ID = "privileges.compiled_profiles"
	Sysctls            ID = "privileges.sysctls"
	SysctlValues       ID = "privileges.sysctl_values"
	ProcMount          ID = "privileges.proc_mount"
	HostProcess        ID = "privileges.host_process"
	SharedProcesses    ID = "privileges.shared_processes"
	Tokens             ID = "privileges.tokens"
	Annotations        ID = "privileges.annotations"
	Environment        ID = "privileges.environment"

	CapabilitiesDrop ID = "capabilities.drop"
	CapabilitiesAdd  ID = "capabilities.add"

	HostNetwork ID = "host.network"
	HostPID     ID = "host.pid"
	HostIPC     ID = "host.ipc"
	HostUsers   ID = "host.users"
	HostPorts   ID = "host.ports"
	HostPaths   ID = "host.paths"
	HostProbes  ID = "host.probes"

	Memory           ID = "resources.memory"
	CPU              ID = "resources.cpu"
	EphemeralStorage ID = "resources.ephemeral_storage"
	Hugepages        ID = "resources.hugepages"
	Probes           ID = "resources.probes"

	SeccompAllow ID = "seccomp.allow"
	SeccompDeny  ID = "seccomp.deny"
	SeccompRule  ID = "seccomp.rule"
	SeccompErrno ID = "seccomp.errno"

	ReadOnlyRoot      ID = "filesystem.read_only_root"
	FilesystemWrite   ID = "filesystem.write"
	FilesystemExecute ID = "filesystem.execute"
	FilesystemDeny    ID = "filesystem.deny"
	Volumes           ID = "filesystem.volumes"
	SubPaths          ID = "filesystem.sub_paths"
	KernelMounts      ID = "filesystem.kernel_mounts"

	NetworkDefault  ID = "network.default"
	NetworkDNS      ID = "network.dns"
	NetworkFamilies ID = "network.families"
	Metadata        ID = "network.metadata"
	KubernetesAPI   ID = "network.kubernetes_api"
	Internet        ID = "network.internet"

	Registries   ID = "image.registries"
	ImagesDenied ID = "image.deny"
	TagsDenied   ID = "image.deny_tags"
	Digest       ID = "image.digest"

	Violations ID = "monitoring.violations"
	Detect     ID = "monitoring.detect"

	RuntimeVersion    ID = "updates.runtime"
	KernelVersion     ID = "updates.kernel"
	KubernetesVersion ID = "updates.kubernetes"

	SandboxRuntime ID = "sandbox.runtime"
)

// Values of enumerations that targets ask for by name.
const (
	Deny      = "deny"
	Allow     = "allow"
	ByFlows   = "flows"
	AsCeiling = "ceiling"
	Required  = "required"
	Optional  = "optional"
	Off       = "off"
	NoSandbox = "none"
	GVisor    = "gvisor"
	Kata      = "kata"
)

// Where a pod's profile comes from, as privileges.seccomp and
// privileges.apparmor list them.
const (
	ProfileRuntimeDefault = "runtime-default"
	ProfileLocalhost      = "localhost"
	ProfileUnconfined     = "unconfined"
	ProfileUnset          = "unset"
)

// ProbeNames are the probes of a container, as resources.probes lists them; in a
// manifest the name is followed by "Probe".
var ProbeNames = []string{"liveness", "readiness", "startup"}

// APIServerToken stands in privileges.tokens for what the API server itself takes:
// the token that every pod is given, and those that name no audience.
const APIServerToken = "@kubernetes-api"

func only(key string) Value { return Value{Items: []Item{{Key: key}}} }

var (
	profileElement = oneOf("kind of profile", "*", ProfileRuntimeDefault, ProfileLocalhost, ProfileUnset, ProfileUnconfined)
	volumeElement  = oneOf("volume type", "*",
		"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "configMap", "csi", "downwardAPI",
		"emptyDir", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo", "glusterfs",
		"hostPath", "image", "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk", "portworxVolume",
		"projected", "quobyte", "rbd", "scaleIO", "secret", "storageos", "vsphereVolume")
	familyElement = oneOf("address family", "*",
		"alg", "appletalk", "ax25", "bluetooth", "bridge", "can", "inet", "inet6", "ipx", "key", "llc", "netlink",
		"nfc", "packet", "qipcrtr", "rds", "rose", "rxrpc", "tipc", "unix", "vsock", "x25", "xdp")
)

var catalogue = []*Control{
	{
		ID: Undeclared, Title: "Pods that no workload block describes",
		Reason: "A pod that nobody described runs with whatever it asks for, up to the ceiling.",
		Order:  Scale, Type: Enum, Scope: OfPolicy, Names: []string{Deny, AsCeiling}, Loosest: Value{Text: AsCeiling},
	},
	{
		ID: Privileged, Title: "Privileged containers",
		Reason:   "A privileged container has every capability and every device, and its seccomp and AppArmor profiles are not loaded: it is the node.",
		Mappings: []string{"PSS baseline: privileged", "ATT&CK T1611"},
		Order:    Scale, Type: Bool, Scope: OfContainer, Strict: false, Voids: true, Loosest: Value{Bool: true},
	},
	{
		ID: Escalation, Title: "Gaining privileges through set-user-ID programs (the absence of no_new_privs)",
		Reason:   "Without no_new_privs a set-user-ID program in the image gives root to whoever runs it.",
		Mappings: []string{"PSS restricted: allowPrivilegeEscalation", "ATT&CK T1548.001"},
		Order:    Scale, Type: Bool, Scope: OfContainer, Linux: true, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: RunAsNonRoot, Title: "Running as another user than root, in pods without a user namespace of their own",
		Reason:   "Root in a container is root on the node as soon as one wall gives way; many escapes need it (CVE-2019-5736).",
		Mappings: []string{"PSS restricted: runAsNonRoot", "ATT&CK T1611"},
		Order:    Scale, Type: Bool, Scope: OfContainer, Strict: true, Loosest: Value{Bool: false},
	},
	{
		ID: RootInUserNS, Title: "Running as root in pods with a user namespace of their own",
		Reason:   "Root there is an ordinary user to the node, but has every capability over what the namespace owns, and reaches kernel code that others do not.",
		Mappings: []string{"PSS restricted: runAsNonRoot", "PSS restricted: runAsUser"},
		Order:    Scale, Type: Bool, Scope: OfContainer, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: Users, Title: "User numbers that a pod or container may name (for root in a user namespace see root_in_user_namespace)",
		Reason:   "A number that a file on the node belongs to gives access to that file.",
		Mappings: []string{"PSS restricted: runAsUser"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: identityElement, Loosest: only("*"),
	},
	{
		ID: Groups, Title: "Group numbers that a pod or container may name",
		Reason:   "Sockets and devices of the node are often open to a group (docker, disk).",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: identityElement, Loosest: only("*"),
	},
	{
		ID: FSGroup, Title: "Group numbers that own a pod's volumes (fsGroup)",
		Reason: "The kubelet hands every file of a volume to this group.",
		Order:  Grant, Type: Set, Scope: OfPod, Linux: true, Element: identityElement, Loosest: only("*"),
	},
	{
		ID: SupplementalGroups, Title: "Further group numbers of a pod's processes",
		Reason: "Sockets and devices of the node are often open to a group (docker, disk).",
		Order:  Grant, Type: Set, Scope: OfPod, Linux: true, Element: identityElement, Loosest: only("*"),
	},
	{
		ID: SELinuxTypes, Title: "SELinux types that a pod or container may take",
		Reason:   "Types such as spc_t are not confined at all.",
		Mappings: []string{"PSS baseline: seLinuxOptions"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: words("SELinux type"), Loosest: only("*"),
	},
	{
		ID: SELinuxUsers, Title: "SELinux users that a pod or container may take",
		Reason:   "The user decides which roles and types can be reached.",
		Mappings: []string{"PSS baseline: seLinuxOptions"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: words("SELinux user"), Loosest: only("*"),
	},
	{
		ID: SELinuxRoles, Title: "SELinux roles that a pod or container may take",
		Reason:   "The role decides which types can be reached.",
		Mappings: []string{"PSS baseline: seLinuxOptions"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: words("SELinux role"), Loosest: only("*"),
	},
	{
		ID: AppArmorProfile, Title: "Where a container's AppArmor profile may come from",
		Reason:   "Unconfined switches the layer off.",
		Mappings: []string{"PSS baseline: appArmorProfile"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: profileElement, Loosest: only("*"),
	},
	{
		ID: SeccompProfile, Title: "Where a container's seccomp profile may come from",
		Reason:   "Unset means unconfined unless the kubelet runs with seccompDefault, which is off by default.",
		Mappings: []string{"PSS baseline: seccompProfile_baseline", "PSS restricted: seccompProfile_restricted"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: profileElement, Loosest: only("*"),
	},
	{
		ID: CompiledProfiles, Title: "Naming the seccomp and AppArmor profiles that are compiled for a container",
		Reason:   "A profile does nothing for a container that does not name it: what the policy says of system calls and files then holds nowhere.",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Scale, Type: Bool, Scope: OfContainer, Linux: true, Strict: true, Loosest: Value{Bool: false},
	},
	{
		ID: Sysctls, Title: "Kernel settings that a pod may change",
		Reason:   "Settings outside the pod's namespaces act on the whole node (CVE-2022-0811).",
		Mappings: []string{"PSS baseline: sysctls"},
		Order:    Grant, Type: Set, Scope: OfPod, Linux: true, Element: words("sysctl"), Loosest: only("*"),
	},
	{
		ID: SysctlValues, Title: "What kernel settings may be set to: numbers, or any text",
		Reason:   "A value is handed on by the runtime, and more than a number has carried a second setting with it, of the node (CVE-2022-0811).",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Scale, Type: Enum, Scope: OfPod, Linux: true, Names: []string{"numbers", "any"}, Loosest: Value{Text: "any"},
	},
	{
		ID: ProcMount, Title: "How /proc is mounted: as by default, unmasked only in a pod with a user namespace of its own, or unmasked",
		Reason:   "An unmasked /proc shows kernel memory, keys and the settings of the node.",
		Mappings: []string{"PSS baseline: procMount", "PSS restricted: procMount_restricted"},
		Order:    Scale, Type: Enum, Scope: OfContainer, Linux: true, Names: []string{"default", "user-namespace", "unmasked"}, Loosest: Value{Text: "unmasked"},
	},
	{
		ID: HostProcess, Title: "Windows host processes",
		Reason:   "A HostProcess container runs on the node itself, as its administrator.",
		Mappings: []string{"PSS baseline: windowsHostProcess"},
		Order:    Scale, Type: Bool, Scope: OfContainer, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: SharedProcesses, Title: "One process namespace for all containers of a pod",
		Reason:   "Each container then sees the others' processes, with their arguments and environment, and by /proc/PID/root their files.",
		Mappings: []string{"ATT&CK T1057"},
		Order:    Scale, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: Tokens, Title: "Whom a pod's service account tokens may be for; " + APIServerToken + " is the token that it is given unless it says otherwise",
		Reason:   "Whoever gets into the container speaks for its service account until the pod is gone.",
		Mappings: []string{"ATT&CK T1528", "ATT&CK T1552.007"},
		Order:    Grant, Type: Set, Scope: OfPod, Element: audienceElement, Loosest: only("*"),
	},
	{
		ID: Annotations, Title: "Annotations that a pod may not have",
		Reason:   "Runtimes and their plugins take orders from annotations: devices, hooks, options of a sandbox (CVE-2026-44210).",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Refusal, Type: Set, Scope: OfPod, Element: patterns("annotation"),
	},
	{
		ID: Environment, Title: "Environment variables that a container may not be given",
		Reason:   "Hooks of the runtime read a container's environment, on the node and as root: for devices, and once for a library to load (CVE-2025-23266).",
		Mappings: []string{"ATT&CK T1611", "ATT&CK T1574.006"},
		Order:    Refusal, Type: Set, Scope: OfContainer, Element: words("environment variable"),
	},
	{
		ID: CapabilitiesDrop, Title: "Capabilities that a container must drop",
		Reason:   "What is not dropped stays at the runtime's default set, NET_RAW and MKNOD included.",
		Mappings: []string{"PSS restricted: capabilities_restricted"},
		Order:    Refusal, Type: Set, Scope: OfContainer, Linux: true, Element: capabilityElement,
	},
	{
		ID: CapabilitiesAdd, Title: "Capabilities that a container may add",
		Reason:   "SYS_ADMIN, SYS_MODULE, SYS_PTRACE, DAC_READ_SEARCH and others are ways out of a container by themselves.",
		Mappings: []string{"PSS baseline: capabilities_baseline", "PSS restricted: capabilities_restricted", "ATT&CK T1611"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: capabilityElement, Loosest: only("ALL"),
	},
	{
		ID: HostNetwork, Title: "The node's network namespace",
		Reason:   "It reaches services that listen on the node only, and no NetworkPolicy holds there.",
		Mappings: []string{"PSS baseline: hostNamespaces", "ATT&CK T1611"},
		Order:    Scale, Type: Bool, Scope: OfPod, Strict: false, Voids: true, Loosest: Value{Bool: true},
	},
	{
		ID: HostPID, Title: "The node's process namespace",
		Reason:   "Every process of the node can be seen, and with the capabilities for it entered or traced.",
		Mappings: []string{"PSS baseline: hostNamespaces", "ATT&CK T1611"},
		Order:    Scale, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: HostIPC, Title: "The node's IPC namespace",
		Reason:   "Shared memory of the node's processes can be read and written.",
		Mappings: []string{"PSS baseline: hostNamespaces"},
		Order:    Scale, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: HostUsers, Title: "The node's user namespace",
		Reason:   "With a user namespace of its own, a pod's root is nobody on the node.",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Scale, Type: Bool, Scope: OfPod, Linux: true, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: HostPorts, Title: "Ports of the node",
		Reason:   "A port of the node is reached past every NetworkPolicy of the pod.",
		Mappings: []string{"PSS baseline: hostPorts"},
		Order:    Grant, Type: Set, Scope: OfContainer, Element: hostPortElement, Loosest: only("*"),
	},
	{
		ID: HostPaths, Title: "Folders and files of the node, with all below them",
		Reason:   "A writable path of the node, or a runtime's socket whatever its mode, is the node.",
		Mappings: []string{"PSS baseline: hostPathVolumes", "ATT&CK T1611"},
		Order:    Grant, Type: Map, Scope: OfPod, Element: hostPathElement, Loosest: Value{Items: []Item{{Key: "/", Arg: "write"}}},
	},
	{
		ID: HostProbes, Title: "Hosts that probes and lifecycle hooks may name",
		Reason:   "The kubelet makes these requests, from the node, to whatever host the pod names.",
		Mappings: []string{"PSS baseline: hostProbesAndHostLifecycle"},
		Order:    Grant, Type: Set, Scope: OfContainer, Element: words("host"), Loosest: only("*"),
	},
	{
		ID: Memory, Title: "The most memory that a container may state; it must state a limit",
		Reason:   "A container without a limit takes the node's memory from everybody else.",
		Mappings: []string{"ATT&CK T1499"},
		Order:    Scale, Type: Quantity, Scope: OfContainer,
	},
	{
		ID: CPU, Title: "The most CPU that a container may state; it must state a limit",
		Reason:   "A container without a limit takes the node's processors from everybody else.",
		Mappings: []string{"ATT&CK T1499", "ATT&CK T1496"},
		Order:    Scale, Type: Quantity, Scope: OfContainer,
	},
	{
		ID: EphemeralStorage, Title: "The most local storage that a container may state; it must state a limit",
		Reason:   "A full disk evicts every pod of the node.",
		Mappings: []string{"ATT&CK T1499"},
		Order:    Scale, Type: Quantity, Scope: OfContainer,
	},
	{
		ID: Hugepages, Title: "Huge pages that a container may ask for, by page size",
		Reason: "Huge pages are set aside on the node and are not given back while the pod runs.",
		Order:  Grant, Type: Map, Scope: OfContainer, Linux: true, Element: hugepagesElement, Loosest: only("*"),
	},
	{
		ID: Probes, Title: "Probes that a container which runs on must have",
		Reason:   "A process that hangs keeps its place, and is sent requests, until somebody looks.",
		Mappings: []string{"ATT&CK T1499"},
		Order:    Refusal, Type: Set, Scope: OfContainer, Element: oneOf("probe", "", ProbeNames...),
	},
	{
		ID: SeccompAllow, Title: "System calls that are allowed; all others are refused",
		Reason:   "Most kernel holes that lead out of a container are in calls that applications never make.",
		Mappings: []string{"ATT&CK T1611", "ATT&CK T1068"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: callElement, Loosest: only(AnyCall),
	},
	{
		ID: SeccompDeny, Title: "System calls that are refused whatever else is allowed",
		Reason:   "Names what must stay closed, so that a wider allow list below does not open it.",
		Mappings: []string{"ATT&CK T1611", "ATT&CK T1068"},
		Order:    Refusal, Type: Set, Scope: OfContainer, Linux: true, Element: callElement,
	},
	{
		ID: SeccompRule, Title: "Conditions on the arguments of allowed system calls",
		Reason:   "One call often does both harmless and dangerous things: clone, socket, personality.",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Refusal, Type: Blocks, Scope: OfContainer, Linux: true,
	},
	{
		ID: SeccompErrno, Title: "The error that a refused system call returns",
		Reason: "EPERM is what programs expect of a refusal; ENOSYS makes them fall back to an older call.",
		Order:  Plain, Type: Text, Scope: OfContainer, Linux: true, Names: []string{"EPERM", "ENOSYS", "EACCES"}, Loosest: Value{Text: "EPERM"},
	},
	{
		ID: ReadOnlyRoot, Title: "A root filesystem that is mounted read-only",
		Reason:   "An intruder cannot replace programs or leave tools behind.",
		Mappings: []string{"ATT&CK T1525", "ATT&CK T1036"},
		Order:    Scale, Type: Bool, Scope: OfContainer, Linux: true, Strict: true, Loosest: Value{Bool: false},
	},
	{
		ID: FilesystemWrite, Title: "Paths in the container that may be written",
		Reason:   "What can be written can be planted: configuration, libraries, programs.",
		Mappings: []string{"ATT&CK T1222"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: pathElement, Loosest: only("/**"),
	},
	{
		ID: FilesystemExecute, Title: "Programs that may be executed (mapping a library is not executing)",
		Reason:   "A program that came with the attack does not start.",
		Mappings: []string{"ATT&CK T1059"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: pathElement, Loosest: only("/**"),
	},
	{
		ID: FilesystemDeny, Title: "Paths in the container that may be neither read nor written",
		Reason:   "Names what must stay closed, so that a wider grant below does not open it.",
		Mappings: []string{"ATT&CK T1552.001"},
		Order:    Refusal, Type: Set, Scope: OfContainer, Linux: true, Element: pathElement,
	},
	{
		ID: Volumes, Title: "Types of volumes that a pod may mount",
		Reason:   "Some types run code or reach the network on the node's behalf (gitRepo, CVE-2024-10220; flexVolume).",
		Mappings: []string{"PSS restricted: restrictedVolumes"},
		Order:    Grant, Type: Set, Scope: OfPod, Element: volumeElement, Loosest: only("*"),
	},
	{
		ID: SubPaths, Title: "Mounting a part of a volume, by its path within",
		Reason:   "The kubelet looks the path up on the node: a link that a container put there has led out of the volume (CVE-2017-1002101, CVE-2021-25741).",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Scale, Type: Bool, Scope: OfContainer, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: KernelMounts, Title: "Volumes mounted on /proc or /sys, or below",
		Reason:   "The runtime writes there while it sets a container up; what lies on top has turned its writes elsewhere (CVE-2019-19921, CVE-2025-52881).",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Scale, Type: Bool, Scope: OfContainer, Linux: true, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: NetworkDefault, Title: "Connections that no flow states",
		Reason:   "By default every pod of a cluster may talk to every other.",
		Mappings: []string{"ATT&CK T1046", "ATT&CK T1021"},
		Order:    Scale, Type: Enum, Scope: OfPod, Placed: true, Names: []string{Deny, Allow}, Loosest: Value{Text: Allow},
	},
	{
		ID: NetworkDNS, Title: "Asking the cluster's resolver for names",
		Reason:   "Names can carry data out of a network that is otherwise closed.",
		Mappings: []string{"ATT&CK T1071.004"},
		Order:    Scale, Type: Bool, Scope: OfPod, Placed: true, Strict: false, Loosest: Value{Bool: true},
	},
	{
		ID: NetworkFamilies, Title: "Families of sockets that may be opened",
		Reason:   "Rarely used families are where kernel holes have been found (packet, alg, vsock, rds).",
		Mappings: []string{"ATT&CK T1068"},
		Order:    Grant, Type: Set, Scope: OfContainer, Linux: true, Element: familyElement, Loosest: only("*"),
	},
	{
		ID: Metadata, Title: "The cloud's instance metadata service",
		Reason:   "It hands out the node's own credentials to whoever asks.",
		Mappings: []string{"ATT&CK T1552.005"},
		Order:    Scale, Type: Enum, Scope: OfPod, Placed: true, Names: []string{Deny, Allow}, Loosest: Value{Text: Allow},
	},
	{
		ID: KubernetesAPI, Title: "The cluster's API server",
		Reason:   "A stolen service account token is of use only where the API server can be reached.",
		Mappings: []string{"ATT&CK T1613"},
		Order:    Scale, Type: Enum, Scope: OfPod, Placed: true, Names: []string{Deny, ByFlows, Allow}, Loosest: Value{Text: Allow},
	},
	{
		ID: Internet, Title: "Addresses outside the cluster and its private networks",
		Reason:   "Tools are fetched from there, and data is taken there.",
		Mappings: []string{"ATT&CK T1105", "ATT&CK T1041"},
		Order:    Scale, Type: Enum, Scope: OfPod, Placed: true, Names: []string{Deny, ByFlows, Allow}, Loosest: Value{Text: Allow},
	},
	{
		ID: Registries, Title: "Where images may come from",
		Reason:   "An image from anywhere is code from anyone.",
		Mappings: []string{"ATT&CK T1525", "ATT&CK T1195.002"},
		Order:    Grant, Type: Set, Scope: OfContainer, Element: registryElement, Loosest: only("*"),
	},
	{
		ID: ImagesDenied, Title: "Images that are refused whatever registries grants",
		Reason:   "A registry that is given up, or an image with a known hole, is named once, and no wider grant below lets it in.",
		Mappings: []string{"ATT&CK T1525", "ATT&CK T1195.002"},
		Order:    Refusal, Type: Set, Scope: OfContainer, Element: registryElement,
	},
	{
		ID: TagsDenied, Title: "Tags that an image may not be named by; latest is that of an image without a tag",
		Reason:   "Tags such as latest are moved by habit, so that two nodes run two images and nobody knows which.",
		Mappings: []string{"ATT&CK T1525"},
		Order:    Refusal, Type: Set, Scope: OfContainer, Element: tagElement,
	},
	{
		ID: Digest, Title: "Images named by digest",
		Reason:   "A tag can be moved to another image after it was reviewed.",
		Mappings: []string{"ATT&CK T1525"},
		Order:    Scale, Type: Enum, Scope: OfContainer, Names: []string{Required, Optional}, Loosest: Value{Text: Optional},
	},
	{
		ID: Violations, Title: "Reporting, at this priority, of what the other controls refuse",
		Reason:   "A refusal that nobody sees is an attack that goes on.",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Scale, Type: Enum, Scope: OfContainer, Linux: true,
		Names:   []string{"emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug", Off},
		Loosest: Value{Text: Off},
	},
	{
		ID: Detect, Title: "Detections of the author's own",
		Reason:   "Some behaviour cannot be refused, only noticed.",
		Mappings: []string{"ATT&CK T1059"},
		Order:    Refusal, Type: Blocks, Scope: OfContainer, Linux: true,
	},
	{
		ID: RuntimeVersion, Title: "The least version of a container runtime on a node",
		Reason:   "Escapes are mended in releases: runc 1.2.8, 1.3.3 and 1.4.0-rc.3 for CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881.",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Refusal, Type: Blocks, Scope: OfPolicy,
	},
	{
		ID: KernelVersion, Title: "The least kernel version on a node",
		Reason:   "All containers of a node share its kernel and its holes.",
		Mappings: []string{"ATT&CK T1611", "ATT&CK T1068"},
		Order:    Scale, Type: Version, Scope: OfPolicy,
	},
	{
		ID: KubernetesVersion, Title: "The least Kubernetes version on a node",
		Reason: "Versions without support get no more corrections.",
		Order:  Scale, Type: Version, Scope: OfPolicy,
	},
	{
		ID: SandboxRuntime, Title: "A sandbox with a kernel of its own",
		Reason:   "A hole in the kernel that the container sees is not a hole in the node's.",
		Mappings: []string{"ATT&CK T1611"},
		Order:    Scale, Type: Enum, Scope: OfPod, Linux: true, Names: []string{GVisor, Kata, NoSandbox},
		rank: map[string]int{GVisor: 0, Kata: 0, NoSandbox: 1}, Loosest: Value{Text: NoSandbox},
	},
}
