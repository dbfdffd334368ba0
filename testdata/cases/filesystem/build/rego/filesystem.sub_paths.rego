package bulkhead.filesystem

# policy.hcl:27: filesystem.sub_paths = false
# METADATA
# title: "Volumes must be mounted without subPath"
# description: "The kubelet resolves the path on the node. A link that a container put there has led out of the volume (CVE-2017-1002101, CVE-2021-25741)."
# custom:
#   control: filesystem.sub_paths
deny contains lasting(c, "filesystem.sub_paths", ["volumeMounts", i, field], sprintf("subPath must not be set; it is %v", [json.marshal(value)])) if {
	some c in containers
	some i, item in c.spec.volumeMounts
	some field in ["subPath", "subPathExpr"]
	value := object.get(item, field, "")
	value != ""
}
