package attempt

// KindSocket is the creation of a socket, which a security module decides.
const KindSocket Kind = "socket"

// Socket is the creation of a socket.
type Socket struct {
	Family string `attempt:"family,required" values:"unix inet ax25 ipx appletalk netrom bridge atmpvc x25 inet6 rose netbeui security key netlink packet ash econet atmsvc rds sna irda pppox wanpipe llc ib mpls can tipc bluetooth iucv rxrpc isdn phonet ieee802154 caif alg nfc vsock kcm qipcrtr smc xdp mctp" doc:"address family: inet, packet, alg, ..."`
	Type   string `attempt:"type" values:"stream dgram seqpacket rdm raw packet" doc:"type of socket; stream if left out"`
}

var socket = define[Socket](Schema{
	Title: "the creation of a socket", Key: "network", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"network":{"family":"packet","type":"raw"}}`},
})

// Kind is KindSocket.
func (Socket) Kind() Kind { return KindSocket }
