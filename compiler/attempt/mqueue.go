package attempt

import "strings"

// KindMqueue is an access to a POSIX message queue, which a security module decides.
const KindMqueue Kind = "mqueue"

// Mqueue is an access to a POSIX message queue.
type Mqueue struct {
	Access string `attempt:"access,required" values:"create open delete read write getattr setattr" doc:"what is done with it"`
	Name   string `attempt:"name,required" doc:"its name, which begins with a slash"`
	Peer   string `attempt:"peer" doc:"the profile of who made it; the container's own if left out"`
}

var mqueue = define[Mqueue](Schema{
	Title: "an access to a POSIX message queue", Key: "mqueue", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"mqueue":{"access":"open","name":"/queue"}}`},
})

// Kind is KindMqueue.
func (Mqueue) Kind() Kind { return KindMqueue }

func (m *Mqueue) validate() error {
	if len(m.Name) < 2 || m.Name[0] != '/' || strings.Contains(m.Name[1:], "/") {
		return wrong("name", "a message queue's name is a slash and text without one: %q is not", m.Name)
	}
	return nil
}
