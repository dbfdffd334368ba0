package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
)

// value is one value of a field; which member counts depends on its kind.
type value struct {
	text   string // kindString, kindBytes, and what a number was written as
	int    int64
	uint   uint64
	double float64
	addr   netip.Addr
	prefix netip.Prefix // of a literal that is compared with kindNetwork
	bool   bool
}

// errUnmodelled marks a value that Falco accepts and this package does not
// evaluate: the check becomes undecided.
var errUnmodelled = errors.New("not modelled")

// parseLiteral reads a value of a condition for a field of a kind.
func parseLiteral(k kind, bits int, text string) (value, error) {
	v := value{text: text}
	var err error
	switch k {
	case kindString, kindBytes:
		return v, nil
	case kindBool:
		v.bool, err = parseBool(text)
	case kindInt, kindUint, kindDouble:
		return parseNumber(k, bits, text)
	case kindPort:
		if text == "" || text[0] < '0' || text[0] > '9' {
			return v, fmt.Errorf("the port of service '%s' is %w: it depends on the node; write the number", text, errUnmodelled)
		}
		return parseNumber(kindUint, 16, text)
	case kindAddress:
		v.addr, err = parseAddress(text)
	case kindNetwork:
		v.prefix, err = netip.ParsePrefix(text)
		if err != nil {
			err = fmt.Errorf("'%s' is no network such as 10.0.0.0/8", text)
		}
		v.prefix = v.prefix.Masked()
	default:
		return v, fmt.Errorf("comparing a field of %s type is %w", k, errUnmodelled)
	}
	return v, err
}

func parseBool(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, fmt.Errorf("'%s' is neither true nor false", text)
	}
	return text == "true", nil
}

func parseAddress(text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("'%s' is no IP address", text)
	}
	return a, nil
}

// parseNumber reads a decimal number. Falco reads numbers with scanf, which stops
// where they end: hexadecimal digits, fractions of integers and overflow give
// other values than written, so they are not modelled.
func parseNumber(k kind, bits int, text string) (value, error) {
	v := value{text: text}
	var err error
	digits := strings.TrimPrefix(text, "+")
	switch k {
	case kindInt:
		v.int, err = strconv.ParseInt(digits, 10, bits)
	case kindUint:
		v.uint, err = strconv.ParseUint(digits, 10, bits)
	default:
		v.double, err = strconv.ParseFloat(digits, 64)
		if err == nil && (math.IsNaN(v.double) || math.IsInf(v.double, 0)) {
			err = strconv.ErrSyntax
		}
	}
	if err == nil {
		return v, nil
	}
	s := scanner{text: text}
	if taken, ok := s.number(); ok && taken == text {
		return v, fmt.Errorf("number '%s' for a field of %d-bit %s type is %w: write it in decimal and in range", text, bits, k, errUnmodelled)
	}
	return v, fmt.Errorf("'%s' is no number", text)
}

// parseEventValue reads a value of an event, as Go or JSON have it, for a field of
// a kind.
func parseEventValue(k kind, bits int, in any) (value, error) {
	text, err := eventText(in)
	if err != nil {
		return value{}, err
	}
	switch k {
	case kindDynamic:
		return value{text: text}, nil
	case kindPort:
		k, bits = kindUint, 16
	case kindNetwork: // an event has an address there
		k = kindAddress
	}
	v, err := parseLiteral(k, bits, text)
	if errors.Is(err, errUnmodelled) {
		return v, fmt.Errorf("'%s' is out of range of a %d-bit %s", text, bits, k)
	}
	return v, err
}

// eventText writes a scalar as Falco shows it.
func eventText(in any) (string, error) {
	switch in := in.(type) {
	case string:
		return in, nil
	case []byte:
		return string(in), nil
	case bool:
		return strconv.FormatBool(in), nil
	case json.Number:
		return in.String(), nil
	case int:
		return strconv.Itoa(in), nil
	case int64:
		return strconv.FormatInt(in, 10), nil
	case uint64:
		return strconv.FormatUint(in, 10), nil
	case float64:
		return strconv.FormatFloat(in, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("a value must be a string, a number or a boolean, not %T", in)
}

// compare answers one comparison of values of a kind. in, intersects and the
// modifiers are made of "=" before; exists and regex never come here.
func compare(op string, k kind, a, b value) bool {
	switch k {
	case kindString, kindBytes:
		return compareText(op, a.text, b.text)
	case kindBool:
		return (a.bool == b.bool) == (op != "!=")
	case kindInt:
		return ordered(op, a.int, b.int)
	case kindUint, kindPort:
		return ordered(op, a.uint, b.uint)
	case kindDouble:
		return ordered(op, a.double, b.double)
	case kindAddress:
		return (a.addr == b.addr) == (op != "!=")
	case kindNetwork:
		return b.prefix.Contains(a.addr) == (op != "!=")
	}
	return false
}

func ordered[N int64 | uint64 | float64 | string](op string, a, b N) bool {
	switch op {
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	}
	return a == b
}

func compareText(op, a, b string) bool {
	switch op {
	case "contains", "bcontains":
		return strings.Contains(a, b)
	case "icontains":
		return strings.Contains(mapASCII(a, lower), mapASCII(b, lower))
	case "startswith", "bstartswith":
		return strings.HasPrefix(a, b)
	case "endswith":
		return strings.HasSuffix(a, b)
	case "glob":
		return glob(b, a, false)
	case "iglob":
		return glob(b, a, true)
	}
	return ordered(op, a, b)
}
