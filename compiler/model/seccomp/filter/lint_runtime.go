package filter

import (
	"fmt"
	"slices"
	"strings"
)

// need is calls without which a container does not start. The runtime sets the filter before it starts the program, so that its own last calls are
// filtered. Without no_new_privs it has to set the filter earlier, while it still has its capabilities.
type need struct {
	runtime string                    // that makes the calls; "": every one
	who     string                    // the runtime and its versions, with the verb
	version func(release [3]int) bool // whether a release makes the calls; nil: all do
	early   bool                      // only without no_new_privs
	few     bool                      // it is about few releases: a note where the release is not known
	calls   string
}

// needs are measured, where no source is named, with a container that only calls exit_group, under allow lists of all calls but one, on
// Linux 6.18 and amd64: runc 1.1.5, 1.2.7, 1.2.8, 1.2.9, 1.3.3, 1.3.6, 1.4.0 and 1.5.1 (libseccomp 2.5.4), crun 1.8.1 of Debian 12. The releases of runc that mend
// CVE-2025-31133 open the files below /proc by another library (filepath-securejoin's pathrs-lite), which asks for more. Its first releases want openat2
// even where that fails as if the kernel did not have it; 1.2.9 and 1.3.6 do not, and of 1.3.4 and 1.3.5 it is assumed.
var needs = []need{
	{calls: "execve exit_group"}, // crun with no_new_privs needs no more
	{runtime: "runc", who: "runc calls", calls: "close fstatfs futex getdents64 openat write"},
	{runtime: "runc", who: "runc from 1.2.8, 1.3.3 and 1.4.0 on calls", version: hardenedRunc, calls: "fstat statx"},
	{runtime: "runc", who: "runc 1.2.8 and 1.3.3 call", few: true, version: asksForOpenat2, calls: "openat2"},
	{runtime: "runc", who: "runc calls", early: true, calls: "capget capset chdir fstat getcwd getppid prctl read setgid setgroups setuid"},
	{runtime: "runc", who: "older releases of runc call", early: true, version: func(r [3]int) bool { return !hardenedRunc(r) }, calls: "newfstatat"},
	{runtime: "crun", who: "crun calls", early: true, calls: "capset prctl rt_sigaction rt_sigprocmask setresgid setresuid write"},
}

// hardenedRunc says whether a release mends CVE-2025-31133.
func hardenedRunc(r [3]int) bool {
	switch {
	case before(r, 1, 3):
		return r[0] == 1 && r[1] == 2 && r[2] >= 8
	case before(r, 1, 4):
		return r[2] >= 3
	}
	return true
}

// asksForOpenat2 says whether a release is one of the first that do.
func asksForOpenat2(r [3]int) bool {
	if before(r, 1, 3) {
		return r == [3]int{1, 2, 8}
	}
	return hardenedRunc(r) && before(r, 1, 4) && r[2] < 6
}

// before says whether a release is older than a branch.
func before(r [3]int, major, minor int) bool { return r[0] < major || r[0] == major && r[1] < minor }

// applies says whether the runtime of a node may make the calls. Which release of runc is behind containerd and Docker is not known.
func (n need) applies(r Runtime) bool {
	switch {
	case n.runtime == "" || r.Name == "":
		return true
	case r.runc != (n.runtime == "runc"):
		return false
	}
	return n.version == nil || r.Name != n.runtime || !r.versioned || n.version(r.version)
}

// runtimeNeeds finds that a container cannot start.
func (f *Filter) runtimeNeeds() []Lint {
	var found []Lint
	for _, n := range needs {
		if !n.applies(f.node.Runtime) {
			continue
		}
		list := strings.Fields(n.calls)
		slices.Sort(list)
		names := f.those(list, func(name string) bool { return f.reach(name) == unreached })
		if len(names) == 0 {
			continue
		}
		l := Lint{Place: f.ruled(names[0]), Call: only(names)}
		switch {
		case n.runtime == "":
			l.Summary, l.Warning, l.Remedy = "No program can run", true, "Allow them."
			l.Reason = fmt.Sprintf("The profile refuses %s: the runtime starts a program by execve under the filter, and programs end by exit_group.", listed(names))
		case n.early:
			l.Summary = "Starts with no_new_privs alone"
			l.Reason = fmt.Sprintf("The profile refuses %s, which %s under the filter where no_new_privs is off (allowPrivilegeEscalation): such a container does not start.", listed(names), n.who)
		default:
			l.Summary, l.Warning, l.Remedy = "The runtime cannot start it", !n.few || f.node.Runtime.versioned && f.node.Runtime.Name == n.runtime, "Allow them."
			l.Reason = fmt.Sprintf("The profile refuses %s, which %s under the filter: the container does not start.", listed(names), n.who)
		}
		found = append(found, l)
	}
	return found
}
