// Command kernel is the first process of the machine that TestKernel boots: it loads AppArmor profiles, makes attempts
// under them, and reports on the second serial port what the kernel answered.
//
// A thread, not a process, is what the kernel confines: each attempt is made by a thread of its own, which enters a
// root file system made for attempts, takes its profile, and ends. Nothing that it changes is seen by the next.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// plan is what TestKernel wants to be done. The test has the same type.
type plan struct {
	World    []string   // what the root file system of an attempt has: "f /etc/passwd"
	Attempts [][]string // a verb and its arguments
	Loads    []load
	Runs     []run
}

type load struct {
	Source   string // read by apparmor_parser, here
	Compiled string // already compiled
}

type run struct {
	Profile  string // "unconfined" for none
	Attempts []int
}

func init() { runtime.LockOSThread() } // the main goroutine keeps the main thread

func main() {
	if err := boot(); err != nil {
		fmt.Println("kernel test:", err)
	}
	syscall.Sync()
	unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
}

func boot() error {
	for _, m := range [][3]string{{"devtmpfs", "/dev"}, {"proc", "/proc"}, {"sysfs", "/sys"}, {"securityfs", "/sys/kernel/security"},
		{"debugfs", "/sys/kernel/debug"}, {"tracefs", "/sys/kernel/tracing"}} {
		if err := unix.Mount(m[0], m[1], m[0], 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", m[1], err)
		}
	}
	report, err := os.OpenFile("/dev/ttyS1", os.O_WRONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	defer report.Close()
	body, err := os.ReadFile("/plan.json")
	if err != nil {
		return err
	}
	var p plan
	if err := json.Unmarshal(body, &p); err != nil {
		return err
	}
	lsm, _ := os.ReadFile("/sys/kernel/security/lsm")
	uptime, _ := os.ReadFile("/proc/uptime")
	fmt.Fprintf(report, "# lsm=%s, up for %s s\n", lsm, strings.Fields(string(uptime))[0])
	start := time.Now()
	for _, l := range p.Loads {
		if err := l.load(); err != nil {
			return err
		}
	}
	fmt.Fprintf(report, "# %d profiles loaded in %.1f s\n", len(p.Loads), time.Since(start).Seconds())
	start = time.Now()
	var w world
	for i, r := range p.Runs {
		for _, j := range r.Attempts {
			fmt.Fprintf(report, "%d %d %s\n", i, j, p.answer(&w, r.Profile, p.Attempts[j]))
		}
	}
	fmt.Fprintf(report, "# attempts made in %.1f s\nend\n", time.Since(start).Seconds())
	return nil
}

func (l load) load() error {
	if l.Source != "" {
		if out, err := exec.Command("/sbin/apparmor_parser", "-r", "-K", l.Source).CombinedOutput(); err != nil {
			return fmt.Errorf("apparmor_parser %s: %w\n%s", l.Source, err, out)
		}
		return nil
	}
	body, err := os.ReadFile(l.Compiled)
	if err != nil {
		return err
	}
	if err := os.WriteFile("/sys/kernel/security/apparmor/.replace", body, 0); err != nil {
		return fmt.Errorf("%s: %w", l.Compiled, err)
	}
	return nil
}

// world is a root file system, in a mount tree of its own.
type world struct {
	tree *os.File // its namespace; nil where it has yet to be made
}

// answer makes an attempt under a profile, and gives "ok", the error of the system call, or, behind "!", why the
// attempt could not be made.
func (p plan) answer(w *world, profile string, attempt []string) string {
	if w.tree == nil {
		made := make(chan error)
		go func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			made <- w.make(p.World)
		}()
		if err := <-made; err != nil {
			return "!world: " + err.Error()
		}
	}
	t := &trial{profile: profile, verb: attempt[0], args: attempt[1:]}
	done := make(chan string)
	go func() {
		runtime.LockOSThread()
		done <- t.run(w)
	}()
	answer := <-done
	if t.peer != 0 {
		if unix.Kill(t.peer, unix.SIGKILL) == nil { // which a profile may refuse to the unconfined too
			unix.Wait4(t.peer, nil, 0, nil)
		}
	}
	if t.verb == "connect" || changes[t.verb] && answer == "ok" { // the next attempt finds the world as this one did
		w.tree.Close()
		w.tree = nil
	}
	return answer
}

// trial is one attempt.
type trial struct {
	profile string
	verb    string
	args    []string
	peer    int // another process, where there is one; 0 if not
}

func (t *trial) run(w *world) string {
	if err := w.enter(); err != nil {
		return "!world: " + err.Error()
	}
	act, err := t.prepare()
	if err != nil {
		return "!prepare: " + err.Error()
	}
	switch err := act().(type) {
	case nil:
		return "ok"
	case syscall.Errno:
		return unix.ErrnoName(err)
	default:
		return "!" + err.Error()
	}
}

// enter gives the calling thread the world as its root.
func (w *world) enter() error {
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	return unix.Setns(int(w.tree.Fd()), unix.CLONE_NEWNS)
}

// make makes the world in a new mount tree, which the calling thread leaves behind.
func (w *world) make(lines []string) error {
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", "/fresh", "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	for _, line := range lines {
		if err := place(strings.Fields(line)); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
	}
	if err := unix.Chdir("/fresh"); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return err
	}
	if err := unix.Chroot("."); err != nil {
		return err
	}
	var err error
	w.tree, err = os.Open("/proc/thread-self/ns/mnt")
	return err
}

// place makes one thing: d a folder, f a file, o a file of another user, x a program, l a link, b a bind mount of what
// the machine has.
func place(line []string) error {
	path := "/fresh" + line[1]
	switch line[0] {
	case "d":
		return os.MkdirAll(path, 0o755)
	case "f":
		return os.WriteFile(path, []byte("x\n"), 0o644)
	case "o":
		if err := os.WriteFile(path, []byte("x\n"), 0o600); err != nil {
			return err
		}
		return os.Chown(path, 1000, 1000)
	case "x":
		return os.WriteFile(path, program(line[2]), 0o755)
	case "l":
		return os.Symlink(line[2], path)
	case "b":
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		return unix.Mount(line[2], path, "", unix.MS_BIND|unix.MS_REC, "")
	}
	return fmt.Errorf("%q is no kind of file", line[0])
}

// program is the smallest program for amd64 that ends at once ("exit") or waits for ever ("wait").
func program(what string) []byte {
	code := []byte{0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05} // exit(0)
	if what == "wait" {
		code = []byte{0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7} // pause(), again and again
	}
	const base, headers = 0x400000, 64 + 56
	elf := []byte{0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	number := func(width int, values ...uint64) {
		for _, v := range values {
			for i := range width {
				elf = append(elf, byte(v>>(8*i)))
			}
		}
	}
	number(2, 2, 62)                                                        // an executable, for amd64
	number(4, 1)                                                            // version
	number(8, base+headers, 64, 0)                                          // entry, program headers, no sections
	number(4, 0)                                                            // flags
	number(2, 64, 56, 1, 64, 0, 0)                                          // sizes and numbers of headers
	number(4, 1, 5)                                                         // to be loaded, readable and executable
	number(8, 0, base, base)                                                // offset and address
	number(8, uint64(headers+len(code)), uint64(headers+len(code)), 0x1000) // sizes and alignment
	return append(elf, code...)
}

// confine gives the calling thread its profile.
func confine(profile string) error {
	if profile == "unconfined" {
		return nil
	}
	if err := os.WriteFile("/proc/thread-self/attr/current", []byte("changeprofile "+profile), 0); err != nil {
		return fmt.Errorf("change to the profile %s: %w", profile, err)
	}
	return nil
}

// start starts the process that an attempt is about, under a profile.
func (t *trial) start(profile string) error {
	if profile != "unconfined" {
		if err := os.WriteFile("/proc/thread-self/attr/exec", []byte("exec "+profile), 0); err != nil {
			return fmt.Errorf("start under the profile %s: %w", profile, err)
		}
	}
	pid, err := syscall.ForkExec("/opt/wait", []string{"wait"}, &syscall.ProcAttr{})
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	t.peer = pid
	var got string
	for range 10000 { // the parent goes on before the child has its program, and that its profile
		name, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		label, err := os.ReadFile(fmt.Sprintf("/proc/%d/attr/current", pid))
		if err != nil {
			return err
		}
		if got, _, _ = strings.Cut(strings.TrimSpace(string(label)), " ("); got == profile && string(name) == "wait\n" {
			return nil
		}
		syscall.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0)
	}
	return fmt.Errorf("the process has the profile %q, want %q", got, profile)
}
