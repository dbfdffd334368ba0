package profile

import "fmt"

// MountRequest is a mount, as the system call states it.
type MountRequest struct {
	Source  string   // the device or directory; what the kernel is given, often "none" or "proc"
	Target  string   // the mount point; it ends with a slash, and gets one here if it does not
	FSType  string   // the type of the file system; ignored for bind, move, remount and changes of propagation
	Options []string // as in a rule: "ro", "bind", "remount", "nosuid", "rprivate", ...
}

// mountKey is what the kernel matches: which of a request's parts it gives to the policy depends on the kind of mount
// (security/apparmor/mount.c).
type mountKey struct {
	target, source, fstype string
	flags                  uint32
}

// key tells the kind of mount as the kernel does, in its order.
func (r MountRequest) key(flags uint32) mountKey {
	target := directory(r.Target)
	switch {
	case flags&msRemount != 0:
		return mountKey{target: target, flags: flags}
	case flags&msBind != 0:
		return mountKey{target: target, source: r.Source, flags: flags & (msBind | msRec)}
	case flags&msPropagation != 0:
		return mountKey{target: target, flags: flags & (msPropagation | msRec | msSilent)}
	case flags&msMove != 0:
		return mountKey{target: target, source: r.Source, flags: msMove}
	default:
		return mountKey{target: target, source: r.Source, fstype: r.FSType, flags: flags}
	}
}

// Mount says whether the profile lets a process mount. Which conditions of a rule are weighed follows from the kind
// of mount, as the kernel asks: a remount has neither source nor type, a bind mount no type, and so on.
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
	key := r.key(flags.set &^ flags.cleared)
	t := tally{want: permMount}
	for i := range p.mounts {
		if rule := &p.mounts[i]; rule.matches(key) {
			t.add(rule.head, rule.perms, matchYes, "")
		}
	}
	t.addUnread(p, classMount)
	return t.decide(p, fmt.Sprintf("mount of %q on %s", r.Source, key.target))
}

// Umount says whether the profile lets a process unmount what is mounted on target.
func (p *Profile) Umount(target string) Decision {
	target = directory(target)
	t := tally{want: permUmount}
	for i := range p.mounts {
		if r := &p.mounts[i]; anyMatch(r.target, target) {
			t.add(r.head, r.perms, matchYes, "")
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

// mountForm is one of the forms that apparmor_parser makes of a mount rule (mount.cc, gen_policy_re).
type mountForm struct {
	source, fstype     bool // weighed; else whatever is given matches
	any                bool // of flags
	required, optional uint32
}

// The flags that apparmor_parser 3.0 keeps in each form. That a change of propagation keeps flags that the kernel never
// asks about is its mistake, and makes "mount options=(private, ro)" allow no change of propagation at all.
const (
	msCommands    = msRemount | msBind | msMove | msRec | msPropagation
	keptByRemount = ^(msMove | msPropagation | msNoUser)
	keptByBind    = msBind | msRec
	keptByMake    = ^(msNoSuid | msNoDev | msNoExec | msNoAtime | msNoDirAtime | msRelatime | msStrictAtime | msNoUser)
	keptByNew     = ^msCommands
)

// forms gives what the parser makes of the rule: one form for each kind of mount that its flags and conditions allow.
func (r *mountRule) forms() []mountForm {
	set, cleared, every := r.flags()
	build := func(mask uint32) mountForm {
		f := set & mask
		return mountForm{any: every, required: f &^ cleared, optional: f & cleared}
	}
	var forms []mountForm
	add := func(f mountForm, source, fstype bool) {
		f.source, f.fstype = source, fstype
		forms = append(forms, f)
	}
	if (every || set&msRemount != 0) && r.source == nil && r.types == nil {
		add(build(keptByRemount), false, false)
	}
	if (every || set&msBind != 0) && r.types == nil {
		add(build(keptByBind), true, false)
	}
	if (every || set&msPropagation != 0) && r.source == nil && r.types == nil {
		add(build(keptByMake), false, false)
	}
	if (every || set&msMove != 0) && r.types == nil {
		add(build(msMove), true, false)
	}
	if every || (set|cleared)&^msCommands != 0 {
		add(build(keptByNew), true, true)
	}
	return forms
}

// flags gives the flags that the rule names and those that it names as not set; a flag in both may be either. every
// says that it names none.
func (r *mountRule) flags() (set, cleared uint32, every bool) {
	if r.exact != nil {
		set, cleared = r.exact.set, r.exact.cleared
	}
	if r.within != nil {
		both := r.within.set | r.within.cleared
		set, cleared = set|both, cleared|both
	}
	if r.remount {
		return set | msRemount, 0, false
	}
	return set, cleared, set|cleared == 0
}

// matches says whether any form of the rule matches what the kernel is asked.
func (r *mountRule) matches(k mountKey) bool {
	if r.perms != permMount || !anyMatch(r.target, k.target) {
		return false
	}
	for _, f := range r.forms() {
		flags := f.any || k.flags&f.required == f.required && k.flags&^(f.required|f.optional) == 0
		if flags && (!f.source || anyMatch(r.source, k.source)) && (!f.fstype || anyMatch(r.types, k.fstype)) {
			return true
		}
	}
	return false
}
