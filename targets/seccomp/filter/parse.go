package filter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

var knownFlags = []string{
	"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
}

const (
	defaultErrno = 1     // EPERM, where a profile names none (runc, crun)
	maxErrno     = 4095  // the kernel's MAX_ERRNO
	maxTrace     = 65535 // SECCOMP_RET_DATA has 16 bits
	maxArguments = 6
)

// Parse reads a profile for any node: it refuses what some runtime would refuse or pass over in silence, and so Docker's dialect. An error
// names the place.
func Parse(data []byte) (*Filter, error) { return Read(data, Node{}) }

// Read reads a profile as the runtime of a node does, for a container there. An error names the place. What the runtime would pass over
// in silence is in Ignored.
func Read(data []byte, n Node) (*Filter, error) {
	n, err := n.check()
	if err != nil {
		return nil, err
	}
	root, index, err := readDocument(data)
	if err != nil {
		return nil, err
	}
	f := &Filter{
		data: slices.Clone(data), index: index, node: n, arches: map[linux.Arch]bool{}, wide: newTable(64), narrow: newTable(32),
		highest: map[linux.Arch]int{},
	}
	if err := f.checkKeys(root, profileLevel); err != nil {
		return nil, err
	}
	for _, read := range []func(*node) error{f.readDefault, f.readArches, f.readArchMap, f.readFlags, f.readSyscalls} {
		if err := read(root); err != nil {
			return nil, err
		}
	}
	for _, r := range f.rules {
		if err := f.tell(r); err != nil {
			return nil, err
		}
	}
	f.count()
	f.wide.order()
	f.narrow.order()
	return f, nil
}

func (f *Filter) readDefault(root *node) error {
	var err error
	if f.initial, err = f.action(root, profileLevel, "defaultAction", "defaultErrnoRet", "defaultErrno"); err != nil {
		return err
	}
	if f.initial.action == Notify {
		return fmt.Errorf("/defaultAction: SCMP_ACT_NOTIFY cannot be the default: the supervisor's own start would wait for itself")
	}
	return nil
}

// action reads an action and the number that goes with it.
func (f *Filter) action(n *node, l level, key, numberKey, errnoKey string) (verdict, error) {
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
	if m := f.read(n, l, errnoKey); m != nil && m.value != "" {
		given = m
	}
	switch {
	case given == nil:
		return v, nil
	case limit == 0 && f.node.Runtime.runc:
		f.ignored = append(f.ignored, Note{given.place, fmt.Sprintf("runc passes over it: %s carries no number", name)})
		return v, nil
	case limit == 0:
		return verdict{}, fmt.Errorf("%s: %s carries no number; only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do", given.place, name)
	case given != n.member(numberKey):
		v.number, err = errnoNamed(given, limit)
		return v, err
	}
	number, err := unsigned(n, numberKey, limit)
	v.number = uint16(number)
	return v, err
}

// errnoNamed reads an error number as containers-common writes it: a text with the name or the number.
func errnoNamed(m *node, limit uint64) (uint16, error) {
	name, ok := m.value.(string)
	if !ok {
		return 0, fmt.Errorf("%s: must be a string, is %s", m.place, m.kindName())
	}
	if number, ok := linux.Errno(name); ok {
		return uint16(number), nil
	}
	number, err := strconv.ParseUint(name, 10, 64)
	if err != nil || number > limit {
		return 0, fmt.Errorf("%s: %q is not the name of an error such as \"EPERM\", nor a whole number from 0 to %d", m.place, name, limit)
	}
	return uint16(number), nil
}

func (f *Filter) readArches(root *node) error {
	names, err := texts(root, "architectures", false)
	if err != nil {
		return err
	}
	for i, name := range names {
		arch, err := f.arch(name, fmt.Sprintf("/architectures/%d", i))
		if err != nil {
			return err
		}
		f.arches[arch] = true
		f.archPlace = "/architectures"
	}
	return nil
}

// arch finds an architecture by the name that the OCI runtime specification gives it.
func (f *Filter) arch(name, place string) (linux.Arch, error) {
	a, ok := linux.LookupArch(name)
	if !ok || a.Seccomp != name {
		return "", fmt.Errorf("%s: %q is not an architecture; SCMP_ARCH_X86_64 and SCMP_ARCH_AARCH64 are", place, name)
	}
	return a.Arch, nil
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
		r, held, err := f.readRule(n)
		if err != nil {
			return err
		}
		if r.action == Notify && root.member("listenerPath") == nil {
			return fmt.Errorf("%s/action: SCMP_ACT_NOTIFY needs a listenerPath, where the supervisor listens", n.place)
		}
		if r.action == Notify && slices.Contains(r.names, "write") {
			return fmt.Errorf("%s/names: SCMP_ACT_NOTIFY cannot hold for write: the runtime tells the supervisor by it", n.place)
		}
		if held {
			f.rules = append(f.rules, r)
		}
	}
	return nil
}

// readRule reads one rule, and whether it is for the node and the container.
func (f *Filter) readRule(n *node) (r written, held bool, err error) {
	r.place = n.place
	if err = f.checkKeys(n, syscallLevel); err != nil {
		return r, false, err
	}
	if r.verdict, err = f.action(n, syscallLevel, "action", "errnoRet", "errno"); err != nil {
		return r, false, err
	}
	if r.names, r.namePlaces, err = f.names(n); err != nil {
		return r, false, err
	}
	if r.conds, err = f.conditions(n); err != nil {
		return r, false, err
	}
	held, err = f.holds(n)
	return r, held, err
}

// conditions reads a rule's conditions in the order in which they stand.
func (f *Filter) conditions(n *node) ([]condition, error) {
	nodes, err := list(n, "args")
	if err != nil {
		return nil, err
	}
	var all []condition
	for _, arg := range nodes {
		c, err := f.readCondition(arg)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	switch {
	case len(all) <= maxArguments || f.node.Runtime.runc:
	case f.node.Runtime.Name == "":
		return nil, fmt.Errorf("%s: a system call has %d arguments; of more conditions crun reads the first %d, runc all", nodes[maxArguments].place, maxArguments, maxArguments)
	default:
		f.ignored = append(f.ignored, Note{nodes[maxArguments].place, fmt.Sprintf("crun reads the first %d conditions", maxArguments)})
		all = all[:maxArguments]
	}
	return all, nil
}

// sets gives a rule's conditions as libseccomp is told of them, each of which must hold as a whole. There is one, but
// where an argument is named twice: libseccomp refuses that, and runc and crun then make a rule of every single condition.
func (r written) sets() [][]condition {
	all := slices.Clone(r.conds)
	slices.SortStableFunc(all, func(a, b condition) int { return a.index - b.index })
	for i := range all {
		if i > 0 && all[i].index == all[i-1].index {
			var sets [][]condition
			for _, c := range r.conds {
				sets = append(sets, []condition{c})
			}
			return sets
		}
	}
	return [][]condition{all}
}

func (f *Filter) readCondition(n *node) (condition, error) {
	if err := f.checkKeys(n, argumentLevel); err != nil {
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
