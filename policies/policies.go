// Package policies holds the policies that ship with Bulkhead.
package policies

import "embed"

// FS holds presets/NAME.hcl, which policies extend as "bulkhead:NAME", and the
// examples that `bulkhead init` starts from.
//
//go:embed presets
var FS embed.FS
