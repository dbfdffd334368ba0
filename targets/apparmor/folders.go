package apparmor

import (
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// folder is one that leads to a path that filesystem.deny closes.
type folder struct {
	path   string // with a slash at the end, as AppArmor names folders
	closed bool   // all that lies in it is closed
}

// fixed says that the folder is one, and not any that a pattern matches.
func (f folder) fixed() bool { return !strings.Contains(f.path, "*") }

// leading lists the folders above a closed path, but not the root, which nobody can rename. In /proc and /sys nothing
// can be renamed.
func leading(path string) []folder {
	if within(path, "/proc") || within(path, "/sys") || strings.HasPrefix(path, "/**/proc/") || strings.HasPrefix(path, "/**/sys/") {
		return nil
	}
	var out []folder
	for i := 1; i < len(path); i++ {
		if path[i] == '/' {
			out = append(out, folder{path: path[:i+1], closed: path[i:] == "/**"})
		}
	}
	return out
}

// denySupport is full, but where a folder that leads to a closed path is given by a pattern and may be written: to refuse
// writing whatever the pattern matches would keep new folders from being made.
func denySupport(s, write policy.Setting) target.Support {
	for _, item := range s.Items {
		for _, name := range aliases(item.Key) {
			if at, grant := renamable(name, write); at != "" {
				support := partial(fmt.Sprintf("What %q closes gets another name when the folder %q is renamed, which filesystem.write (%q) allows. "+
					"Name the folder without a wildcard, or grant less.", item.Key, at, grant))
				support.Range = item.Range
				return support
			}
		}
	}
	return target.Support{Level: target.Full, Mode: control.Prevents}
}

// renamable finds a folder above a closed path that a profile does not keep from being renamed, and the grant by which it may be.
// The folder "/**/" is any: what it is renamed to, the pattern matches as well.
func renamable(path string, write policy.Setting) (at, grant string) {
	for _, f := range leading(path) {
		if f.fixed() || f.closed || f.path == "/**/" {
			continue
		}
		for _, grant := range write.Keys() {
			if mayOverlap(grant, f.path) {
				return f.path, grant
			}
		}
	}
	return "", ""
}

// mayOverlap says whether a path may match both patterns. It is not exact: it compares what stands before their wildcards.
func mayOverlap(a, b string) bool {
	a, _, _ = strings.Cut(a, "*")
	b, _, _ = strings.Cut(b, "*")
	return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
}
