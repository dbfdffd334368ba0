package profile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// The permissions of the mount class (mount.h in apparmor_parser).
const (
	mayPivot  = 1
	mayMount  = 2
	mayUmount = 4
)

// mountFlagBits are the numbers of the flags in the system call, from include/uapi/linux/mount.h.
var mountFlagBits = map[string]int{"ro": 0, "nosuid": 1, "nodev": 2, "noexec": 3, "sync": 4, "remount": 5, "noatime": 10,
	"bind": 12, "move": 13, "rec": 14, "silent": 15, "unbindable": 17, "private": 18, "slave": 19, "shared": 20, "relatime": 21, "strictatime": 24}

// kernelMountKey is how security/apparmor/mount.c asks: the class, mount point, device and type, each but the first
// ended by a NUL, and the flags as the numbers of their bits plus one.
func kernelMountKey(target, source, fstype string, flags uint32) []byte {
	key := append([]byte{classMount}, target...)
	key = append(key, 0)
	key = append(key, source...)
	key = append(key, 0)
	key = append(key, fstype...)
	key = append(key, 0)
	for bit := range 32 {
		if flags&(1<<bit) != 0 {
			key = append(key, byte(bit+1))
		}
	}
	return key
}

var (
	mountTargets = []string{"/", "/a/", "/b/", "/a/b/"}
	mountSources = []string{"none", "/dev/x", "/a/", "proc"}
	mountTypes   = []string{"proc", "tmpfs", "ext4"}
)

func mountRules() func(*rapid.T) string {
	option := rapid.SampledFrom([]string{"ro", "rw", "nosuid", "suid", "nodev", "noexec", "remount", "bind", "rbind", "move",
		"private", "rprivate", "shared", "rslave", "unbindable", "sync", "relatime", "strictatime", "silent", "noatime", "atime"})
	return func(t *rapid.T) string {
		var parts []string
		kind := rapid.SampledFrom([]string{"mount", "mount", "mount", "remount", "umount", "pivot_root"}).Draw(t, "kind")
		parts = append(parts, strings.TrimSpace(prefix(t)+kind))
		mount := kind == "mount" || kind == "remount"
		if mount && rapid.Bool().Draw(t, "typed") {
			parts = append(parts, rapid.SampledFrom([]string{"fstype=proc", "fstype=(proc, tmpfs)", "fstype=t*", "fstype in (ext4)"}).Draw(t, "type"))
		}
		if mount && rapid.Bool().Draw(t, "optioned") {
			operator := rapid.SampledFrom([]string{"=", " in "}).Draw(t, "operator")
			options := rapid.SliceOfNDistinct(option, 1, 3, rapid.ID[string]).Draw(t, "options")
			parts = append(parts, fmt.Sprintf("options%s(%s)", operator, strings.Join(options, ", ")))
		}
		switch kind {
		case "mount":
			parts = append(parts, rapid.SampledFrom([]string{"", "/dev/*", "none", "/a/", "**"}).Draw(t, "source"))
			parts = append(parts, rapid.SampledFrom([]string{"", "-> /a/", "-> /**", "-> /*/", "-> /{,a/,b/}"}).Draw(t, "target"))
		case "pivot_root":
			parts = append(parts, rapid.SampledFrom([]string{"", "oldroot=/a/", "oldroot=/**"}).Draw(t, "old"))
			parts = append(parts, rapid.SampledFrom([]string{"", "/b/", "/*/"}).Draw(t, "new"))
		default:
			parts = append(parts, rapid.SampledFrom([]string{"", "/a/", "/**", "/*/"}).Draw(t, "target"))
		}
		return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
	}
}

func TestMountsAgainstParser(t *testing.T) {
	if newOracle(t).newer() {
		t.Log("parsers since 4.0 write mount rules in other ways; the reader is held to 3.0")
		return
	}
	options := []string{"ro", "nosuid", "nodev", "noexec", "relatime", "silent", "sync", "noatime", "strictatime"}
	kinds := [][]string{nil, nil, {"remount"}, {"bind"}, {"rbind"}, {"move"}, {"private"}, {"rshared"}, {"bind", "remount"}}
	against(t, mountRules(), func(t *rapid.T, text string, p *profile.Profile, theirs *compiled) {
		for range 20 {
			r := profile.MountRequest{
				Source: rapid.SampledFrom(mountSources).Draw(t, "source"),
				Target: rapid.SampledFrom(mountTargets).Draw(t, "target"),
				FSType: rapid.SampledFrom(mountTypes).Draw(t, "type"),
			}
			kind := rapid.SampledFrom(kinds).Draw(t, "kind")
			r.Options = append(slices.Clone(kind), rapid.SliceOfNDistinct(rapid.SampledFrom(options), 0, 3, rapid.ID[string]).Draw(t, "options")...)
			want := theirs.policy.statePerms(askKernel(r))
			agree(t, text, fmt.Sprintf("mount %+v", r), p.Mount(r), want, mayMount)
		}
		for _, target := range mountTargets {
			want := theirs.policy.statePerms(append([]byte{classMount}, target...))
			agree(t, text, "umount "+target, p.Umount(target), want, mayUmount)
			for _, old := range mountTargets {
				want := theirs.policy.statePerms(slices.Concat([]byte{classMount}, []byte(target), []byte{0}, []byte(old)))
				agree(t, text, "pivot_root "+target+" "+old, p.PivotRoot(target, old), want, mayPivot)
			}
		}
	})
}

// askKernel gives the key of a request as apparmor_sb_mount and the functions it calls build it.
func askKernel(r profile.MountRequest) []byte {
	var flags uint32
	for _, option := range r.Options {
		name, recursive := option, false
		if option == "rbind" || option == "rshared" {
			name, recursive = option[1:], true
		}
		flags |= 1 << mountFlagBits[name]
		if recursive {
			flags |= 1 << mountFlagBits["rec"]
		}
	}
	bit := func(names ...string) (m uint32) {
		for _, name := range names {
			m |= 1 << mountFlagBits[name]
		}
		return m
	}
	propagation := bit("unbindable", "private", "slave", "shared")
	switch {
	case flags&bit("remount") != 0:
		return kernelMountKey(r.Target, "", "", flags)
	case flags&bit("bind") != 0:
		return kernelMountKey(r.Target, r.Source, "", flags&bit("bind", "rec"))
	case flags&propagation != 0:
		return kernelMountKey(r.Target, "", "", flags&(propagation|bit("rec", "silent")))
	case flags&bit("move") != 0:
		return kernelMountKey(r.Target, r.Source, "", bit("move"))
	}
	return kernelMountKey(r.Target, r.Source, r.FSType, flags)
}
