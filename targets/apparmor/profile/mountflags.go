package profile

import (
	"fmt"
	"math/bits"
)

// The kernel's mount flags (include/uapi/linux/mount.h) that rules name.
const (
	msReadOnly    uint32 = 1 << 0
	msNoSuid      uint32 = 1 << 1
	msNoDev       uint32 = 1 << 2
	msNoExec      uint32 = 1 << 3
	msSync        uint32 = 1 << 4
	msRemount     uint32 = 1 << 5
	msMand        uint32 = 1 << 6
	msDirSync     uint32 = 1 << 7
	msNoAtime     uint32 = 1 << 10
	msNoDirAtime  uint32 = 1 << 11
	msBind        uint32 = 1 << 12
	msMove        uint32 = 1 << 13
	msRec         uint32 = 1 << 14
	msSilent      uint32 = 1 << 15
	msACL         uint32 = 1 << 16
	msUnbindable  uint32 = 1 << 17
	msPrivate     uint32 = 1 << 18
	msSlave       uint32 = 1 << 19
	msShared      uint32 = 1 << 20
	msRelatime    uint32 = 1 << 21
	msVersion     uint32 = 1 << 23
	msStrictAtime uint32 = 1 << 24
	msNoUser      uint32 = 1 << 31

	msPropagation = msUnbindable | msPrivate | msSlave | msShared
)

// mountFlags are flags that rules or requests set, and flags that they name by their opposite ("rw" is the opposite of
// the flag read-only).
type mountFlags struct{ set, cleared uint32 }

var mountOptionFlags = map[string]mountFlags{
	"ro": {set: msReadOnly}, "r": {set: msReadOnly}, "read-only": {set: msReadOnly},
	"rw": {cleared: msReadOnly}, "w": {cleared: msReadOnly},
	"nosuid": {set: msNoSuid}, "suid": {cleared: msNoSuid},
	"nodev": {set: msNoDev}, "dev": {cleared: msNoDev},
	"noexec": {set: msNoExec}, "exec": {cleared: msNoExec},
	"sync": {set: msSync}, "async": {cleared: msSync},
	"remount": {set: msRemount},
	"mand":    {set: msMand}, "nomand": {cleared: msMand},
	"dirsync": {set: msDirSync},
	"noatime": {set: msNoAtime}, "atime": {cleared: msNoAtime},
	"nodiratime": {set: msNoDirAtime}, "diratime": {cleared: msNoDirAtime},
	"bind": {set: msBind}, "B": {set: msBind}, "rbind": {set: msBind | msRec}, "R": {set: msBind | msRec},
	"move": {set: msMove}, "M": {set: msMove},
	"silent": {set: msSilent}, "verbose": {set: msSilent}, "loud": {cleared: msSilent},
	"acl": {set: msACL}, "noacl": {cleared: msACL},
	"unbindable": {set: msUnbindable}, "make-unbindable": {set: msUnbindable},
	"runbindable": {set: msUnbindable | msRec}, "make-runbindable": {set: msUnbindable | msRec},
	"private": {set: msPrivate}, "make-private": {set: msPrivate},
	"rprivate": {set: msPrivate | msRec}, "make-rprivate": {set: msPrivate | msRec},
	"slave": {set: msSlave}, "make-slave": {set: msSlave},
	"rslave": {set: msSlave | msRec}, "make-rslave": {set: msSlave | msRec},
	"shared": {set: msShared}, "make-shared": {set: msShared},
	"rshared": {set: msShared | msRec}, "make-rshared": {set: msShared | msRec},
	"relatime": {set: msRelatime}, "norelatime": {}, // names no flag to apparmor_parser
	"iversion": {set: msVersion}, "noiversion": {cleared: msVersion},
	"strictatime": {set: msStrictAtime}, "nouser": {set: msNoUser}, "user": {cleared: msNoUser},
}

// add adds an option by its name.
func (f *mountFlags) add(option string) error {
	flags, ok := mountOptionFlags[option]
	if !ok {
		return fmt.Errorf("unknown mount option %q", option)
	}
	f.set |= flags.set
	f.cleared |= flags.cleared
	return nil
}

// propagationCount says how many kinds of propagation the flags name: the kernel takes one at a time.
func (f mountFlags) propagationCount() int { return bits.OnesCount32(f.set & msPropagation) }
