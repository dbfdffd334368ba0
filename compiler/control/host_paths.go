package control

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// HostPaths is the ID of the control in this file.
const HostPaths ID = "host.paths"

var hostPaths = &Control{
	ID:       HostPaths,
	Title:    "Pods may mount only the listed paths of the node",
	Reason:   "Whoever can write to the node's files, or talk to the runtime's socket, controls the node.",
	Mappings: []string{"PSS baseline: hostPathVolumes", "ATT&CK T1611"},
	Order:    AllowSet, Type: Map, Scope: OfPod, Element: hostPathElement, Loosest: Value{Items: []Item{{Key: "/", Arg: "write"}}},
	InManifest: true, Immutable: true, OfVolumes: true,
	Open:        hostSubmounts,
	Advice:      "What of the node does the pod need? Mount a configMap, secret, emptyDir or claim in place of the node's folder, or one of VALUE in the way that is stated there. To read a folder, set readOnly: true and recursiveReadOnly: Enabled of each mount, without mountPropagation.",
	TypedAdvice: "What of the node does the pod need? Mount a config_map, secret, empty_dir or claim in place of the node's folder, or one of VALUE in the way that is stated there. " + typedSubmounts,
	Example: refuses(Patch{ // whoever may write to the root of the node may write everywhere
		"spec":      Patch{"volumes": []any{Patch{"name": "example", "hostPath": Patch{"path": "/"}}}},
		"container": mounted("/example", nil),
	}),
}

// hostSubmounts is the gap of host paths that may be read only. Most findings of typed resources under such a policy are about it.
var hostSubmounts = func() Gap {
	gap := submounts(func(v Value) bool {
		return slices.ContainsFunc(v.Items, func(it Item) bool { return it.Arg == "read" })
	})
	gap.Typed = "below a read-only folder, volume_mount leaves mounts writable: use kubernetes_manifest with recursiveReadOnly: Enabled"
	return gap
}()

// A host path stands for itself and all that lies below it, as a mount does.
var hostPathElement = &Element{
	What: "host path", Any: "/", Args: []string{"read", "write"},
	Parse: func(key string) (string, error) {
		if !strings.HasPrefix(key, "/") || path.Clean(key) != key || strings.ContainsAny(key, "*?[]{}\"\\") || hasControl(key) {
			return "", fmt.Errorf("a host path is absolute, clean and without patterns, such as \"/var/log\"; it stands for all below it too")
		}
		return key, nil
	},
	contains: func(outer, inner Item) bool {
		return strings.HasPrefix(inner.Key, outer.Key+"/") && !behindLink(inner.Key, outer.Key)
	},
}

// HostLinks are regular expressions (RE2) of paths of the node behind a link that
// leads out of the folders it lies in: /var/run is /run, and /proc/1/root is the
// root. Whoever grants such a folder grants what is behind the link only by
// naming it.
var HostLinks = []string{
	`^/var/(run|lock)(/|$)`,
	`^/dev/(fd|stdin|stdout|stderr)(/|$)`,
	`^/proc/(.*/)?(cwd|exe|fd|map_files|root)(/|$)`,
}

var hostLinks = func() []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, link := range HostLinks {
		out = append(out, regexp.MustCompile(link))
	}
	return out
}()

// behindLink reports whether a path is behind a link that a folder above it is not.
func behindLink(path, above string) bool {
	return slices.ContainsFunc(hostLinks, func(link *regexp.Regexp) bool { return link.MatchString(path) && !link.MatchString(above) })
}
