package profile

import (
	"slices"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// apparmorControls are the controls that the rules of an AppArmor profile enforce in full (apparmor.d(5): file, capability and network
// rules). Of filesystem.deny the target that writes profiles may have to except a folder that is named by a pattern.
var apparmorControls = []control.ID{
	control.FilesystemWrite, control.FilesystemExecute, control.FilesystemDeny,
	control.CapabilitiesDrop, control.CapabilitiesAdd, control.NetworkFamilies,
}

// AppArmorEnforces reports whether an AppArmor profile can enforce a control in full.
func AppArmorEnforces(id control.ID) bool { return slices.Contains(apparmorControls, id) }
