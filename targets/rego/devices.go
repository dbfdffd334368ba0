package rego

// devicesCheck looks at extended resources, which device plugins and drivers serve, and at claims of dynamic resource
// allocation. What a resource without a domain is, the API server knows: memory, CPU, storage and huge pages.
var devicesCheck = check{variable: "allowed", rules: []rule{{
	over: "pods", keys: `["spec", kind, k, "resources", list, name]`, problem: `sprintf("the device %s is not allowed", [json.marshal(name)])`,
	where: []string{
		"some kind in container_lists",
		"some k, stated in pod.spec[kind]",
		`some list in ["limits", "requests"]`,
		"some name in requested(stated, list)",
		"not in_words(name, allowed)",
	},
}, {
	over: "pods", keys: `["spec", "resources", list, name]`, problem: `sprintf("the device %s is not allowed", [json.marshal(name)])`,
	where: []string{
		`some list in ["limits", "requests"]`,
		"some name in requested(pod.spec, list)",
		"not in_words(name, allowed)",
	},
}, {
	over: "pods", keys: `["spec", "resourceClaims", i]`, problem: `sprintf("the device %s is not allowed", [json.marshal(claimed(claim))])`,
	where: []string{
		"some i, claim in pod.spec.resourceClaims",
		"not in_words(claimed(claim), allowed)",
	},
}}, functions: `requested(of, list) := [name | some name, _ in of.resources[list]; contains(name, "/")]

# A claim is known by the name of its ResourceClaim or of the template.
claimed(claim) := concat("", ["claim:", claim.resourceClaimName]) if {
	not claim.resourceClaimTemplateName
} else := concat("", ["claim:", claim.resourceClaimTemplateName]) if {
	not claim.resourceClaimName
} else := "claim:?"
`}
