// Package control is the catalogue: what may be controlled, the values that each
// control takes, and how two values compare.
//
// Everything that compares two values reads one row of the catalogue, so that
// merging, the tighten-only rule, ablation and the generated reference cannot
// disagree.
package control
