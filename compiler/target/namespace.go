package target

import (
	"fmt"
	"strings"
)

// OtherNamespace says that an object is in a namespace that a policy does not hold,
// and which ones it holds.
func OtherNamespace(namespace string, held []string) string {
	const most = 5
	names := strings.Join(held[:min(len(held), most)], ", ")
	if len(held) > most {
		names += fmt.Sprintf(" and %d more", len(held)-most)
	}
	return fmt.Sprintf("it is in the namespace %s, and the policy applies to %s only", namespace, names)
}
