package attempt

import (
	"fmt"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// KindMount is a change to the mount tree, which a security module decides.
const KindMount Kind = "mount"

// Mount is a change to the mount tree.
type Mount struct {
	Operation string   `attempt:"operation" values:"mount remount umount pivot_root" doc:"mount if left out"`
	FSType    string   `attempt:"fstype" doc:"type of the filesystem"`
	Options   []string `attempt:"options" doc:"options such as \"rw\" or \"bind\""`
	Source    string   `attempt:"source" doc:"what is mounted"`
	Target    string   `attempt:"target" doc:"where to"`
}

var mount = define[Mount](Schema{
	Title: "a change to the mount tree", Key: "mount", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"mount":{"fstype":"proc","target":"/mnt"}}`},
})

func (m *Mount) validate() error {
	if m.FSType != "" && !linux.IsFileSystem(m.FSType) {
		return &FieldError{Field: "fstype", Problem: fmt.Sprintf("no type of file system is called %q", m.FSType), Known: linux.FileSystems()}
	}
	return nil
}

// Kind is KindMount.
func (Mount) Kind() Kind { return KindMount }
