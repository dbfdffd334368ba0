package profile_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// featuresFile are the features of a kernel: they make the parser compile every class of rules, on a kernel without
// AppArmor too.
const featuresFile = "/etc/apparmor.d/abi/3.0"

// oracle compiles profiles with apparmor_parser and walks the automata that the kernel would walk.
type oracle struct {
	parser, features string
	base             string // the folder that includes are read from; "" is /etc/apparmor.d
	version          int    // 4 of 4.1.0
}

// newer says whether the parser knows the classes of rules that came with 4.0, and priorities.
func (o oracle) newer() bool { return o.version >= 4 }

// newOracle finds the parser. Where there is none the test is skipped, but in CI it fails.
func newOracle(t testing.TB) oracle {
	t.Helper()
	if features, err := os.ReadFile(featuresFile); err == nil {
		// Of kernels before 5.9 the file lacks the last capability, for which the parser then takes sys_admin.
		features = bytes.Replace(features, []byte(" bpf\n"), []byte(" bpf checkpoint_restore\n"), 1)
		// And what newer kernels mediate; parsers that do not know it leave it out of account.
		features = append(features, "ipc {posix_mqueue {create read write open delete setattr getattr\n}\n}\nio_uring {sqpoll {yes\n}\noverride_creds {yes\n}\n}\n"...)
		features = bytes.Replace(features, []byte("namespaces {"), []byte("namespaces {mask {userns_create\n}\n"), 1)
		file := filepath.Join(t.TempDir(), "features")
		if err := os.WriteFile(file, features, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"apparmor_parser", "/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"} {
			if found, err := exec.LookPath(path); err == nil {
				return oracle{parser: found, features: file, version: majorVersion(t, found)}
			}
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("there is no apparmor_parser with " + featuresFile + "; install the package apparmor")
	}
	t.Skip("there is no apparmor_parser with " + featuresFile)
	return oracle{}
}

// majorVersion asks the parser, which says "AppArmor parser version 3.0.8".
func majorVersion(t testing.TB, parser string) int {
	t.Helper()
	out, err := exec.Command(parser, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(out), "version ")
	major, err := strconv.Atoi(strings.Split(rest, ".")[0])
	if err != nil {
		t.Fatalf("a version of the parser that cannot be read: %s", out)
	}
	return major
}

// compiled is what the parser makes of a file with one profile.
type compiled struct {
	files  *automaton // nil where there are no file rules
	policy *automaton // all other classes; nil where there are none
	caps   uint64     // allowed and not denied
}

// compile gives the compiled profile, or what the parser says against it.
func (o oracle) compile(t testing.TB, text string) (*compiled, string) {
	t.Helper()
	args := []string{"-Q", "-K", "-S", "--kernel-features", o.features, "--override-policy-abi", o.features}
	if o.base != "" {
		args = append(args, "--base", o.base)
	}
	cmd := exec.Command(o.parser, append(args, "/dev/stdin")...)
	cmd.Stdin = bytes.NewReader([]byte(text))
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return nil, err.Error() + ": " + problems.String()
	}
	body := out.Bytes()
	c := &compiled{caps: readCaps(body)}
	// That of the other classes stands in the structure "policydb", before that of files.
	if at := bytes.Index(body, []byte("policydb\x00")); at >= 0 {
		c.policy, body = readAutomaton(t, body[at:])
	}
	c.files, _ = readAutomaton(t, body)
	return c, ""
}

// readCaps finds the capabilities: after the flags, four numbers of 32 bits (allowed, audited, quieted, extended),
// and in "caps64" their upper halves. A number is tagged 2 and little-endian.
func readCaps(body []byte) uint64 {
	at := bytes.Index(body, []byte("\x04\x07\x00caps64\x00\x07\x02"))
	if at < 0 {
		return 0
	}
	low := binary.LittleEndian.Uint32(body[at-4*5+1:])
	high := binary.LittleEndian.Uint32(body[at+len("\x04\x07\x00caps64\x00\x07\x02"):])
	return uint64(high)<<32 | uint64(low)
}

// automaton is a state machine as the kernel's security/apparmor/match.c reads it.
type automaton struct {
	accept, accept2, base, def, next, check []uint32
	classes                                 []uint32 // of bytes; nil where each byte is its own
}

// The tables of a state machine (security/apparmor/include/match.h), and the flag of a state whose transitions are
// the difference to those of its default.
const (
	tableAccept = 1 + iota
	tableBase
	tableCheck
	tableDefault
	tableClasses
	_
	tableAccept2
	tableNext

	differenceFlag = 0x80000000
)

// readAutomaton reads the first state machine of body, and gives what follows; nil if there is none.
func readAutomaton(t testing.TB, body []byte) (*automaton, []byte) {
	t.Helper()
	at := bytes.Index(body, []byte("aadfa\x00"))
	if at < 0 {
		return nil, body
	}
	magic := bytes.Index(body[at:], []byte{0x1b, 0x5e, 0x78, 0x3d})
	if magic < 0 || magic > 64 {
		t.Fatal("a state machine does not begin as one")
	}
	dfa := body[at+magic:]
	be := binary.BigEndian
	size := int(be.Uint32(dfa[8:]))
	a := &automaton{}
	for pos := int(be.Uint32(dfa[4:])); pos < size; {
		id, width, n := be.Uint16(dfa[pos:]), int(be.Uint16(dfa[pos+2:])), int(be.Uint32(dfa[pos+8:]))
		values := make([]uint32, n)
		for i := range values {
			switch p := pos + 12 + i*width; width {
			case 1:
				values[i] = uint32(dfa[p])
			case 2:
				values[i] = uint32(be.Uint16(dfa[p:]))
			case 4:
				values[i] = be.Uint32(dfa[p:])
			default:
				t.Fatalf("a table of %d bytes a number", width)
			}
		}
		switch id {
		case tableAccept:
			a.accept = values
		case tableBase:
			a.base = values
		case tableCheck:
			a.check = values
		case tableDefault:
			a.def = values
		case tableClasses:
			a.classes = values
		case tableAccept2:
			a.accept2 = values
		case tableNext:
			a.next = values
		}
		pos = (pos + 12 + n*width + 7) &^ 7
	}
	return a, dfa[size:]
}

// walk gives the state after the bytes, from a state on; 1 is the first.
func (a *automaton) walk(state uint32, text []byte) uint32 {
	for _, b := range text {
		class := uint32(b)
		if a.classes != nil {
			class = a.classes[b]
		}
		for {
			base := a.base[state]
			pos := base&0xffffff + class
			if int(pos) < len(a.check) && a.check[pos] == state {
				state = a.next[pos]
				break
			}
			state = a.def[state]
			if base&differenceFlag == 0 {
				break
			}
		}
	}
	return state
}

// perms of a state: what is allowed, what is logged although it is allowed, what is refused in silence.
type perms struct{ allow, audit, quiet uint32 }

// filePerms are those of a path for its owner or for others (the kernel's dfa_user_* and dfa_other_* macros).
func (a *automaton) filePerms(path string, owner bool) perms {
	if a == nil {
		return perms{}
	}
	state := a.walk(1, []byte(path))
	accept, accept2 := a.accept[state], a.accept2[state]
	if !owner {
		accept, accept2 = accept>>14, accept2>>14
	}
	return perms{accept & 0x7f, accept2 & 0x7f, accept2 >> 7 & 0x7f}
}

// statePerms are those of what is no file.
func (a *automaton) statePerms(text []byte) perms {
	if a == nil {
		return perms{}
	}
	state := a.walk(1, text)
	return perms{a.accept[state] & 0x7f, a.accept2[state] & 0x7f, a.accept2[state] >> 7 & 0x7f}
}
