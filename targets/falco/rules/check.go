package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// EventTypes lists every value that evt.type can have, sorted.
func EventTypes() []string { return slices.Clone(loadTables().eventNames) }

// CheckCondition says what is wrong with a condition that stands by itself: its
// grammar, its fields, operators and values, macros (there are none), and whether
// it can hold for any event at all. An error is a [*SyntaxError].
func CheckCondition(text string) error {
	e, err := ParseCondition(text)
	if err != nil {
		return err
	}
	var macro *MacroRef
	Walk(e, func(e Expr) {
		if m, ok := e.(*MacroRef); ok && macro == nil {
			macro = m
		}
	})
	if macro != nil {
		return &SyntaxError{macro.Pos, fmt.Sprintf("'%s' is a macro, and none is defined here: write its condition instead", macro.Name)}
	}
	if _, err := compile(e); err != nil {
		return err
	}
	if why := never(e, nil); why != nil {
		return why
	}
	return nil
}

// socketFamilies are the names that Falco 0.44 has for address families. Others,
// AF_VSOCK among them, it shows as numbers.
var socketFamilies = strings.Fields("AF_UNSPEC AF_UNIX AF_LOCAL AF_INET AF_AX25 AF_IPX AF_APPLETALK AF_NETROM " +
	"AF_BRIDGE AF_ATMPVC AF_X25 AF_INET6 AF_ROSE AF_DECnet AF_NETBEUI AF_SECURITY AF_KEY AF_NETLINK AF_ROUTE " +
	"AF_PACKET AF_ASH AF_ECONET AF_ATMSVC AF_RDS AF_SNA AF_IRDA AF_PPPOX AF_WANPIPE AF_LLC AF_CAN AF_TIPC " +
	"AF_BLUETOOTH AF_IUCV AF_RXRPC AF_ISDN AF_PHONET AF_IEEE802154 AF_CAIF AF_ALG AF_NFC")

// HasFamily reports whether Falco has a name for an address family ("AF_ALG").
func HasFamily(name string) bool { return slices.Contains(socketFamilies, name) }

// never says why an expression can hold for no event of the given types, or nil
// where it might. No types: all. It does not find every contradiction; what it
// finds is one.
func never(e Expr, types []string) *SyntaxError {
	switch e := e.(type) {
	case *And:
		return neverAll(e, types)
	case *Or:
		var why *SyntaxError
		for _, o := range e.Operands {
			if why = never(o, types); why == nil {
				return nil
			}
		}
		return why
	case *Check:
		return neverCheck(e, types)
	}
	return nil
}

// neverAll narrows the types by what the operands say of evt.type, and asks each
// operand about what remains.
func neverAll(e *And, types []string) *SyntaxError {
	for _, o := range e.Operands {
		named := namedTypes(o)
		if named == nil {
			continue
		}
		if types != nil {
			named = slices.DeleteFunc(named, func(t string) bool { return !slices.Contains(types, t) })
		}
		if types = named; len(types) == 0 {
			return &SyntaxError{o.Position(), "never holds: no event is of all these types"}
		}
	}
	for _, o := range e.Operands {
		if why := never(o, types); why != nil {
			return why
		}
	}
	return nil
}

// namedTypes are the types to which an operand restricts events; nil: any.
func namedTypes(e Expr) []string {
	switch e := e.(type) {
	case *Or:
		var all []string
		for _, o := range e.Operands {
			types := namedTypes(o)
			if types == nil {
				return nil
			}
			all = append(all, types...)
		}
		return all
	case *Check:
		if f, ok := e.Left.(*Field); !ok || f.Name != "evt.type" || !equality(e) {
			return nil
		}
		return append([]string{}, literals(e.Right)...)
	}
	return nil
}

func equality(c *Check) bool {
	return c.Operator == "=" || c.Operator == "==" || c.Operator == "in" || c.Operator == "intersects"
}

// literals are the values of a right side; nil where they come from the event.
func literals(o Operand) []string {
	switch o := o.(type) {
	case *Literal:
		return []string{o.Text}
	case *List:
		texts := []string{}
		for _, i := range o.Items {
			texts = append(texts, i.(*Literal).Text)
		}
		return texts
	}
	return nil
}

func neverCheck(c *Check, types []string) *SyntaxError {
	f, ok := c.Left.(*Field)
	if !ok {
		return nil
	}
	values := literals(c.Right)
	if c.Operator == "in" && values != nil && len(values) == 0 {
		return &SyntaxError{c.Pos, "never holds: the list is empty"}
	}
	if f.Name == "evt.dir" && equality(c) && len(values) > 0 && !slices.Contains(values, "<") {
		return &SyntaxError{c.Pos, "never holds: since Falco 0.42 there are only exit events"}
	}
	arg, isArg := strings.CutPrefix(f.Name, "evt.arg.")
	if f.Name == "evt.arg" {
		arg, isArg = f.Argument, true
	}
	if !isArg {
		return nil
	}
	if why := neverArgument(arg, types); why != "" {
		return &SyntaxError{c.Pos, why}
	}
	if arg == "domain" && equality(c) && len(values) > 0 && !slices.ContainsFunc(values, isFamily) {
		return &SyntaxError{c.Pos, fmt.Sprintf("never holds: Falco has no name for the address family %s%s", strings.Join(values, ", "), didYouMean(values[0], socketFamilies))}
	}
	return nil
}

// isFamily reports whether evt.arg.domain can have a value: a name that Falco has,
// or a number.
func isFamily(value string) bool {
	_, err := strconv.ParseUint(value, 0, 16)
	return err == nil || HasFamily(value)
}

// neverArgument says why no event of the types has an argument.
func neverArgument(arg string, types []string) string {
	events := loadTables().events
	if types == nil {
		return ""
	}
	for _, t := range types {
		if i, err := strconv.Atoi(arg); err == nil && i < len(events[t]) || slices.Contains(events[t], arg) {
			return ""
		}
	}
	return fmt.Sprintf("never holds: no event of type %s has the argument '%s'", strings.Join(types, ", "), arg)
}
