// Package policies holds the policies that ship with Bulkhead.
package policies

import "embed"

// FS holds presets/NAME.hcl, which policies extend as "bulkhead:NAME", and
// examples/quickstart, which `bulkhead init` writes.
//
//go:embed presets examples/quickstart
var FS embed.FS
