//go:build ignore

// Generate writes the tables of package linux. Run it with "go generate ./compiler/linux".
//
// Numbers, errno values and constants come from golang.org/x/sys/unix, which is made from the kernel's own headers.
// x32 is not among its architectures, so its numbers come from the kernel header of Debian's linux-libc-dev.
// Kernel versions come from syscalls(2) of Debian's manpages-dev; later ones from the table below.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// columns are the architectures with a table, in the order of the file. The names are Go's, but for x32.
var columns = []string{"amd64", "x32", "386", "arm64", "arm", "riscv64", "s390x", "ppc64le", "loong64"}

// armPrivate are ARM's calls outside the table: __ARM_NR_BASE (0x0f0000) plus a small number, from arch/arm's unistd.h.
var armPrivate = map[string]int{
	"breakpoint": 0x0f0001, "cacheflush": 0x0f0002, "usr26": 0x0f0003, "usr32": 0x0f0004, "set_tls": 0x0f0005, "get_tls": 0x0f0006,
}

// armNames gives the manual's names to calls for which ARM's header has names of its own; both are kept.
var armNames = map[string]string{"arm_fadvise64_64": "fadvise64_64", "arm_sync_file_range": "sync_file_range2"}

// notX32 are calls with a number of the common range that x32 does not have.
var notX32 = []string{"map_shadow_stack"}

// commonFrom is the number from which on every architecture numbers new calls alike.
const commonFrom = 424

// later holds kernel versions that the manual page does not reach, and corrections of it.
var later = map[string]string{
	"cachestat": "6.5", "fchmodat2": "6.6", "file_getattr": "6.17", "file_setattr": "6.17", "futex_requeue": "6.7",
	"futex_wait": "6.7", "futex_waitv": "5.16", "futex_wake": "6.7", "getxattrat": "6.13", "listmount": "6.8",
	"listns": "6.19", "listxattrat": "6.13", "lsm_get_self_attr": "6.8", "lsm_list_modules": "6.8",
	"lsm_set_self_attr": "6.8", "map_shadow_stack": "6.6", "memfd_secret": "5.14", "mseal": "6.10", "open_tree_attr": "6.15",
	"process_mrelease": "5.15", "quotactl_fd": "5.14", "removexattrat": "6.13", "riscv_hwprobe": "6.4",
	"set_mempolicy_home_node": "5.17", "setxattrat": "6.13", "statmount": "6.8", "uprobe": "6.18", "uretprobe": "6.11",
	"landlock_add_rule": "5.13", "landlock_create_ruleset": "5.13", "landlock_restrict_self": "5.13", "mount_setattr": "5.12",
	"pread64": "2.2", "pwrite64": "2.2", "rseq_slice_yield": "7.0",
}

// time64 are the calls with 64-bit times that 32-bit architectures got together in Linux 5.1.
var time64 = regexp.MustCompile(`(_time64|^(clock|timer|timerfd)_(adj|get|set)time64)$`)

// prefixes are those of constants that are passed as system call arguments.
var prefixes = []string{
	"AF_", "AT_", "BPF_", "CLONE_", "FAN_", "FUTEX_", "IPPROTO_", "KEYCTL_", "KEY_SPEC_", "LINUX_REBOOT_CMD_", "MADV_",
	"MAP_", "MNT_", "MS_", "NETLINK_", "OPEN_TREE_", "O_", "PERF_FLAG_", "PROT_", "PR_", "PTRACE_", "P_", "RESOLVE_",
	"RLIMIT_", "SECCOMP_", "SIG", "SOCK_", "SOL_", "SWAP_", "S_IF", "TIOC", "UMOUNT_", "PKEY_",
}

// notConstants start as one of prefixes do and are not arguments.
var notConstants = []string{"AF_MAX", "BPF_FS_MAGIC", "MAP_TYPE"}

func main() {
	log.SetFlags(0)
	man := flag.String("man", "/usr/share/man/man2/syscalls.2.gz", "syscalls(2), compressed")
	x32 := flag.String("x32", "/usr/include/x86_64-linux-gnu/asm/unistd_x32.h", "the kernel's unistd_x32.h")
	flag.Parse()

	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	check(err)
	unix := filepath.Join(strings.TrimSpace(string(out)), "unix")

	numbers := syscallNumbers(unix, *x32)
	versions := kernelVersions(*man)
	writeSyscalls("syscalls.tsv", numbers, versions)
	writeValues(unix)
}

// syscallNumbers reads the numbers of every architecture: architecture, name, number.
func syscallNumbers(unix, x32 string) map[string]map[string]int {
	numbers := map[string]map[string]int{}
	for _, arch := range columns {
		if arch == "x32" {
			continue
		}
		numbers[arch] = map[string]int{}
		for name, value := range constants(filepath.Join(unix, "zsysnum_linux_"+arch+".go")) {
			name, ok := strings.CutPrefix(name, "SYS_")
			if ok && name != "ARCH_SPECIFIC_SYSCALL" && name != "SYSCALL_MASK" {
				numbers[arch][strings.ToLower(name)] = int(value)
			}
		}
	}
	for name, nr := range armPrivate {
		numbers["arm"][name] = nr
	}
	for own, common := range armNames {
		numbers["arm"][common] = numbers["arm"][own]
	}
	numbers["x32"] = x32Numbers(x32)
	for name, nr := range numbers["amd64"] {
		if nr >= commonFrom && !slices.Contains(notX32, name) {
			numbers["x32"][name] = nr
		}
	}
	return numbers
}

// x32Numbers reads the numbers without the x32 bit.
func x32Numbers(path string) map[string]int {
	data, err := os.ReadFile(path)
	check(err)
	numbers := map[string]int{}
	define := regexp.MustCompile(`(?m)^#define __NR_(\w+) \(__X32_SYSCALL_BIT \+ (\d+)\)`)
	for _, m := range define.FindAllStringSubmatch(string(data), -1) {
		nr, err := strconv.Atoi(m[2])
		check(err)
		numbers[m[1]] = nr
	}
	return numbers
}

// kernelVersions reads the manual's table. A call that two series brought ("2.6; 2.4.18") gets the first version named.
func kernelVersions(path string) map[string]string {
	f, err := os.Open(path)
	check(err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	check(err)
	text, err := io.ReadAll(z)
	check(err)
	versions := map[string]string{}
	row := regexp.MustCompile(`^\\fB(\w+)\\fP\(2\)\t([0-9.]+)`)
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if m := row.FindStringSubmatch(lines.Text()); m != nil {
			versions[m[1]] = m[2]
		}
	}
	for name, version := range later {
		versions[name] = version
	}
	return versions
}

func writeSyscalls(path string, numbers map[string]map[string]int, versions map[string]string) {
	names := map[string]bool{}
	for _, table := range numbers {
		for name := range table {
			names[name] = true
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Made by generate.go. name, kernel version since (- unknown), number by architecture (- none)\n")
	fmt.Fprintf(&b, "name\tsince\t%s\n", strings.Join(columns, "\t"))
	for _, name := range sorted(names) {
		since := versions[name]
		switch {
		case since == "" && time64.MatchString(name):
			since = "5.1"
		case since == "":
			since = "-"
		}
		fmt.Fprintf(&b, "%s\t%s", name, since)
		for _, arch := range columns {
			if nr, ok := numbers[arch][name]; ok {
				fmt.Fprintf(&b, "\t%d", nr)
			} else {
				fmt.Fprint(&b, "\t-")
			}
		}
		fmt.Fprintln(&b)
	}
	check(os.WriteFile(path, []byte(b.String()), 0o644))
}

// writeValues writes errno values and constants. One that differs between our architectures is left out: a policy
// is written once for all of them.
func writeValues(unix string) {
	common := constants(filepath.Join(unix, "zerrors_linux.go"))
	for name, value := range constants(filepath.Join(unix, "ztypes_linux.go")) {
		if strings.HasPrefix(name, "BPF_") || strings.HasPrefix(name, "CLONE_") {
			common[name] = value
		}
	}
	perArch := map[string][]uint64{}
	arches := 0
	for _, arch := range columns {
		if arch == "x32" {
			continue
		}
		arches++
		for name, value := range constants(filepath.Join(unix, "zerrors_linux_"+arch+".go")) {
			perArch[name] = append(perArch[name], value)
		}
	}
	for name, values := range perArch {
		if len(values) == arches && slices.Min(values) == slices.Max(values) {
			common[name] = values[0]
		}
	}
	errno, args := map[string]uint64{}, map[string]uint64{}
	for name, value := range common {
		switch {
		case isErrno(name):
			errno[name] = value
		case isArgument(name):
			args[name] = value
		}
	}
	writeTable("errno.tsv", errno)
	writeTable("constants.tsv", args)
}

// isErrno tells error numbers from the other constants that begin with an E.
func isErrno(name string) bool {
	return regexp.MustCompile(`^E[A-Z0-9]+$`).MatchString(name) &&
		!regexp.MustCompile(`^(ELF(CLASS|DATA|MAG|OSABI)|ECHO|EPOLL|EXT[A-Z]*$|EXTPROC|EV_)`).MatchString(name)
}

func isArgument(name string) bool {
	if slices.Contains(notConstants, name) || strings.HasSuffix(name, "_MAGIC") {
		return false
	}
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

func writeTable(path string, values map[string]uint64) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Made by generate.go. name, value\n")
	for _, name := range sorted(values) {
		fmt.Fprintf(&b, "%s\t%d\n", name, values[name])
	}
	check(os.WriteFile(path, []byte(b.String()), 0o644))
}

// constants reads the integer constants of one Go file: literals, signed ones, and Errno or Signal conversions.
func constants(path string) map[string]uint64 {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	check(err)
	values := map[string]uint64{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
			return true
		}
		if value, ok := integer(spec.Values[0]); ok {
			values[spec.Names[0].Name] = value
		}
		return true
	})
	return values
}

func integer(e ast.Expr) (uint64, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		value, err := strconv.ParseUint(e.Value, 0, 64)
		return value, err == nil
	case *ast.UnaryExpr:
		value, ok := integer(e.X)
		return -value, ok && e.Op == token.SUB
	case *ast.CallExpr: // syscall.Errno(0x1)
		if len(e.Args) == 1 {
			return integer(e.Args[0])
		}
	}
	return 0, false
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
