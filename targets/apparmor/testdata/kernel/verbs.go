package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// prepare does what an attempt needs beforehand, unconfined, gives the thread its profile, and gives the attempt itself.
func (t *trial) prepare() (func() error, error) {
	actor := t.profile
	var err error
	switch t.verb {
	case "trace", "look", "environ", "memory", "signal":
		err = t.start(t.other())
	case "traced", "looked", "signalled":
		actor, err = t.other(), t.start(t.profile)
	case "mount":
		err = ownTree()
	case "remount", "umount", "propagate", "move", "attach":
		if err = ownTree(); err == nil {
			err = unix.Mount("tmpfs", t.args[0], "tmpfs", 0, "")
		}
	case "pivot":
		if err = ownTree(); err == nil {
			err = unix.Mount("tmpfs", t.args[0], "tmpfs", 0, "")
		}
		if err == nil {
			err = os.MkdirAll(t.args[1], 0o755)
		}
	case "connect":
		err = listen(t.args[0])
	}
	if makes[t.verb] {
		os.Remove(t.args[len(t.args)-1])
	}
	if err != nil {
		return nil, err
	}
	var act func() error
	switch {
	case verbs[t.verb] != nil:
		act = func() error { return verbs[t.verb](t.args) }
	case processes[t.verb] != nil:
		act = func() error { return processes[t.verb](t.peer, t.args) }
	default:
		return nil, fmt.Errorf("%q is no verb", t.verb)
	}
	return act, confine(actor)
}

// ownTree gives the thread a copy of the mount tree, which ends with it.
func ownTree() error { return unix.Unshare(unix.CLONE_NEWNS) }

// changes are the verbs that leave a change which another attempt would find; connect leaves one, a socket in place of the
// file, even where it is refused. What is made anew is removed before the next.
var changes = map[string]bool{"rename": true, "unlink": true, "rmdir": true, "chown": true}

// makes are the verbs that make a file; its path is their last argument.
var makes = map[string]bool{"create": true, "link": true, "symlink": true, "mkdir": true, "fifo": true, "device": true}

// other gives the profile of the other process: the trial's own where none is named. In the control, which shows what
// is possible without AppArmor, nothing has a profile.
func (t *trial) other() string {
	if t.profile == "unconfined" || t.args[0] == "same" {
		return t.profile
	}
	return t.args[0]
}

// processes are attempts about another process.
var processes = map[string]func(pid int, args []string) error{
	"trace":     seize,
	"traced":    seize,
	"look":      look,
	"looked":    look,
	"signal":    kill,
	"signalled": kill,
	"environ":   func(pid int, _ []string) error { return open(fmt.Sprintf("/proc/%d/environ", pid), unix.O_RDONLY) },
	"memory":    func(pid int, _ []string) error { return open(fmt.Sprintf("/proc/%d/mem", pid), unix.O_RDONLY) },
}

// seize begins to trace a process; what traces ends with the thread.
func seize(pid int, _ []string) error {
	const ptraceSeize = 0x4206
	return errno(syscall.RawSyscall6(unix.SYS_PTRACE, ptraceSeize, uintptr(pid), 0, 0, 0, 0))
}

// look reads where a link of /proc leads, which no rule for files is about.
func look(pid int, _ []string) error {
	_, err := unix.Readlink(fmt.Sprintf("/proc/%d/exe", pid), make([]byte, 100))
	return err
}

func kill(pid int, args []string) error {
	if args[1] == "exists" {
		return unix.Kill(pid, 0)
	}
	return unix.Kill(pid, unix.SignalNum("SIG"+strings.ToUpper(args[1])))
}

// verbs are all other attempts.
var verbs = map[string]func(args []string) error{
	"r":        func(a []string) error { return open(a[0], unix.O_RDONLY) },
	"w":        func(a []string) error { return open(a[0], unix.O_WRONLY) },
	"rw":       func(a []string) error { return open(a[0], unix.O_RDWR) },
	"a":        func(a []string) error { return open(a[0], unix.O_WRONLY|unix.O_APPEND) },
	"create":   func(a []string) error { return open(a[0], unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL) },
	"map":      mapped,
	"lock":     locked,
	"queue":    func(a []string) error { return queue(a[0]) },
	"huge":     func([]string) error { return hugePages() },
	"link":     func(a []string) error { return unix.Link(a[0], a[1]) },
	"symlink":  func(a []string) error { return unix.Symlink(a[0], a[1]) },
	"rename":   func(a []string) error { return unix.Rename(a[0], a[1]) },
	"unlink":   func(a []string) error { return unix.Unlink(a[0]) },
	"mkdir":    func(a []string) error { return unix.Mkdir(a[0], 0o755) },
	"rmdir":    func(a []string) error { return unix.Rmdir(a[0]) },
	"chmod":    func(a []string) error { return unix.Chmod(a[0], 0o700) },
	"truncate": func(a []string) error { return unix.Truncate(a[0], 0) },
	"fifo":     func(a []string) error { return unix.Mknod(a[0], unix.S_IFIFO|0o600, 0) },
	"device":   func(a []string) error { return unix.Mknod(a[0], unix.S_IFCHR|0o600, 1<<8|3) },
	"chown":    func(a []string) error { return unix.Chown(a[0], 1000, 1000) },
	"exec":     execute,
	"connect":  connect,
	"socket":   socket,
	"port":     port,

	"mount":     func(a []string) error { return unix.Mount(a[1], a[0], a[2], flags(a[3]), "") },
	"remount":   func(a []string) error { return unix.Mount("none", a[0], "", unix.MS_REMOUNT|flags(a[1]), "") },
	"propagate": func(a []string) error { return unix.Mount("none", a[0], "", flags(a[1]), "") },
	"move":      func(a []string) error { return unix.Mount(a[0], a[1], "", unix.MS_MOVE, "") },
	"umount":    func(a []string) error { return unix.Unmount(a[0], 0) },
	"pivot":     func(a []string) error { return unix.PivotRoot(a[0], a[1]) },
	"attach":    attach,

	"capability": func(a []string) error { return capabilities[a[0]]() },
}

func errno(_, _ uintptr, e syscall.Errno) error {
	if e != 0 {
		return e
	}
	return nil
}

func open(path string, how int) error {
	fd, err := unix.Open(path, how|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0o644)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

func mapped(a []string) error {
	fd, err := unix.Open(a[0], unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Mmap(fd, 0, 1, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE)
	return err
}

// queue makes a message queue of POSIX, and removes it. Its name is given to the kernel without its slash.
func queue(name string) error {
	text, err := unix.BytePtrFromString(name[1:])
	if err != nil {
		return err
	}
	fd, _, e := syscall.RawSyscall6(unix.SYS_MQ_OPEN, uintptr(unsafe.Pointer(text)), unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC, 0o600, 0, 0, 0)
	syscall.RawSyscall(unix.SYS_MQ_UNLINK, uintptr(unsafe.Pointer(text)), 0, 0)
	if e != 0 {
		return e
	}
	return unix.Close(int(fd))
}

// hugePages maps a huge page without a file. A security module is asked before it shows that there is none.
func hugePages() error {
	_, err := unix.Mmap(-1, 0, 2<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS|unix.MAP_HUGETLB)
	return err
}

func locked(a []string) error {
	fd, err := unix.Open(a[0], unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Flock(fd, unix.LOCK_SH|unix.LOCK_NB)
}

// execute starts a program, and waits for its end: one that the kernel kills on its way has not been let through.
func execute(a []string) error {
	pid, err := syscall.ForkExec(a[0], []string{a[0]}, &syscall.ProcAttr{})
	if err != nil {
		return err
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, 0, nil); err != nil {
		return err
	}
	if !status.Exited() || status.ExitStatus() != 0 {
		return fmt.Errorf("started, and ended with the status %#x", status)
	}
	return nil
}

func listen(path string) error {
	unix.Unlink(path)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return err
	}
	return unix.Listen(fd, 1)
}

func connect(a []string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Connect(fd, &unix.SockaddrUnix{Name: a[0]})
}

func socket(a []string) error {
	family := map[string]int{"unix": unix.AF_UNIX, "inet": unix.AF_INET, "inet6": unix.AF_INET6, "netlink": unix.AF_NETLINK,
		"packet": unix.AF_PACKET, "alg": unix.AF_ALG, "vsock": unix.AF_VSOCK}[a[0]]
	kind := map[string]int{"stream": unix.SOCK_STREAM, "dgram": unix.SOCK_DGRAM, "raw": unix.SOCK_RAW, "seqpacket": unix.SOCK_SEQPACKET}[a[1]]
	protocol, err := strconv.Atoi(a[2])
	if err != nil || family == 0 || kind == 0 {
		return fmt.Errorf("%q is no socket", a)
	}
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, protocol)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// port takes one below 1024.
func port([]string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Bind(fd, &unix.SockaddrInet4{Port: 80})
}

// attach mounts as mount(2) with the option bind does, by the calls of the newer interface.
func attach(a []string) error {
	fd, err := unix.OpenTree(unix.AT_FDCWD, a[0], unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.MoveMount(fd, "", unix.AT_FDCWD, a[1], unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// flags are mount(2)'s, by the names that rules have for them.
func flags(names string) uintptr {
	known := map[string]uintptr{"ro": unix.MS_RDONLY, "nosuid": unix.MS_NOSUID, "nodev": unix.MS_NODEV, "noexec": unix.MS_NOEXEC,
		"bind": unix.MS_BIND, "rbind": unix.MS_BIND | unix.MS_REC, "private": unix.MS_PRIVATE, "rprivate": unix.MS_PRIVATE | unix.MS_REC,
		"shared": unix.MS_SHARED, "slave": unix.MS_SLAVE, "rw": 0}
	var all uintptr
	for _, name := range strings.Split(names, ",") {
		flag, ok := known[name]
		if !ok {
			panic("no flag " + name)
		}
		all |= flag
	}
	return all
}

// capabilities are simple calls that need one, by its name.
var capabilities = map[string]func() error{
	"SETUID":             func() error { return errno(syscall.RawSyscall(unix.SYS_SETRESUID, 1000, 1000, 1000)) },
	"SETGID":             func() error { return errno(syscall.RawSyscall(unix.SYS_SETRESGID, 1000, 1000, 1000)) },
	"SETPCAP":            func() error { return unix.Prctl(unix.PR_CAPBSET_DROP, unix.CAP_AUDIT_CONTROL, 0, 0, 0) },
	"SYS_ADMIN":          func() error { return unix.Sethostname([]byte("bulkhead")) },
	"SYS_CHROOT":         func() error { return unix.Chroot("/tmp") },
	"SYS_NICE":           func() error { return unix.Setpriority(unix.PRIO_PROCESS, 0, -5) },
	"SYS_PACCT":          func() error { return errno(syscall.RawSyscall(unix.SYS_ACCT, 0, 0, 0)) },
	"SYS_RAWIO":          func() error { return errno(syscall.RawSyscall(unix.SYS_IOPERM, 0x80, 1, 1)) },
	"SYS_RESOURCE":       moreFiles,
	"SYS_TIME":           setTime,
	"SYS_TTY_CONFIG":     func() error { return errno(syscall.RawSyscall(unix.SYS_VHANGUP, 0, 0, 0)) },
	"SYS_MODULE":         func() error { return unix.InitModule([]byte("no module"), "") },
	"SETFCAP":            fileCapability,
	"SYSLOG":             func() error { _, err := unix.Klogctl(unix.SYSLOG_ACTION_READ_ALL, make([]byte, 100)); return err },
	"WAKE_ALARM":         func() error { fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME_ALARM, 0); unix.Close(fd); return err },
	"NET_ADMIN":          loopback,
	"BPF":                bpfMap,
	"PERFMON":            perfEvent,
	"CHECKPOINT_RESTORE": mapFile,
}

func moreFiles() error {
	var limit unix.Rlimit
	if err := unix.Prlimit(0, unix.RLIMIT_NOFILE, nil, &limit); err != nil {
		return err
	}
	limit.Max++
	return unix.Prlimit(0, unix.RLIMIT_NOFILE, &limit, nil)
}

// setTime sets the clock to what it shows.
func setTime() error {
	now := unix.NsecToTimeval(time.Now().UnixNano())
	return unix.Settimeofday(&now)
}

func fileCapability() error {
	none := make([]byte, 20)
	none[3] = 2 // the second version of the attribute
	return unix.Setxattr("/tmp/file", "security.capability", none, 0)
}

func loopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

// bpfMap makes an array of one number.
func bpfMap() error {
	attr := [18]uint32{unix.BPF_MAP_TYPE_ARRAY, 4, 4, 1}
	fd, _, e := syscall.RawSyscall(unix.SYS_BPF, unix.BPF_MAP_CREATE, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
	if e != 0 {
		return e
	}
	return unix.Close(int(fd))
}

func perfEvent() error {
	attr := unix.PerfEventAttr{Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_CPU_CLOCK}
	attr.Size = uint32(unsafe.Sizeof(attr))
	fd, err := unix.PerfEventOpen(&attr, 0, -1, -1, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// mapFile follows the link to the file that a mapping of this process is of. It is not opened, which rules for files are
// about.
func mapFile() error {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return err
	}
	from, to, _ := strings.Cut(strings.Fields(string(maps))[0], "-")
	fd, err := unix.Open("/proc/self/map_files/"+strings.TrimLeft(from, "0")+"-"+strings.TrimLeft(to, "0"), unix.O_PATH|unix.O_CLOEXEC, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}
