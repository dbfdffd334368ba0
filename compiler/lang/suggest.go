package lang

import (
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// didYouMean gives " Did you mean ...?" with the nearest of the known names, or
// nothing where none is near.
func didYouMean(given string, known []string) string {
	if name := hcltext.Nearest(given, known); name != "" {
		return fmt.Sprintf(" Did you mean %q?", name)
	}
	return ""
}
