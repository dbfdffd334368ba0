package check

import (
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// decisions are what people have to decide where a finding cannot be mended by
// itself; VALUE stands for what the policy says of the CONTROL.
var decisions = map[control.ID]string{
	control.Undeclared:         "Whose pods are these? Give them the labels of a workload that the policy describes, or describe them: workload \"NAME\" { match { labels = { ... } } }.",
	control.RootInUserNS:       "Which user does the image need? State runAsUser with its number, or use an image that runs without root.",
	control.Users:              "Which user does the image need? State runAsUser as one of VALUE; files that the program reads and writes must belong to it.",
	control.Groups:             "Which group does the program need? State runAsGroup as one of VALUE.",
	control.FSGroup:            "Which group is to own the volumes? State fsGroup as one of VALUE.",
	control.SupplementalGroups: "Which further groups does the program need? List of them in supplementalGroups only those among VALUE.",
	control.SELinuxTypes:       "Leave the SELinux type out, so that the runtime chooses it, or state one of VALUE.",
	control.SELinuxUsers:       "Leave the SELinux user out, so that the runtime chooses it, or state one of VALUE.",
	control.SELinuxRoles:       "Leave the SELinux role out, so that the runtime chooses it, or state one of VALUE.",
	control.CompiledProfiles:   "What the finding says has to be written, where the file can be changed. A node has to have the profile before a pod names it.",
	control.Sysctls:            "Does the program need the setting? Leave it out of the pod's sysctls, or set it on the nodes for all. Allowed are VALUE.",
	control.SysctlValues:       "Set the kernel setting to numbers. What else a value holds, a runtime may take for a second setting.",
	control.Tokens:             "Whom does the program talk to? Without the API server, state automountServiceAccountToken: false; project tokens only for VALUE.",
	control.Annotations:        "Who reads the annotation? Leave it out, and say what it asks for in the pod's own fields. Refused are VALUE.",
	control.Environment:        "Who reads the variable? Leave it out, or give envFrom a prefix that none of VALUE begins with.",
	control.CapabilitiesAdd:    "What does the program need the capability for? Take it out of capabilities.add, and find another way: a port above 1023, a file that belongs to its user. Allowed are VALUE.",
	control.HostPaths:          "What of the node does the pod need? Mount a configMap, secret, emptyDir or claim in place of the node's folder, or one of VALUE in the way that is stated there.",
	control.HostProbes:         "Leave the host out: the kubelet then asks the pod itself. Allowed are VALUE.",
	control.HostPorts:          "Who needs the node's port? Take hostPort away and put a Service before the pod. Allowed are VALUE.",
	control.Memory:             "How much does the container need? Measure it, and state resources.limits.memory of at most VALUE.",
	control.CPU:                "How much does the container need? Measure it, and state resources.limits.cpu of at most VALUE.",
	control.EphemeralStorage:   "How much does the container write beside its volumes? State resources.limits.ephemeral-storage of at most VALUE.",
	control.Hugepages:          "Does the program need huge pages? Take them out of limits and requests, or ask for no more than VALUE.",
	control.Probes:             "How does the program tell that it works? Give the container each of these probes: VALUE.",
	control.ReadOnlyRoot:       "What does the program write? Mount an emptyDir where it does, and state readOnlyRootFilesystem: true.",
	control.FilesystemWrite:    "Does the program write there? If not, state readOnly: true of the mount; else mount the volume below VALUE.",
	control.SubPaths:           "Mount the whole volume at a folder of its own, and let the program look there.",
	control.KernelMounts:       "Mount the volume elsewhere. Settings of the kernel are sysctls of the pod, or of the node.",
	control.Volumes:            "What is the volume for? Use a type among VALUE.",
	control.Registries:         "Where does the image come from? Copy it to a place among VALUE, and name it there.",
	control.Digest:             "Which image was reviewed? Name it by its digest, IMAGE@sha256:..., which the registry tells, and let a tool move it on.",
	control.SandboxRuntime:     "Name a RuntimeClass of VALUE in runtimeClassName; the nodes have to have it.",
	control.RuntimeVersion:     "Update the runtime on the node to VALUE or newer, or take the node out of use.",
	control.KernelVersion:      "Update the node's kernel to VALUE or newer, or take the node out of use.",
	control.KubernetesVersion:  "Update the node to Kubernetes VALUE or newer.",
}

// byOrder are what is to be decided of controls that are not listed.
var byOrder = map[control.Order]string{
	control.AllowSet: "Is it needed? Ask for nothing but what the policy allows: VALUE.",
	control.DenySet:  "Is it needed? The policy refuses VALUE: do without.",
	control.Ordered:  "Change it so that it is as the policy says: CONTROL = VALUE.",
	control.Fixed:    "Change it so that it is as the policy says: CONTROL = VALUE.",
}

// Decision is what a person has to decide to mend a finding of a control.
func Decision(c *control.Control, v control.Value) string {
	text, ok := decisions[c.ID]
	if !ok {
		text = byOrder[c.Order]
	}
	return strings.NewReplacer("CONTROL", string(c.ID), "VALUE", c.Show(v)).Replace(text)
}
