package rego

import "github.com/bulkhead-policy/bulkhead/compiler/policy"

// fixed lists the controls of whose rules an update of a pod can break none: what they read is among what the API server
// lets nobody change (k8s.io/kubernetes, core validation, ValidatePodUpdate; AppArmor's annotations in
// ValidatePodSpecificAnnotationUpdates; of resources, ValidatePodResize takes memory and CPU alone). A control that is not
// listed is judged on every update.
var fixed = []policy.ID{
	policy.Privileged, policy.Escalation, policy.RunAsNonRoot, policy.RootInUserNS, policy.Users, policy.Groups,
	policy.FSGroup, policy.SupplementalGroups, policy.SELinuxTypes, policy.SELinuxUsers, policy.SELinuxRoles,
	policy.SeccompProfile, policy.AppArmorProfile, policy.Sysctls, policy.SysctlValues, policy.Environment, policy.Tokens, policy.ProcMount, policy.HostProcess,
	policy.CapabilitiesAdd, policy.CapabilitiesDrop,
	policy.HostNetwork, policy.HostPID, policy.HostIPC, policy.HostUsers, policy.SharedProcesses,
	policy.HostPorts, policy.HostPaths, policy.HostProbes,
	policy.EphemeralStorage, policy.Hugepages, policy.Probes,
	policy.ReadOnlyRoot, policy.FilesystemWrite, policy.Volumes, policy.SubPaths, policy.KernelMounts, policy.SandboxRuntime,
}

// lasting is the function of the bundle that makes a violation of what an update cannot change.
const lasting = "lasting"

// violation names the function of the bundle that makes a violation of a rule.
func (c control) violation(r rule) string {
	if c.fixed || r.fixed {
		return lasting
	}
	return "found"
}
