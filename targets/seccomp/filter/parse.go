package filter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// The keys of the OCI runtime specification. Docker's profiles have comments, which mean nothing to a runtime.
var (
	profileKeys  = []string{"architectures", "comment", "defaultAction", "defaultErrnoRet", "flags", "listenerMetadata", "listenerPath", "syscalls"}
	syscallKeys  = []string{"action", "args", "comment", "errnoRet", "names"}
	argumentKeys = []string{"index", "op", "value", "valueTwo"}
)

// dockerKeys are the keys of Docker's own dialect. A runtime that reads OCI passes over them in silence, and what was meant for some
// containers then holds for all.
var dockerKeys = []string{"archMap", "excludes", "includes", "minKernel", "name"}

var knownFlags = []string{
	"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
}

const (
	defaultErrno = 1     // EPERM, where a profile names none (runc, crun)
	maxErrno     = 4095  // the kernel's MAX_ERRNO
	maxTrace     = 65535 // SECCOMP_RET_DATA has 16 bits
)

// Parse reads a profile. It refuses what runtimes would refuse, what they would pass over in silence, and Docker's dialect. An error
// names the place.
func Parse(data []byte) (*Filter, error) {
	root, index, err := readDocument(data)
	if err != nil {
		return nil, err
	}
	f := &Filter{data: slices.Clone(data), index: index, arches: map[linux.Arch]bool{}, wide: newTable(64), narrow: newTable(32)}
	if err := keysOf(root, profileKeys); err != nil {
		return nil, err
	}
	for _, read := range []func(*node) error{f.readDefault, f.readArches, f.readFlags, f.readSyscalls} {
		if err := read(root); err != nil {
			return nil, err
		}
	}
	f.wide.order()
	f.narrow.order()
	return f, nil
}

// keysOf checks that a value is an object with no key but the known ones.
func keysOf(n *node, known []string) error {
	if n.kind != '{' {
		return fmt.Errorf("%s: must be an object, is %s", orRoot(n.place), n.kindName())
	}
	for i, key := range n.keys {
		switch {
		case slices.Contains(known, key):
		case slices.Contains(dockerKeys, key):
			return fmt.Errorf("%s: %q is of Docker's dialect of seccomp profiles, which OCI runtimes pass over in silence; "+
				"resolve it for one architecture and set of capabilities first", n.items[i].place, key)
		default:
			return fmt.Errorf("%s: the key %q is not one of %s", n.items[i].place, key, strings.Join(known, ", "))
		}
	}
	return nil
}

func (f *Filter) readDefault(root *node) error {
	var err error
	if f.initial, err = action(root, "defaultAction", "defaultErrnoRet"); err != nil {
		return err
	}
	if f.initial.action == Notify {
		return fmt.Errorf("/defaultAction: SCMP_ACT_NOTIFY cannot be the default: the supervisor's own start would wait for itself")
	}
	return nil
}

// action reads an action and the number that goes with it.
func action(n *node, key, numberKey string) (verdict, error) {
	name, err := text(n, key)
	if err != nil {
		return verdict{}, err
	}
	a, ok := actions[name]
	if !ok {
		return verdict{}, fmt.Errorf("%s/%s: %q is not an action; SCMP_ACT_ALLOW and SCMP_ACT_ERRNO are", n.place, key, name)
	}
	v := verdict{action: a}
	limit := uint64(0)
	switch a {
	case Errno:
		v.number, limit = defaultErrno, maxErrno
	case Trace:
		v.number, limit = defaultErrno, maxTrace
	}
	given := n.member(numberKey)
	switch {
	case given == nil:
		return v, nil
	case limit == 0:
		return verdict{}, fmt.Errorf("%s: %s carries no number; only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do", given.place, name)
	}
	number, err := unsigned(n, numberKey, limit)
	v.number = uint16(number)
	return v, err
}

func (f *Filter) readArches(root *node) error {
	names, err := texts(root, "architectures", false)
	if err != nil {
		return err
	}
	for i, name := range names {
		a, ok := linux.LookupArch(name)
		if !ok || a.Seccomp != name {
			return fmt.Errorf("/architectures/%d: %q is not an architecture; SCMP_ARCH_X86_64 and SCMP_ARCH_AARCH64 are", i, name)
		}
		f.arches[a.Arch] = true
	}
	return nil
}

func (f *Filter) readFlags(root *node) error {
	flags, err := texts(root, "flags", false)
	if err != nil {
		return err
	}
	for i, flag := range flags {
		if !slices.Contains(knownFlags, flag) {
			return fmt.Errorf("/flags/%d: %q is not one of %s", i, flag, strings.Join(knownFlags, ", "))
		}
	}
	for _, key := range []string{"listenerPath", "listenerMetadata"} {
		if root.member(key) == nil {
			continue
		}
		if _, err := text(root, key); err != nil {
			return err
		}
	}
	return nil
}

func (f *Filter) readSyscalls(root *node) error {
	list, err := list(root, "syscalls")
	if err != nil {
		return err
	}
	for _, n := range list {
		if err := keysOf(n, syscallKeys); err != nil {
			return err
		}
		v, err := action(n, "action", "errnoRet")
		if err != nil {
			return err
		}
		names, err := texts(n, "names", true)
		if err != nil {
			return err
		}
		sets, err := conditions(n)
		if err != nil {
			return err
		}
		if v.action == Notify && root.member("listenerPath") == nil {
			return fmt.Errorf("%s/action: SCMP_ACT_NOTIFY needs a listenerPath, where the supervisor listens", n.place)
		}
		if v.action == Notify && slices.Contains(names, "write") {
			return fmt.Errorf("%s/names: SCMP_ACT_NOTIFY cannot hold for write: the runtime tells the supervisor by it", n.place)
		}
		for i, name := range names {
			if err := f.add(name, fmt.Sprintf("%s/names/%d", n.place, i), n.place, v, sets); err != nil {
				return err
			}
		}
	}
	return nil
}

// conditions reads a rule's conditions as the sets that libseccomp is told of, each of which must hold as a whole. There is one, but
// where an argument is named twice: libseccomp refuses that, and runc and crun then make a rule of every single condition.
func conditions(n *node) ([][]condition, error) {
	nodes, err := list(n, "args")
	if err != nil {
		return nil, err
	}
	var all []condition
	repeated := false
	for _, arg := range nodes {
		c, err := readCondition(arg)
		if err != nil {
			return nil, err
		}
		repeated = repeated || slices.ContainsFunc(all, func(o condition) bool { return o.index == c.index })
		all = append(all, c)
	}
	if !repeated {
		slices.SortFunc(all, func(a, b condition) int { return a.index - b.index })
		return [][]condition{all}, nil
	}
	var sets [][]condition
	for _, c := range all {
		sets = append(sets, []condition{c})
	}
	return sets, nil
}

func readCondition(n *node) (condition, error) {
	if err := keysOf(n, argumentKeys); err != nil {
		return condition{}, err
	}
	index, err := unsigned(n, "index", 5)
	if err != nil {
		return condition{}, err
	}
	name, err := text(n, "op")
	if err != nil {
		return condition{}, err
	}
	op, ok := operators[name]
	if !ok {
		return condition{}, fmt.Errorf("%s/op: %q is not a comparison; SCMP_CMP_EQ and SCMP_CMP_MASKED_EQ are", n.place, name)
	}
	c := condition{index: int(index), op: op, mask: ^uint64(0)}
	if c.value, err = unsigned(n, "value", ^uint64(0)); err != nil {
		return condition{}, err
	}
	if op == maskedEqual {
		c.mask, c.value = c.value, 0
	}
	if n.member("valueTwo") != nil {
		second, err := unsigned(n, "valueTwo", ^uint64(0))
		if err != nil {
			return condition{}, err
		}
		if op == maskedEqual {
			c.value = second & c.mask
		}
	}
	return c, nil
}

// text reads a member that must be a string.
func text(n *node, key string) (string, error) {
	m := n.member(key)
	if m == nil {
		return "", fmt.Errorf("%s: %s is missing", orRoot(n.place), key)
	}
	s, ok := m.value.(string)
	if !ok {
		return "", fmt.Errorf("%s: must be a string, is %s", m.place, m.kindName())
	}
	return s, nil
}

// unsigned reads a member that must be a whole number from 0 to limit.
func unsigned(n *node, key string, limit uint64) (uint64, error) {
	m := n.member(key)
	if m == nil {
		return 0, fmt.Errorf("%s: %s is missing", orRoot(n.place), key)
	}
	number, ok := m.value.(json.Number)
	if !ok {
		return 0, fmt.Errorf("%s: must be a number, is %s", m.place, m.kindName())
	}
	value, err := strconv.ParseUint(number.String(), 10, 64)
	if err != nil || value > limit {
		return 0, fmt.Errorf("%s: %s is not a whole number from 0 to %d", m.place, number, limit)
	}
	return value, nil
}

// list reads a member that is a list, or absent.
func list(n *node, key string) ([]*node, error) {
	m := n.member(key)
	if m == nil {
		return nil, nil
	}
	if m.kind != '[' {
		return nil, fmt.Errorf("%s: must be a list, is %s", m.place, m.kindName())
	}
	return m.items, nil
}

// texts reads a list of strings.
func texts(n *node, key string, needed bool) ([]string, error) {
	items, err := list(n, key)
	if err != nil {
		return nil, err
	}
	if needed && len(items) == 0 {
		return nil, fmt.Errorf("%s: %s is missing or empty", orRoot(n.place), key)
	}
	var texts []string
	for _, item := range items {
		s, ok := item.value.(string)
		if !ok || s == "" {
			return nil, fmt.Errorf("%s: must be a string with something in it", item.place)
		}
		texts = append(texts, s)
	}
	return texts, nil
}
