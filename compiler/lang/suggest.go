package lang

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// didYouMean gives " Did you mean ...?" with the nearest of the known names, or
// nothing where none is near. A beginning counts as near.
func didYouMean(given string, known []string) string {
	best, distance := "", 3 // as HCL itself does for attributes
	for _, name := range known {
		if strings.EqualFold(name, given) && name != given {
			return fmt.Sprintf(" Did you mean %q?", name)
		}
		if d := levenshtein.Distance(given, name, nil); d < distance {
			best, distance = name, d
		}
	}
	if best == "" && len(given) >= 3 {
		for _, name := range known {
			if strings.HasPrefix(name, given) && (best == "" || len(name) < len(best)) {
				best = name
			}
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean %q?", best)
}
