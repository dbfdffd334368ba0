// Package podrule is what can be said of pods and of the configuration of kubelets as data: the fields that rules read, and
// rules of one of few shapes over them. It knows neither controls nor policies nor targets.
//
// The table of fields prints the defaults and type checks of the Rego prelude and both halves of the module that reads
// pods out of a Terraform plan. A rule prints itself for each of these languages and is evaluated in Go as an oracle for
// tests (Rule.Eval). The shapes are:
//
//	Flag    a field must be true, or false
//	Member  a value is in a set, in ranges, or is a word or begins with a prefix
//	Limit   an amount is stated and is not above the most
//	Image   the parts of an image reference match patterns, or none of them
//
// A field that a container takes from its pod (Both) is read so by every shape. There is no tree of expressions: a rule that
// fits none of the shapes is written by hand for each target. Another shape needs three rules that would use it.
package podrule
