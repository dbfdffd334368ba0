package attempt

import (
	"fmt"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// KindCapability is the use of a capability, which a security module decides.
const KindCapability Kind = "capability"

// Capability is the use of a capability.
type Capability struct {
	Name string `attempt:"name,required,key" doc:"the capability, without CAP_"` // once validated, in capitals and without CAP_
}

var capability = define[Capability](Schema{
	Title: "the use of a capability", Key: "capability", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"capability":"SYS_ADMIN"}`},
})

// Kind is KindCapability.
func (Capability) Kind() Kind { return KindCapability }

func (c *Capability) validate() error {
	c.Name = strings.TrimPrefix(strings.ToUpper(c.Name), "CAP_")
	if _, ok := linux.LookupCapability(c.Name); ok {
		return nil
	}
	var names []string
	for _, known := range linux.Capabilities() {
		names = append(names, known.Name)
	}
	return &FieldError{Field: "name", Problem: fmt.Sprintf("no capability is called %q", c.Name), Known: names}
}
