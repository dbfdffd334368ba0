package rego

import (
	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// fixed lists the controls of whose rules an update of a pod can break none: what they read is among what the API server
// lets nobody change (k8s.io/kubernetes, core validation, ValidatePodUpdate; AppArmor's annotations in
// ValidatePodSpecificAnnotationUpdates; of resources, ValidatePodResize takes memory and CPU alone). A control that is not
// listed is judged on every update.
var fixed = []control.ID{
	control.Privileged, control.Escalation, control.RunAsNonRoot, control.RootInUserNS, control.Users, control.Groups,
	control.FSGroup, control.SupplementalGroups, control.SELinuxTypes, control.SELinuxUsers, control.SELinuxRoles,
	control.SeccompProfile, control.AppArmorProfile, control.Sysctls, control.SysctlValues, control.Environment, control.Tokens, control.ProcMount, control.HostProcess,
	control.CapabilitiesAdd, control.CapabilitiesDrop,
	control.HostNetwork, control.HostPID, control.HostIPC, control.HostUsers, control.SharedProcesses,
	control.HostPorts, control.HostPaths, control.HostProbes,
	control.EphemeralStorage, control.Hugepages, control.Probes,
	control.ReadOnlyRoot, control.FilesystemWrite, control.Volumes, control.SubPaths, control.KernelMounts, control.SandboxRuntime,
}

// lasting is the function of the bundle that makes a violation of what an update cannot change.
const lasting = "lasting"

// violation names the function of the bundle that makes a violation of a rule.
func (c check) violation(r rule) string {
	if c.fixed || r.fixed {
		return lasting
	}
	return "found"
}
