package rules

import (
	"strings"
	"testing"
)

func TestCheckCondition(t *testing.T) {
	cases := []struct{ condition, want string }{
		{"evt.type = execve and proc.name in (bash, sh) and proc.tty != 0", ""},
		{"evt.type = socket and evt.arg.domain = AF_ALG", ""},
		{"evt.type = socket and evt.arg.domain in (AF_VSOCK, AF_ALG)", ""},
		{"evt.type = socket and not evt.arg.domain = AF_VSOCK", ""},
		{"evt.type in (fsopen, mount) and evt.arg.flags exists", ""},
		{"evt.arg.flags exists", ""},
		{"evt.type = open or evt.type = close", ""},
		{"evt.type = socket and evt.arg.domain = AF_VSOCK", "1:23: never holds: Falco has no name for the address family AF_VSOCK"},
		{"evt.type = fsopen and evt.arg.flags exists", "1:23: never holds: no event of type fsopen has the argument 'flags'"},
		{"evt.type = fsopen and (evt.arg.flags exists or evt.arg[7] = x)", "never holds"},
		{"evt.type = open and evt.type = close", "no event is of all these types"},
		{"(evt.type = open or evt.type = openat) and evt.type = close", "no event is of all these types"},
		{"evt.type = open and proc.name in ()", "the list is empty"},
		{"evt.type = open and evt.dir = >", "only exit events"},
		{"spawned_process and proc.name = sh", "1:1: 'spawned_process' is a macro"},
		{"evt.type = execve and proc.nme = sh", "1:23: no field 'proc.nme'"},
		{"evt.type = execve and", "expected"},
	}
	for _, c := range cases {
		err := CheckCondition(c.condition)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.condition, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %s", c.condition, err, c.want)
		}
	}
}
