package rules

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// entry is a text or a list of entries: fields, comps and values of an exception.
type entry struct {
	set    bool
	isList bool
	text   string
	items  []entry
}

// exceptionItem is one exception of a rule.
type exceptionItem struct {
	object *object
	name   string
	fields entry
	comps  entry
	values []entry
}

// readExceptions reads the key "exceptions". In what is appended, fields may be
// left out.
func (c *collector) readExceptions(o *object, appended bool) ([]*exceptionItem, error) {
	if n := o.values["exceptions"]; n == nil || isNull(resolve(n)) {
		return nil, nil
	}
	objects, err := o.objects("exceptions", "Rule exceptions must be a sequence", "Rule exception must be a mapping")
	if err != nil {
		return nil, err
	}
	if len(objects) > maxExceptions {
		return nil, o.fail(o.values["exceptions"], "rule has more than %d exceptions", maxExceptions)
	}
	var exceptions []*exceptionItem
	for _, one := range objects {
		c.warnUnknown(one, []string{"name", "fields", "comps", "values"})
		ex, err := readException(one, appended)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(exceptions, func(other *exceptionItem) bool { return other.name == ex.name }) {
			c.warn(one.fail(one.node, "Multiple definitions of exception '%s' in the same object", ex.name))
		}
		if appended && !one.has("values") {
			c.warn(one.fail(one.node, "Overriding/appending exception with no values"))
		}
		exceptions = append(exceptions, ex)
	}
	return exceptions, nil
}

func readException(o *object, appended bool) (*exceptionItem, error) {
	ex := &exceptionItem{object: o}
	var err error
	if ex.name, err = o.text("name"); err != nil {
		return nil, err
	}
	if !o.has("fields") && !appended {
		return nil, o.fail(o.node, "Item has no mapping for key 'fields'")
	}
	if ex.fields, err = o.entry("fields", 2); err != nil {
		return nil, err
	}
	if ex.comps, err = o.entry("comps", 2); err != nil {
		return nil, err
	}
	for i := range ex.comps.items {
		ex.comps.items[i].text = strings.Join(strings.Fields(ex.comps.items[i].text), " ")
	}
	ex.comps.text = strings.Join(strings.Fields(ex.comps.text), " ")
	values, err := o.entry("values", 4)
	if err != nil {
		return nil, err
	}
	if values.set && !values.isList {
		return nil, o.fail(o.values["values"], "Rule exception values must be a sequence")
	}
	ex.values = values.items
	return ex, nil
}

// entry reads a text or nested sequences of texts, at most depth deep.
func (o *object) entry(key string, depth int) (entry, error) {
	n := o.values[key]
	if n == nil {
		return entry{}, nil
	}
	return o.readEntry(key, n, depth)
}

func (o *object) readEntry(key string, n *yaml.Node, depth int) (entry, error) {
	n = resolve(n)
	switch {
	case depth == 0:
		return entry{}, o.fail(n, "sequences of '%s' are nested too deep", key)
	case n.Kind == yaml.ScalarNode && n.Value == "":
		return entry{}, o.fail(n, "Value of '%s' must be non-empty", key)
	case n.Kind == yaml.ScalarNode:
		return entry{set: true, text: n.Value}, nil
	case n.Kind != yaml.SequenceNode:
		return entry{}, o.fail(n, "Value of '%s' is neither a scalar nor a sequence", key)
	}
	nodes, err := o.reader.sequence(n)
	if err != nil {
		return entry{}, err
	}
	e := entry{set: true, isList: true}
	for _, item := range nodes {
		one, err := o.readEntry(key, item, depth-1)
		if err != nil {
			return entry{}, err
		}
		e.items = append(e.items, one)
	}
	return e, nil
}

// check fills in the default operators and holds fields and operators against
// each other.
func (ex *exceptionItem) check() error {
	o := ex.object
	if !ex.fields.set {
		return o.fail(o.node, "Rule exception item must have fields property with a list of fields")
	}
	fields := ex.fields.items
	if !ex.fields.isList {
		fields = []entry{ex.fields}
		if !ex.comps.set {
			ex.comps = entry{set: true, text: "in"}
		}
		if ex.comps.isList {
			return o.fail(o.node, "Fields and comps must both be strings")
		}
		if !slices.Contains(listOperators, ex.comps.text) {
			return o.fail(o.node, "When fields is a single value, comps must be one of (in, pmatch, intersects)")
		}
	} else if err := ex.checkComps(); err != nil {
		return err
	}
	for _, f := range fields {
		if f.isList {
			return o.fail(o.values["fields"], "fields must be strings")
		}
		if _, err := parseFieldName(f.text); err != nil {
			return o.fail(o.values["fields"], "'%s' is not a supported filter field: %v", f.text, err)
		}
	}
	return nil
}

func (ex *exceptionItem) checkComps() error {
	o := ex.object
	if !ex.comps.set {
		ex.comps = entry{set: true, isList: true}
		for range ex.fields.items {
			ex.comps.items = append(ex.comps.items, entry{set: true, text: "="})
		}
	}
	if len(ex.comps.items) != len(ex.fields.items) {
		return o.fail(o.node, "Fields and comps lists must have equal length")
	}
	for _, comp := range ex.comps.items {
		if comp.isList || !isOperator(comp.text) {
			return o.fail(o.values["comps"], "'%s' is not a supported comparison operator", comp.text)
		}
	}
	return nil
}

// isOperator reports whether text is an operator, or a string operator with a
// modifier behind it.
func isOperator(text string) bool {
	op, modifier, modified := strings.Cut(text, " ")
	for _, s := range stringOperators {
		if strings.TrimSpace(s) == op {
			return !modified || slices.Contains(modifiers, modifier)
		}
	}
	return !modified && (op == "exists" || slices.Contains(numberOperators, op) || slices.Contains(listOperators, op))
}

// appendExceptions adds values to exceptions of a name, or new exceptions.
func (r *ruleItem) appendExceptions(exceptions []*exceptionItem) error {
	for _, ex := range exceptions {
		o := ex.object
		if len(r.exceptions) > maxExceptions {
			return o.fail(o.node, "rule has more than %d exceptions", maxExceptions)
		}
		i := slices.IndexFunc(r.exceptions, func(old *exceptionItem) bool { return old.name == ex.name })
		switch {
		case i < 0 && !ex.fields.set:
			return o.fail(o.node, "Rule exception must have fields property with a list of fields")
		case i < 0 && len(ex.values) == 0:
			return o.fail(o.node, "Rule exception must have values property with a list of values")
		case i < 0:
			if err := ex.check(); err != nil {
				return err
			}
			r.exceptions = append(r.exceptions, ex)
		case ex.fields.set:
			return o.fail(o.values["fields"], "Can not append exception fields to existing exception, only values")
		case ex.comps.set:
			return o.fail(o.values["comps"], "Can not append exception comps to existing exception, only values")
		default:
			r.exceptions[i].values = append(r.exceptions[i].values, ex.values...)
		}
	}
	return nil
}

// withExceptions writes a rule's condition with its exceptions. They are joined as
// text, as Falco does it: a value with a quote or a parenthesis in it is read as
// the condition's own.
func withExceptions(condition string, exceptions []*exceptionItem) (string, error) {
	if len(exceptions) == 0 {
		return condition, nil
	}
	var b strings.Builder
	b.WriteString("(" + condition + ")")
	for _, ex := range exceptions {
		text, err := ex.condition()
		if err != nil {
			return "", err
		}
		if text != "" {
			b.WriteString(" and not " + text)
		}
		if b.Len() > MaxConditionSize {
			return "", ex.object.fail(ex.object.node, "condition with its exceptions is longer than %d bytes", MaxConditionSize)
		}
	}
	return b.String(), nil
}

// condition writes when the exception holds; without values it is empty.
func (ex *exceptionItem) condition() (string, error) {
	if len(ex.values) == 0 {
		return "", nil
	}
	o := ex.object
	var parts []string
	for _, v := range ex.values {
		if !ex.fields.isList {
			if v.isList {
				return "", o.fail(o.values["values"], "Expected values array to contain a list of strings")
			}
			parts = append(parts, quoteItem(v.text))
			continue
		}
		if len(v.items) != len(ex.fields.items) {
			return "", o.fail(o.values["values"], "Fields and values lists must have equal length")
		}
		var checks []string
		for i, f := range ex.fields.items {
			checks = append(checks, f.text+" "+ex.comps.items[i].text+" "+operandText(ex.comps.items[i].text, v.items[i]))
		}
		parts = append(parts, "("+strings.Join(checks, " and ")+")")
	}
	if !ex.fields.isList {
		return "(" + ex.fields.text + " " + ex.comps.text + " (" + strings.Join(parts, ", ") + "))", nil
	}
	return "(" + strings.Join(parts, " or ") + ")", nil
}

// operandText writes the right side of an operator.
func operandText(operator string, v entry) string {
	if v.isList {
		var items []string
		for _, item := range v.items {
			items = append(items, quoteItem(item.text))
		}
		return "(" + strings.Join(items, ", ") + ")"
	}
	if _, modifier, _ := strings.Cut(operator, " "); modifier == "" && !slices.Contains(listOperators, operator) {
		return quoteItem(v.text)
	}
	if strings.HasPrefix(v.text, "(") {
		return v.text
	}
	return "(" + v.text + ")"
}

// quoteItem puts quotes around a text with blanks, as Falco does: what is quoted
// already stays, and nothing is escaped.
func quoteItem(text string) string {
	if strings.Contains(text, " ") && text[0] != '"' && text[0] != '\'' {
		return `"` + text + `"`
	}
	return text
}
