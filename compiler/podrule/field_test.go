package podrule

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestFields holds the table to its own form: defaults are JSON, no path and no local is there twice, and the prelude
// assumes an object wherever a field is in one.
func TestFields(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Fields() {
		if f.Type == noType {
			t.Errorf("%s has no type", f.Path)
		}
		alternatives := 0
		for _, s := range stepsOf(f.Path) {
			if len(s.names) > 1 {
				alternatives++
			}
		}
		if alternatives != len(f.Alternatives) {
			t.Errorf("%s has %d alternatives, with names for %d", f.Path, alternatives, len(f.Alternatives))
		}
		if f.Default != "" && !json.Valid([]byte(f.Default)) {
			t.Errorf("%s: the default %s is no JSON", f.Path, f.Default)
		}
		if f.Type == Object && (f.Default != "" || f.Local != "") {
			t.Errorf("%s: an object is read by hand, and what is assumed of it follows from its fields", f.Path)
		}
		if f.Local != "" && len(expand(f.provider())) != len(expand(stepsOf(f.Path))) {
			t.Errorf("%s: the provider has another number of alternatives", f.Path)
		}
		for _, level := range []Level{Pod, Container} {
			if f.Level != level && f.Level != Both {
				continue
			}
			for _, name := range []string{f.Path, "local " + f.Local} {
				key := []string{"pod ", "container "}[level] + name
				if seen[key] && f.Local != "" {
					t.Errorf("%s is in the table twice", key)
				}
				seen[key] = true
			}
		}
	}
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{
		"hostPID": "host_pid", "seLinuxOptions": "se_linux_options", "runAsNonRoot": "run_as_non_root", "appArmorProfile": "app_armor_profile", "os": "os", "httpGet": "http_get",
	} {
		if got := snake(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestRead shows how the module reads each form of a path.
func TestRead(t *testing.T) {
	for _, c := range []struct {
		level Level
		form  Form
		local string
		want  string
	}{
		{Pod, Typed, "host_pid", `try(tostring(p.spec.host_pid), [p.spec.host_pid, "?"][1], null)`},
		{Pod, Manifest, "user", `try(tonumber(p.spec.securityContext.runAsUser), [p.spec.securityContext.runAsUser, -1][1], null)`},
		{Container, Typed, "user", `try(tonumber(c.security_context[0].run_as_user), [c.security_context[0].run_as_user, -1][1], null)`},
		{Pod, Typed, "sysctls", `[for x in concat([], [for o in lookup(p.spec, "security_context", null)[*] : lookup(o, "sysctl", null)[*]]...) : try(tostring(x.name), [x.name, "?"][1], null)]`},
		{Container, Manifest, "add", `[for x in concat([], [for o in lookup(c, "securityContext", null)[*] : concat([], [for o in lookup(o, "capabilities", null)[*] : lookup(o, "add", null)[*]]...)]...) : try(tostring(x), "?")]`},
	} {
		lines := strings.Split(TerraformFields(c.level, c.form, ""), "\n")
		i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, c.local+" ") })
		if i < 0 {
			t.Errorf("no line for %s", c.local)
		} else if _, got, _ := strings.Cut(lines[i], "= "); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.local, got, c.want)
		}
	}
}
