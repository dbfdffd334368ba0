// Package policy is the model: what a policy says about the controls of package
// control (documents), and what that comes to for every container once extended
// policies, ceilings and exceptions are taken into account (a resolved Policy).
package policy
