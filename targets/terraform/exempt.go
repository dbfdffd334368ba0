package terraform

import (
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// spare adds exceptions for images to those of the table.
func (t *table) spare(exceptions []*policy.Exception) {
	for _, e := range exceptions {
		if !slices.Contains(t.exceptions, e) {
			t.exceptions = append(t.exceptions, e)
		}
	}
}

// spared writes what is not looked at, as elements of a list of which one has to
// be true: what exceptions speak of, or, with an exception, all else.
func (t *table) spared(only *policy.Exception) string {
	if only != nil {
		return "!(" + speaksOf(only) + "), "
	}
	var b strings.Builder
	for _, e := range t.exceptions {
		b.WriteString(speaksOf(e) + ", ")
	}
	return b.String()
}

// speaksOf is an expression over a container with its image, or over a volume,
// that is true where an exception for images speaks of it. What is no reference to
// an image is no image of the exception's.
func speaksOf(e *policy.Exception) string {
	images := quote(strings.Join(control.ImageExpressions(e.Images).Patterns, "|"))
	image := "c.image == null ? false : length(regexall(" + images + ", c.image.name)) > 0"
	if e.Workload != "" {
		image = "c.any == " + quote(e.Workload+"/*") + " ? (" + image + ") : false"
	}
	return "c.volume ? false : (" + image + ")"
}
