package filter

import (
	"encoding/json"
	"errors"
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
	maxErrno     = 4094  // libseccomp refuses its MAX_ERRNO, 4095, and what is above (sys_chk_seccomp_action)
	maxTrace     = 65535 // SECCOMP_RET_DATA has 16 bits; runtimes cut off what is above
	maxArguments = 6
)

// Read reads a profile as the runtime of a node does, for a container there. An error names the place. What the runtime would pass over
// in silence is in Ignored.
func Read(data []byte, n Node) (*Filter, error) {
	n, err := n.check()
	if err != nil {
		return nil, err
	}
	f := &Filter{
		data: slices.Clone(data), node: n, arches: map[linux.Arch]bool{}, wide: newTable(64), narrow: newTable(32),
		highest: map[linux.Arch]int{},
	}
	root, index, err := readDocument(f.data)
	f.index = index
	if err != nil {
		return nil, f.located(err)
	}
	if err := f.interpret(root); err != nil {
		return nil, f.located(err)
	}
	return f, nil
}

// interpret reads a profile's parts, and makes the rules that libseccomp has.
func (f *Filter) interpret(root *node) error {
	if err := f.checkKeys(root, profileLevel); err != nil {
		return err
	}
	for _, read := range []func(*node) error{f.readDefault, f.readArches, f.readArchMap, f.checkByteOrder, f.readFlags, f.readSyscalls} {
		if err := read(root); err != nil {
			return err
		}
	}
	for _, r := range f.rules {
		if err := f.tell(r); err != nil {
			return err
		}
	}
	f.count()
	f.wide.order()
	f.narrow.order()
	return nil
}

// fault is what is wrong at a place.
type fault struct{ place, message string }

func (f *fault) Error() string { return orRoot(f.place) + ": " + f.message }

func wrong(place, format string, args ...any) error {
	return &fault{place, fmt.Sprintf(format, args...)}
}

// located adds to a fault where in the text its place is.
func (f *Filter) located(err error) error {
	var at *fault
	if !errors.As(err, &at) {
		return err
	}
	line, column, _ := f.Position(at.place)
	return fmt.Errorf("%w (line %d, column %d)", err, line, column)
}

func (f *Filter) readDefault(root *node) error {
	var err error
	if f.initial, err = f.action(root, profileLevel, "defaultAction", "defaultErrnoRet", "defaultErrno"); err != nil {
		return err
	}
	if f.initial.action == Notify {
		return wrong("/defaultAction", "SCMP_ACT_NOTIFY cannot be the default: the supervisor's own start would wait for itself")
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
		return verdict{}, wrong(n.place+"/"+key, "%q is not an action; SCMP_ACT_ALLOW and SCMP_ACT_ERRNO are", name)
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
		return verdict{}, wrong(given.place, "%s carries no number; only SCMP_ACT_ERRNO and SCMP_ACT_TRACE do", name)
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
		return 0, wrong(m.place, "must be a string, is %s", m.kindName())
	}
	if number, ok := linux.Errno(name); ok {
		return uint16(number), nil
	}
	number, err := strconv.ParseUint(name, 10, 64)
	if err != nil || number > limit {
		return 0, wrong(m.place, "%q is not the name of an error such as \"EPERM\", nor a whole number from 0 to %d", name, limit)
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

// checkByteOrder refuses architectures that libseccomp refuses together (EDOM of seccomp_arch_add).
func (f *Filter) checkByteOrder(*node) error {
	big, hasBig := f.listed(linux.Architecture.BigEndian)
	little, hasLittle := f.listed(func(a linux.Architecture) bool { return !a.BigEndian() })
	if hasBig && hasLittle {
		return wrong(f.architectures(), "%s and %s differ in byte order: libseccomp refuses the two in one filter, and no container starts; write a profile for each",
			big.Seccomp, little.Seccomp)
	}
	return nil
}

// arch finds an architecture by the name that the OCI runtime specification gives it.
func (f *Filter) arch(name, place string) (linux.Arch, error) {
	a, ok := linux.LookupArch(name)
	if !ok || a.Seccomp != name {
		return "", wrong(place, "%q is not an architecture; SCMP_ARCH_X86_64 and SCMP_ARCH_AARCH64 are", name)
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
			return wrong(fmt.Sprintf("/flags/%d", i), "%q is not one of %s", flag, strings.Join(knownFlags, ", "))
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
			return wrong(n.place+"/action", "SCMP_ACT_NOTIFY needs a listenerPath, where the supervisor listens")
		}
		if r.action == Notify && slices.Contains(r.names, "write") {
			return wrong(n.place+"/names", "SCMP_ACT_NOTIFY cannot hold for write: the runtime tells the supervisor by it")
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
		return nil, wrong(nodes[maxArguments].place, "a system call has %d arguments; of more conditions crun reads the first %d, runc all", maxArguments, maxArguments)
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
		return condition{}, wrong(n.place+"/op", "%q is not a comparison; SCMP_CMP_EQ and SCMP_CMP_MASKED_EQ are", name)
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
		return "", wrong(n.place, "%s is missing", key)
	}
	s, ok := m.value.(string)
	if !ok {
		return "", wrong(m.place, "must be a string, is %s", m.kindName())
	}
	return s, nil
}

// unsigned reads a member that must be a whole number from 0 to limit.
func unsigned(n *node, key string, limit uint64) (uint64, error) {
	m := n.member(key)
	if m == nil {
		return 0, wrong(n.place, "%s is missing", key)
	}
	number, ok := m.value.(json.Number)
	if !ok {
		return 0, wrong(m.place, "must be a number, is %s", m.kindName())
	}
	value, err := strconv.ParseUint(number.String(), 10, 64)
	if err != nil || value > limit {
		return 0, wrong(m.place, "%s is not a whole number from 0 to %d", number, limit)
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
		return nil, wrong(m.place, "must be a list, is %s", m.kindName())
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
		return nil, wrong(n.place, "%s is missing or empty", key)
	}
	var texts []string
	for _, item := range items {
		s, ok := item.value.(string)
		if !ok || s == "" {
			return nil, wrong(item.place, "must be a string with something in it")
		}
		texts = append(texts, s)
	}
	return texts, nil
}
