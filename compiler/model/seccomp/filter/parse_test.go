package filter

import (
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// TestParseRefuses holds the reader to naming the place of what is wrong.
func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	tests := []struct{ name, profile, want string }{
		{"nothing", "", "the profile is empty"},
		{"spaces", " \n\t", "the profile is empty"},
		{"binary", "\xff\xfe{}", "not UTF-8"},
		{"cut off", `{"defaultAction":"SCMP_ACT_ERRNO"`, "ends before its last bracket"},
		{"broken", "{\n  \"defaultAction\": oops\n}", "line 2, column 20"},
		{"two values", `{"defaultAction":"SCMP_ACT_ERRNO"} {}`, "more text after"},
		{"a list", `[]`, "the profile: must be an object, is a list"},
		{"too deep", `{"defaultAction":` + deep + `}`, "levels of brackets"},
		{"a key twice", `{"defaultAction":"SCMP_ACT_ERRNO","defaultAction":"SCMP_ACT_ALLOW"}`, `the key "defaultAction" is there twice`},
		{"a key in other case", `{"DefaultAction":"SCMP_ACT_ALLOW"}`, `/DefaultAction: the key "DefaultAction" is not one of`},
		{"no default", `{}`, "defaultAction is missing"},
		{"null default", `{"defaultAction":null}`, "defaultAction is missing"},
		{"an unknown action", `{"defaultAction":"SCMP_ACT_DENY"}`, `/defaultAction: "SCMP_ACT_DENY" is not an action`},
		{"an action of another type", `{"defaultAction":1}`, "/defaultAction: must be a string, is a number"},
		{"a supervisor by default", `{"defaultAction":"SCMP_ACT_NOTIFY","listenerPath":"/s"}`, "/defaultAction: SCMP_ACT_NOTIFY cannot be the default"},
		{"a number with allow", `{"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":1}`, "/defaultErrnoRet: SCMP_ACT_ALLOW carries no number"},
		{"a large errno", `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":4095}`, "/defaultErrnoRet: 4095 is not a whole number from 0 to 4094"},
		{"an architecture of Go", `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["amd64"]}`, `/architectures/0: "amd64" is not an architecture`},
		{"an unknown flag", `{"defaultAction":"SCMP_ACT_ERRNO","flags":["TSYNC"]}`, "/flags/0"},
		{"rules that are no list", `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":{}}`, "/syscalls: must be a list, is an object"},
		{"a rule without names", ruleJSON(`"names":[]`), "/syscalls/0: names is missing or empty"},
		{"an empty name", ruleJSON(`"names":[""]`), "/syscalls/0/names/0: must be a string"},
		{"a rule without action", `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"]}]}`, "/syscalls/0: action is missing"},
		{"a supervisor without a place", `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_NOTIFY"}]}`, "needs a listenerPath"},
		{"a supervised write", `{"defaultAction":"SCMP_ACT_ERRNO","listenerPath":"/s","syscalls":[{"names":["write"],"action":"SCMP_ACT_NOTIFY"}]}`, "cannot hold for write"},
		{"a seventh argument", ruleJSON(`"names":["read"],"args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}]`), "/syscalls/0/args/0/index: 6 is not a whole number from 0 to 5"},
		{"a negative value", ruleJSON(`"names":["read"],"args":[{"index":0,"value":-1,"op":"SCMP_CMP_EQ"}]`), "/syscalls/0/args/0/value: -1"},
		{"a fraction", ruleJSON(`"names":["read"],"args":[{"index":0,"value":1.0,"op":"SCMP_CMP_EQ"}]`), "/syscalls/0/args/0/value: 1.0"},
		{"more than 64 bits", ruleJSON(`"names":["read"],"args":[{"index":0,"value":18446744073709551616,"op":"SCMP_CMP_EQ"}]`), "/syscalls/0/args/0/value"},
		{"an unknown comparison", ruleJSON(`"names":["read"],"args":[{"index":0,"value":1,"op":"=="}]`), `/syscalls/0/args/0/op: "==" is not a comparison`},
		{"a condition without value", ruleJSON(`"names":["read"],"args":[{"index":0,"op":"SCMP_CMP_EQ"}]`), "/syscalls/0/args/0: value is missing"},
		{"Docker's archMap", `{"defaultAction":"SCMP_ACT_ERRNO","archMap":[]}`, `/archMap: "archMap" is of Docker's dialect`},
		{"Docker's includes", ruleJSON(`"names":["read"],"includes":{"caps":["CAP_SYS_ADMIN"]}`), `/syscalls/0/includes: "includes" is of Docker's dialect`},
		{"Docker's excludes", ruleJSON(`"names":["read"],"excludes":{}`), `/syscalls/0/excludes: "excludes" is of Docker's dialect`},
		{"Docker's minKernel", ruleJSON(`"names":["read"],"minKernel":"4.8"`), `/syscalls/0/minKernel: "minKernel" is of Docker's dialect`},
		{"Docker's name", ruleJSON(`"name":"read"`), `/syscalls/0/name: "name" is of Docker's dialect`},
		{"deep in a rule", ruleJSON(`"names":["read"],"args":[{"index":0,"value":1,"op":` + deep + `}]`), "/syscalls/0/args/0/op/0/0/0/0/0/0/0/0/0/0/0/0: more than 16 levels of brackets"},
		{"cut off in a string", `{"defaultAction":"SCMP_ACT_`, "line 1, column 28: the profile ends before its last bracket"},
		{"cut off in a rule", "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\n\"syscalls\":[{\"names\":[\"read\"", "line 2, column 29: the profile ends before its last bracket"},
		{"a line", "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\n\"syscalls\":[\n{\"names\":[\"read\"],\"action\":\n\"ALLOW\"}]}", `/syscalls/0/action: "ALLOW" is not an action; SCMP_ACT_ALLOW and SCMP_ACT_ERRNO are (line 4, column 1)`},
		{"what is missing has the line of what lacks it", "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\n\"syscalls\":[\n\n{\"action\":\"SCMP_ACT_ALLOW\"}]}", "/syscalls/0: names is missing or empty (line 4, column 1)"},
		{"an unknown key of a rule", ruleJSON(`"names":["read"],"errno_ret":1`), `/syscalls/0/errno_ret: the key "errno_ret" is not one of action, args, comment, errnoRet, names (line 1, column`},
		{"an unknown key of a condition", ruleJSON(`"names":["read"],"args":[{"index":0,"value":1,"value2":1,"op":"SCMP_CMP_EQ"}]`), `/syscalls/0/args/0/value2: the key "value2" is not one of index, op, value, valueTwo (line 1, column`},
		{"a number with a rule that allows", ruleJSON(`"names":["read"],"errnoRet":38`), "/syscalls/0/errnoRet: SCMP_ACT_ALLOW carries no number; only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do (line 1, column"},
		{"a number with kill", `{"defaultAction":"SCMP_ACT_KILL_PROCESS","defaultErrnoRet":38}`, "/defaultErrnoRet: SCMP_ACT_KILL_PROCESS carries no number"},
		{"a negative errno", `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":-1}`, "/defaultErrnoRet: -1 is not a whole number from 0 to 4094"},
		{"names that are text", ruleJSON(`"names":"read"`), "/syscalls/0/names: must be a list, is a string"},
		{"a rule that is text", `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":["read"]}`, "/syscalls/0: must be an object, is a string (line 1, column 47)"},
		{"a listenerPath of another type", `{"defaultAction":"SCMP_ACT_ERRNO","listenerPath":true}`, "/listenerPath: must be a string, is a boolean"},
		{"an error by name", `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrno":"ENOSYS"}`, `/defaultErrno: "defaultErrno" is of Docker's dialect`},
		{"one condition, two actions", `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[` +
			`{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]},` +
			`{"names":["read"],"action":"SCMP_ACT_LOG","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}]}`, "/syscalls/1/names/0: /syscalls/0 has a rule for read"},
		{"two byte orders", `{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_S390X"]}`,
			"/architectures: SCMP_ARCH_S390X and SCMP_ARCH_X86_64 differ in byte order"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse([]byte(test.profile))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// ruleJSON makes a profile with one rule that allows.
func ruleJSON(members string) string {
	return `{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"action":"SCMP_ACT_ALLOW",` + members + `}]}`
}

func TestParseLimits(t *testing.T) {
	if _, err := Parse([]byte(`{"defaultAction":"SCMP_ACT_ERRNO","comment":"` + strings.Repeat("x", maxBytes) + `"}`)); err == nil || !strings.Contains(err.Error(), "the limit is") {
		t.Errorf("too many bytes: %v", err)
	}
	if _, err := Parse([]byte(`{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[` + strings.Repeat("0,", maxNodes) + `0]}`)); err == nil || !strings.Contains(err.Error(), "more than 1048576 values") {
		t.Errorf("too many values: %v", err)
	}
}

// TestDecide tells what libseccomp's simulator cases do not: architectures, numbers, several calls behind one, and what is left open.
func TestDecide(t *testing.T) {
	list := func(arches, rules string) string {
		return `{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"architectures":[` + arches + `],"syscalls":[` + rules + `]}`
	}
	const amd64, both = `"SCMP_ARCH_X86_64"`, `"SCMP_ARCH_X86_64","SCMP_ARCH_X86"`
	const read, socket = `{"names":["read"],"action":"SCMP_ACT_ALLOW"}`, `{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2,"op":"SCMP_CMP_EQ"}]}`
	tests := []struct {
		name, profile string
		call          Call
		want, place   string
	}{
		{"a rule", list(amd64, read), Call{Arch: "amd64", Name: "read"}, "ALLOW", "/syscalls/0"},
		{"a number", list(amd64, read), Call{Arch: "amd64", Number: 0}, "ALLOW", "/syscalls/0"},
		{"no rule", list(amd64, read), Call{Arch: "amd64", Name: "write"}, "ERRNO(38)", "/defaultAction"},
		{"an unknown number", list(amd64, read), Call{Arch: "amd64", Number: 9999}, "ERRNO(38)", "/defaultAction"},
		{"an unknown number beside an unknown name", list(amd64, `{"names":["read","newcall"],"action":"SCMP_ACT_ALLOW"}`), Call{Arch: "amd64", Number: 9999}, "UNDECIDED", ""},
		{"an unknown name", list(amd64, read), Call{Arch: "amd64", Name: "newcall"}, "UNDECIDED", ""},
		{"a call of other architectures", list(amd64, read), Call{Arch: "amd64", Name: "socketcall"}, "UNDECIDED", ""},
		{"an architecture that is not listed", list(amd64, read), Call{Arch: "386", Name: "read"}, "KILL", "/architectures"},
		{"x32 by number", list(amd64, read), Call{Arch: "amd64", Number: linux.X32Bit}, "KILL", "/architectures"},
		{"a tracer's number", list(amd64, read), Call{Arch: "amd64", Number: -1}, "ERRNO(38)", "/defaultAction"},
		{"x32 where it is listed", list(amd64+`,"SCMP_ARCH_X32"`, read), Call{Arch: "amd64", Number: linux.X32Bit}, "ALLOW", "/syscalls/0"},
		{"the kernel's own is covered", list(`"SCMP_ARCH_ARM"`, read), Call{Native: "arm64", Arch: "arm64", Name: "read"}, "ALLOW", "/syscalls/0"},
		{"no architectures", list("", read), Call{Arch: "arm64", Name: "read"}, "ALLOW", "/syscalls/0"},
		{"no architectures, 32-bit", list("", read), Call{Arch: "386", Name: "read"}, "UNDECIDED", ""},
		{"arm under arm64", list(`"SCMP_ARCH_AARCH64","SCMP_ARCH_ARM"`, read), Call{Native: "arm64", Arch: "arm", Name: "read"}, "ALLOW", "/syscalls/0"},
		{"arm that is not listed", list(`"SCMP_ARCH_AARCH64"`, read), Call{Native: "arm64", Arch: "arm", Name: "read"}, "KILL", "/architectures"},
		{"arm has no socketcall", list(`"SCMP_ARCH_AARCH64","SCMP_ARCH_ARM"`, socket), Call{Native: "arm64", Arch: "arm", Name: "socket", Args: [6]uint64{38}}, "ERRNO(38)", "/defaultAction"},
		{"x32 by name", list(amd64+`,"SCMP_ARCH_X32"`, read), Call{Native: "amd64", Arch: "x32", Name: "write"}, "ERRNO(38)", "/defaultAction"},
		{"x32 compares 32 bits", list(amd64+`,"SCMP_ARCH_X32"`, socket), Call{Native: "amd64", Arch: "x32", Name: "socket", Args: [6]uint64{1<<32 | 2}}, "ALLOW", "/syscalls/0"},
		{"error 0 is a refusal that looks like success", list(amd64, `{"names":["read"],"action":"SCMP_ACT_ERRNO","errnoRet":0}`), Call{Arch: "amd64", Name: "read"}, "ERRNO(0)", "/syscalls/0"},
		{"the largest error", list(amd64, `{"names":["read"],"action":"SCMP_ACT_ERRNO","errnoRet":4094}`), Call{Arch: "amd64", Name: "read"}, "ERRNO(4094)", "/syscalls/0"},
		{"errnoRet of a tracer", list(amd64, `{"names":["read"],"action":"SCMP_ACT_TRACE","errnoRet":65535}`), Call{Arch: "amd64", Name: "read"}, "TRACE(65535)", "/syscalls/0"},
		{"a rule with the default's action and another number holds", list(amd64, `{"names":["read"],"action":"SCMP_ACT_ERRNO"}`), Call{Arch: "amd64", Name: "read"}, "ERRNO(1)", "/syscalls/0"},
		{"kill and kill thread are one", `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],"action":"SCMP_ACT_KILL_THREAD"}]}`, Call{Arch: "amd64", Name: "read"}, "KILL", "/defaultAction"},
		{"flags change no decision", `{"defaultAction":"SCMP_ACT_ERRNO","flags":["SECCOMP_FILTER_FLAG_LOG","SECCOMP_FILTER_FLAG_SPEC_ALLOW","SECCOMP_FILTER_FLAG_TSYNC","SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]}`, Call{Arch: "amd64", Name: "read"}, "ERRNO(1)", "/defaultAction"},
		{"ipc for another call", list(both, `{"names":["shmget"],"action":"SCMP_ACT_ALLOW"}`), Call{Arch: "386", Name: "ipc", Args: [6]uint64{24}}, "ERRNO(38)", "/defaultAction"},
		{"no table", list(`"SCMP_ARCH_MIPS"`, read), Call{Arch: "mips", Name: "read"}, "UNDECIDED", ""},
		{"no such architecture", list(amd64, read), Call{Arch: "pdp11", Name: "read"}, "UNDECIDED", ""},

		{"socket", list(both, socket), Call{Arch: "386", Name: "socket", Args: [6]uint64{2}}, "ALLOW", "/syscalls/0"},
		{"socket of another family", list(both, socket), Call{Arch: "386", Name: "socket", Args: [6]uint64{38}}, "ERRNO(38)", "/defaultAction"},
		{"socketcall has no family", list(both, socket), Call{Arch: "386", Name: "socketcall", Args: [6]uint64{1}}, "ALLOW", "/syscalls/0"},
		{"socketcall for another call", list(both, socket), Call{Arch: "386", Name: "socketcall", Args: [6]uint64{3}}, "ERRNO(38)", "/defaultAction"},
		{"socketcall refused", list(both, socket+`,{"names":["socketcall"],"action":"SCMP_ACT_ERRNO","errnoRet":1}`), Call{Arch: "386", Name: "socketcall", Args: [6]uint64{1}}, "ERRNO(1)", "/syscalls/1"},
		{"socketcall refused as by default", list(both, socket+`,{"names":["socketcall"],"action":"SCMP_ACT_ERRNO","errnoRet":38}`), Call{Arch: "386", Name: "socketcall", Args: [6]uint64{1}}, "ALLOW", "/syscalls/0"},
		{"ipc", list(both, `{"names":["shmget"],"action":"SCMP_ACT_ALLOW"}`), Call{Arch: "386", Name: "ipc", Args: [6]uint64{23}}, "ALLOW", "/syscalls/0"},

		{"an argument twice is or", list(amd64, `{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"},{"index":0,"value":2,"op":"SCMP_CMP_EQ"}]}`),
			Call{Arch: "amd64", Name: "read", Args: [6]uint64{2}}, "ALLOW", "/syscalls/0"},
		{"and so are the others then", list(amd64, `{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"},{"index":0,"value":2,"op":"SCMP_CMP_EQ"},{"index":1,"value":9,"op":"SCMP_CMP_EQ"}]}`),
			Call{Arch: "amd64", Name: "read", Args: [6]uint64{7, 9}}, "ALLOW", "/syscalls/0"},
		{"arguments together are and", list(amd64, `{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"},{"index":1,"value":9,"op":"SCMP_CMP_EQ"}]}`),
			Call{Arch: "amd64", Name: "read", Args: [6]uint64{7, 9}}, "ERRNO(38)", "/defaultAction"},
		{"allow beats a conditional refusal", `{"defaultAction":"SCMP_ACT_KILL","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]},` + read + `]}`,
			Call{Arch: "amd64", Name: "read", Args: [6]uint64{1}}, "ALLOW", "/syscalls/1"},
		{"by default it does not", `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}]}`,
			Call{Arch: "amd64", Name: "read", Args: [6]uint64{1}}, "ERRNO(1)", "/syscalls/0"},
		{"a mask of nothing holds always", list(amd64, `{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":0,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]}`),
			Call{Arch: "amd64", Name: "read", Args: [6]uint64{5}}, "ALLOW", "/syscalls/0"},
		{"64 bits are compared", list(amd64, socket), Call{Arch: "amd64", Name: "socket", Args: [6]uint64{1<<32 | 2}}, "ERRNO(38)", "/defaultAction"},
		{"two actions, either order", list(amd64, `{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]},{"names":["read"],"action":"SCMP_ACT_LOG","args":[{"index":0,"value":1,"valueTwo":1,"op":"SCMP_CMP_MASKED_EQ"}]}`),
			Call{Arch: "amd64", Name: "read", Args: [6]uint64{1}}, "UNDECIDED", ""},
		{"a supervisor", `{"defaultAction":"SCMP_ACT_ERRNO","listenerPath":"/s","syscalls":[{"names":["mount"],"action":"SCMP_ACT_NOTIFY"}]}`, Call{Arch: "amd64", Name: "mount"}, "NOTIFY", "/syscalls/0"},
		{"a tracer", `{"defaultAction":"SCMP_ACT_TRACE","defaultErrnoRet":7}`, Call{Arch: "amd64", Name: "mount"}, "TRACE(7)", "/defaultAction"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := Parse([]byte(test.profile))
			if err != nil {
				t.Fatal(err)
			}
			if d := f.Decide(test.call); d.String() != test.want || d.Place != test.place || d.Reason == "" {
				t.Errorf("%v at %q (%s), want %s at %q", d, d.Place, d.Reason, test.want, test.place)
			}
		})
	}
}

// TestRefusedWith386 tells which rules libseccomp refuses where the profile lists an architecture that passes arguments in memory, or compares 32 bits.
func TestRefusedWith386(t *testing.T) {
	rules := func(list ...string) string { return strings.Join(list, ",") }
	rule := func(name, action string, args ...string) string {
		return `{"names":["` + name + `"],"action":"SCMP_ACT_` + action + `","args":[` + strings.Join(args, ",") + `]}`
	}
	const family, another, protocol = `{"index":0,"op":"SCMP_CMP_EQ","value":40}`, `{"index":0,"op":"SCMP_CMP_EQ","value":38}`, `{"index":2,"op":"SCMP_CMP_EQ","value":9}`
	const long = `{"index":0,"op":"SCMP_CMP_EQ","value":4294967336}`
	refused := "libseccomp refuses the two"
	for _, test := range []struct {
		name, rules string
		want        string // of the error with 386
	}{
		{"one with conditions, one without", rules(rule("socket", "ERRNO", family), rule("socket", "LOG")),
			"/syscalls/1/names/0: /syscalls/0 has a rule with another action for socket, which socketcall stands for on 386, where no filter tells the first argument: " +
				"libseccomp refuses the two (EEXIST), and no container starts; remove one, or SCMP_ARCH_X86"},
		{"the same, the other way round", rules(rule("socket", "LOG"), rule("socket", "ERRNO", family)), refused},
		{"two families", rules(rule("socket", "ERRNO", family), rule("socket", "KILL", another)), refused},
		{"two families, one action", rules(rule("socket", "ERRNO", family), rule("socket", "ERRNO", another)), ""},
		{"a family and a protocol", rules(rule("socket", "ERRNO", family, protocol), rule("socket", "KILL", another)), refused},
		{"ipc", rules(rule("shmget", "ERRNO", family), rule("shmget", "KILL", another)), "stands for"},
		{"two calls", rules(rule("socket", "ERRNO", family), rule("socketpair", "KILL", another)), ""},
		{"no call behind another", rules(rule("ioctl", "ERRNO", family), rule("ioctl", "KILL", another)), ""},
		{"alike in 32 bits", rules(rule("ioctl", "ERRNO", family), rule("ioctl", "KILL", long)), "begin alike in the 32 bits that 386 compares"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for arches, want := range map[string]string{`"SCMP_ARCH_X86_64","SCMP_ARCH_X86"`: test.want, `"SCMP_ARCH_X86_64"`: ""} {
				_, err := Parse([]byte(`{"defaultAction":"SCMP_ACT_ALLOW","architectures":[` + arches + `],"syscalls":[` + test.rules + `]}`))
				if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v, want %q", arches, err, want)
				}
			}
		})
	}
}

// TestRulesThatAreLost holds that nothing is decided on an architecture for which libseccomp forgets to load the call's number.
func TestRulesThatAreLost(t *testing.T) {
	const accept, read, write = `{"names":["accept"],"action":"SCMP_ACT_ERRNO"}`, `{"names":["read"],"action":"SCMP_ACT_ERRNO"}`,
		`{"names":["write"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"op":"SCMP_CMP_EQ","value":1}]}`
	for _, test := range []struct{ name, arches, rules, arch, want string }{
		{"a call that 386 has no number for, and one with conditions", `"SCMP_ARCH_X86"`, accept + "," + write, "386", "UNDECIDED"},
		{"on amd64", `"SCMP_ARCH_X86"`, accept + "," + write, "amd64", "ERRNO(1)"},
		{"beside a call without conditions", `"SCMP_ARCH_X86"`, accept + "," + write + "," + read, "386", "ERRNO(1)"},
		{"alone", `"SCMP_ARCH_X86"`, write, "386", "ERRNO(1)"},
		{"a call that 386 does not have at all is left out before", `"SCMP_ARCH_X86"`, `{"names":["riscv_hwprobe"],"action":"SCMP_ACT_ERRNO"},` + write, "386", "ERRNO(1)"},
		{"but not on other architectures", `"SCMP_ARCH_ARM"`, `{"names":["riscv_hwprobe"],"action":"SCMP_ACT_ERRNO"},` + write, "arm", "UNDECIDED"},
		{"amd64 with x32", `"SCMP_ARCH_X32"`, `{"names":["socketcall"],"action":"SCMP_ACT_ERRNO"},` + write, "amd64", "UNDECIDED"},
		{"x32", `"SCMP_ARCH_X32"`, `{"names":["socketcall"],"action":"SCMP_ACT_ERRNO"},` + write, "x32", "UNDECIDED"},
		{"amd64 without x32", `"SCMP_ARCH_X86"`, `{"names":["socketcall"],"action":"SCMP_ACT_ERRNO"},` + write, "amd64", "ERRNO(1)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := Parse([]byte(`{"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64",` + test.arches + `],"syscalls":[` + test.rules + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			d := f.Decide(Call{Native: "amd64", Arch: linux.Arch(test.arch), Name: "write", Args: [6]uint64{1}})
			if d.String() != test.want || d.Action == Undecided && !strings.Contains(d.Reason, "passes over all rules") {
				t.Errorf("%v (%s), want %s", d, d.Reason, test.want)
			}
		})
	}
}

func TestNotes(t *testing.T) {
	f, err := Parse([]byte("{\"defaultAction\":\"SCMP_ACT_ERRNO\",\n\"syscalls\":[\n{\"names\":[\"read\",\"newcall\"],\"action\":\"SCMP_ACT_ALLOW\"},\n" +
		"{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_ERRNO\"},\n{\"names\":[\"read\"],\"action\":\"SCMP_ACT_LOG\"}]}"))
	if err != nil {
		t.Fatal(err)
	}
	if notes := f.Unknown(); len(notes) != 1 || notes[0].Place != "/syscalls/0/names/1" {
		t.Errorf("unknown: %v", notes)
	}
	if notes := f.Dropped(); len(notes) != 2 || notes[0].Place != "/syscalls/1/names/0" || notes[1].Place != "/syscalls/2" {
		t.Errorf("dropped: %v", notes)
	}
	if line, _, exact := f.Position("/syscalls/1"); line != 4 || !exact {
		t.Errorf("/syscalls/1 is on line %d, %v", line, exact)
	}
	if line, _, exact := f.Position("/syscalls/1/args/0"); line != 4 || exact {
		t.Errorf("what is not there is near line %d, %v", line, exact)
	}
}

func TestActionNames(t *testing.T) {
	if Undecided != 0 {
		t.Error("the zero action must be the one that decides nothing")
	}
	if Undecided.String() != "UNDECIDED" || Notify.String() != "NOTIFY" || Action(99).String() != "Action(99)" {
		t.Error("names of actions")
	}
}

// Parse reads a profile for any node: it refuses what some runtime would refuse or pass over in silence, and so Docker's dialect. An error
// names the place.
func Parse(data []byte) (*Filter, error) { return Read(data, Node{}) }
