package apparmor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// missing ends a test for want of a tool: in CI that is a failure.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// plan is what the first process of the booted machine reads; testdata/kernel has the same type.
type plan struct {
	World    []string
	Attempts [][]string
	Loads    []load
	Runs     []run
}

type load struct {
	Source   string // a profile that apparmor_parser reads in the machine
	Compiled string // one that it compiled before
}

type run struct {
	Profile  string
	Attempts []int // of the plan's
}

// machine is Debian's kernel, which is emulated: what it is asked is not asked of the kernel that the tests run on.
type machine struct {
	qemu, kernel, parser string
	files                map[string][]byte // of its root file system; a name that ends in a slash is a folder
}

// bootLimit is the time that a machine gets, from its start to its end.
const bootLimit = 15 * time.Minute

func newMachine(t *testing.T) *machine {
	t.Helper()
	if runtime.GOARCH != "amd64" {
		missing(t, "the kernel of linux-image-cloud-amd64 is booted on amd64 alone")
	}
	m := &machine{parser: parserPath(t), files: map[string][]byte{}}
	if m.parser == "" {
		missing(t, "there is no apparmor_parser; install the package apparmor")
	}
	var err error
	if m.qemu, err = exec.LookPath("qemu-system-x86_64"); err != nil {
		missing(t, "there is no qemu-system-x86_64; install the package qemu-system-x86: %v", err)
	}
	m.kernel = newestKernel()
	if m.kernel == "" {
		missing(t, "there is no kernel in /boot that may be read; install the package linux-image-cloud-amd64, and run the test as root where only root may read it")
	}
	for _, folder := range []string{"dev/", "proc/", "sys/", "fresh/", "tmp/"} {
		m.files[folder] = nil
	}
	m.programs(t)
	for _, folder := range []string{"abi", "abstractions", "tunables"} {
		m.folder(t, "/etc/apparmor.d/"+folder)
	}
	return m
}

// newestKernel is the one that was installed last, "" if there is none that may be read.
func newestKernel() string {
	kernels, _ := filepath.Glob("/boot/vmlinuz-*-cloud-amd64") // the pattern is well formed
	newest, found := time.Time{}, ""
	for _, path := range kernels {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if info, err := f.Stat(); err == nil && info.ModTime().After(newest) {
			newest, found = info.ModTime(), path
		}
		f.Close()
	}
	return found
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// programs are the first process, and apparmor_parser with the libraries that it is linked to.
func (m *machine) programs(t *testing.T) {
	t.Helper()
	first := filepath.Join(t.TempDir(), "init")
	build := exec.Command("go", "build", "-trimpath", "-o", first, "./testdata/kernel")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the machine's first process does not build: %v\n%s", err, out)
	}
	m.files["init"] = read(t, first)
	m.files["sbin/apparmor_parser"] = read(t, m.parser)
	libraries, err := exec.Command("ldd", m.parser).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(libraries)) {
		if strings.HasPrefix(word, "/") {
			m.files[word[1:]] = read(t, word)
		}
	}
}

func (m *machine) folder(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			m.files[path[1:]], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// boot boots the machine with a plan, waits for its end, and gives the lines that it reports.
func (m *machine) boot(t *testing.T, p plan) []string {
	t.Helper()
	body, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	m.files["plan.json"] = body
	dir := t.TempDir()
	initramfs, console, report := filepath.Join(dir, "initramfs"), filepath.Join(dir, "console"), filepath.Join(dir, "report")
	if err := os.WriteFile(initramfs, archive(m.files), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), bootLimit)
	defer stop()
	// Of the security modules only AppArmor is on, so that no other refuses. Its log goes nowhere, which is quicker.
	cmd := exec.CommandContext(ctx, m.qemu, "-accel", "tcg", "-cpu", "max", "-m", "768", "-nodefaults", "-display", "none", "-no-reboot",
		"-serial", "file:"+console, "-serial", "file:"+report, "-kernel", m.kernel, "-initrd", initramfs,
		"-append", "console=ttyS0 loglevel=4 panic=-1 no_timer_check apparmor=1 lsm=apparmor audit=0")
	out, err := cmd.CombinedOutput()
	said, _ := os.ReadFile(console)
	lines, _ := os.ReadFile(report)
	answers := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(lines), "\r", "")), "\n")
	if err != nil || answers[len(answers)-1] != "end" {
		t.Fatalf("the machine did not come to its end: %v\n%s\nit said: %s\nand reported at last: %s", err, out, said, answers[max(0, len(answers)-3):])
	}
	return answers
}

// archive writes files as an initramfs: a cpio archive of the format "newc" (the kernel's
// Documentation/driver-api/early-userspace/buffer-format.rst). Folders come before what is in them.
func archive(files map[string][]byte) []byte {
	var b bytes.Buffer
	number := 0
	entry := func(name string, mode, size int, body []byte) {
		number++
		fmt.Fprintf(&b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", number, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, len(name)+1, 0)
		b.WriteString(name + "\x00")
		pad(&b)
		b.Write(body)
		pad(&b)
	}
	folders := map[string]bool{"": true, ".": true}
	var folder func(path string)
	folder = func(path string) {
		if !folders[path] {
			folders[path] = true
			folder(filepath.Dir(path))
			entry(path, 0o040755, 0, nil)
		}
	}
	for _, name := range sortedNames(files) {
		folder(filepath.Dir(name))
		if !strings.HasSuffix(name, "/") {
			entry(name, 0o100755, len(files[name]), files[name])
		}
	}
	entry("TRAILER!!!", 0, 0, nil)
	return b.Bytes()
}

// pad fills up to a multiple of four bytes.
func pad(b *bytes.Buffer) { b.Write(make([]byte, -b.Len()&3)) }
