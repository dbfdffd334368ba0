package control

import (
	"fmt"
	"strings"
)

// Annotations is the ID of the control in this file.
const Annotations ID = "privileges.annotations"

var annotations = &Control{
	ID:       Annotations,
	Title:    "Pods must not have the listed annotations",
	Reason:   "Runtimes and their plugins act on annotations: devices, hooks, options of a sandbox (CVE-2026-44210).",
	Mappings: []string{"ATT&CK T1611"},
	Order:    DenySet, Type: Set, Scope: OfPod, Element: patterns("annotation"),
	InManifest: true,
	Advice:     "Who reads the annotation? Leave it out, and say what it asks for in the pod's own fields. Refused are VALUE.",
	encode:     names,
	Example:    Example{Bad: refusedAnnotation},
}

// patterns is the element of a set of names in which * stands for any text.
func patterns(what string) *Element {
	return &Element{
		What: what, Any: "*",
		Parse: func(key string) (string, error) {
			if key == "" || strings.ContainsAny(key, "\"\\ \t${}") || strings.Contains(key, "**") || hasControl(key) {
				return "", fmt.Errorf("a name of an %s is a word in which * stands for any text", what)
			}
			return key, nil
		},
		contains: func(outer, inner Item) bool { return segmentContains(outer.Key, inner.Key) },
	}
}

// refusedAnnotation states the first annotation that is refused.
func refusedAnnotation(s Situation) []Patch {
	return []Patch{annotated(strings.ReplaceAll(s.Value.Keys()[0], "*", "example"), "example")}
}
