package evaluator

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// each makes a step of what is done with every value of a term.
type each func(then func(m *machine, f frame, v *Value) bool) step

// free reports a variable that has no value yet.
func (s *scope) free(t *ast.Term) (ast.Var, bool) {
	v, ok := t.Value.(ast.Var)
	return v, ok && !s.bound[v]
}

// unused reports a variable that nothing else asks for.
func (s *scope) unused(t *ast.Term) bool {
	v, free := s.free(t)
	return free && s.seen[v] == 1
}

// open reports a term with variables that have no value yet, outside comprehensions, which have variables of their own.
func (s *scope) open(t *ast.Term) bool {
	found := false
	var visit func(x any) bool
	visit = func(x any) bool {
		switch x := x.(type) {
		case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
			return true
		case ast.Ref:
			if head, isVar := x[0].Value.(ast.Var); !isVar || !isRoot(head) {
				ast.NewGenericVisitor(visit).Walk(x[0])
			}
			for _, part := range x[1:] {
				ast.NewGenericVisitor(visit).Walk(part)
			}
			return true
		case ast.Var:
			found = found || !s.bound[x]
		}
		return found
	}
	ast.NewGenericVisitor(visit).Walk(t)
	return found
}

func isRoot(v ast.Var) bool {
	return v == ast.DefaultRootDocument.Value.(ast.Var) || v == ast.InputRootDocument.Value.(ast.Var)
}

// pattern compiles what a value is held against. Its free variables have values after it.
func (s *scope) pattern(t *ast.Term) (matcher, error) {
	if v, free := s.free(t); free {
		if s.unused(t) {
			return anything, nil
		}
		s.bound[v] = true
		slot := s.variable(v)
		return func(_ *machine, f frame, v *Value) bool { f[slot] = v; return true }, nil
	}
	if s.open(t) {
		switch v := t.Value.(type) {
		case *ast.Array:
			return s.arrayPattern(v)
		case ast.Object:
			return s.objectPattern(v)
		}
		return nil, errUnsupported(t.Location, "the pattern %v", t)
	}
	value, err := s.value(t)
	if err != nil {
		return nil, err
	}
	return func(m *machine, f frame, v *Value) bool {
		want := value(m, f)
		return want != nil && equal(want, v)
	}, nil
}

func anything(*machine, frame, *Value) bool { return true }

func (s *scope) arrayPattern(a *ast.Array) (matcher, error) {
	items := make([]matcher, a.Len())
	for i := range items {
		var err error
		if items[i], err = s.pattern(a.Elem(i)); err != nil {
			return nil, err
		}
	}
	return func(m *machine, f frame, v *Value) bool {
		return v.kind == Array && len(v.items) == len(items) && matchAll(m, f, items, v.items)
	}, nil
}

func (s *scope) objectPattern(o ast.Object) (matcher, error) {
	keys := o.Keys()
	names, values := make([]string, len(keys)), make([]matcher, len(keys))
	for i, key := range keys {
		name, ok := key.Value.(ast.String)
		if !ok {
			return nil, errUnsupported(key.Location, "the key %v", key)
		}
		var err error
		if values[i], err = s.pattern(o.Get(key)); err != nil {
			return nil, err
		}
		names[i] = string(name)
	}
	return func(m *machine, f frame, v *Value) bool {
		if v.kind != Object || len(v.fields) != len(names) {
			return false
		}
		for i, name := range names {
			if member := v.Get(name); member == nil || !values[i](m, f, member) {
				return false
			}
		}
		return true
	}, nil
}

// unify makes two terms equal.
func (s *scope) unify(a, b *ast.Term) (wrap, error) {
	if s.open(a) && s.open(b) {
		x, isArray := a.Value.(*ast.Array)
		y, both := b.Value.(*ast.Array)
		switch {
		case isArray && both:
			return s.unifyArrays(x, y)
		case !isRef(a) && !isRef(b):
			return nil, errUnsupported(a.Location, "%v = %v", a, b)
		}
	}
	pattern, source := a, b
	if isRef(a) && s.open(a) || !s.open(b) && !isRef(b) && s.open(a) == s.open(b) {
		pattern, source = b, a
	}
	if s.open(source) && !isRef(source) {
		pattern, source = source, pattern
	}
	values, err := s.values(source)
	if err != nil {
		return nil, err
	}
	match, err := s.pattern(pattern)
	if err != nil {
		return nil, err
	}
	return func(next step) step {
		return values(func(m *machine, f frame, v *Value) bool {
			if !match(m, f, v) {
				return m.err == nil
			}
			return next(m, f)
		})
	}, nil
}

func isRef(t *ast.Term) bool {
	_, ok := t.Value.(ast.Ref)
	return ok
}

func (s *scope) unifyArrays(a, b *ast.Array) (wrap, error) {
	if a.Len() != b.Len() {
		return func(step) step { return func(m *machine, _ frame) bool { return true } }, nil
	}
	wraps := make([]wrap, a.Len())
	for i := range wraps {
		var err error
		if wraps[i], err = s.unify(a.Elem(i), b.Elem(i)); err != nil {
			return nil, err
		}
	}
	return func(next step) step {
		for i := len(wraps) - 1; i >= 0; i-- {
			next = wraps[i](next)
		}
		return next
	}, nil
}

// values compiles a term that may have several values: a reference through variables that have none yet.
func (s *scope) values(t *ast.Term) (each, error) {
	if ref, ok := t.Value.(ast.Ref); ok && s.open(t) {
		return s.reference(ref)
	}
	value, err := s.value(t)
	if err != nil {
		return nil, err
	}
	return func(then func(m *machine, f frame, v *Value) bool) step {
		return func(m *machine, f frame) bool {
			v := value(m, f)
			if v == nil {
				return m.err == nil
			}
			return then(m, f, v)
		}
	}, nil
}

// root compiles where a reference begins, and says how many of its parts that takes.
func (s *scope) root(ref ast.Ref) (expr, int, error) {
	head, isVar := ref[0].Value.(ast.Var)
	switch {
	case isVar && head == ast.InputRootDocument.Value.(ast.Var):
		s.uses.lasting = false
		return func(m *machine, _ frame) *Value { return m.input }, 1, nil
	case isVar && head == ast.DefaultRootDocument.Value.(ast.Var):
		r, n, err := s.rule(ref)
		if err != nil {
			return nil, 0, err
		}
		if len(r.clauses) > 0 && len(r.clauses[0].args) > 0 {
			return nil, 0, errUnsupported(ref[0].Location, "the function %v without a call", ref)
		}
		s.uses.lasting = s.uses.lasting && r.lasting
		return func(m *machine, _ frame) *Value { return r.value(m) }, n, nil
	}
	value, err := s.value(ref[0])
	return value, 1, err
}

// reference compiles a reference through free variables.
func (s *scope) reference(ref ast.Ref) (each, error) {
	start, n, err := s.root(ref)
	if err != nil {
		return nil, err
	}
	type part struct {
		key  expr // of a value that is known
		slot int  // of a free variable; -1 where nothing asks for it
	}
	parts := make([]part, 0, len(ref)-n)
	for _, t := range ref[n:] {
		v, free := s.free(t)
		switch {
		case free && s.unused(t):
			parts = append(parts, part{slot: -1})
		case free:
			s.bound[v] = true
			parts = append(parts, part{slot: s.variable(v)})
		default:
			key, err := s.value(t)
			if err != nil {
				return nil, err
			}
			parts = append(parts, part{key: key})
		}
	}
	return func(then func(m *machine, f frame, v *Value) bool) step {
		for i := len(parts) - 1; i >= 0; i-- {
			p, rest := parts[i], then
			if p.key != nil {
				then = func(m *machine, f frame, v *Value) bool {
					key := p.key(m, f)
					if key == nil {
						return m.err == nil
					}
					if v = v.find(key); v == nil {
						return true
					}
					return rest(m, f, v)
				}
				continue
			}
			then = func(m *machine, f frame, v *Value) bool {
				return v.each(p.slot >= 0, func(key, item *Value) bool {
					if p.slot >= 0 {
						f[p.slot] = key
					}
					return m.tick() && rest(m, f, item)
				})
			}
		}
		return func(m *machine, f frame) bool {
			v := start(m, f)
			if v == nil {
				return m.err == nil
			}
			return then(m, f, v)
		}
	}, nil
}

// value compiles a term that has one value at most.
func (s *scope) value(t *ast.Term) (expr, error) {
	switch v := t.Value.(type) {
	case ast.Null, ast.Boolean, ast.Number, ast.String:
		return s.ground(t)
	case ast.Var:
		if !s.bound[v] {
			return nil, errUnsupported(t.Location, "the variable %v without a value", v)
		}
		slot := s.variable(v)
		return func(_ *machine, f frame) *Value { return f[slot] }, nil
	case ast.Ref:
		return s.path(v)
	case *ast.Array:
		if t.IsGround() {
			return s.ground(t)
		}
		return s.array(v)
	case ast.Set:
		if t.IsGround() {
			return s.ground(t)
		}
		items, err := s.array(ast.NewArray(v.Slice()...))
		if err != nil {
			return nil, err
		}
		return func(m *machine, f frame) *Value {
			v := items(m, f)
			if v == nil {
				return nil
			}
			return newSet(v.items)
		}, nil
	case ast.Object:
		if t.IsGround() {
			return s.ground(t)
		}
		return s.object(v)
	case *ast.ArrayComprehension:
		return s.collect(v.Body, v.Term, Array)
	case *ast.SetComprehension:
		return s.collect(v.Body, v.Term, Set)
	case *ast.ObjectComprehension:
		return s.objects(v)
	}
	return nil, errUnsupported(t.Location, "%v", t)
}

// ground compiles a constant.
func (s *scope) ground(t *ast.Term) (expr, error) {
	v, ok := FromAST(t.Value)
	if !ok {
		return nil, errUnsupported(t.Location, "%v as a constant", t)
	}
	return func(*machine, frame) *Value { return v }, nil
}

// path compiles a reference all of whose parts have values.
func (s *scope) path(ref ast.Ref) (expr, error) {
	value, n, err := s.root(ref)
	if err != nil {
		return nil, err
	}
	for _, t := range ref[n:] {
		from := value
		if name, constant := t.Value.(ast.String); constant {
			key := NewString(string(name))
			value = func(m *machine, f frame) *Value {
				v := from(m, f)
				if v == nil {
					return nil
				}
				if v.kind == Object {
					return v.Get(key.text)
				}
				return v.find(key)
			}
			continue
		}
		key, err := s.value(t)
		if err != nil {
			return nil, err
		}
		value = func(m *machine, f frame) *Value {
			v := from(m, f)
			if v == nil {
				return nil
			}
			k := key(m, f)
			if k == nil {
				return nil
			}
			return v.find(k)
		}
	}
	return value, nil
}

func (s *scope) array(a *ast.Array) (expr, error) {
	items := make([]expr, a.Len())
	for i := range items {
		var err error
		if items[i], err = s.value(a.Elem(i)); err != nil {
			return nil, err
		}
	}
	return func(m *machine, f frame) *Value {
		out := newSmallArray(len(items))
		for i, item := range items {
			if out.items[i] = item(m, f); out.items[i] == nil {
				return nil
			}
		}
		return out
	}, nil
}

func (s *scope) object(o ast.Object) (expr, error) {
	keys := o.Keys()
	fields, values := make([]Field, len(keys)), make([]expr, len(keys))
	for i, key := range keys {
		name, ok := key.Value.(ast.String)
		if !ok {
			return nil, errUnsupported(key.Location, "the key %v", key)
		}
		fields[i].Key = string(name)
		var err error
		if values[i], err = s.value(o.Get(key)); err != nil {
			return nil, err
		}
	}
	return func(m *machine, f frame) *Value {
		out := make([]Field, len(fields))
		for i := range fields {
			v := values[i](m, f)
			if v == nil {
				return nil
			}
			out[i] = Field{fields[i].Key, v}
		}
		return NewObject(out)
	}, nil
}

// collect compiles a comprehension. The variable that collects is not one of Rego's.
func (s *scope) collect(b ast.Body, head *ast.Term, kind Kind) (expr, error) {
	in := s.inner()
	body, err := in.body(b)
	if err != nil {
		return nil, err
	}
	value, err := in.value(head)
	if err != nil {
		return nil, err
	}
	slot := s.slot()
	run := body(appendTo(slot, value))
	return func(m *machine, f frame) *Value {
		f[slot] = nil
		run(m, f)
		if m.err != nil {
			return nil
		}
		return collected(f[slot], kind)
	}, nil
}

// collected makes an array or a set of what appendTo has collected, which nobody else has seen.
func collected(v *Value, kind Kind) *Value {
	switch {
	case v == nil && kind == Array:
		return empty
	case v == nil:
		return emptySet
	case kind == Set:
		v.kind, v.items = Set, unique(v.items)
	}
	return v
}

// objects compiles an object's comprehension. Two values of a key are a conflict, which OPA reports.
func (s *scope) objects(o *ast.ObjectComprehension) (expr, error) {
	pairs, err := s.collect(o.Body, ast.ArrayTerm(o.Key, o.Value), Set)
	if err != nil {
		return nil, err
	}
	return func(m *machine, f frame) *Value {
		all := pairs(m, f)
		if all == nil {
			return nil
		}
		out := make([]Field, 0, len(all.items))
		for i, pair := range all.items {
			key := pair.items[0]
			if key.kind != String || i > 0 && equal(key, all.items[i-1].items[0]) {
				m.fail(ErrLeft)
				return nil
			}
			out = append(out, Field{key.text, pair.items[1]})
		}
		return NewObject(out)
	}, nil
}
