package rules

import (
	"errors"
	"fmt"
	"strings"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"
)

// EngineVersion is the rules engine whose files this package reads: Falco 0.44's.
const EngineVersion = "0.62.0"

// File is the content of one rules file; Name is for messages.
type File struct {
	Name string
	Body []byte
}

// Warning is something that Falco's loader accepts and complains about.
type Warning = Error

// Priority is how grave a rule is.
type Priority int

const (
	PriorityUnknown Priority = iota
	Emergency
	Alert
	Critical
	ErrorPriority
	WarningPriority
	Notice
	Informational
	Debug
)

var priorityNames = []string{"", "emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug"}

func (p Priority) String() string {
	if p <= PriorityUnknown || int(p) >= len(priorityNames) {
		return "unknown"
	}
	return priorityNames[p]
}

// ParsePriority reads a priority as Falco does, whatever its case.
func ParsePriority(text string) (Priority, bool) {
	text = strings.ToLower(text)
	if text == "info" {
		return Informational, true
	}
	for p := Emergency; p <= Debug; p++ {
		if priorityNames[p] == text {
			return p, true
		}
	}
	return PriorityUnknown, false
}

// Rule is one rule with its condition expanded.
type Rule struct {
	Name         string
	File         string
	Line, Column int // where the rule was first defined
	Description  string
	Output       string
	Priority     Priority
	Tags         []string
	Enabled      bool
	Source       string
	Condition    Expr   // lists, macros and exceptions expanded; nil where Skipped
	Skipped      string // why Falco itself would leave the rule out; empty: it does not

	node node
}

// Requirement is one entry of required_plugin_versions.
type Requirement struct{ Name, Version string }

// Ruleset is what rules files say together.
type Ruleset struct {
	Rules    []*Rule // in load order
	Warnings []*Warning
	Engine   string          // the highest required_engine_version; empty: none
	Plugins  [][]Requirement // each one of the alternatives of an entry
}

// Load reads rules files in order, later ones overriding earlier ones, as Falco's
// loader does, and checks every condition against the table of fields. Errors are
// [Errors], with the file and place of each: reading stops at the first, as in
// Falco; of the conditions all mistakes are reported.
func Load(files ...File) (*Ruleset, error) {
	c := &collector{
		lists: index[*listItem]{}, macros: index[*macroItem]{}, rules: index[*ruleItem]{},
		set: &Ruleset{},
	}
	budget := MaxItems
	for _, f := range files {
		r := &reader{file: f.Name, items: &budget}
		if err := c.readFile(r, f.Body); err != nil {
			var one *Error
			if !errors.As(err, &one) {
				return nil, err
			}
			return nil, Errors{one}
		}
	}
	if mistakes := c.expand(); len(mistakes) > 0 {
		return nil, mistakes
	}
	return c.set, nil
}

// index keeps items by name in the order of their first definition.
type index[T any] struct {
	names  []string
	byName map[string]T
}

func (x *index[T]) put(name string, item T) {
	if x.byName == nil {
		x.byName = map[string]T{}
	}
	if _, known := x.byName[name]; !known {
		x.names = append(x.names, name)
	}
	x.byName[name] = item
}

// origin is where an item was written and from when on it can be seen: an item
// sees those whose order is below its own reach.
type origin struct {
	at    *Error // file, line, column and item
	order int    // of the first definition
	reach int    // of the last definition or change
}

type listItem struct {
	origin
	name  string
	items []string
}

type macroItem struct {
	origin
	name       string
	conditions []string // the first and what was appended to it
	condAt     *Error   // place of the condition
}

type ruleItem struct {
	origin
	rule       *Rule
	conditions []string // the first and what was appended to it
	condAt     *Error   // place of the condition
	exceptions []*exceptionItem
	warnTypes  bool
	lenient    bool // skip-if-unknown-filter
}

// collector gathers the items of all files before they are expanded.
type collector struct {
	lists  index[*listItem]
	macros index[*macroItem]
	rules  index[*ruleItem]
	count  int
	set    *Ruleset
}

func (c *collector) warn(e *Error) { c.set.Warnings = append(c.set.Warnings, e) }

func (c *collector) next() int {
	c.count++
	return c.count
}

func (c *collector) readFile(r *reader, body []byte) error {
	docs, err := r.documents(body)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		doc = resolve(doc)
		if isNull(doc) {
			continue
		}
		if doc.Kind != yaml.SequenceNode {
			return r.fail(doc, "Rules content is not yaml array of objects")
		}
		items, err := r.sequence(doc)
		if err != nil {
			return err
		}
		for _, n := range items {
			if isNull(resolve(n)) {
				continue
			}
			if err := c.readItem(r, n); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *collector) readItem(r *reader, n *yaml.Node) error {
	if resolve(n).Kind != yaml.MappingNode {
		return r.fail(n, "Unexpected element type. Each element should be a yaml associative array.")
	}
	o, err := r.mapping(n)
	if err != nil {
		return err
	}
	switch {
	case o.has("required_engine_version"):
		return c.readEngine(o)
	case o.has("required_plugin_versions"):
		return c.readPlugins(o)
	case o.has("list"):
		return c.readList(o)
	case o.has("macro"):
		return c.readMacro(o)
	case o.has("rule"):
		return c.readRule(o)
	}
	c.warn(o.fail(n, "Unknown top level item"))
	return nil
}

// readEngine reads the version of the engine that the file needs. A whole number
// N means 0.N.0.
func (c *collector) readEngine(o *object) error {
	c.warnUnknown(o, []string{"required_engine_version"})
	text, err := o.text("required_engine_version")
	if err != nil {
		return err
	}
	at := o.values["required_engine_version"]
	version := text
	if digitsLen(text) == len(text) {
		version = "0." + text + ".0"
	}
	want, err := semver.StrictNewVersion(version)
	if err != nil {
		return o.fail(at, `Unable to parse engine version '%s' as a semver string. Expected "x.y.z" semver format.`, text)
	}
	have := semver.MustParse(EngineVersion)
	if want.Major() != have.Major() || want.GreaterThan(have) {
		return o.fail(at, "Rules require engine version %s, but engine version is %s", text, EngineVersion)
	}
	if c.set.Engine == "" || want.GreaterThan(semver.MustParse(c.set.Engine)) {
		c.set.Engine = want.String()
	}
	return nil
}

func (c *collector) readPlugins(o *object) error {
	c.warnUnknown(o, []string{"required_plugin_versions"})
	entries, err := o.objects("required_plugin_versions", "Value of required_plugin_versions must be a sequence", "Plugin version must be a mapping")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		c.warnUnknown(entry, []string{"name", "version", "alternatives"})
		alternatives, err := entry.objects("alternatives", "Value of plugin version alternatives must be a sequence", "Plugin version alternative must be a mapping")
		if err != nil {
			return err
		}
		var requirements []Requirement
		seen := map[string]bool{}
		for _, one := range append([]*object{entry}, alternatives...) {
			q, err := readRequirement(one)
			if err != nil {
				return err
			}
			if seen[q.Name] {
				return one.fail(one.node, "Defined multiple alternative version requirements for plugin '%s'", q.Name)
			}
			seen[q.Name] = true
			requirements = append(requirements, q)
		}
		c.set.Plugins = append(c.set.Plugins, requirements)
	}
	return nil
}

func readRequirement(o *object) (q Requirement, err error) {
	if q.Name, err = o.text("name"); err != nil {
		return q, err
	}
	if q.Version, err = o.text("version"); err != nil {
		return q, err
	}
	if _, err := semver.StrictNewVersion(q.Version); err != nil {
		return q, o.fail(o.values["version"], "Invalid required version '%s' for plugin '%s'", q.Version, q.Name)
	}
	return q, nil
}

// objects reads a sequence of mappings; an absent or empty key gives none.
func (o *object) objects(key, notSequence, notMapping string) ([]*object, error) {
	n := o.values[key]
	if n == nil {
		return nil, nil
	}
	if resolve(n).Kind != yaml.SequenceNode {
		return nil, o.fail(n, "%s", notSequence)
	}
	items, err := o.reader.sequence(n)
	if err != nil {
		return nil, err
	}
	var objects []*object
	for _, item := range items {
		if resolve(item).Kind != yaml.MappingNode {
			return nil, o.fail(item, "%s", notMapping)
		}
		one, err := o.reader.mapping(item)
		if err != nil {
			return nil, err
		}
		one.item = o.item
		objects = append(objects, one)
	}
	return objects, nil
}

func (c *collector) warnUnknown(o *object, known []string) {
	for _, key := range o.unknown(known) {
		c.warn(o.fail(key, "Unknown key '%s'%s", key.Value, didYouMean(key.Value, known)))
	}
}

func quoteName(kind, name string) string { return fmt.Sprintf("%s %q", kind, name) }
