package module

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/zclconf/go-cty/cty"
)

// Resource is one resource of a plan as it will be after apply.
type Resource struct {
	Address string   // "module.shop.kubernetes_deployment_v1.api[0]"
	Type    string   // "kubernetes_deployment_v1"
	Path    []string // in the plan: "planned_values", "root_module", "resources", "3"
	// Told says that the plan tells what of the resource is known only after
	// apply. Without it nobody can tell an attribute that is unset from one
	// that is not known yet: both are absent.
	Told bool

	known   map[string]any
	unknown any
}

// Plan is what a plan says of the resources that there will be after apply.
type Plan struct {
	Resources []Resource // managed resources of every module, in the plan's order
	// Doubts are why the plan as a whole does not show everything: it was made
	// for some targets only, or has deferred changes. A condition that fails
	// fails all the same; one that holds proves nothing.
	Doubts []string
}

// ReadPlan reads the JSON form of a plan, as `terraform show -json PLAN`
// prints it: format version 1, or the versions 0.1 and 0.2 before it. It is an
// error if the plan is of another version, ended in an error, is truncated, a
// state, or larger than MaxPlanBytes.
func ReadPlan(data []byte) (*Plan, error) {
	if len(data) > MaxPlanBytes {
		return nil, fmt.Errorf("the plan is larger than %d bytes", MaxPlanBytes)
	}
	var raw tfjson.Plan
	raw.UseJSONNumber(true)
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, fmt.Errorf("not a plan in the form of `terraform show -json`: %w", place(data, err))
	}
	var ended struct {
		Errored bool `json:"errored"`
	}
	if err := json.Unmarshal(data, &ended); err != nil {
		return nil, fmt.Errorf("not a plan in the form of `terraform show -json`: %w", place(data, err))
	}
	switch {
	case ended.Errored:
		return nil, errors.New("errored: the plan ended in an error and is not whole")
	case raw.PlannedValues == nil:
		return nil, errors.New("planned_values: missing; a state, or no plan")
	}
	p := &Plan{}
	p.doubt(&raw)
	r := planReader{plan: p, changes: changes(&raw)}
	if raw.PlannedValues.RootModule != nil {
		if err := r.module(raw.PlannedValues.RootModule, []string{"planned_values", "root_module"}, 0); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// doubt notes what the plan as a whole leaves open.
func (p *Plan) doubt(raw *tfjson.Plan) {
	if len(raw.DeferredChanges) > 0 {
		p.Doubts = append(p.Doubts, fmt.Sprintf("deferred_changes: %d changes are left to a later plan", len(raw.DeferredChanges)))
	} else if raw.Complete != nil && !*raw.Complete {
		p.Doubts = append(p.Doubts, "complete: the plan does not hold every resource; was it made with -target?")
	}
}

// changes finds the planned change of each address. An object that is only
// deposed has no value after apply.
func changes(raw *tfjson.Plan) map[string]*tfjson.Change {
	all := map[string]*tfjson.Change{}
	for _, c := range raw.ResourceChanges {
		if c != nil && c.Change != nil && c.DeposedKey == "" {
			all[c.Address] = c.Change
		}
	}
	return all
}

type planReader struct {
	plan    *Plan
	changes map[string]*tfjson.Change
}

func (r *planReader) module(m *tfjson.StateModule, path []string, depth int) error {
	if depth > MaxDepth {
		return fmt.Errorf("%s: modules more than %d deep", strings.Join(path[:4], "."), MaxDepth)
	}
	for i, res := range m.Resources {
		if res == nil || res.Mode != tfjson.ManagedResourceMode && res.Mode != "" {
			continue // a data source creates nothing
		}
		if err := r.resource(res, below(path, "resources", i)); err != nil {
			return err
		}
	}
	for i, child := range m.ChildModules {
		if child == nil {
			continue
		}
		if err := r.module(child, below(path, "child_modules", i), depth+1); err != nil {
			return err
		}
	}
	return nil
}

// below is the path of an element of a list, without touching the list's own.
func below(path []string, list string, i int) []string {
	return append(slices.Clone(path), list, strconv.Itoa(i))
}

func (r *planReader) resource(res *tfjson.StateResource, path []string) error {
	if res.Type == "" || res.Address == "" {
		return fmt.Errorf("%s: a resource without type or address", strings.Join(path, "."))
	}
	if len(r.plan.Resources) == MaxResources {
		return fmt.Errorf("%s: more than %d resources", strings.Join(path, "."), MaxResources)
	}
	out := Resource{Address: res.Address, Type: res.Type, Path: path, known: res.AttributeValues}
	if change := r.changes[res.Address]; change != nil {
		out.Told, out.unknown = true, change.AfterUnknown
	}
	r.plan.Resources = append(r.plan.Resources, out)
	return nil
}

// Value is an object of the resource's attributes, in the form that a
// reference to the resource has in Terraform, except that lists are tuples and
// maps are objects, which JSON cannot tell apart. What is known only after
// apply is unknown. An error names the place of what is too deep or too large.
func (r *Resource) Value() (cty.Value, error) {
	return value(r.known, r.unknown, strings.Join(r.Path, ".")+".values", 0)
}

// value makes a value of what a plan says of it and of what is unknown in it:
// true is unknown, and lists and objects say it of their parts.
func value(known, unknown any, path string, depth int) (cty.Value, error) {
	if depth > MaxDepth {
		return cty.NilVal, fmt.Errorf("%s: nested deeper than %d", path, MaxDepth)
	}
	if unknown == true {
		return cty.DynamicVal, nil
	}
	switch known := known.(type) {
	case nil:
		if !anyUnknown(unknown) {
			return cty.NullVal(cty.DynamicPseudoType), nil
		}
		if _, ok := unknown.(map[string]any); !ok {
			return cty.DynamicVal, nil
		}
		return object(nil, unknown, path, depth)
	case bool:
		return cty.BoolVal(known), nil
	case string:
		return cty.StringVal(known), nil
	case json.Number:
		return number(known, path)
	case []any:
		return tuple(known, unknown, path, depth)
	case map[string]any:
		return object(known, unknown, path, depth)
	}
	return cty.NilVal, fmt.Errorf("%s: a value of the type %T", path, known)
}

func object(known map[string]any, unknown any, path string, depth int) (cty.Value, error) {
	parts, ok := unknown.(map[string]any)
	if !ok && anyUnknown(unknown) {
		return cty.DynamicVal, nil // of another shape: which part is meant cannot be told
	}
	attrs := map[string]cty.Value{}
	for name, k := range known {
		v, err := value(k, parts[name], path+"."+name, depth+1)
		if err != nil {
			return cty.NilVal, err
		}
		attrs[name] = v
	}
	for name, u := range parts {
		if _, ok := known[name]; ok || !anyUnknown(u) {
			continue
		}
		v, err := value(nil, u, path+"."+name, depth+1)
		if err != nil {
			return cty.NilVal, err
		}
		attrs[name] = v
	}
	return cty.ObjectVal(attrs), nil
}

// tuple makes a value of a list, set or tuple. What is unknown is matched by
// its place, as Terraform writes it; where the lengths differ, it cannot be.
func tuple(known []any, unknown any, path string, depth int) (cty.Value, error) {
	parts, _ := unknown.([]any)
	if anyUnknown(unknown) && len(parts) != len(known) {
		return cty.DynamicVal, nil
	}
	values := make([]cty.Value, len(known))
	for i, k := range known {
		var u any
		if i < len(parts) {
			u = parts[i]
		}
		v, err := value(k, u, fmt.Sprintf("%s.%d", path, i), depth+1)
		if err != nil {
			return cty.NilVal, err
		}
		values[i] = v
	}
	return cty.TupleVal(values), nil
}

// anyUnknown reports whether some part is marked as unknown. A mark of a shape
// that Terraform does not write counts as one.
func anyUnknown(unknown any) bool {
	switch u := unknown.(type) {
	case nil:
		return false
	case bool:
		return u
	case []any:
		return slices.ContainsFunc(u, anyUnknown)
	case map[string]any:
		for _, part := range u {
			if anyUnknown(part) {
				return true
			}
		}
		return false
	}
	return true
}

// number reads a number of bounded length and magnitude: printing 1e1000000000
// would take a gigabyte.
func number(n json.Number, path string) (cty.Value, error) {
	v, err := cty.ParseNumberVal(n.String())
	if err != nil || len(n) > MaxDigits || tooManyDigits(v) {
		return cty.NilVal, fmt.Errorf("%s: a number of more than %d digits", path, MaxDigits)
	}
	return v, nil
}

// place adds line and column to an error of the JSON decoder that has an offset.
func place(data []byte, err error) error {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &typed):
		offset = typed.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return err
	}
	before := data[:offset]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n') - 1
	return fmt.Errorf("line %d, column %d: %s", line, column, strings.TrimPrefix(err.Error(), "json: "))
}
