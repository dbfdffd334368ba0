package falco

import (
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// clause is what to look for in events of some types.
type clause struct {
	types []string // values of evt.type
	when  string   // what else must hold; "": the type alone is enough
}

// watch is how violations of one control are seen in one container.
type watch struct {
	clauses []clause // none: there is nothing to see
	// gap says what of the control's violations stays unseen; "" nothing.
	gap string
}

// watchers say for each control that can be watched how. A control that is not
// here shows in manifests, not in system calls.
var watchers = map[control.ID]func(*policy.Policy, *policy.Container, *control.Control) watch{
	control.Privileged:        watchPrivileged,
	control.Escalation:        watchEscalation,
	control.RunAsNonRoot:      watchRoot,
	control.ProcMount:         watchProc,
	control.CapabilitiesDrop:  watchDroppedCapabilities,
	control.CapabilitiesAdd:   watchOtherCapabilities,
	control.HostNetwork:       watchHost("network"),
	control.HostPID:           watchHost("pid"),
	control.HostIPC:           watchHost("ipc"),
	control.HostPaths:         watchHostPaths,
	control.SeccompAllow:      watchCallsNotAllowed,
	control.SeccompDeny:       watchCallsDenied,
	control.SeccompRule:       watchCallArguments,
	control.ReadOnlyRoot:      watchReadOnlyRoot,
	control.FilesystemWrite:   watchWrites,
	control.FilesystemExecute: watchExecution,
	control.FilesystemDeny:    watchDeniedPaths,
	control.NetworkEgress:     watchNodeServices,
	control.NetworkDNS:        watchDNS,
	control.NetworkFamilies:   watchFamilies,
	control.Metadata:          watchMetadata,
	control.KubernetesAPI:     watchKubernetesAPI,
	control.Internet:          watchInternet,
	control.Registries:        watchImages,
}

// priorityOf is at which priority a container's violations are reported.
func priorityOf(c *policy.Container) string {
	if unwatched(c) != "" {
		return ""
	}
	if text := c.Get(control.Violations).Text; text != control.Off {
		return text
	}
	return ""
}

// reported attributes a rule to what says that its subjects report violations.
func (r *rule) reported(subjects []subject) {
	r.attribute(control.Ref{ID: control.Violations}, subjects, func(c *policy.Container) policy.Setting { return c.Get(control.Violations) })
}

// special is a control whose rules are not about its own violations in system calls.
type special struct {
	support func(*policy.Policy, policy.Statement) target.Support
	rules   func(*policy.Policy, *scopes, *control.Control) []rule
}

var specials = map[control.ID]special{
	control.Undeclared: {supportUndeclared, undeclaredRules},
	control.Detect:     {supportDetections, detectionRules},
	control.Violations: {supportViolations, nil},
}

// watchOf gives how a control is watched in a container. Exceptions that only
// warn do not loosen it: they keep reporting.
func watchOf(p *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	watcher := watcherOf(ctrl, c)
	if s := c.Get(ctrl.ID); watcher == nil || s.Assumed || s.Via != "" || !ctrl.Restricts(s.Value) {
		return watch{}
	}
	return policy.Derived(p, watchKey{c, ctrl}, func() watch { return watcher(p, c, ctrl) })
}

// watcherOf gives the watcher of a control. One that sets others is watched as those that follow it in the container.
func watcherOf(ctrl *control.Control, c *policy.Container) func(*policy.Policy, *policy.Container, *control.Control) watch {
	watcher := watchers[ctrl.ID]
	for _, id := range ctrl.Sets {
		if watcher == nil && c.Get(id).Via == ctrl.ID {
			watcher = watchers[id]
		}
	}
	return watcher
}

type watchKey struct {
	container *policy.Container
	control   *control.Control
}

// types are all event types of the clauses, sorted.
func (w watch) types() []string {
	var types []string
	for _, c := range w.clauses {
		types = append(types, c.types...)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// condition writes the clauses for a rule that has already restricted the types
// to those given; "" if that is all there is to say.
func (w watch) condition(restricted []string) string {
	var conditions []string
	for _, c := range w.clauses {
		types := slices.Clone(c.types)
		slices.Sort(types)
		narrowed := !slices.Equal(types, restricted)
		switch {
		case c.when == "" && !narrowed:
			return ""
		case c.when == "":
			conditions = append(conditions, eventIs(types))
		case narrowed:
			conditions = append(conditions, "("+eventIs(types)+" and "+c.when+")")
		default:
			conditions = append(conditions, c.when)
		}
	}
	return anyOf(conditions)
}

// key tells watches apart.
func (w watch) key() string {
	return strings.Join(w.types(), ",") + "|" + w.condition(nil)
}

var execTypes = []string{"execve", "execveat"}

// nodeDevices are disks of the node and its memory, by their usual names: a
// privileged container has them all, another has none of them.
var nodeDevices = []string{"/dev/kmem", "/dev/mem", "/dev/port", "/dev/dm-*", "/dev/hd*", "/dev/mapper/**", "/dev/mmcblk*",
	"/dev/nvme*", "/dev/sd*", "/dev/vd*", "/dev/xvd*"}

func watchPrivileged(*policy.Policy, *policy.Container, *control.Control) watch {
	return watch{clauses: []clause{{execTypes, "container.privileged = true"}, {openTypes, within("fd.name", nodeDevices)}}}
}

// watchHost watches programs that start in a container with a namespace of the
// node.
func watchHost(namespace string) func(*policy.Policy, *policy.Container, *control.Control) watch {
	return func(*policy.Policy, *policy.Container, *control.Control) watch {
		return watch{clauses: []clause{{execTypes, "container.host_" + namespace + " = true"}}}
	}
}

func watchRoot(*policy.Policy, *policy.Container, *control.Control) watch {
	return watch{clauses: []clause{{execTypes, "user.uid = 0"}}}
}

// setuidPrograms are the programs by which users become root on purpose.
var setuidPrograms = []string{"doas", "newgidmap", "newgrp", "newuidmap", "pkexec", "su", "sudo", "sudoedit"}

func watchEscalation(*policy.Policy, *policy.Container, *control.Control) watch {
	return watch{
		clauses: []clause{{execTypes, "proc.name in " + words(setuidPrograms)}},
		gap:     "set-user-ID programs are known by their usual names only",
	}
}

// watchImages watches programs of images from other repositories. Falco names the
// repository with its registry and without tag or digest.
func watchImages(_ *policy.Policy, c *policy.Container, ctrl *control.Control) watch {
	field := "container.image.repository"
	var allowed []string
	for _, key := range c.Get(ctrl.ID).Keys() {
		allowed = append(allowed, imageCondition(field, key))
	}
	if len(allowed) == 0 {
		allowed = []string{within(field, nil)}
	}
	return watch{
		clauses: []clause{{execTypes, field + " exists and not " + anyOf(allowed)}},
		gap:     "the repository is what the runtime tells Falco, some time after the container started",
	}
}

// imageCondition says that a field holds a repository which a pattern matches: a
// last star takes slashes too, and "*." in front takes one label or more.
func imageCondition(field, pattern string) string {
	if pattern == "*" {
		return field + " exists"
	}
	if !strings.Contains(pattern, "*") {
		return field + " = " + quote(pattern)
	}
	if head, ok := strings.CutSuffix(pattern, "*"); ok && !strings.Contains(head, "*") {
		return field + " startswith " + quote(head)
	}
	host, path, _ := strings.Cut(pattern, "/")
	expression := ""
	if suffix, wild := strings.CutPrefix(host, "*"); wild {
		expression = "[^/]+" + escapeExpression(suffix)
	} else {
		expression = escapeExpression(host)
	}
	path, open := strings.CutSuffix(path, "*")
	for i, part := range strings.Split(path, "*") {
		if i > 0 {
			expression += "[^/]*"
		} else {
			expression += "/"
		}
		expression += escapeExpression(part)
	}
	if open {
		expression += ".*"
	}
	return field + " regex " + quote(expression)
}
