package apparmor

import "strings"

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
	for _, pair := range links {
		for i, from := range pair {
			if rest, ok := strings.CutPrefix(path, from); ok && (rest == "" || rest[0] == '/') {
				out = append(out, pair[1-i]+rest)
			}
		}
	}
	if within(path, "/proc") || within(path, "/sys") {
		out = append(out, "/**"+path)
	}
	return out
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
