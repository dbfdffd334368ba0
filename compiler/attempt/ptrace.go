package attempt

// KindPtrace is one process tracing or reading another, which a security module decides.
const KindPtrace Kind = "ptrace"

// Ptrace is one process that traces or reads another, or is traced or read.
type Ptrace struct {
	Access string `attempt:"access,required" values:"trace read tracedby readby" doc:"what is done, by this process or to it"`
	Peer   string `attempt:"peer" doc:"the profile of the other process; the container's own if left out"`
}

var ptrace = define[Ptrace](Schema{
	Title: "one process tracing or reading another", Key: "ptrace", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"ptrace":{"access":"trace","peer":"unconfined"}}`},
})

// Kind is KindPtrace.
func (Ptrace) Kind() Kind { return KindPtrace }
