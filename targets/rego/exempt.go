package rego

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// exemptFile is the file of the bundle that finds which exceptions speak of a container's image.
const exemptFile = "exceptions.rego"

const exemptFunctions = `# Exceptions for images.

# The names of the exceptions that speak of the container: those for its workload
# (null is any) and its image. What is no reference is no image of theirs.
exceptions_for(c, exceptions) := {name |
	some [name, workload, images] in exceptions
	workload in {null, c.pod.workload}
	regex.match(images, image_name(c.spec.image))
}

# lasting_by_image is a violation in what an update cannot change, and that an
# exception may have let another image do: the change of the image brings it in.
lasting_by_image(c, control, keys, problem, exceptions) := found(c, control, keys, problem) if not settled_by_image(c, exceptions)

settled_by_image(c, exceptions) if {
	settled(c)
	not spared_before(c, exceptions)
}

# Of the pod as it was, one container has the name; no exception spoke of it.
spared_before(c, exceptions) if {
	object.get(input.request, "oldObject", null) != null
	held_before := [before |
		some before in object.get(old_or_nothing, ["spec", c.kind], [])
		before.name == c.name
		count(exceptions_for({"spec": before, "pod": c.pod}, exceptions)) == 0
	]
	count(held_before) != 1
}
`

// exceptionsOf are those by which violations of the control are only reported in containers of their images.
func (h held) exceptionsOf() []*policy.Exception {
	var all []*policy.Exception
	for _, s := range h.subjects {
		if s.value == "" {
			continue
		}
		for _, e := range s.setting.Exempt {
			if !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	slices.SortFunc(all, func(a, b *policy.Exception) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Policy, b.Policy))
	})
	return all
}

func (h held) exceptionsName() string {
	return strings.ReplaceAll(string(h.control.ID), ".", "_") + "_exceptions"
}

// exceptionsTable writes the exceptions for images; "" where there are none.
func (h held) exceptionsTable() string {
	var b strings.Builder
	for _, e := range h.exceptions {
		workload := "null"
		if e.Workload != "" {
			workload = quote(e.Workload)
		}
		fmt.Fprintf(&b, "\t# %s: until %s, %s\n\t[%s, %s, %s],\n", comment(at(e.Range)), e.Expires, comment(e.Reason), quote(e.Name), workload, anyOf(imagesOf(e)))
	}
	if b.Len() == 0 {
		return ""
	}
	return "# In containers of these images, violations are only reported.\n" + h.exceptionsName() + " := [\n" + b.String() + "]\n"
}

func imagesOf(e *policy.Exception) control.Value { return control.Value{Items: e.Images} }
