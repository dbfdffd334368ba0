package apparmor

import (
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// The first parsers that know a feature set, and the one with rules for user namespaces, io_uring and message queues.
// What a feature set mediates is refused unless a rule allows it.
const (
	firstWithABI = 3
	firstNewer   = 4
)

// newer says whether the policy's parser knows the rules of 4.0.
func newer(p *policy.Policy) bool { return parserMajor(p) >= firstNewer }

// parserMajor is the first number of the parser's version; 3 where the policy states none.
func parserMajor(p *policy.Policy) int {
	major, _, _ := strings.Cut(parserVersion.Of(p.Platform), ".")
	n, err := strconv.Atoi(strings.TrimPrefix(major, "v"))
	if err != nil {
		return firstWithABI
	}
	return n
}

// mediatedCalls are what newer parsers have rules for, with the system calls of which any one does it. No control names
// these things themselves: a policy grants them by the calls.
var mediatedCalls = []struct {
	rule, subject, why string
	calls              []string
}{
	{"userns", subjectUserns, "a user namespace gives every capability within it, and the kernel's code for those is what attacks look for.",
		[]string{"clone", "clone3", "unshare"}},
	{"mqueue", subjectMqueue, "message queues, of the container's own IPC namespace.", []string{"mq_open"}},
	{"io_uring", subjectIOUring, "io_uring, which feature set 4.0 does not mediate, and later ones may.", []string{"io_uring_setup"}},
}
