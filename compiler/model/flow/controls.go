package flow

import "github.com/bulkhead-policy/bulkhead/compiler/control"

// The controls of connections.
const (
	idDefault  = control.NetworkDefault
	idDNS      = control.NetworkDNS
	idMetadata = control.Metadata
	idAPI      = control.KubernetesAPI
	idInternet = control.Internet
)

// ofEnds are the controls of connections with particular ends.
var ofEnds = []control.ID{idMetadata, idAPI, idInternet, idDNS}
