package attempt

import (
	"slices"
	"strconv"
	"strings"
)

// KindSignal is a signal between processes, which a security module decides.
const KindSignal Kind = "signal"

// Signal is a signal sent or received.
type Signal struct {
	Access string `attempt:"access,required" values:"send receive" doc:"which way"`
	Signal string `attempt:"signal,required" doc:"the signal: kill, term, ..."` // once validated, in small letters and without "sig"
	Peer   string `attempt:"peer" doc:"the profile of the other process; the container's own if left out"`
}

var signal = define[Signal](Schema{
	Title: "a signal", Key: "signal", Subject: ByContainer, Outcomes: prevented,
	Examples: []string{`{"signal":{"access":"send","signal":"kill","peer":"unconfined"}}`},
})

// Kind is KindSignal.
func (Signal) Kind() Kind { return KindSignal }

// signals are those that AppArmor knows (apparmor.d(5)); it also knows rtmin+0 to
// rtmin+32.
var signals = strings.Fields("hup int quit ill trap abrt bus fpe kill usr1 segv usr2 pipe alrm term stkflt chld cont stop stp ttin ttou urg xcpu xfsz vtalrm prof winch io pwr sys emt exists")

// realTime reports whether a signal is rtmin+0 to rtmin+32.
func realTime(signal string) bool {
	number, ok := strings.CutPrefix(signal, "rtmin+")
	n, err := strconv.ParseUint(number, 10, 8)
	return ok && err == nil && n <= 32 && strconv.FormatUint(n, 10) == number
}

func (s *Signal) validate() error {
	s.Signal = strings.TrimPrefix(strings.ToLower(s.Signal), "sig")
	if !slices.Contains(signals, s.Signal) && !realTime(s.Signal) {
		return wrong("signal", "%q is none of %s, rtmin+0 to rtmin+32", s.Signal, strings.Join(signals, ", "))
	}
	return nil
}
