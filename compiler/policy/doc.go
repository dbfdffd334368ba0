// Package policy is the model: what may be controlled (the catalogue), what a
// policy says about it (documents), and what that comes to for every container
// once extended policies, ceilings and exceptions are taken into account (a
// resolved Policy).
//
// Everything that compares two values reads one row of the catalogue, so that
// merging, the tighten-only rule, ablation and the generated reference cannot
// disagree.
package policy
