package rego

import (
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

var tokensCheck = check{value: audiences, variable: "allowed", rules: []rule{{
	over: "pods", keys: `["spec", "automountServiceAccountToken"]`, problem: `typed_flag("automountServiceAccountToken", pod.spec.automountServiceAccountToken, "false", "automountServiceAccountToken must be stated as false")`,
	where: []string{"not allowed.api", "pod.spec.automountServiceAccountToken != false"},
}, {
	over: "pods", keys: `["spec", "volumes", i, "projected", "sources", k, "serviceAccountToken"]`, problem: `sprintf("a token for %s is not allowed", [token_for(source)])`,
	where: []string{
		"some i, volume in pod.spec.volumes",
		"some k, source in volume.projected.sources",
		"not token_allowed(source, allowed)",
	},
}, {
	over: "pods", keys: `["spec", "volumes", i, "projected", "sources", k, "podCertificate"]`,
	problem: `sprintf("a certificate of the signer %s is not allowed", [json.marshal(object.get(source, ["podCertificate", "signerName"], ""))])`,
	where: []string{
		"some i, volume in pod.spec.volumes",
		"some k, source in volume.projected.sources",
		`object.get(source, "podCertificate", null) != null`,
		"not certificate_allowed(source, allowed)",
	},
}, {
	over: "pods", keys: `["spec", "volumes", i, "projected", "sources", k, name]`,
	problem: `sprintf("the source %s of a projected volume is not known, so that it may be a token", [name])`,
	where: []string{
		"some i, volume in pod.spec.volumes",
		"some k, source in volume.projected.sources",
		"unknown := object.keys(source) - known_sources",
		"some name in unknown",
	},
}, {
	over: "pods", keys: `["spec", "volumes", i, "projected"]`, problem: `"what the volume holds cannot be read"`,
	where: []string{
		"some i, volume in pod.spec.volumes",
		`object.get(volume, "projected", null) != null`,
		"not projection_readable(volume.projected)",
	},
}}, functions: `token_allowed(source, _) if object.get(source, "serviceAccountToken", null) == null

# Without an audience, it is for the API server.
token_allowed(source, allowed) if {
	allowed.api
	object.get(source.serviceAccountToken, "audience", "") == ""
}

token_allowed(source, allowed) if {
	audience := source.serviceAccountToken.audience
	audience != ""
	in_words(audience, allowed.known)
}

# Who signs a certificate is named like the audience of a token.
certificate_allowed(source, allowed) if in_words(source.podCertificate.signerName, allowed.known)

# Sources of projected volumes (k8s.io/api, VolumeProjection).
known_sources := {"clusterTrustBundle", "configMap", "downwardAPI", "podCertificate", "secret", "serviceAccountToken"}

projection_readable(projected) if objects_only(object.get(projected, "sources", []))

token_for(source) := json.marshal(audience) if {
	audience := source.serviceAccountToken.audience
	audience != ""
} else := "the API server"
`}

// audiences writes whom tokens may be for: the API server, and audiences by name.
func audiences(c *control.Control, v control.Value) string {
	known := c.Encoded(v)
	return fmt.Sprintf(`{"api": %t, "known": %s}`, known.Unset, known.Rego())
}
