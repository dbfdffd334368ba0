package profile_test

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// TestVariablesAgainstParser holds variables, those that AppArmor ships included, to what the parser makes of them.
func TestVariablesAgainstParser(t *testing.T) {
	o := newOracle(t)
	paths := []string{"/a/c", "/b/c", "/ac", "//a/c", "/a//c", "/proc/1/x", "/proc/12/x", "/proc/4194304/x", "/proc/5000000/x", "/proc/012/x",
		"/run/x", "/var/run/x", "/home/u/x", "/root/x", "/home/x", "/sys/kernel/security/apparmor/x", "/etc/x", "/usr/etc/x",
		"/usr/lib/x86_64-linux-gnu/x", "/x/c", "/0/x", "/4294967295/x", "/5294967295/x", "/a b/c", "/{a/c", "/profile-x/c"}
	global := "include <tunables/global>\n"
	for _, text := range []string{
		"@{X} = /a /b\nprofile x { @{X}/c r, }",
		"@{X} = /a/\n@{X} += /b/\nprofile x { @{X}/c r, }",
		"@{X} = a b\nprofile x { /@{X}/c r, /{@{X},d}/c w, }",
		"@{X} = @{Y}\n@{Y} = /a \"/a b\"\nprofile x { \"@{X}/c\" r, }",
		"@{X} = \"\" /a\nprofile x { @{X}/c r, }",
		"@{X} = {a,b}\nprofile x { /@{X}/c r, }",
		"@{X} = a\nprofile x { \"/@\\{X\\}/c\" r, }",
		"profile profile-x { /@{profile_name}/c r, }",
		global + "profile x { @{PROC}/@{pid}/x r, }",
		global + "profile x { @{run}/x r, @{HOME}/x w, }",
		global + "include <tunables/apparmorfs>\nprofile x { @{apparmorfs}/x r, @{etc_ro}/x r, @{etc_rw}/x w, }",
		global + "profile x { /usr/lib/@{multiarch}/x r, /@{uid}/x r, }",
		"#include <tunables/global>\nprofile x { @{sys}/kernel/security/apparmor/x r, }",
		"include <tunables/proc>\nprofile x { @{PROC}/1/x r, }",
	} {
		file, err := profile.Parse("test", []byte(text))
		if err != nil {
			t.Errorf("%v\n%s", err, text)
			continue
		}
		theirs, problem := o.compile(t, text)
		if problem != "" {
			t.Errorf("the parser refuses it: %s\n%s", problem, text)
			continue
		}
		for _, path := range paths {
			want := theirs.files.filePerms(path, true)
			for _, access := range []string{"r", "w"} {
				allowed := want.allow&fileBits[access] != 0
				if got := file.Profiles[0].File(path, access, true); (got.Outcome == profile.Allow) != allowed {
					t.Errorf("%s %s: %v, the parser allows it: %v\n%s", access, path, got.Outcome, allowed, text)
				}
			}
		}
	}
}
