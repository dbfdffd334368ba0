package apparmor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
	"github.com/bulkhead-policy/bulkhead/compiler/model/profile"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// The subjects of what is decided where a profile begins: by the absence of a rule that allows it. The judge names
// them in its findings, and the origins of that line by them.
const (
	subjectCapability = "capability " // and its name
	subjectFile       = "file "       // and the access: read, write, execute, ...
	subjectNetwork    = "network"
	subjectMount      = "mount"
	subjectPtrace     = "ptrace"
	subjectSignal     = "signal"
	subjectUserns     = "userns"
	subjectIOUring    = "io_uring"
	subjectMqueue     = "mqueue"
)

// Emit writes one profile for each container that AppArmor can confine.
func (Target) Emit(p *policy.Policy) ([]target.Artifact, error) {
	var artifacts []target.Artifact
	for c := range p.Subjects() {
		if profile.Unprofiled(c) != "" {
			continue
		}
		e := emitter{policy: p, container: c}
		if err := e.profile(); err != nil {
			return nil, fmt.Errorf("apparmor profile of %s: %w", c.ID(), err)
		}
		artifacts = append(artifacts, target.Artifact{
			Path:       "apparmor/" + profile.Name(p, c),
			Containers: []string{c.ID()},
			Body:       []byte(strings.Join(e.lines, "\n") + "\n"),
			Mappings:   e.origins,
		})
	}
	return artifacts, nil
}

// emitter writes one profile, line by line.
type emitter struct {
	policy    *policy.Policy
	container *policy.Container
	lines     []string
	origins   []target.SourceMapping
	header    string // the place where the profile begins
	deny      string // "deny" or "audit deny"
}

func (e *emitter) profile() error {
	name, err := quote(profile.Name(e.policy, e.container), false)
	if err != nil {
		return err
	}
	e.deny = "deny"
	if e.setting(control.Violations).Text != control.Off {
		e.deny = "audit deny"
	}
	e.preamble()
	e.line("profile %s flags=(attach_disconnected,mediate_deleted) {", name)
	e.header = e.place()
	for _, section := range []func() error{e.files, e.denied, e.folders, e.kernel, e.hostPaths, e.capabilities, e.network, e.mounts, e.mediated} {
		if err := section(); err != nil {
			return err
		}
	}
	e.processes(name)
	e.line("}")
	return nil
}

// preamble says what the file is, and pins the feature set that its rules were written for: with a newer one
// "network" no longer implies unix sockets, and with 4.0 user namespaces need a rule. Parsers before 3.0 know no feature sets.
func (e *emitter) preamble() {
	e.line("# %s", comment(fmt.Sprintf("AppArmor profile of the container %s of policy %s %s.", e.container.ID(), e.policy.Name, e.policy.Version)))
	e.line("# Written by bulkhead: change the policy, not this file.")
	for _, until := range e.ends() {
		e.line("# %s", comment(until))
	}
	switch {
	case newer(e.policy):
		e.line("abi <abi/4.0>,")
	case parserMajor(e.policy) >= firstWithABI:
		e.line("abi <abi/3.0>,")
	}
	e.line("")
}

// ends tells until when the profile holds, where exceptions went into it.
func (e *emitter) ends() []string {
	var out []string
	ids := controls
	if newer(e.policy) {
		ids = slices.Concat(controls, newerControls)
	}
	for _, id := range ids {
		s := e.container.Get(id)
		for _, x := range []*policy.Exception{s.Warn, s.Granted} {
			if x != nil {
				out = append(out, fmt.Sprintf("Holds until %s: exception %q loosens %s.", x.Expires, x.Name, id))
			}
		}
	}
	return out
}

func (e *emitter) setting(id control.ID) policy.Setting { return e.container.Enforced(id) }

// line writes one line of the profile.
func (e *emitter) line(format string, args ...any) {
	e.lines = append(e.lines, fmt.Sprintf(format, args...))
}

// place names the line that was written last.
func (e *emitter) place() string { return place(len(e.lines)) }

// place names a line as findings and origins do.
func place(line int) string { return fmt.Sprintf("line %d", line) }

// origin notes that a place, or one subject decided there, comes from controls.
func (e *emitter) origin(at, subject string, ids ...control.ID) {
	for _, id := range ids {
		e.origins = append(e.origins, target.SourceMapping{
			Location: at, Subject: subject, Control: control.Ref{ID: id}, Container: e.container.ID(), Range: e.setting(id).Range,
		})
	}
}

// about begins a group of rules with the controls that they come from, and why.
func (e *emitter) about(why string, ids ...control.ID) {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
		if r := e.setting(id).Range; r.Filename != "" {
			names[i] += " (" + hcltext.At(r) + ")"
		}
	}
	e.line("")
	e.line("  # %s", comment(strings.Join(names, ", ")+": "+why))
}

// rule writes a rule that comes from controls.
func (e *emitter) rule(text string, ids ...control.ID) {
	e.line("  %s,", text)
	e.origin(e.place(), "", ids...)
}

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
		e.about("what can be written can be planted. Devices that every program needs, and the names of a process's own threads, may be.", control.FilesystemWrite)
		e.rule(deviceFiles+" w", control.FilesystemWrite)
		e.rule(ownFiles+" w", control.FilesystemWrite)
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

func unrestricted(s policy.Setting) bool { return s.Has("/**") }

func (e *emitter) grant(s policy.Setting, perms string, id control.ID) error {
	for _, path := range s.Keys() {
		if err := e.paths([]string{path}, func(pattern string) string { return pattern + " " + perms }, id); err != nil {
			return err
		}
	}
	return nil
}

// paths writes a rule for each pattern of the policy. A folder's own path ends in a slash to AppArmor, so that a
// pattern that is not about what lies below takes two rules.
func (e *emitter) paths(paths []string, rule func(pattern string) string, id control.ID) error {
	for _, path := range paths {
		forms := []string{path}
		if path != "/" && !strings.HasSuffix(path, "/**") {
			forms = append(forms, path+"/")
		}
		for _, form := range forms {
			pattern, err := quote(form, true)
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			e.rule(rule(pattern), id)
		}
	}
	return nil
}

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

// refuse writes a rule that denies; why stands behind it.
func (e *emitter) refuse(pattern, perms, why string, ids ...control.ID) {
	e.line("  %s %s %s,  # %s", e.deny, pattern, perms, comment(why))
	e.origin(e.place(), "", ids...)
}

// refused gives what stays refused of a path of the node that the policy grants: reading it, or nothing of it.
func refused(perms, grant string) string {
	if grant != "read" {
		return perms
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("rmx", r) {
			return -1
		}
		return r
	}, perms)
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
	return nil
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
func (e *emitter) processes(name string) {
	if e.setting(control.HostPID).Bool {
		e.about("the node's processes may be seen, and traced by who has the capability.", control.HostPID)
		e.rule("ptrace", control.HostPID)
		e.rule("signal", control.HostPID)
		return
	}
	e.origin(e.header, subjectPtrace, control.HostPID)
	e.origin(e.header, subjectSignal, control.HostPID)
	e.about("processes trace and signal their own kind; runtimes and the node's administrators may look and stop.", control.HostPID)
	e.rule("ptrace (trace, read, tracedby, readby) peer="+name, control.HostPID)
	e.rule("ptrace (tracedby, readby) peer="+runtimes, control.HostPID)
	e.rule("signal (send, receive) peer="+name, control.HostPID)
	e.rule("signal (receive) peer="+runtimes, control.HostPID)
}
