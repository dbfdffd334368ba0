package control

// catalogue lists the controls in the order of the documentation: by block, then
// as a reader expects them. Everything else about a control is in its own file.
var catalogue = []*Control{
	undeclared,

	privileged,
	escalation,
	runAsNonRoot,
	rootInUserNS,
	users,
	groups,
	fsGroup,
	supplementalGroups,
	supplementalGroupsPolicy,
	selinuxTypes,
	selinuxUsers,
	selinuxRoles,
	appArmorProfile,
	seccompProfile,
	compiledProfiles,
	sysctls,
	sysctlValues,
	procMount,
	hostProcess,
	sharedProcesses,
	tokens,
	annotations,
	environment,

	capabilitiesDrop,
	capabilitiesAdd,

	hostNetwork,
	hostPID,
	hostIPC,
	hostUsers,
	hostPorts,
	hostPaths,
	hostProbes,
	hostAliases,
	hostDevices,

	memory,
	cpu,
	ephemeralStorage,
	hugepages,
	probes,
	blockIO,

	seccompAllow,
	seccompDeny,
	seccompRule,
	seccompErrno,

	readOnlyRoot,
	filesystemWrite,
	filesystemExecute,
	filesystemDeny,
	volumes,
	subPaths,
	kernelMounts,

	networkDefault,
	networkIngress,
	networkEgress,
	networkDNS,
	networkFamilies,
	metadata,
	kubernetesAPI,
	internet,

	registries,
	imagesDenied,
	tagsDenied,
	digest,

	violations,
	detect,

	runtimeVersion,
	kernelVersion,
	kubernetesVersion,

	sandboxRuntime,

	seccompDefault,
	podPidsLimit,
	anonymousAuth,
	readOnlyPort,
	protectKernelDefaults,
	nodeRuntimes,
}

// Values of enumerations that several controls share.
const (
	Deny    = "deny"
	Allow   = "allow"
	ByFlows = "flows"
)

func only(key string) Value { return Value{Items: []Item{{Key: key}}} }
