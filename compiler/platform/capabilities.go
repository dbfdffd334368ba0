package platform

import (
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// Capabilities are the container's bounding set, without CAP_. Nil stands for what
// the runtime gives a container that asks for nothing. It is a fact of one
// container and not of a cluster, so that no policy states it: the compiler does for
// each container, and command lines do.
var Capabilities = &Fact[[]string]{
	Name:  "capabilities",
	Doc:   "The container's capabilities, without `CAP_`.",
	Usage: "the container's bounding `SET`, such as NET_ADMIN,SYS_ADMIN, ALL or \"\" for none (default: what the runtime gives)",
	FromText: func(text string) ([]string, error) {
		names := []string{}
		if text == "ALL" {
			for _, c := range linux.Capabilities() {
				names = append(names, c.Name)
			}
			return names, nil
		}
		for _, name := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
			names = append(names, strings.TrimPrefix(name, "CAP_"))
		}
		return names, nil
	},
}
