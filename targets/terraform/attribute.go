package terraform

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// maxIsolated is for how many resources of a plan the single containers are
// told apart; further ones are named as a whole.
const maxIsolated = 200

// attribute finds whose doing it is that conditions do not hold: it evaluates
// them over each resource by itself, and over each of its containers by itself.
// It needs to know nothing of how the module is written.
func (j *judge) attribute(ctx context.Context, subjects []subjectOfPlan, conditions []*module.Condition, out *outcome) error {
	isolated := 0
	for _, s := range subjects {
		results, err := j.open(ctx, s, conditions)
		if err != nil {
			return err
		}
		if len(results) == 0 {
			continue
		}
		var parts []part
		if isolated < maxIsolated && !s.version {
			isolated++
			parts = partsOf(s.value)
		}
		if err := j.split(ctx, s, parts, results, out); err != nil {
			return err
		}
	}
	return nil
}

// open gives the results that do not hold for one resource.
func (j *judge) open(ctx context.Context, s subjectOfPlan, conditions []*module.Condition) ([]module.Result, error) {
	results, err := j.module.Evaluate(ctx, inputs([]subjectOfPlan{s}), conditions...)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(results, func(r module.Result) bool { return r.Outcome == module.Holds }), nil
}

// split names the containers that the results of a resource come from, or the
// resource where they come from the pod.
func (j *judge) split(ctx context.Context, s subjectOfPlan, parts []part, results []module.Result, out *outcome) error {
	told := map[*module.Condition]bool{}
	whole := map[*module.Condition]module.Outcome{}
	pod := map[*module.Condition]module.Outcome{} // what comes of the pod alone; Holds where nothing does
	var open []*module.Condition                  // what the pod itself does not explain
	for _, r := range results {
		whole[r.Condition] = r.Outcome
		pod[r.Condition] = module.Holds
		open = append(open, r.Condition)
	}
	for _, p := range parts {
		if len(open) == 0 {
			break
		}
		found, err := j.open(ctx, subjectOfPlan{value: p.value}, open)
		if err != nil {
			return err
		}
		for _, r := range found {
			// A part may be unknown where another one fails, and never the reverse.
			if r.Outcome == module.Fails && whole[r.Condition] != module.Fails || r.Outcome == pod[r.Condition] {
				continue
			}
			if p.pod {
				pod[r.Condition] = r.Outcome
			}
			told[r.Condition] = told[r.Condition] || r.Outcome == whole[r.Condition]
			f := finding(r)
			f.Container, f.Path = p.container, append(slices.Clone(s.path), p.path...)
			f.Message = s.name(f.Message)
			out.add(r, f)
		}
		if p.pod {
			open = slices.DeleteFunc(open, func(c *module.Condition) bool { return told[c] })
		}
	}
	for _, r := range results {
		if !told[r.Condition] {
			f := finding(r)
			f.Path = s.path
			f.Message = s.name(f.Message)
			out.add(r, f)
		}
	}
	return nil
}

// name adds the resource's address to a message that does not have it.
func (s subjectOfPlan) name(message string) string {
	if strings.Contains(message, s.address) {
		return message
	}
	return message + " (" + s.address + ")"
}

// part is a resource with only one of its containers, or with none.
type part struct {
	pod       bool // without containers
	container string
	path      []string
	value     cty.Value
}

// containerLists are the names of lists of containers, in both spellings.
var containerLists = []string{"container", "init_container", "containers", "initContainers", "ephemeralContainers"}

// withNames gives containers the names that static/pods.tf gives those without one, of the kinds that need none: a part has one container,
// and not the name that goes with its place.
func withNames(v cty.Value) cty.Value {
	kind, knownKind := textOf(v, "kind")
	version, knownVersion := textOf(v, "apiVersion")
	at, ok := pods.of(version, kind)
	if !knownKind || !knownVersion || !ok || at.unnamed == "" {
		return v
	}
	path := slices.Concat([]string{"manifest"}, at.path, []string{"spec", "containers"})
	list := v
	for _, step := range path {
		list = attributeOf(list, step)
	}
	if !list.IsKnown() || list.IsNull() || !list.Type().IsTupleType() || list.LengthInt() == 0 {
		return v
	}
	containers := list.AsValueSlice()
	for i, c := range containers {
		name := attributeOf(c, "name")
		if !c.IsKnown() || c.IsNull() || !c.Type().IsObjectType() || !name.IsKnown() || !name.IsNull() && !name.RawEquals(cty.StringVal("")) {
			continue
		}
		fields := c.AsValueMap()
		if fields == nil {
			fields = map[string]cty.Value{}
		}
		fields["name"] = cty.StringVal(at.unnamed)
		if len(containers) > 1 {
			fields["name"] = cty.StringVal(at.unnamed + "-" + strconv.Itoa(i))
		}
		containers[i] = cty.ObjectVal(fields)
	}
	return replace(v, path, cty.TupleVal(containers))
}

// partsOf takes a resource apart: first without containers, then with each.
func partsOf(v cty.Value) []part {
	v = withNames(v)
	lists := listsOf(v)
	if len(lists) == 0 {
		return nil
	}
	keep := func(list, element int) cty.Value {
		out := v
		for i, l := range lists {
			rest := cty.EmptyTupleVal
			if i == list {
				rest = cty.TupleVal([]cty.Value{l.value.Index(cty.NumberIntVal(int64(element)))})
			}
			out = replace(out, l.path, rest)
		}
		return out
	}
	parts := []part{{pod: true, path: []string{"values"}, value: keep(-1, 0)}}
	for i, l := range lists {
		for n := range l.value.LengthInt() {
			name := ""
			if k := attributeOf(l.value.Index(cty.NumberIntVal(int64(n))), "name"); k.IsKnown() && !k.IsNull() && k.Type() == cty.String {
				name = k.AsString()
			}
			path := append([]string{"values"}, l.path...)
			parts = append(parts, part{container: name, path: append(path, strconv.Itoa(n)), value: keep(i, n)})
		}
	}
	return parts
}

// list is a list of containers in a resource.
type list struct {
	path  []string
	value cty.Value
}

// listsOf finds the lists of containers in a resource. What is in a container
// is not looked into.
func listsOf(v cty.Value) []list {
	var found []list
	var walk func(v cty.Value, path []string)
	walk = func(v cty.Value, path []string) {
		if !v.IsKnown() || v.IsNull() {
			return
		}
		switch {
		case v.Type().IsObjectType():
			for _, name := range attributes(v) {
				inner, at := v.GetAttr(name), append(slices.Clone(path), name)
				if slices.Contains(containerLists, name) {
					if inner.IsKnown() && !inner.IsNull() && inner.Type().IsTupleType() {
						found = append(found, list{at, inner})
					}
					continue
				}
				walk(inner, at)
			}
		case v.Type().IsTupleType():
			for i, e := range v.AsValueSlice() {
				walk(e, append(slices.Clone(path), strconv.Itoa(i)))
			}
		}
	}
	walk(v, nil)
	return found
}

// attributes lists the names of an object's attributes in order.
func attributes(v cty.Value) []string {
	var names []string
	for name := range v.Type().AttributeTypes() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// replace gives the value with another at a path that it has.
func replace(v cty.Value, path []string, with cty.Value) cty.Value {
	if len(path) == 0 {
		return with
	}
	if v.Type().IsTupleType() {
		values := v.AsValueSlice()
		i, _ := strconv.Atoi(path[0])
		values[i] = replace(values[i], path[1:], with)
		return cty.TupleVal(values)
	}
	attrs := v.AsValueMap()
	attrs[path[0]] = replace(attrs[path[0]], path[1:], with)
	return cty.ObjectVal(attrs)
}
