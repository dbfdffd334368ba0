// Package hcltext is about text that people write: where something is in it, what a
// misspelled name may have meant, and how complex HCL may be before it is parsed.
package hcltext

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
)

// At writes the start of a range as compilers do: FILE:LINE.
func At(r hcl.Range) string { return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line) }

// The edit distance up to which a name is near, as for attributes in HCL; and the
// length in bytes above which no name is compared, since that takes time.
const (
	near    = 2
	longest = 256
)

// Nearest gives the known name that a given one was most likely meant to be; "" of
// none. A name in other letter case comes first, and a beginning counts as near.
func Nearest(given string, known []string) string {
	if len(given) > longest {
		return ""
	}
	best, distance := "", near+1
	for _, name := range known {
		if strings.EqualFold(name, given) && name != given {
			return name
		}
		if d := levenshtein.Distance(given, name, nil); d < distance && d < len(name) {
			best, distance = name, d
		}
	}
	if best != "" || len(given) < 3 {
		return best
	}
	for _, name := range known {
		if strings.HasPrefix(name, given) && (best == "" || len(name) < len(best)) {
			best = name
		}
	}
	return best
}
