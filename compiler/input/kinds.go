package input

import (
	"cmp"
	"fmt"
)

// Class is what controls can read of an object. Its text is the noun that messages use.
type Class string

// The classes of objects of no kind. Each kind declares its own.
const (
	UnsupportedClass Class = ""                 // no control can read the object
	MalformedClass   Class = "malformed object" // its kind can be read, and the object is not as the kind has to be
)

// objectKind is a kind of Kubernetes objects that controls can read. Each has a file of its own and a line in
// objectKinds. Judges read the objects of a manifest, so a kind makes no attempts of its own.
type objectKind struct {
	class Class
	// namespaced objects belong to a namespace, which decides whether a policy applies to them.
	namespaced bool
	// claims reports whether an object is of the kind, by its API group and its kind.
	claims func(Object) bool
	// examine returns another class, with the reason, where the object cannot be read.
	examine func(Object) (Class, string)
}

// objectKinds lists the kinds. The first that claims an object has it.
var objectKinds = []*objectKind{&node, &kubeletConfiguration, &workload}

// kind returns the kind of the object; nil where no kind claims it.
func (o Object) kind() *objectKind {
	for _, k := range objectKinds {
		if k.claims(o) {
			return k
		}
	}
	return nil
}

// Class returns what the object is, and why where no control can read it. A kind of another API group is not the kind of
// that name; an object without an apiVersion is taken for the kind that it names.
func (o Object) Class() (Class, string) {
	k := o.kind()
	if k == nil {
		if why := o.Installs(); why != "" {
			return UnsupportedClass, o.NoControl() + ": " + why
		}
		return UnsupportedClass, o.NoControl() + o.hint()
	}
	if class, reason := k.examine(o); class != k.class {
		if class == MalformedClass && o.isSettings() {
			return UnsupportedClass, "not a Kubernetes object: it states neither apiVersion nor metadata nor spec"
		}
		return class, reason
	}
	return k.class, ""
}

// isSettings reports whether the object has nothing of a Kubernetes object but a field called kind, and other fields: the
// values of a chart may have one.
func (o Object) isSettings() bool {
	for _, field := range []string{"apiVersion", "metadata", "spec"} {
		if o.Node.Get(field) != nil {
			return false
		}
	}
	return len(o.Node.Fields) > 1
}

// Namespaced reports whether objects of the class belong to a namespace.
func (c Class) Namespaced() bool {
	for _, k := range objectKinds {
		if k.class == c {
			return k.namespaced
		}
	}
	return false
}

// NoControl says that no control of a policy applies to the object.
func (o Object) NoControl() string {
	return fmt.Sprintf("%s (%s): no control applies", o.Kind, cmp.Or(o.APIVersion, "no apiVersion"))
}

// isKind reports whether the object is of a kind of an API group, or of that name and no group.
func (o Object) isKind(group, kind string) bool {
	g := groupOf(o.APIVersion)
	return o.Kind == kind && (g == group || g == NoGroup)
}
