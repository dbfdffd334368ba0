package attempt

// KindUnix is a use of a unix socket without a path, which a security module decides.
const KindUnix Kind = "unix"

// Unix is what is done with a unix socket that has no path.
type Unix struct {
	Access      string `attempt:"access,required" values:"create bind listen accept connect send receive" doc:"what is done with it"`
	Type        string `attempt:"type" values:"stream dgram seqpacket" doc:"type of socket; stream if left out"`
	Address     string `attempt:"address" doc:"its own address, \"@name\" in the abstract space; none if left out"`
	PeerAddress string `attempt:"peer_address" doc:"the other end's address, written alike"`
	Peer        string `attempt:"peer" doc:"the profile of the other end; the container's own if left out"`
}

var unix = define[Unix](Schema{
	Title: "a use of a unix socket without a path", Key: "unix", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"unix":{"access":"connect","peer_address":"@name"}}`},
})

// Kind is KindUnix.
func (Unix) Kind() Kind { return KindUnix }

func (u *Unix) validate() error {
	for _, a := range []struct{ field, address string }{{"address", u.Address}, {"peer_address", u.PeerAddress}} {
		if a.address != "" && (a.address[0] != '@' || len(a.address) == 1) {
			return wrong(a.field, "%q is not \"@\" and a name; a socket with a path is a file", a.address)
		}
	}
	return nil
}
