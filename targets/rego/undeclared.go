package rego

import (
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// undeclared refuses pods that no workload describes, or reports them, or says that they are held like all others: to the ceiling.
func (e *emitter) undeclared() string {
	const held = "# Pods that no workload describes are held to the ceilings.\nrefused(_) := false\n"
	c, s := e.policy.UndeclaredSetting()
	if !c.Restricts(s.Value) {
		return held
	}
	verdict, rest := "deny", "refused(pod) if pod.workload == \"*\"\n"
	if s.Warn != nil {
		verdict, rest = "warn", held
	}
	return fmt.Sprintf(`# %s
%s%s contains found(pod, %s, ["metadata", "labels"], "no workload of the policy has these labels") if {
	some pod in all_pods
	pod.workload == "*"
}

%s`, comment(place(s)+": undeclared = \"deny\""), metadata(c), verdict, quote(string(c.ID)), rest)
}

func (e *emitter) undeclaredOrigins() []target.SourceMapping {
	c, s := e.policy.UndeclaredSetting()
	if !c.Restricts(s.Value) {
		return nil
	}
	return []target.SourceMapping{{Control: control.Ref{ID: c.ID}, Range: s.Range}}
}
