package apparmor

import "github.com/bulkhead-policy/bulkhead/compiler/platform"

// parserVersion is the version of apparmor_parser on the nodes, which decides on the rules that
// profiles may have.
var parserVersion = platform.Version("apparmor", "The version of `apparmor_parser` on the nodes, such as `\"4.0\"`. Without it, 3.0.", "3.0")
