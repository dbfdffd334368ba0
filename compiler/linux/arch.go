package linux

import (
	"slices"
	"strings"
)

// Arch is an architecture by Go's name, which Kubernetes and OCI images use too ("amd64", "arm64", "386"), or by
// libseccomp's in lower case where Go has none ("x32", "s390"). The empty Arch is none.
type Arch string

// The architectures that have a table of system calls here.
const (
	AMD64   Arch = "amd64"
	X32     Arch = "x32" // 64-bit x86 with 32-bit pointers; same AUDIT_ARCH as amd64, numbers carry X32Bit
	I386    Arch = "386"
	ARM64   Arch = "arm64"
	ARM     Arch = "arm"
	RISCV64 Arch = "riscv64"
	S390X   Arch = "s390x"
	PPC64LE Arch = "ppc64le"
	LOONG64 Arch = "loong64"
)

// X32Bit is set in the numbers of x32 system calls (__X32_SYSCALL_BIT); the tables hold numbers without it.
const X32Bit = 0x40000000

// Architecture is what the kernel and the formats call one Arch.
type Architecture struct {
	Arch     Arch
	Seccomp  string // OCI's name: SCMP_ARCH_X86_64
	Uname    string // what uname -m says, or libseccomp's name where uname does not tell it: x86_64
	Audit    uint32 // AUDIT_ARCH_* of linux/audit.h, what a seccomp filter sees
	Bits     int    // that a filter compares of an argument: 32 or 64 (x32: 32, though its registers have 64)
	Sub      []Arch // what a kernel for Arch also runs
	HasTable bool   // whether the numbers of its system calls are known here
}

// BigEndian says whether the architecture stores the most significant byte first (__AUDIT_ARCH_LE is not set).
func (a Architecture) BigEndian() bool { return a.Audit&0x40000000 == 0 }

// architectures is every name that the OCI runtime specification gives an architecture, by Arch.
// AUDIT_ARCH is the ELF machine, with 0x80000000 for 64 bits, 0x40000000 for little endian (and 0x20000000 for MIPS N32).
var architectures = []Architecture{
	{Arch: I386, Seccomp: "SCMP_ARCH_X86", Uname: "i386", Audit: 0x40000003, Bits: 32, HasTable: true},
	{Arch: AMD64, Seccomp: "SCMP_ARCH_X86_64", Uname: "x86_64", Audit: 0xc000003e, Bits: 64, Sub: []Arch{I386, X32}, HasTable: true},
	{Arch: ARM, Seccomp: "SCMP_ARCH_ARM", Uname: "armv7l", Audit: 0x40000028, Bits: 32, HasTable: true},
	{Arch: ARM64, Seccomp: "SCMP_ARCH_AARCH64", Uname: "aarch64", Audit: 0xc00000b7, Bits: 64, Sub: []Arch{ARM}, HasTable: true},
	{Arch: LOONG64, Seccomp: "SCMP_ARCH_LOONGARCH64", Uname: "loongarch64", Audit: 0xc0000102, Bits: 64, HasTable: true},
	{Arch: "m68k", Seccomp: "SCMP_ARCH_M68K", Uname: "m68k", Audit: 0x00000004, Bits: 32},
	{Arch: "mips", Seccomp: "SCMP_ARCH_MIPS", Uname: "mips", Audit: 0x00000008, Bits: 32},
	{Arch: "mips64", Seccomp: "SCMP_ARCH_MIPS64", Uname: "mips64", Audit: 0x80000008, Bits: 64, Sub: []Arch{"mips", "mips64n32"}},
	{Arch: "mips64le", Seccomp: "SCMP_ARCH_MIPSEL64", Uname: "mipsel64", Audit: 0xc0000008, Bits: 64, Sub: []Arch{"mips64len32", "mipsle"}},
	{Arch: "mips64len32", Seccomp: "SCMP_ARCH_MIPSEL64N32", Uname: "mipsel64n32", Audit: 0xe0000008, Bits: 32},
	{Arch: "mips64n32", Seccomp: "SCMP_ARCH_MIPS64N32", Uname: "mips64n32", Audit: 0xa0000008, Bits: 32},
	{Arch: "mipsle", Seccomp: "SCMP_ARCH_MIPSEL", Uname: "mipsel", Audit: 0x40000008, Bits: 32},
	{Arch: "parisc", Seccomp: "SCMP_ARCH_PARISC", Uname: "parisc", Audit: 0x0000000f, Bits: 32},
	{Arch: "parisc64", Seccomp: "SCMP_ARCH_PARISC64", Uname: "parisc64", Audit: 0x8000000f, Bits: 64, Sub: []Arch{"parisc"}},
	{Arch: "ppc", Seccomp: "SCMP_ARCH_PPC", Uname: "ppc", Audit: 0x00000014, Bits: 32},
	{Arch: "ppc64", Seccomp: "SCMP_ARCH_PPC64", Uname: "ppc64", Audit: 0x80000015, Bits: 64, Sub: []Arch{"ppc"}},
	{Arch: PPC64LE, Seccomp: "SCMP_ARCH_PPC64LE", Uname: "ppc64le", Audit: 0xc0000015, Bits: 64, HasTable: true},
	{Arch: RISCV64, Seccomp: "SCMP_ARCH_RISCV64", Uname: "riscv64", Audit: 0xc00000f3, Bits: 64, HasTable: true},
	{Arch: "s390", Seccomp: "SCMP_ARCH_S390", Uname: "s390", Audit: 0x00000016, Bits: 32},
	{Arch: S390X, Seccomp: "SCMP_ARCH_S390X", Uname: "s390x", Audit: 0x80000016, Bits: 64, Sub: []Arch{"s390"}, HasTable: true},
	{Arch: "sh", Seccomp: "SCMP_ARCH_SH", Uname: "sh", Audit: 0x4000002a, Bits: 32},
	{Arch: "sheb", Seccomp: "SCMP_ARCH_SHEB", Uname: "sheb", Audit: 0x0000002a, Bits: 32},
	{Arch: X32, Seccomp: "SCMP_ARCH_X32", Uname: "x32", Audit: 0xc000003e, Bits: 32, HasTable: true},
}

// Architectures returns every architecture that a seccomp profile can name, by Arch.
func Architectures() []Architecture {
	list := slices.Clone(architectures)
	for i := range list {
		list[i].Sub = slices.Clone(list[i].Sub)
	}
	slices.SortFunc(list, func(a, b Architecture) int { return strings.Compare(string(a.Arch), string(b.Arch)) })
	return list
}

// LookupArch finds an architecture by its Arch, its OCI name or what uname says ("amd64", "SCMP_ARCH_X86_64", "x86_64").
func LookupArch(name string) (Architecture, bool) {
	for _, a := range architectures {
		if name != "" && (name == string(a.Arch) || name == a.Seccomp || name == a.Uname) {
			a.Sub = slices.Clone(a.Sub)
			return a, true
		}
	}
	switch name {
	case "x86", "i686":
		return LookupArch("386")
	case "armhf", "armv6l", "armv8l":
		return LookupArch("arm")
	}
	return Architecture{}, false
}
