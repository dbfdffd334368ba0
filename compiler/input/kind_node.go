package input

// NodeClass is a node of a cluster.
const NodeClass Class = "node"

var node = objectKind{
	class:   NodeClass,
	claims:  func(o Object) bool { return o.isKind(CoreGroup, "Node") },
	examine: func(Object) (Class, string) { return NodeClass, "" },
}
