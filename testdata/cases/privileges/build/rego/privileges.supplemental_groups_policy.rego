package bulkhead.privileges

# policy.hcl:42: privileges.supplemental_groups_policy = "strict"
# METADATA
# title: "Supplemental groups must come from the pod and not from the image"
# description: "Merge adds the groups that the image's /etc/group gives the user. They are not in the manifest, and they give access to files of volumes."
# custom:
#   control: privileges.supplemental_groups_policy
deny contains lasting(pod, "privileges.supplemental_groups_policy", ["spec", "securityContext", "supplementalGroupsPolicy"], unset_or(value, "Merge", "supplementalGroupsPolicy must be Strict", typed_text("supplementalGroupsPolicy", value, "supplementalGroupsPolicy must be Strict"))) if {
	some pod in linux_pods
	value := pod.spec.securityContext.supplementalGroupsPolicy
	not value in ["Strict"]
}
