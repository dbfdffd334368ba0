package apparmor

import (
	"slices"
	"strings"
)

// links are folders that are links to others in most images and nodes. AppArmor sees the name that a path resolves
// to, so what is refused under one name is refused under the other.
var links = [][2]string{
	{"/run", "/var/run"},
	{"/run/lock", "/var/lock"},
	{"/bin", "/usr/bin"},
	{"/sbin", "/usr/sbin"},
	{"/lib", "/usr/lib"},
	{"/lib32", "/usr/lib32"},
	{"/lib64", "/usr/lib64"},
	{"/dev/shm", "/run/shm"},
}

// aliases gives a path of the policy and the other paths that name the same files. What lies in /proc and /sys is the
// same file below any other mount of them.
func aliases(path string) []string {
	out := []string{path}
	for i := 0; i < len(out); i++ { // a link may lead to another
		for _, name := range linked(out[i]) {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	if threads := ofThreads(path); threads != "" {
		out = append(out, threads)
	}
	for _, name := range out {
		if within(name, "/proc") || within(name, "/sys") {
			out = append(out, "/**"+name)
		}
	}
	return out
}

// linked gives the names of a path by one of the links.
func linked(path string) (names []string) {
	for _, pair := range links {
		for i, from := range pair {
			if rest, ok := strings.CutPrefix(path, from); ok && (rest == "" || rest[0] == '/') {
				names = append(names, pair[1-i]+rest)
			}
		}
	}
	return names
}

// ofThreads gives the path, in the folder of any of its threads, of what the policy closes of a process that it names
// by number or by a pattern; "" for every other path.
func ofThreads(path string) string {
	process, rest, ok := strings.Cut(strings.TrimPrefix(path, "/proc/"), "/")
	if !ok || !within(path, "/proc") || strings.Trim(process, "0123456789*") != "" || process == "**" || strings.HasPrefix(rest, "task/") {
		return ""
	}
	return "/proc/" + process + "/task/*/" + rest
}

// ofProcesses gives "/proc/rest" for a path below /proc/self or /proc/thread-self, which AppArmor sees by the number
// of the process, and for /proc/net and /proc/mounts, which are links into /proc/self; "" for every other path.
func ofProcesses(path string) string {
	if within(path, "/proc/net") || path == "/proc/mounts" {
		return path
	}
	for _, self := range []string{"/proc/self/", "/proc/thread-self/"} {
		if rest, ok := strings.CutPrefix(path, self); ok {
			return "/proc/" + rest
		}
	}
	return ""
}
