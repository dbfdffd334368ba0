package rules

import (
	"fmt"
	"slices"
	"strings"
)

const (
	msgAppend   = "'append' key is deprecated. Add an 'append' entry (e.g. 'condition: append') under 'override' instead."
	msgBoth     = "Keys 'override' and 'append: true' cannot be used together. Add an 'append' entry (e.g. 'condition: append') under 'override' instead."
	msgNoBefore = "%s has 'append' key or an append override but no %s by that name already exists"
)

// Bounds of one rule: names of tags and exceptions are compared pairwise, outputs
// and descriptions are copied with each text that is appended.
const (
	maxTags       = 1000
	maxExceptions = 10_000
	maxProse      = 64 << 10
)

// change says which keys of an item add to what is there and which replace it.
type change struct {
	appended, replaced []string
}

// readChange reads "append" and "override" of a list or macro with one key.
func (c *collector) readChange(o *object, key string) (appends bool, err error) {
	if err := o.bool("append", &appends); err != nil {
		return false, err
	}
	if appends {
		c.warn(o.fail(o.node, "%s", msgAppend))
	}
	ch, err := readOverride(o, []string{key}, []string{key})
	if err != nil {
		return false, err
	}
	if appends && len(ch.appended)+len(ch.replaced) > 0 {
		return false, o.fail(o.node, "%s", msgBoth)
	}
	return appends || len(ch.appended) > 0, nil
}

// readOverride reads the keys below "override".
func readOverride(o *object, appendable, replaceable []string) (ch change, err error) {
	n := o.values["override"]
	if n == nil {
		return ch, nil
	}
	override, err := o.reader.mapping(n)
	if err != nil {
		return ch, err
	}
	if len(override.keys) == 0 {
		return ch, o.fail(n, "'override' is not a mapping of keys to 'append' or 'replace'")
	}
	override.item = o.item
	for _, key := range override.keys {
		operation, err := override.text(key.Value)
		if err != nil {
			return ch, err
		}
		switch {
		case operation == "append" && slices.Contains(appendable, key.Value):
			ch.appended = append(ch.appended, key.Value)
		case operation == "replace" && slices.Contains(replaceable, key.Value):
			ch.replaced = append(ch.replaced, key.Value)
		case operation == "append":
			return ch, o.fail(key, "Key '%s' cannot be appended to, use 'replace' instead", key.Value)
		case operation == "replace":
			return ch, o.fail(key, "Key '%s' cannot be replaced%s", key.Value, didYouMean(key.Value, replaceable))
		default:
			return ch, o.fail(override.values[key.Value], "Invalid override operation for key '%s': '%s'. Allowed values are: append replace", key.Value, operation)
		}
	}
	return ch, nil
}

func (c *collector) readList(o *object) error {
	name, err := o.text("list")
	if err != nil {
		return err
	}
	o.item = quoteName("list", name)
	c.warnUnknown(o, []string{"list", "items", "append", "override"})
	if s := newScanner(name); !s.isBare() {
		c.warn(o.fail(o.values["list"], "List has an invalid name. List names should match a regular expression: [^()\"'[:space:]=,]+"))
	}
	if !o.has("items") {
		return o.fail(o.node, "Item has no mapping for key 'items'")
	}
	items, err := o.texts("items")
	if err != nil {
		return err
	}
	appends, err := c.readChange(o, "items")
	if err != nil {
		return err
	}
	order := c.next()
	old := c.lists.byName[name]
	if appends {
		if old == nil {
			return o.fail(o.node, msgNoBefore, "List", "list")
		}
		old.items = append(old.items, items...)
		old.reach = order
		return nil
	}
	item := &listItem{origin{o.fail(o.node, ""), order, order}, name, items}
	if old != nil {
		item.order = old.order
	}
	c.lists.put(name, item)
	return nil
}

func (s *scanner) isBare() bool {
	s.bare()
	return s.done()
}

func (c *collector) readMacro(o *object) error {
	name, err := o.text("macro")
	if err != nil {
		return err
	}
	o.item = quoteName("macro", name)
	c.warnUnknown(o, []string{"macro", "condition", "append", "override"})
	if identifierLen(name) != len(name) {
		c.warn(o.fail(o.values["macro"], "Macro has an invalid name. Macro names should match a regular expression: [a-zA-Z]+[a-zA-Z0-9_]*"))
	}
	condition, err := o.text("condition")
	if err != nil {
		return err
	}
	appends, err := c.readChange(o, "condition")
	if err != nil {
		return err
	}
	order := c.next()
	old := c.macros.byName[name]
	if appends {
		if old == nil {
			return o.fail(o.node, msgNoBefore, "Macro", "macro")
		}
		old.conditions = append(old.conditions, condition)
		old.reach = order
		return nil
	}
	item := &macroItem{origin{o.fail(o.node, ""), order, order}, name, []string{condition}, o.fail(o.values["condition"], "")}
	if old != nil {
		item.order = old.order
	}
	c.macros.put(name, item)
	return nil
}

var (
	ruleKeys = []string{"rule", "condition", "output", "desc", "priority", "source", "enabled", "tags",
		"exceptions", "warn_evttypes", "skip-if-unknown-filter", "append", "override",
		"capture", "capture_duration", "capture_events", "capture_filesize"}
	ruleAppendable  = []string{"condition", "output", "desc", "tags", "exceptions"}
	ruleReplaceable = []string{"condition", "output", "desc", "priority", "tags", "exceptions", "enabled",
		"warn_evttypes", "skip-if-unknown-filter",
		"capture", "capture_duration", "capture_events", "capture_filesize"}
)

func (c *collector) readRule(o *object) error {
	name, err := o.text("rule")
	if err != nil {
		return err
	}
	o.item = quoteName("rule", name)
	c.warnUnknown(o, ruleKeys)
	appends := false
	if err := o.bool("append", &appends); err != nil {
		return err
	}
	if appends {
		c.warn(o.fail(o.node, "%s", msgAppend))
	}
	ch, err := readOverride(o, ruleAppendable, ruleReplaceable)
	if err != nil {
		return err
	}
	overrides := len(ch.appended)+len(ch.replaced) > 0
	switch {
	case appends && overrides:
		return o.fail(o.node, "%s", msgBoth)
	case overrides:
		return c.changeRule(o, name, ch)
	case appends:
		ch.appended = slices.DeleteFunc([]string{"condition", "exceptions"}, func(k string) bool { return !o.has(k) })
		if len(ch.appended) == 0 {
			return o.fail(o.node, "Appended rule must have exceptions or condition property")
		}
		return c.appendRule(o, name, ch.appended)
	case !o.has("condition") && !o.has("output") && !o.has("desc") && !o.has("priority"):
		return c.enableRule(o, name)
	}
	return c.defineRule(o, name)
}

func (c *collector) defineRule(o *object, name string) error {
	item := &ruleItem{
		origin:    origin{at: o.fail(o.node, "")},
		rule:      &Rule{Name: name, File: o.reader.file, Line: o.node.Line, Column: o.node.Column, Enabled: true, Source: "syscall"},
		warnTypes: true,
	}
	// Required keys, in the order in which Falco asks for them.
	for _, key := range []string{"condition", "output", "desc", "priority"} {
		if err := setRuleKey(item, o, key); err != nil {
			return err
		}
	}
	if o.has("source") {
		source, err := o.text("source")
		if err != nil {
			return err
		}
		item.rule.Source = source
	}
	for _, key := range ruleReplaceable[4:] {
		if key == "exceptions" || !o.has(key) {
			continue
		}
		if err := setRuleKey(item, o, key); err != nil {
			return err
		}
	}
	exceptions, err := c.readExceptions(o, false)
	if err != nil {
		return err
	}
	item.exceptions = exceptions
	item.rule.Output = strings.TrimSpace(item.rule.Output)
	for _, ex := range exceptions {
		if err := ex.check(); err != nil {
			return err
		}
	}
	old := c.rules.byName[name]
	if old != nil && old.rule.Source != item.rule.Source {
		return o.fail(o.node, "Rule has been re-defined with a different source")
	}
	if item.rule.Source != "syscall" {
		c.warn(o.fail(o.node, "Unknown source %s, skipping", item.rule.Source))
		item.rule.Skipped = fmt.Sprintf("source '%s' needs a plugin; only system calls are modelled", item.rule.Source)
	}
	item.order = c.next()
	item.reach = item.order
	c.rules.put(name, item)
	return nil
}

// setRuleKey replaces one property of a rule.
func setRuleKey(item *ruleItem, o *object, key string) error {
	switch key {
	case "enabled":
		return o.bool(key, &item.rule.Enabled)
	case "warn_evttypes":
		return o.bool(key, &item.warnTypes)
	case "skip-if-unknown-filter":
		return o.bool(key, &item.lenient)
	case "capture":
		return o.bool(key, new(bool))
	case "capture_duration", "capture_events", "capture_filesize":
		return o.uint(key)
	case "tags":
		tags, err := o.texts(key)
		item.rule.Tags = tags
		return err
	}
	text, err := o.text(key)
	if err != nil {
		return err
	}
	switch key {
	case "condition":
		item.conditions, item.condAt = []string{text}, o.fail(resolve(o.values[key]), "")
	case "output":
		item.rule.Output = text
	case "desc":
		item.rule.Description = text
	case "priority":
		priority, ok := ParsePriority(text)
		if !ok {
			return o.fail(o.values[key], "Invalid priority '%s'; use one of: %s", text, strings.Join(priorityNames[1:], ", "))
		}
		item.rule.Priority = priority
	}
	return nil
}

// changeRule applies an item with overrides: every key needs an entry below
// "override", and every entry a key.
func (c *collector) changeRule(o *object, name string, ch change) error {
	if len(ch.appended) > 0 {
		if err := c.appendRule(o, name, ch.appended); err != nil {
			return err
		}
	}
	if len(ch.replaced) > 0 {
		if err := c.replaceRule(o, name, ch.replaced); err != nil {
			return err
		}
	}
	for _, key := range o.keys {
		if slices.Contains(ruleReplaceable, key.Value) && !slices.Contains(ch.appended, key.Value) && !slices.Contains(ch.replaced, key.Value) {
			return o.fail(key, "Unexpected key '%s': no corresponding entry under 'override' is defined.", key.Value)
		}
	}
	return nil
}

func (c *collector) appendRule(o *object, name string, keys []string) error {
	old := c.rules.byName[name]
	if old == nil {
		return o.fail(o.node, "Rule has 'append' key or an append override but no rule by that name already exists")
	}
	for _, key := range keys {
		if err := hasOverridden(o, "append", key); err != nil {
			return err
		}
		if err := c.appendKey(o, old, key); err != nil {
			return err
		}
	}
	old.reach = c.next()
	return nil
}

func hasOverridden(o *object, operation, key string) error {
	if o.has(key) {
		return nil
	}
	return o.fail(o.node, "An %s override for '%s' was specified but '%s' is not defined", operation, key, key)
}

func (c *collector) appendKey(o *object, old *ruleItem, key string) error {
	switch key {
	case "tags":
		tags, err := o.texts(key)
		if len(tags)+len(old.rule.Tags) > maxTags {
			return o.fail(o.values[key], "rule has more than %d tags", maxTags)
		}
		for _, tag := range tags {
			if !slices.Contains(old.rule.Tags, tag) {
				old.rule.Tags = append(old.rule.Tags, tag)
			}
		}
		return err
	case "exceptions":
		exceptions, err := c.readExceptions(o, true)
		if err != nil {
			return err
		}
		return old.appendExceptions(exceptions)
	}
	text, err := o.text(key)
	if err != nil {
		return err
	}
	switch key {
	case "condition": // as text: "or x" binds as if it had stood there from the start
		old.conditions = append(old.conditions, text)
	case "output":
		old.rule.Output += " " + text
	case "desc":
		old.rule.Description += " " + text
	}
	if len(old.rule.Output) > maxProse || len(old.rule.Description) > maxProse {
		return o.fail(o.values[key], "'%s' of the rule is longer than %d bytes", key, maxProse)
	}
	return nil
}

func (c *collector) replaceRule(o *object, name string, keys []string) error {
	old := c.rules.byName[name]
	if old == nil {
		return o.fail(o.node, "An replace override for a rule was specified but no rule by that name already exists")
	}
	for _, key := range keys {
		if err := hasOverridden(o, "replace", key); err != nil {
			return err
		}
		if key != "exceptions" {
			if err := setRuleKey(old, o, key); err != nil {
				return err
			}
			continue
		}
		exceptions, err := c.readExceptions(o, false)
		if err != nil {
			return err
		}
		for _, ex := range exceptions {
			if err := ex.check(); err != nil {
				return err
			}
		}
		old.exceptions = exceptions
	}
	old.reach = c.next()
	return nil
}

// enableRule handles an item that has nothing but "enabled".
func (c *collector) enableRule(o *object, name string) error {
	if !o.has("enabled") {
		return o.fail(o.node, "Item has no mapping for key 'enabled', nor for 'condition', 'output', 'desc' and 'priority'")
	}
	c.warn(o.fail(o.node, "The standalone 'enabled' key usage is deprecated. The correct approach requires also a 'replace' entry under the 'override' key (i.e. 'enabled: replace')."))
	old := c.rules.byName[name]
	if old == nil {
		return o.fail(o.node, "Rule has 'enabled' key but no rule by that name already exists")
	}
	return o.bool("enabled", &old.rule.Enabled)
}
