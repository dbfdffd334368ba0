package attempt

// KindIOUring is a use of io_uring, which a security module decides.
const KindIOUring Kind = "io_uring"

// IOUring is a use of io_uring that a security module decides.
type IOUring struct {
	Access string `attempt:"access,required" values:"sqpoll override_creds" doc:"having the kernel poll, or taking the credentials of another"`
	Peer   string `attempt:"peer" doc:"the profile whose credentials are taken; the container's own if left out"`
}

var ioUring = define[IOUring](Schema{
	Title: "a use of io_uring that a security module decides", Key: "io_uring", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"io_uring":{"access":"sqpoll"}}`},
})

// Kind is KindIOUring.
func (IOUring) Kind() Kind { return KindIOUring }
