package rego

// lasting is the function of the bundle that makes a violation of what an update cannot change.
const lasting = "lasting"

// violation names the function of the bundle that makes a violation of a rule.
func (c check) violation(r rule) string {
	if c.fixed || r.fixed {
		return lasting
	}
	return "found"
}
