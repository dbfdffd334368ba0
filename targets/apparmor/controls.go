package apparmor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// covered are the controls that a profile says something of, in the order in which it
// tells of their exceptions.
var covered = []struct {
	id control.ID
	// rules says that the control goes into the profile, newer that it does so for
	// parsers since 4.0 only.
	rules, newer bool
	// partial says why the profile enforces only a part of it; "" where Control.AppArmor
	// says that it enforces all.
	partial string
	// support decides instead what depends on the container.
	support func(*policy.Policy, *policy.Container) target.Support
}{
	{id: control.Privileged, rules: true, partial: "A profile refuses mounts and writes below /sys, but a container that is started privileged may run without it."},
	{id: control.ProcMount, rules: true, partial: "A profile closes what runtimes mask; how /proc is mounted is for the pod to say."},
	{id: control.CapabilitiesDrop, rules: true},
	{id: control.CapabilitiesAdd, rules: true},
	{id: control.HostPID, rules: true, partial: "A profile keeps processes from tracing and signalling those of other profiles; it does not hide them."},
	{id: control.HostPaths, rules: true, partial: "Sockets of the node, and its /proc and /sys, are refused by name; other paths of the node have no name in the container."},
	{id: control.FilesystemWrite, rules: true},
	{id: control.FilesystemExecute, rules: true},
	{id: control.FilesystemDeny, rules: true, support: func(_ *policy.Policy, c *policy.Container) target.Support {
		return denySupport(c.Enforced(control.FilesystemDeny), c.Enforced(control.FilesystemWrite))
	}},
	{id: control.NetworkFamilies, rules: true},
	{id: control.Violations, rules: true, support: func(*policy.Policy, *policy.Container) target.Support {
		return target.Support{Level: target.Partial, Mode: control.Detects,
			Reason: "The kernel's audit log tells of what the profile refuses, without the priority."}
	}},
	{id: control.SeccompAllow, rules: true, support: callsSupport},
	{id: control.SeccompDeny, rules: true, newer: true, partial: callsPartial},
	{id: control.ReadOnlyRoot, support: func(_ *policy.Policy, c *policy.Container) target.Support {
		if unrestricted(c.Enforced(control.FilesystemWrite)) {
			return none("A profile sees paths and not mounts: without filesystem.write it cannot tell the root file system from a volume.")
		}
		return partial("A profile sees paths and not mounts: it holds filesystem.write, wherever those paths lie.")
	}},
}

// callsSupport is that of seccomp.allow: what newer parsers mediate, and families that the default of runtimes refuses.
func callsSupport(p *policy.Policy, c *policy.Container) target.Support {
	switch {
	case newer(p):
		return partial(callsPartial)
	case len(refusedFamilies(c)) > 0:
		return partial("A profile refuses sockets of the families that @runtime-default refuses; of all other calls it knows nothing.")
	}
	return target.Support{Level: target.NotApplicable}
}

const callsPartial = "A profile refuses user namespaces and message queues where no call is granted that makes them; of all other calls it knows nothing."

// supportOf is the support of a control in a container that can be confined.
func supportOf(p *policy.Policy, c *policy.Container, id control.ID) target.Support {
	for _, row := range covered {
		switch {
		case row.id != id || row.newer && !newer(p):
			continue
		case row.support != nil:
			return row.support(p, c)
		case row.partial != "":
			return partial(row.partial)
		}
		return target.Support{Level: target.Full, Mode: control.Prevents}
	}
	return target.Support{Level: target.NotApplicable}
}

// audits reports whether what is refused by name is written to the audit log.
func (e *emitter) audits() bool { return e.setting(control.Violations).Text != control.Off }

// files lets every file be read, mapped and locked, and those that the policy names be written and executed. What is
// left out is refused, and logged.
func (e *emitter) files() error {
	write, execute := e.setting(control.FilesystemWrite), e.setting(control.FilesystemExecute)
	base := "rmk"
	if unrestricted(write) {
		base += "wl"
	} else {
		e.origin(e.header, subjectFile+"write", control.FilesystemWrite)
		e.origin(e.header, subjectFile+"link", control.FilesystemWrite)
	}
	if unrestricted(execute) {
		base += "ix"
	} else {
		e.origin(e.header, subjectFile+"execute", control.FilesystemExecute)
	}
	e.about("reading is refused by name only; what is not restricted is allowed everywhere.", control.FilesystemWrite, control.FilesystemExecute)
	e.rule("/{,**} "+base, control.FilesystemWrite, control.FilesystemExecute)
	if !unrestricted(write) {
		e.about("what can be written can be planted. Devices that every program needs, and what a process sets of itself, may be.", control.FilesystemWrite)
		e.rule(ownFiles()+" w", control.FilesystemWrite)
		if err := e.grant(write, "wl", control.FilesystemWrite); err != nil {
			return err
		}
	}
	if unrestricted(execute) {
		return nil
	}
	e.about("a program that came with an attack does not start; libraries are mapped, which is not executing.", control.FilesystemExecute)
	return e.grant(execute, "ix", control.FilesystemExecute)
}

// ownFiles gives one pattern of what may always be written.
func ownFiles() string {
	var names []string
	for _, path := range linux.OwnFiles() {
		names = append(names, path[1:])
	}
	return "/{" + strings.Join(names, ",") + "}"
}

func unrestricted(s policy.Setting) bool { return s.Has("/**") }

// denied refuses the paths that the policy closes, by every name that they are known to have.
func (e *emitter) denied() error {
	s := e.setting(control.FilesystemDeny)
	if len(s.Items) == 0 {
		return nil
	}
	e.about("closed, whatever else is granted, under every name that AppArmor may see it by.", control.FilesystemDeny)
	for _, path := range s.Keys() {
		rule := func(pattern string) string { return e.deny + " " + pattern + " rwlkmx" }
		if err := e.paths(aliases(path), rule, control.FilesystemDeny); err != nil {
			return err
		}
		if self := ofProcesses(path); self != "" {
			pattern, err := quote(self, true)
			if err != nil {
				return err
			}
			e.rule(rule(strings.Replace(pattern, "/proc/", "/{,**/}proc/[0-9]*/{,task/[0-9]*/}", 1)), control.FilesystemDeny)
		}
	}
	return nil
}

// folders keeps the folders that lead to what is closed from being renamed, which would give it another name. Only the
// folder's own entry is concerned: what lies in it is created and removed as before.
func (e *emitter) folders() error {
	var all []string
	for _, path := range e.setting(control.FilesystemDeny).Keys() {
		for _, name := range aliases(path) {
			for _, folder := range leading(name) {
				if folder.fixed() || folder.closed {
					all = append(all, folder.path)
				}
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	e.about("a folder that is renamed would take what is closed to another name.", control.FilesystemDeny)
	slices.Sort(all)
	for _, folder := range slices.Compact(all) {
		pattern, err := quote(folder, true)
		if err != nil {
			return fmt.Errorf("%s: %w", control.FilesystemDeny, err)
		}
		e.rule(e.deny+" "+pattern+" w", control.FilesystemDeny)
	}
	return nil
}

// kernel refuses what runtimes mask or mount read-only in /proc and /sys.
func (e *emitter) kernel() error {
	if e.setting(control.ProcMount).Text != "unmasked" {
		e.about("what runtimes mask below /proc stays closed when the mask is gone.", control.ProcMount)
		for _, f := range procFiles {
			e.refuse("/proc/"+f.pattern, f.perms, f.why, control.ProcMount)
		}
	}
	grant := grantOf(e.hostGrants(), "/sys")
	if grant == "write" {
		return nil
	}
	e.about("/sys is read-only but for privileged containers.", control.Privileged, control.HostPaths)
	for _, f := range sysFiles {
		e.refuse("/sys/"+f.pattern, refused(f.perms, grant), f.why, control.Privileged, control.HostPaths)
	}
	return nil
}

func (e *emitter) hostGrants() map[string]string {
	grants := map[string]string{}
	for _, item := range e.setting(control.HostPaths).Items {
		grants[item.Key] = item.Arg
	}
	return grants
}

// hostPaths refuses what belongs to the node and is known by its name, unless the policy grants it: sockets whose
// services obey whoever connects, and the node's /proc and /sys under another mount.
func (e *emitter) hostPaths() error {
	grants := e.hostGrants()
	if grantOf(grants, "/") == "write" {
		return nil
	}
	e.about("sockets of the node, wherever they are mounted: whoever connects owns the node, even through a read-only mount.", control.HostPaths)
	for _, s := range sockets {
		e.socket(s, grants)
	}
	e.about("the node's /proc and /sys under another mount.", control.HostPaths)
	for _, mount := range []string{"/proc", "/sys"} {
		grant := grantOf(grants, mount)
		if grant == "write" {
			continue
		}
		for _, f := range aliasFiles[mount] {
			e.refuse("/**/"+f.pattern, refused(f.perms, grant), f.why, control.HostPaths)
		}
	}
	return nil
}

// socket refuses a socket by the end of its path, wherever it is mounted. Where the policy grants it for reading it is
// still refused to be connected to, which takes the permission to write. Where it grants one of several places of it
// more than another, the latter is refused by its whole path, below any mount.
func (e *emitter) socket(s socket, grants map[string]string) {
	most := ""
	for _, path := range s.paths {
		most = wider(most, grantOf(grants, path))
	}
	if most != "write" {
		e.refuse("/{,**/}"+s.anywhere, refused("rwlkmx", most), s.service, control.HostPaths)
	}
	for _, path := range s.paths {
		if grant := grantOf(grants, path); grant != most {
			e.refuse("/{,**/}"+path[1:], refused("rwlkmx", grant), s.service, control.HostPaths)
		}
	}
}

// capabilities lets the container's own capabilities be used, and no others.
func (e *emitter) capabilities() error {
	have := e.container.Capabilities()
	var names []string
	for _, c := range linux.Capabilities() {
		if slices.Contains(have, c.Name) {
			names = append(names, strings.ToLower(c.Name))
			continue
		}
		ids := []control.ID{control.CapabilitiesAdd}
		if slices.Contains(linux.RuntimeDefaultCapabilities(), c.Name) {
			ids = []control.ID{control.CapabilitiesDrop, control.CapabilitiesAdd}
		}
		e.origin(e.header, subjectCapability+c.Name, ids...)
	}
	if len(names) == 0 {
		e.about("none may be used.", control.CapabilitiesDrop, control.CapabilitiesAdd)
		return nil
	}
	if len(names) == len(linux.Capabilities()) {
		e.about("every one may be used.", control.CapabilitiesDrop, control.CapabilitiesAdd)
		e.rule("capability", control.CapabilitiesDrop, control.CapabilitiesAdd)
		return nil
	}
	e.about("these may be used, and no others.", control.CapabilitiesDrop, control.CapabilitiesAdd)
	for _, name := range names {
		e.rule("capability "+name, control.CapabilitiesDrop, control.CapabilitiesAdd)
	}
	if !slices.Contains(have, "SYS_ADMIN") && slices.ContainsFunc(have, func(name string) bool { return slices.Contains(splitOff, name) }) {
		e.about("on kernels before 5.9 the parser takes sys_admin for capabilities that were split from it.", control.CapabilitiesAdd)
		e.rule(e.deny+" capability sys_admin", control.CapabilitiesAdd)
	}
	return nil
}

// splitOff are the capabilities that were a part of SYS_ADMIN before kernels 5.8 and 5.9.
var splitOff = []string{"BPF", "CHECKPOINT_RESTORE", "PERFMON"}

// network lets sockets of the policy's families be opened.
func (e *emitter) network() error {
	s := e.setting(control.NetworkFamilies)
	if s.Has("*") {
		e.about("sockets of every family may be opened.", control.NetworkFamilies)
		e.rule("network", control.NetworkFamilies)
		e.defaultFamilies()
		return nil
	}
	e.origin(e.header, subjectNetwork, control.NetworkFamilies)
	e.about("sockets of these families may be opened, and no others.", control.NetworkFamilies)
	for _, family := range s.Keys() {
		name, err := quote(family, false)
		if err != nil {
			return err
		}
		e.rule("network "+name, control.NetworkFamilies)
	}
	e.defaultFamilies()
	return nil
}

// defaultFamilies refuses the families that the default of runtimes refuses. Their system call filter cannot see the family
// where 386 opens sockets by socketcall.
func (e *emitter) defaultFamilies() {
	refused := refusedFamilies(e.container)
	if len(refused) == 0 {
		return
	}
	e.about("@runtime-default opens no sockets of these families; by socketcall, programs for 386 would.", control.SeccompAllow)
	for _, family := range refused {
		e.rule(e.deny+" network "+family, control.SeccompAllow)
	}
}

// refusedFamilies lists the families that network.families grants, and that @runtime-default refuses: moby's AppArmor profile
// denies alg, and its system call filter both.
func refusedFamilies(c *policy.Container) (out []string) {
	allow, families := c.Enforced(control.SeccompAllow), c.Enforced(control.NetworkFamilies)
	if !allow.Has(control.RuntimeDefaultSet) || allow.Has(control.AnyCall) || allow.Has("socket") || allow.Has("socketcall") {
		return nil
	}
	for _, family := range []string{"alg", "vsock"} {
		if families.Has("*") || families.Has(family) {
			out = append(out, family)
		}
	}
	return out
}

// mounts lets the mount tree be changed by who has the capability for it.
func (e *emitter) mounts() error {
	if slices.Contains(e.container.Capabilities(), "SYS_ADMIN") {
		e.about("SYS_ADMIN is granted, and with it mounting.", control.CapabilitiesAdd)
		for _, rule := range []string{"mount", "umount", "pivot_root"} {
			e.rule(rule, control.CapabilitiesAdd)
		}
		return nil
	}
	e.about("mounting takes SYS_ADMIN, which is not granted; a user namespace must not give it.", control.CapabilitiesAdd)
	for _, rule := range []string{"mount", "umount", "pivot_root"} {
		e.rule(e.deny+" "+rule, control.CapabilitiesAdd)
	}
	return nil
}

// processes lets processes of this profile trace and signal each other, and runtimes stop and look at them.
func (e *emitter) processes(name string) error {
	if e.setting(control.HostPID).Bool {
		e.about("the node's processes may be seen, and traced by who has the capability.", control.HostPID)
		e.rule("ptrace", control.HostPID)
		e.rule("signal", control.HostPID)
		return nil
	}
	e.origin(e.header, subjectPtrace, control.HostPID)
	e.origin(e.header, subjectSignal, control.HostPID)
	e.about("processes trace and signal their own kind; runtimes and the node's administrators may look and stop.", control.HostPID)
	e.rule("ptrace (trace, read, tracedby, readby) peer="+name, control.HostPID)
	e.rule("signal (send, receive) peer="+name, control.HostPID)
	peers := []string{runtimes}
	for _, label := range runtimeLabels.Of(e.policy.Platform) {
		peer, err := quote(label, false)
		if err != nil {
			return err
		}
		peers = append(peers, peer)
	}
	for _, peer := range peers {
		e.rule("ptrace (tracedby, readby) peer="+peer, control.HostPID)
		e.rule("signal (receive) peer="+peer, control.HostPID)
	}
	return nil
}

// mediated lets be done what the policy's system calls can do, of what parsers since 4.0 mediate.
func (e *emitter) mediated() error {
	if !newer(e.policy) {
		return nil
	}
	ids := []control.ID{control.SeccompAllow, control.SeccompDeny, control.CapabilitiesAdd}
	for _, m := range mediatedCalls {
		if !slices.ContainsFunc(m.calls, func(call string) bool { return mayCall(e.container, call) }) {
			e.origin(e.header, m.subject, ids...)
			continue
		}
		e.about(m.why, ids...)
		e.rule(m.rule, ids...)
	}
	return nil
}

// mayCall says whether the policy grants a system call, with any arguments: what conditions on arguments narrow is
// granted here, because a profile cannot tell.
func mayCall(c *policy.Container, name string) bool {
	allow := c.Enforced(control.SeccompAllow)
	switch {
	case c.Enforced(control.SeccompDeny).Has(name):
		return false
	case allow.Has(control.AnyCall) || allow.Has(name):
		return true
	case !allow.Has(control.RuntimeDefaultSet):
		return false
	}
	switch name { // moby's profile, of the calls that mediatedCalls has
	case "clone", "clone3", "unshare":
		return slices.Contains(c.Capabilities(), "SYS_ADMIN")
	default:
		return name == "mq_open"
	}
}
