package control

import "github.com/bulkhead-policy/bulkhead/compiler/podrule"

// Sysctls is the ID of the control in this file.
const Sysctls ID = "privileges.sysctls"

var sysctls = &Control{
	ID:       Sysctls,
	Title:    "Pods may set only the listed sysctls",
	Reason:   "Sysctls outside the pod's namespaces change the whole node (CVE-2022-0811).",
	Mappings: []string{"PSS baseline: sysctls"},
	Order:    AllowSet, Type: Set, Scope: OfPod, Linux: true, Element: words("sysctl"), Loosest: only("*"),
	Advice: "Does the program need the setting? Leave it out of the pod's sysctls, or set it on the nodes for all. Allowed are VALUE.",
	Rules:  []podrule.Rule{{Over: podrule.Pods, Field: "securityContext.sysctls[].name", Shape: podrule.Member, Message: "sysctls must not set %v", Missing: "sysctls has an entry without a name"}},
	encode: inWords,
	Example: Example{Bad: elements(func(name string) Patch {
		return inPodSecurity(Patch{"sysctls": []any{Patch{"name": name, "value": "1"}}})
	}, free("kernel.core_pattern")...)},
}
