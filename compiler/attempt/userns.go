package attempt

// KindUserns is the creation of a user namespace, which a security module decides.
const KindUserns Kind = "userns"

// Userns is the creation of a user namespace.
type Userns struct{}

var userns = define[Userns](Schema{
	Title: "the creation of a user namespace", Key: "userns", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"userns":{}}`},
})

// Kind is KindUserns.
func (Userns) Kind() Kind { return KindUserns }
