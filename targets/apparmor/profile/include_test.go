package profile_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// includeFiles is a folder of files that profiles include, in the ways that apparmor_parser takes and refuses.
func includeFiles() map[string]string {
	files := map[string]string{
		"tunables/a": "@{A}=/a\n", "tunables/b": "include <tunables/a>\n@{B}=@{A}/b\n", "tunables/twice": "@{A}=/c\n",
		"tunables/profile": "profile inner { /q r, }\n",
		"abstractions/x":   "  abi <abi/3.0>,\n  /x r,\n", "abstractions/cycle": "include <abstractions/cycle>\n/y r,\n",
		"abstractions/c1": "include <abstractions/c2>\n/c1 r,\n", "abstractions/c2": "#include <abstractions/c1>\n/c2 r,\n",
		"abstractions/variable": "@{V}=x\n", "abstractions/bad": "/x r,\nnonsense,\n", "abstractions/hat": "^h { /q r, }\n",
		"dir.d/b": "/b r,\n", "dir.d/a": "/a r,\n", "dir.d/old.dpkg-old": "garbage", "dir.d/.hidden": "garbage", "dir.d/x~": "garbage", "dir.d/README": "garbage",
		"dir.d/sub/x": "garbage", "local/x": "/local r,\n",
	}
	for i := range 20 {
		files[fmt.Sprintf("deep/%d", i)] = fmt.Sprintf("include <deep/%d>\n", i+1)
	}
	files["deep/20"] = "/deep r,\n"
	return files
}

func mapFS(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, body := range files {
		out[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return out
}

// TestIncludesAgainstParser holds how files are found, once in each profile, and read to apparmor_parser: what it accepts, and what it
// makes of it.
func TestIncludesAgainstParser(t *testing.T) {
	o := newOracle(t)
	files, dir := includeFiles(), t.TempDir()
	for name, body := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "abi"), os.DirFS("/etc/apparmor.d/abi")); err != nil {
		t.Fatal(err)
	}
	o.base = dir
	paths := strings.Fields("/x /y /a /b /a/b /c /c1 /c2 /local /deep /q /d")
	const alike, theirs = "", "only the parser takes it"
	for _, test := range []struct{ text, who string }{
		{"include <tunables/a>\ninclude <tunables/a>\nprofile x { @{A} r, }", alike},
		{"include <tunables/b>\nprofile x { @{B} r, }", alike},
		{"include <tunables/a>\ninclude <tunables/twice>\nprofile x { @{A} r, }", alike},
		{"include <tunables/none>\nprofile x { /a r, }", alike},
		{"include if exists <tunables/none>\nprofile x { /a r, }", alike},
		{"include <tunables/profile>\nprofile x { /a r, }", alike},
		{"profile x { @{A} r, }", alike},
		{"profile x { include <abstractions/x>\n include <abstractions/x>\n }", alike},
		{"profile x { audit { include <abstractions/x>\n } }", alike},
		{"profile x { owner { include <abstractions/x>\n } include <abstractions/x>\n }", alike},
		{"profile x { include <abstractions/x>\n owner { include <abstractions/x>\n } }", alike},
		{"profile x { profile y { include <abstractions/x>\n } include <abstractions/x>\n }", alike},
		{"profile x { include <abstractions/cycle>\n }", alike},
		{"profile x { include <abstractions/c1>\n }", alike},
		{"profile x { include <abstractions/variable>\n }", alike},
		{"profile x { include <abstractions/bad>\n }", alike},
		{"profile x { include <abstractions/hat>\n }", alike},
		{"profile x { include <dir.d>\n }", alike},
		{"profile x { include <dir.d/>\n }", alike},
		{"profile x { include if exists <dir.d>\n }", alike},
		{"profile x { include </abstractions/x>\n }", alike},
		{"profile x { include <abstractions//x>\n }", alike},
		{"profile x { include <abstractions/*>\n }", alike},
		{"profile x { include <abstractions>\n }", alike},
		{"profile x { include <deep/10>\n }", alike},
		{"profile x { include <deep/0>\n }", theirs},
		{"profile x { include <../" + filepath.Base(dir) + "/abstractions/x>\n }", theirs},
		{"profile x { #include <abstractions/x>\n }", alike},
		{"profile x { include <abstractions/x> # why\n }", alike},
	} {
		file, err := profile.ParseIn(mapFS(files), "test", []byte(test.text))
		compiled, problem := o.compile(t, test.text)
		if accepts := test.who == theirs || err == nil; accepts != (problem == "") || test.who == theirs && err == nil {
			t.Errorf("%s: we say %v, the parser %q", test.text, err, problem)
			continue
		}
		if err != nil || len(file.Profiles) > 1 || len(file.Profiles[0].Children) > 0 {
			continue // the automaton that is read is that of the first profile
		}
		for _, path := range paths {
			for _, owner := range []bool{true, false} {
				want := profile.Deny
				if compiled.files.filePerms(path, owner).allow&fileBits["r"] != 0 {
					want = profile.Allow
				}
				if got := file.Profiles[0].File(path, "r", owner); got.Outcome != want {
					t.Errorf("%s: %s owner=%v is %v, the parser says %v", test.text, path, owner, got.Outcome, want)
				}
			}
		}
	}
}

// TestIncludePlaces holds where findings and errors of included files are: a finding where the file is included, and which line of
// which file it is.
func TestIncludePlaces(t *testing.T) {
	files := mapFS(includeFiles())
	file, err := profile.ParseIn(files, "apparmor/x", []byte("profile x {\n  include <abstractions/c1>\n}\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := file.Profiles[0].File("/c2", "r", true)
	if len(d.Places) != 1 || d.Places[0].Line != 2 || d.Places[0].Text != "/c2 r (abstractions/c2 line 2)" {
		t.Errorf("%+v", d.Places)
	}
	for text, want := range map[string]string{
		"profile x {\n  include <abstractions/bad>\n}\n":         `abstractions/bad:2:1: expected a rule, found "nonsense," (included at apparmor/x:2)`,
		"profile x {\n  include <none>\n}\n":                     `apparmor/x:2:3: none, which is included, cannot be read in the folder that is given: file does not exist`,
		"profile x {\n  include <../../etc/shadow>\n}\n":         `apparmor/x:2:3: etc/shadow, which is included, cannot be read in the folder that is given: file does not exist`,
		"profile x {\n  include <abstractions/c1\n}\n":           `apparmor/x:2:11: a name in angle brackets is empty or not closed on its line`,
		"profile x {\n  include </etc/apparmor.d/dir.d/none>\n}": `apparmor/x:2:3: etc/apparmor.d/dir.d/none, which is included, cannot be read in the folder that is given: file does not exist`,
	} {
		if _, err := profile.ParseIn(files, "apparmor/x", []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	// What lies elsewhere is not read, and leaves open what it could change; a path into the policy's folder is that of the one given.
	file, err = profile.ParseIn(files, "x", []byte("profile x {\n  include \"/etc/apparmor.d/abstractions/x\"\n  include \"/opt/x\"\n}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := file.Profiles[0].File("/y", "r", true); got.Outcome != profile.Undecided || got.Places[0].Line != 3 {
		t.Errorf("%+v", got)
	}
}

// TestIncludesAreBounded holds that what a file includes is read up to a size, however often it is included.
func TestIncludesAreBounded(t *testing.T) {
	files := mapFS(map[string]string{"big": strings.Repeat("#"+strings.Repeat("x", 1022)+"\n", 1000), "huge": strings.Repeat("#\n", profile.MaxSource)})
	var text strings.Builder
	for i := range 20 {
		fmt.Fprintf(&text, "profile x%d {\n  include <big>\n}\n", i)
	}
	if _, err := profile.ParseIn(files, "x", []byte(text.String())); err == nil || !strings.Contains(err.Error(), "the files that are included have more than 8388608 bytes") {
		t.Errorf("%v", err)
	}
	if _, err := profile.ParseIn(files, "x", []byte("profile x {\n  include <huge>\n}\n")); err == nil || !strings.Contains(err.Error(), "huge:1:1: the file has") {
		t.Errorf("%v", err)
	}
}

// TestUnknownTunables holds that a variable of a file that is not read leaves decisions open, and is no error.
func TestUnknownTunables(t *testing.T) {
	p := one(t, "include <tunables/ours>\nprofile x {\n  @{OURS}/** rw,\n  deny /etc/shadow r,\n  deny mount fstype=@{OURS},\n  deny unix addr=@{OURS},\n  deny signal peer=@{OURS},\n}\n")
	for _, test := range []struct {
		got  profile.Decision
		want profile.Outcome
	}{
		{p.File("/etc/shadow", "r", true), profile.Deny}, {p.File("/srv/x", "r", true), profile.Undecided},
		{p.Mount(profile.MountRequest{Source: "proc", Target: "/mnt", FSType: "proc"}), profile.Undecided}, {p.Signal("send", "kill", "x"), profile.Undecided},
	} {
		if test.got.Outcome != test.want {
			t.Errorf("%+v, want %v", test.got, test.want)
		}
	}
	if _, err := profile.Parse("x", []byte("profile x { @{OURS}/** rw, }")); err == nil {
		t.Error("a variable that nothing defines is none, and passes")
	}
}

// shippedPath finds the patterns of paths in the rules that AppArmor ships.
var shippedPath = regexp.MustCompile(`(?m)^ *(?:owner |deny |audit )*((?:/|@\{)[^ \n]+) `)

// TestShippedAgainstParser holds every abstraction that AppArmor ships, read from the folder that it is in, to what the parser makes of
// it, on paths made of the patterns in it.
func TestShippedAgainstParser(t *testing.T) {
	o := newOracle(t)
	const base = "/etc/apparmor.d"
	entries, err := os.ReadDir(base + "/abstractions")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	const at = 6 // of them in a profile: compiling takes time
	outcomes := map[profile.Outcome]int{}
	for len(names) > 0 {
		n := min(at, len(names))
		text := "include <tunables/global>\nprofile x {\n"
		var paths []string
		for _, name := range names[:n] {
			text += "  include <abstractions/" + name + ">\n"
			paths = append(paths, shippedPaths(t, os.DirFS(base), "abstractions/"+name)...)
		}
		text += "}\n"
		names = names[n:]
		file, err := profile.ParseIn(os.DirFS(base), "x", []byte(text))
		if err != nil {
			t.Errorf("%s%v", text, err)
			continue
		}
		compiled, problem := o.compile(t, text)
		if problem != "" {
			t.Errorf("%s%s", text, problem)
			continue
		}
		for _, path := range paths {
			perms := compiled.files.filePerms(path, true)
			for access, bit := range fileBits {
				want := profile.Deny
				if perms.allow&bit != 0 {
					want = profile.Allow
				}
				if got := file.Profiles[0].File(path, access, true); got.Outcome != want {
					t.Errorf("%s: %s %s is %v (%s), the parser says %v", text, access, path, got.Outcome, got.Reason, want)
				}
				outcomes[want]++
			}
		}
	}
	if t.Logf("%v", outcomes); outcomes[profile.Deny] < 100 || outcomes[profile.Allow] < 100 {
		t.Error("hardly anything was compared")
	}
}

// shippedPaths gives a path for each pattern in a file, and one beside it.
func shippedPaths(t *testing.T, folder fs.FS, name string) (out []string) {
	t.Helper()
	body, err := fs.ReadFile(folder, name)
	if err != nil {
		t.Fatal(err)
	}
	replaced := strings.NewReplacer("@{HOME}", "/home/me", "@{HOMEDIRS}", "/home/", "@{PROC}", "/proc", "@{pid}", "7", "@{tid}", "8", "@{uid}", "9", "@{multiarch}", "x-linux-gnu",
		"@{run}", "/run", "@{sys}", "/sys", "@{etc_ro}", "/etc", "@{etc_rw}", "/etc", "**", "x/y", "*", "x", "{,", "{")
	alternative := regexp.MustCompile(`\{([^{},]*)(,[^{}]*)?\}`)
	charset := regexp.MustCompile(`\[(.)[^]]*\]`)
	for _, found := range shippedPath.FindAllStringSubmatch(string(body), -1) {
		path := charset.ReplaceAllString(replaced.Replace(found[1]), "$1")
		for alternative.MatchString(path) {
			path = alternative.ReplaceAllString(path, "$1")
		}
		path = strings.ReplaceAll(path, "//", "/")
		if strings.HasPrefix(path, "/") {
			out = append(out, path, path+"x", path+"/")
		}
	}
	return out
}

// TestIncludesDoNotMultiply holds that files which include themselves in several profiles come to an end.
func TestIncludesDoNotMultiply(t *testing.T) {
	files := mapFS(map[string]string{"y": "^a {\n include <y>\n}\n^b {\n include <y>\n}\n^c {\n include <y>\n}\n"})
	if _, err := profile.ParseIn(files, "x", []byte("profile x {\n  include <y>\n}\n")); err == nil || !strings.Contains(err.Error(), "deeper than 16") && !strings.Contains(err.Error(), "more than 4096 files") {
		t.Errorf("%v", err)
	}
}
