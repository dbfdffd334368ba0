package profile

import (
	"fmt"
	"strings"
)

// Limits of expansion: a handful of variables with a handful of values each would otherwise multiply without end.
const (
	maxExpansions    = 4096
	maxExpandedBytes = 1 << 20
	maxVariableDepth = 32
)

// variables are those of a file, by name, with their values in the order given. A value may name further variables;
// they are resolved where a rule is read, as apparmor_parser does it, so that the order of definitions is free.
type variables map[string][]string

// profileName is the variable that apparmor_parser sets to the name of the profile being read.
const profileName = "profile_name"

// tunables are the variables of the files below /etc/apparmor.d/tunables that AppArmor 3.0 ships, as shipped. What a
// site adds in the .d folders beside them is not known here.
var tunables = map[string]variables{
	"tunables/global":     globalTunables(),
	"tunables/sys":        {}, // nothing since @{sys} moved to kernelvars
	"tunables/proc":       {"PROC": {"/proc/"}},
	"tunables/kernelvars": kernelTunables(),
	"tunables/run":        {"run": {"/run/", "/var/run/"}},
	"tunables/home":       {"HOME": {"@{HOMEDIRS}/*/", "/root/"}, "HOMEDIRS": {"/home/"}},
	"tunables/multiarch":  {"multiarch": {"*-linux-gnu*"}},
	"tunables/etc":        {"etc_ro": {"/etc/", "/usr/etc/"}, "etc_rw": {"/etc/"}},
	"tunables/securityfs": {"securityfs": {"@{sys}/kernel/security/"}},
	"tunables/apparmorfs": {"securityfs": {"@{sys}/kernel/security/"}, "apparmorfs": {"@{securityfs}/apparmor/"}},
}

func kernelTunables() variables {
	return variables{
		"pid":  {numbers(6, "[1-4]")},
		"pids": {"@{pid}"},
		"tid":  {"@{pid}"},
		"uid":  {"{[0-9]," + strings.TrimPrefix(numbers(9, "[1-4]"), "{[1-9],")},
		"uids": {"@{uid}"},
		"sys":  {"/sys/"},
	}
}

func globalTunables() variables {
	v := kernelTunables()
	v["PROC"] = []string{"/proc/"}
	v["run"] = []string{"/run/", "/var/run/"}
	v["HOME"], v["HOMEDIRS"] = []string{"@{HOMEDIRS}/*/", "/root/"}, []string{"/home/"}
	v["multiarch"] = []string{"*-linux-gnu*"}
	v["etc_ro"], v["etc_rw"] = []string{"/etc/", "/usr/etc/"}, []string{"/etc/"}
	return v
}

// numbers gives AppArmor's pattern for decimal numbers without a leading zero, of up to n digits, or of n+1 digits of
// which the first is one of last: the widest process id is 4194304, of seven digits.
func numbers(n int, last string) string {
	var alternatives []string
	for digits := range n {
		alternatives = append(alternatives, "[1-9]"+strings.Repeat("[0-9]", digits))
	}
	return "{" + strings.Join(append(alternatives, last+strings.Repeat("[0-9]", n)), ",") + "}"
}

// merge adds variables of an included file. One that is defined already is an error, as it is to apparmor_parser.
func (v variables) merge(from variables) error {
	for name := range from {
		if _, ok := v[name]; ok {
			return fmt.Errorf("the variable @{%s} is defined twice", name)
		}
	}
	for name, values := range from {
		v[name] = values
	}
	return nil
}

// expand gives every text that the pattern stands for, one for each combination of its variables' values.
func (v variables) expand(pattern string) ([]string, error) {
	e := expansion{variables: v}
	if err := e.expand("", pattern, 0); err != nil {
		return nil, err
	}
	return e.out, nil
}

// undefinedError is the name of a variable that nothing defines.
type undefinedError string

func (e undefinedError) Error() string { return "the variable @{" + string(e) + "} is not defined" }

type expansion struct {
	variables variables
	out       []string
	bytes     int
}

// expand replaces the first variable of rest by each of its values and goes on. A value's own variables are met
// because it stays in front of what is left.
func (e *expansion) expand(done, rest string, depth int) error {
	start, end := findVariable(rest)
	if start < 0 {
		e.bytes += len(done) + len(rest)
		if len(e.out) == maxExpansions || e.bytes > maxExpandedBytes {
			return fmt.Errorf("its variables expand to more than %d patterns, or more than %d bytes", maxExpansions, maxExpandedBytes)
		}
		e.out = append(e.out, done+rest)
		return nil
	}
	name := rest[start+2 : end-1]
	values, ok := e.variables[name]
	if !ok {
		return undefinedError(name)
	}
	if depth == maxVariableDepth {
		return fmt.Errorf("the variable @{%s} refers to itself, or variables nest deeper than %d", name, maxVariableDepth)
	}
	for _, value := range values {
		if len(value)+len(rest)+len(done) > maxExpandedBytes {
			return fmt.Errorf("its variables expand to more than %d bytes", maxExpandedBytes)
		}
		if err := e.expand(done+rest[:start], value+rest[end:], depth+1); err != nil {
			return err
		}
	}
	return nil
}

// findVariable gives where the first "@{name}" that is not escaped begins and ends; -1 if there is none.
func findVariable(s string) (start, end int) {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if s[i] != '@' || i+1 == len(s) || s[i+1] != '{' {
			continue
		}
		if n := strings.IndexByte(s[i:], '}'); n >= 0 && isVariableName(s[i+2:i+n]) {
			return i, i + n + 1
		}
	}
	return -1, -1
}

func isVariableName(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isAlphanumeric(s[i]) && s[i] != '_' || i == 0 && (s[0] <= '9' || s[0] == '_') {
			return false
		}
	}
	return s != ""
}

// collapseSlashes makes one slash of several, which is what expanding "@{PROC}/sys" leaves; two at the very
// beginning stay, as in apparmor_parser's filter_slashes.
func collapseSlashes(s string) string {
	head := ""
	if strings.HasPrefix(s, "//") && !strings.HasPrefix(s, "///") {
		head, s = "//", s[2:]
	}
	var out strings.Builder
	out.WriteString(head)
	for i := 0; i < len(s); i++ {
		if s[i] != '/' || i == 0 || s[i-1] != '/' {
			out.WriteByte(s[i])
		}
	}
	return out.String()
}
