package bulkhead.filesystem

# policy.hcl:27: filesystem.sub_paths = false
# METADATA
# title: "Mounting a part of a volume, by its path within"
# description: "The kubelet looks the path up on the node: a link that a container put there has led out of the volume (CVE-2017-1002101, CVE-2021-25741)."
# custom:
#   control: filesystem.sub_paths
deny contains lasting(c, "filesystem.sub_paths", ["volumeMounts", i, field], sprintf("subPath must not be set; it is %v", [json.marshal(value)])) if {
	some c in containers
	some i, item in c.spec.volumeMounts
	some field in ["subPath", "subPathExpr"]
	value := object.get(item, field, "")
	value != ""
}
