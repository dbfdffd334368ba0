// Package trial runs a policy's tests against the artifacts that the policy
// compiles into, and shows for every refusal which control is behind it, by
// loosening that control and trying again (ablation).
package trial
