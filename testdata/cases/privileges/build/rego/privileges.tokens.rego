package bulkhead.privileges

# policy.hcl:38: privileges.tokens = ["vault"]
# METADATA
# title: "Pods may request service account tokens only for the listed audiences"
# description: "An attacker in the container can act as its service account until the pod ends."
# custom:
#   control: privileges.tokens
deny contains lasting(pod, "privileges.tokens", ["spec", "automountServiceAccountToken"], typed_flag("automountServiceAccountToken", pod.spec.automountServiceAccountToken, "false", "automountServiceAccountToken must be stated as false")) if {
	some pod in pods
	allowed := {"api": false, "known": {"names": ["vault"], "prefixes": []}}
	not allowed.api
	pod.spec.automountServiceAccountToken != false
}

deny contains lasting(pod, "privileges.tokens", ["spec", "volumes", i, "projected", "sources", k, "serviceAccountToken"], sprintf("a token for %s is not allowed", [token_for(source)])) if {
	some pod in pods
	allowed := {"api": false, "known": {"names": ["vault"], "prefixes": []}}
	some i, volume in pod.spec.volumes
	some k, source in volume.projected.sources
	not token_allowed(source, allowed)
}

deny contains lasting(pod, "privileges.tokens", ["spec", "volumes", i, "projected", "sources", k, "podCertificate"], sprintf("a certificate of the signer %s is not allowed", [json.marshal(object.get(source, ["podCertificate", "signerName"], ""))])) if {
	some pod in pods
	allowed := {"api": false, "known": {"names": ["vault"], "prefixes": []}}
	some i, volume in pod.spec.volumes
	some k, source in volume.projected.sources
	object.get(source, "podCertificate", null) != null
	not certificate_allowed(source, allowed)
}

deny contains lasting(pod, "privileges.tokens", ["spec", "volumes", i, "projected", "sources", k, name], sprintf("the source %s of a projected volume is not known, so that it may be a token", [name])) if {
	some pod in pods
	some i, volume in pod.spec.volumes
	some k, source in volume.projected.sources
	unknown := object.keys(source) - known_sources
	some name in unknown
}

deny contains lasting(pod, "privileges.tokens", ["spec", "volumes", i, "projected"], "what the volume holds cannot be read") if {
	some pod in pods
	some i, volume in pod.spec.volumes
	object.get(volume, "projected", null) != null
	not projection_readable(volume.projected)
}

token_allowed(source, _) if object.get(source, "serviceAccountToken", null) == null

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
