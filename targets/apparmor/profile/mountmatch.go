package profile

import "fmt"

// MountRequest is a mount, as the system call states it.
type MountRequest struct {
	Source  string   // the device or directory; what the kernel is given, often "none" or "proc"
	Target  string   // the mount point; it ends with a slash, and gets one here if it does not
	FSType  string   // the type of the file system; empty for bind, move, remount and changes of propagation
	Options []string // as in a rule: "ro", "bind", "remount", "nosuid", "rprivate", ...
}

// Mount says whether the profile lets a process mount. What options and types a rule weighs follows from the kind of
// mount, as the kernel asks: a remount has neither source nor type, a bind mount no type, and so on.
func (p *Profile) Mount(r MountRequest) Decision {
	var flags mountFlags
	for _, option := range r.Options {
		if err := flags.add(option); err != nil {
			return Decision{Outcome: Undecided, Reason: err.Error()}
		}
	}
	if flags.propagationCount() > 1 {
		return Decision{Outcome: Undecided, Reason: "a mount changes to one kind of propagation at a time"}
	}
	r.Target = directory(r.Target)
	t := tally{want: permMount}
	for i := range p.mounts {
		rule := &p.mounts[i]
		m, why := rule.mount(r, flags.set&^flags.cleared)
		if m != matchNo {
			t.add(rule.head, rule.perms, m, why)
		}
	}
	t.addUnread(p, classMount)
	return t.decide(p, fmt.Sprintf("mount of %q on %s", r.Source, r.Target))
}

// Umount says whether the profile lets a process unmount what is mounted on target.
func (p *Profile) Umount(target string) Decision {
	target = directory(target)
	t := tally{want: permUmount}
	for i := range p.mounts {
		if r := &p.mounts[i]; anyMatch(r.target, target) {
			m := matchYes
			if r.types != nil {
				m = matchMaybe
			}
			t.add(r.head, r.perms, m, "the type of the file system that is unmounted")
		}
	}
	t.addUnread(p, classMount)
	return t.decide(p, "umount of "+target)
}

// PivotRoot says whether the profile lets a process change its root to newRoot and put the old one at oldRoot.
func (p *Profile) PivotRoot(newRoot, oldRoot string) Decision {
	newRoot, oldRoot = directory(newRoot), directory(oldRoot)
	t := tally{want: permPivot}
	for i := range p.mounts {
		if r := &p.mounts[i]; anyMatch(r.target, newRoot) && anyMatch(r.oldRoot, oldRoot) {
			t.add(r.head, r.perms, matchYes, "")
		}
	}
	t.addUnread(p, classMount)
	return t.decide(p, fmt.Sprintf("pivot_root to %s with the old root at %s", newRoot, oldRoot))
}

// directory ends a path as the kernel names directories.
func directory(path string) string {
	if path == "" || path[len(path)-1] == '/' {
		return path
	}
	return path + "/"
}

// mount says whether the rule speaks of the request.
func (r *mountRule) mount(q MountRequest, flags uint32) (match, string) {
	if r.perms != permMount || !anyMatch(r.target, q.Target) {
		return matchNo, ""
	}
	if !r.remount && r.types == nil && r.exact == nil && r.within == nil && r.source == nil {
		return matchYes, ""
	}
	return matchMaybe, "the conditions of a mount rule"
}
