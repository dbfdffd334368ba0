package control

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/bulkhead-policy/bulkhead/compiler/image"
	"github.com/bulkhead-policy/bulkhead/compiler/linux"
)

// Element is what a set or map is made of: how one is checked, and when one
// contains another.
type Element struct {
	What string // a word for messages: "capability", "path"
	Any  string // the key that contains every other; "" where there is none
	// Args are what a map may give a key, from strict to loose; nil for a set,
	// or where ParseArg decides.
	Args []string
	// Parse gives the canonical spelling of a key, or says what is wrong with it.
	Parse func(key string) (canonical string, err error)
	// ParseArg checks what a map gives a key.
	ParseArg func(arg string) error
	// Numeric keys may be written as numbers.
	Numeric bool
	// Names lists the keys that are known, where they can be listed.
	Names func() []string

	contains func(outer, inner Item) bool
	expand   func([]Item) []Item
}

// covers reports whether the items together contain one item.
func (e *Element) covers(items []Item, one Item) bool {
	inner := []Item{one}
	if e.expand != nil {
		items, inner = e.expand(items), e.expand(inner)
	}
	return !slices.ContainsFunc(inner, func(in Item) bool {
		return !slices.ContainsFunc(items, func(out Item) bool { return e.Contains(out, in) })
	})
}

// Contains reports whether one element matches all that another matches.
func (e *Element) Contains(outer, inner Item) bool {
	key := outer.Key == inner.Key || e.Any != "" && outer.Key == e.Any || e.contains != nil && e.contains(outer, inner)
	return key && (outer.Arg == inner.Arg || e.argWithin(inner.Arg, outer.Arg))
}

func (e *Element) argWithin(inner, outer string) bool {
	switch {
	case e.Args != nil:
		return slices.Index(e.Args, inner) <= slices.Index(e.Args, outer)
	case e.ParseArg != nil:
		return outer == "" || quantityAtMost(inner, outer)
	}
	return true
}

var capabilityElement = &Element{
	What: "capability", Any: "ALL",
	Parse: func(key string) (string, error) {
		if key == "ALL" {
			return key, nil
		}
		if rest, ok := strings.CutPrefix(key, "CAP_"); ok {
			return "", fmt.Errorf("capabilities are written as Kubernetes does, without the prefix: %q", rest)
		}
		if !isCapability(key) {
			return "", errUnknown
		}
		return key, nil
	},
	Names: func() []string {
		names := []string{"ALL"}
		for _, c := range linux.Capabilities() {
			names = append(names, c.Name)
		}
		return names
	},
}

var callElement = &Element{
	What: "system call", Any: AnyCall, contains: callCovers, expand: ExpandCalls, Names: callNames,
	Parse: func(key string) (string, error) {
		if linux.IsSet(key) || isCall(key) {
			return key, nil
		}
		return "", errUnknown
	},
}

var pathElement = &Element{
	What: "path", Any: "/**",
	Parse: func(key string) (string, error) {
		p, err := ParsePath(key)
		return p.String(), err
	},
	contains: func(outer, inner Item) bool {
		o, errO := ParsePath(outer.Key)
		i, errI := ParsePath(inner.Key)
		return errO == nil && errI == nil && o.Contains(i)
	},
}

var registryElement = &Element{
	What: "image repository", Any: "*",
	Parse: func(key string) (string, error) {
		if key == "*" {
			return key, nil
		}
		p, err := image.ParsePattern(key)
		if err != nil {
			return "", err
		}
		return p.String(), nil
	},
	contains: func(outer, inner Item) bool {
		o, errO := image.ParsePattern(outer.Key)
		i, errI := image.ParsePattern(inner.Key)
		return errO == nil && errI == nil && o.Contains(i)
	},
}

// Identities are user and group numbers: "1000", or a range "1000-2000".
var identityElement = &Element{
	What: "number or range", Any: "*", Numeric: true,
	Parse: func(key string) (string, error) {
		if key == "*" {
			return key, nil
		}
		from, to, err := ParseIdentities(key)
		switch {
		case err != nil:
			return "", err
		case from == to:
			return strconv.FormatInt(from, 10), nil
		}
		return fmt.Sprintf("%d-%d", from, to), nil
	},
	contains: func(outer, inner Item) bool {
		oFrom, oTo, errO := ParseIdentities(outer.Key)
		iFrom, iTo, errI := ParseIdentities(inner.Key)
		return errO == nil && errI == nil && oFrom <= iFrom && iTo <= oTo
	},
}

// maxID is the largest user or group number that Kubernetes takes
// (k8s.io/apimachinery validation.IsValidUserID: 0 to 2^31-1).
const maxID = 1<<31 - 1

// ParseIdentities reads "1000" or "1000-2000".
func ParseIdentities(s string) (from, to int64, err error) {
	first, last, isRange := strings.Cut(s, "-")
	if !isRange {
		last = first
	}
	from, errFrom := strconv.ParseInt(first, 10, 64)
	to, errTo := strconv.ParseInt(last, 10, 64)
	if errFrom != nil || errTo != nil || from < 0 || to < from || to > maxID || strings.ContainsAny(s, "+ ") {
		return 0, 0, fmt.Errorf("an id is a number from 0 to %d, or a range such as \"1000-2000\"", maxID)
	}
	return from, to, nil
}

// amount is how Kubernetes writes one (apimachinery, resource.Quantity), with as
// many digits as mean something: ParseQuantity writes out whatever power of ten
// it is given.
var amount = regexp.MustCompile(`^[0-9]{1,19}(\.[0-9]{1,9})?([numkMGTPE]|[KMGTPE]i|[eE]-?[0-9]|[eE]1[0-8])?$`)

func parseQuantity(s string) (resource.Quantity, error) {
	if !amount.MatchString(s) {
		return resource.Quantity{}, resource.ErrFormatWrong
	}
	return resource.ParseQuantity(s)
}

// CheckQuantity says what is wrong with an amount, if anything.
func CheckQuantity(s string) error {
	if _, err := parseQuantity(s); err != nil {
		return fmt.Errorf("an amount is written as Kubernetes does: \"512Mi\", \"1500m\", \"2\"")
	}
	return nil
}

// oneOf is the element of a set whose members are all known.
func oneOf(what, any string, names ...string) *Element {
	all := names
	if any != "" {
		all = append([]string{any}, names...)
	}
	return &Element{
		What: what, Any: any,
		Names: func() []string { return slices.Clone(all) },
		Parse: func(key string) (string, error) {
			if !slices.Contains(all, key) {
				return "", errUnknown
			}
			return key, nil
		},
	}
}

// words is the element of a set of names that others define: sysctls, SELinux
// types. A name may end in "*".
func words(what string) *Element {
	return &Element{
		What: what, Any: "*",
		Parse: func(key string) (string, error) {
			bare := strings.TrimSuffix(key, "*")
			if key == "" || strings.ContainsAny(bare, "*\"\\ \t${}") || hasControl(bare) {
				return "", fmt.Errorf("a %s is a word; it may end in *", what)
			}
			return key, nil
		},
		contains: func(outer, inner Item) bool {
			prefix, open := strings.CutSuffix(outer.Key, "*")
			return open && strings.HasPrefix(inner.Key, prefix)
		},
	}
}

// errUnknown says that a name is not in Element.Names; the caller knows the
// names and answers with the nearest.
var errUnknown = fmt.Errorf("unknown name")

// IsUnknown reports whether Element.Parse failed because the name is not known.
func IsUnknown(err error) bool { return err == errUnknown }

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f || r == '\uFFFD' })
}

func isCapability(name string) bool { _, ok := linux.LookupCapability(name); return ok }

func isCall(name string) bool { _, ok := linux.LookupSyscall(name); return ok }

// PatternsExpression is a regular expression (RE2) of the names that any of some
// patterns matches, in which * stands for any text.
func PatternsExpression(keys []string) string {
	all := make([]string, len(keys))
	for i, key := range keys {
		all[i] = strings.ReplaceAll(regexp.QuoteMeta(key), `\*`, ".*")
	}
	return "^(" + strings.Join(all, "|") + ")$"
}
