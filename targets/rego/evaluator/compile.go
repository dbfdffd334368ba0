package evaluator

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// New makes a program that gives the values of rules, named as in data.main.deny. An error says what of the rules is
// beyond it.
func New(compiled *ast.Compiler, entries ...string) (*Program, error) {
	c := &compiler{opa: compiled, native: nativeBuiltins(), rules: map[string]*rule{}}
	p := &Program{}
	for _, name := range entries {
		ref, err := ast.ParseRef(name)
		if err != nil {
			return nil, err
		}
		r, _, err := c.rule(ref)
		if err != nil {
			return nil, err
		}
		p.entries = append(p.entries, r)
	}
	p.rules = len(c.rules)
	return p, nil
}

// errUnsupported is the error of what is not known here.
func errUnsupported(at *ast.Location, what string, args ...any) error {
	return fmt.Errorf("%v: %s is not known to the evaluator", at, fmt.Sprintf(what, args...))
}

type compiler struct {
	opa    *ast.Compiler
	native map[string]builtin
	rules  map[string]*rule
	uses   *rule // that is being compiled
}

// rule finds the rule that a reference leads through, and how much of the reference names it.
func (c *compiler) rule(ref ast.Ref) (*rule, int, error) {
	for n := 2; n <= len(ref); n++ {
		if _, named := ref[n-1].Value.(ast.String); !named {
			break
		}
		if found := c.opa.GetRulesExact(ref[:n]); len(found) > 0 {
			r, err := c.compiled(ref[:n].String(), found)
			return r, n, err
		}
	}
	if prefix := ref.GroundPrefix(); c.undefined(prefix) {
		return &rule{number: undefinedRule, name: prefix.String(), lasting: true}, len(prefix), nil
	}
	return nil, 0, errUnsupported(ref[0].Location, "%v, which is no rule,", ref)
}

// undefined reports a reference to what no module defines, which has no value: there is no data beside the rules.
func (c *compiler) undefined(ref ast.Ref) bool {
	if len(c.opa.GetRules(ref)) > 0 {
		return false
	}
	for _, m := range c.opa.Modules {
		if m.Package.Path.HasPrefix(ref) {
			return false // the object of a package
		}
	}
	return true
}

func (c *compiler) compiled(name string, sources []*ast.Rule) (*rule, error) {
	if r, done := c.rules[name]; done {
		return r, nil
	}
	r := &rule{number: len(c.rules), name: name, lasting: true}
	c.rules[name] = r
	if len(c.opa.GetRulesWithPrefix(sources[0].Ref())) != len(sources) {
		return nil, errUnsupported(sources[0].Location, "%s, which has rules within,", name)
	}
	user := c.uses
	c.uses = r
	defer func() { c.uses = user }()
	uniform := true
	for _, source := range sources {
		if source.Default {
			value, err := (&scope{compiler: c}).ground(source.Head.Value)
			if err != nil {
				return nil, err
			}
			r.otherwise = value
			continue
		}
		if len(source.Head.Ref()) != 1 {
			return nil, errUnsupported(source.Location, "the head %v", source.Head)
		}
		r.set = source.Head.RuleKind() == ast.MultiValue
		if r.set && source.Head.Value != nil {
			return nil, errUnsupported(source.Location, "the head %v", source.Head)
		}
		if source.Else != nil || r.set || !source.Head.Value.IsGround() {
			uniform = false
		}
		made, err := c.clause(source)
		if err != nil {
			return nil, err
		}
		r.clauses = append(r.clauses, made)
	}
	if uniform {
		r.one = oneValue(sources)
	}
	return r, nil
}

// oneValue is the constant that all heads give; nil where there is none.
func oneValue(sources []*ast.Rule) *Value {
	var one *Value
	for _, source := range sources {
		if source.Default {
			continue
		}
		v, ok := FromAST(source.Head.Value.Value)
		if !ok || one != nil && !equal(one, v) {
			return nil
		}
		one = v
	}
	return one
}

func (c *compiler) clause(source *ast.Rule) (*clause, error) {
	out := &clause{}
	s := &scope{compiler: c, slots: map[ast.Var]int{}, bound: map[ast.Var]bool{}, size: &out.size, seen: map[ast.Var]int{}}
	s.slot() // the result
	ast.WalkVars(source, func(v ast.Var) bool { s.seen[v]++; return false })
	for _, arg := range source.Head.Args {
		match, err := s.pattern(arg)
		if err != nil {
			return nil, err
		}
		out.args = append(out.args, match)
	}
	body, err := s.body(source.Body)
	if err != nil {
		return nil, err
	}
	head := source.Head.Value
	if source.Head.RuleKind() == ast.MultiValue {
		head = source.Head.Key
	}
	value, err := s.value(head)
	if err != nil {
		return nil, err
	}
	if source.Head.RuleKind() == ast.MultiValue {
		out.body = body(appendTo(0, value))
		return out, nil
	}
	out.body = body(result1(value, head.IsGround()))
	if source.Else != nil {
		out.next, err = c.clause(source.Else)
	}
	return out, err
}

// result1 keeps a clause's value. Another value after it is a conflict, which OPA reports.
func result1(value expr, constant bool) step {
	return func(m *machine, f frame) bool {
		v := value(m, f)
		switch {
		case v == nil:
			return true
		case f[0] == nil:
			f[0] = v
		case !equal(f[0], v):
			m.fail(ErrLeft)
			return false
		}
		return !constant
	}
}

// appendTo adds a value to the elements that a variable collects.
func appendTo(slot int, value expr) step {
	return func(m *machine, f frame) bool {
		if v := value(m, f); v != nil {
			if f[slot] == nil {
				f[slot] = newSmallArray(0)
			}
			f[slot].items = append(f[slot].items, v)
		}
		return m.tick()
	}
}

// scope is what is known of variables at a place in a clause. OPA has put expressions in an order in which a variable
// has its value before it is used.
type scope struct {
	*compiler
	slots map[ast.Var]int
	bound map[ast.Var]bool
	size  *int
	seen  map[ast.Var]int // how often a variable stands in the clause
}

// inner is the scope of a body within the body, whose variables have no value outside.
func (s *scope) inner() *scope {
	in := *s
	in.bound = make(map[ast.Var]bool, len(s.bound)+4)
	for v := range s.bound {
		in.bound[v] = true
	}
	return &in
}

func (s *scope) slot() int {
	*s.size++
	return *s.size - 1
}

func (s *scope) variable(v ast.Var) int {
	slot, ok := s.slots[v]
	if !ok {
		slot = s.slot()
		s.slots[v] = slot
	}
	return slot
}

// wrap puts an expression in front of what remains.
type wrap func(next step) step

func (s *scope) body(b ast.Body) (wrap, error) {
	wraps := make([]wrap, 0, len(b))
	for _, e := range b {
		w, err := s.expression(e)
		if err != nil {
			return nil, err
		}
		wraps = append(wraps, w)
	}
	return func(next step) step {
		for i := len(wraps) - 1; i >= 0; i-- {
			next = wraps[i](next)
		}
		return next
	}, nil
}

func (s *scope) expression(e *ast.Expr) (wrap, error) {
	if len(e.With) > 0 {
		return nil, errUnsupported(e.Location, "with")
	}
	if e.Negated {
		return s.negated(e)
	}
	switch terms := e.Terms.(type) {
	case *ast.Every:
		return s.every(terms)
	case *ast.SomeDecl:
		for _, symbol := range terms.Symbols {
			if _, plain := symbol.Value.(ast.Var); !plain {
				return nil, errUnsupported(e.Location, "%v", e)
			}
		}
		return func(next step) step { return next }, nil
	case *ast.Term:
		return s.holds(terms)
	case []*ast.Term:
		return s.call(e, terms)
	}
	return nil, errUnsupported(e.Location, "%v", e)
}

// finds makes a question of a body: whether it has a solution.
func (s *scope) finds(body wrap) func(m *machine, f frame) bool {
	slot := s.slot()
	run := body(func(_ *machine, f frame) bool {
		f[slot] = yes
		return false
	})
	return func(m *machine, f frame) bool {
		f[slot] = nil
		run(m, f)
		return f[slot] != nil
	}
}

func (s *scope) negated(e *ast.Expr) (wrap, error) {
	stated := *e
	stated.Negated = false
	body, err := s.inner().expression(&stated)
	if err != nil {
		return nil, err
	}
	found := s.finds(body)
	return func(next step) step {
		return func(m *machine, f frame) bool {
			if found(m, f) {
				return m.err == nil
			}
			return m.err == nil && next(m, f)
		}
	}, nil
}

func (s *scope) every(e *ast.Every) (wrap, error) {
	domain, err := s.value(e.Domain)
	if err != nil {
		return nil, err
	}
	in := s.inner()
	var patterns [2]matcher
	for i, t := range []*ast.Term{e.Key, e.Value} {
		if t == nil {
			patterns[i] = anything
		} else if patterns[i], err = in.pattern(t); err != nil {
			return nil, err
		}
	}
	body, err := in.body(e.Body)
	if err != nil {
		return nil, err
	}
	found := in.finds(body)
	return func(next step) step {
		return func(m *machine, f frame) bool {
			v := domain(m, f)
			if v == nil || v.kind < Array {
				return true
			}
			all := true
			v.each(true, func(key, item *Value) bool {
				all = m.tick() && patterns[0](m, f, key) && patterns[1](m, f, item) && found(m, f)
				return all
			})
			if !all || m.err != nil {
				return m.err == nil
			}
			return next(m, f)
		}
	}, nil
}

// each calls f for the elements of an array, an object or a set, in order, until it says no. Nobody looks at keys that
// are not asked for.
func (v *Value) each(keys bool, f func(key, item *Value) bool) bool {
	for i, item := range v.items {
		key := item
		if v.kind == Array && keys {
			key = newInt(i)
		}
		if !f(key, item) {
			return false
		}
	}
	for i := range v.fields {
		var key *Value
		if keys {
			key = NewString(v.fields[i].Key)
		}
		if !f(key, v.fields[i].Value) {
			return false
		}
	}
	return true
}

// holds asks whether a term has a value other than false.
func (s *scope) holds(t *ast.Term) (wrap, error) {
	each, err := s.values(t)
	if err != nil {
		return nil, err
	}
	return func(next step) step {
		return each(func(m *machine, f frame, v *Value) bool {
			return v == no || v.kind == Boolean && !v.truth || next(m, f)
		})
	}, nil
}

// call compiles a unification, or the call of a function.
func (s *scope) call(e *ast.Expr, terms []*ast.Term) (wrap, error) {
	operator := e.Operator()
	name := operator.String()
	if name == ast.Equality.Name {
		return s.unify(terms[1], terms[2])
	}
	args := terms[1:]
	arity, function, err := s.function(e, operator)
	if err != nil {
		return nil, err
	}
	var out *ast.Term
	if len(args) == arity+1 {
		out, args = args[arity], args[:arity]
	} else if len(args) != arity {
		return nil, errUnsupported(e.Location, "%v", e)
	}
	if name == ast.WalkBuiltin.Name {
		return s.walk(e, args[0], out)
	}
	value, err := s.apply(function, args)
	if err != nil {
		return nil, err
	}
	if out == nil {
		return func(next step) step {
			return func(m *machine, f frame) bool {
				v := value(m, f)
				if v == nil || v.kind == Boolean && !v.truth {
					return m.err == nil
				}
				return next(m, f)
			}
		}, nil
	}
	match, err := s.pattern(out)
	if err != nil {
		return nil, err
	}
	return binding(value, match), nil
}

// binding gives a pattern's variables their values.
func binding(value expr, match matcher) wrap {
	return func(next step) step {
		return func(m *machine, f frame) bool {
			v := value(m, f)
			if v == nil || !match(m, f, v) {
				return m.err == nil
			}
			return next(m, f)
		}
	}
}

// builtin gives the value of a function of Rego's; nil where it has none, as of arguments of another type. It does not
// keep the slice.
type builtin func(m *machine, args []*Value) *Value

// function finds what an operator names.
func (s *scope) function(e *ast.Expr, operator ast.Ref) (arity int, f builtin, err error) {
	if operator.HasPrefix(ast.DefaultRootRef) {
		r, n, err := s.rule(operator)
		if err != nil {
			return 0, nil, err
		}
		if n != len(operator) || len(r.clauses) == 0 {
			return 0, nil, errUnsupported(e.Location, "%v", e)
		}
		// Its value may depend on what it asks beside its arguments.
		s.uses.lasting = s.uses.lasting && r.lasting
		return s.opa.GetArity(operator), r.call, nil
	}
	declared := ast.BuiltinMap[operator.String()]
	if declared == nil {
		return 0, nil, errUnsupported(e.Location, "%v", operator)
	}
	if f = s.natively(declared.Name); f == nil && declared.Name != ast.WalkBuiltin.Name {
		return 0, nil, errUnsupported(e.Location, "%v", operator)
	}
	return declared.Decl.Arity(), f, nil
}

// apply calls a function. Where an argument has no value the call has none.
func (s *scope) apply(f builtin, terms []*ast.Term) (expr, error) {
	args := make([]expr, len(terms))
	for i, t := range terms {
		var err error
		if args[i], err = s.value(t); err != nil {
			return nil, err
		}
	}
	return func(m *machine, fr frame) *Value {
		values := m.frame(len(args))
		defined := true
		for i, arg := range args {
			if values[i] = arg(m, fr); values[i] == nil {
				defined = false
				break
			}
		}
		var v *Value
		if defined {
			v = f(m, values)
		}
		m.release(values)
		return v
	}, nil
}

// walk finds all values within a value, with their paths where these are asked for.
func (s *scope) walk(e *ast.Expr, of, out *ast.Term) (wrap, error) {
	value, err := s.value(of)
	if err != nil {
		return nil, err
	}
	pair, ok := out.Value.(*ast.Array)
	if !ok || pair.Len() != 2 {
		return nil, errUnsupported(e.Location, "%v", e)
	}
	path, err := s.pattern(pair.Elem(0))
	if err != nil {
		return nil, err
	}
	item, err := s.pattern(pair.Elem(1))
	if err != nil {
		return nil, err
	}
	wild := s.unused(pair.Elem(0))
	return func(next step) step {
		var visit func(m *machine, f frame, at []*Value, v *Value) bool
		visit = func(m *machine, f frame, at []*Value, v *Value) bool {
			if !m.tick() {
				return false
			}
			here := empty
			if !wild {
				here = NewArray(at[:len(at):len(at)])
			}
			if path(m, f, here) && item(m, f, v) && !next(m, f) {
				return false
			}
			return v.each(!wild, func(key, inside *Value) bool {
				if wild {
					return visit(m, f, nil, inside)
				}
				return visit(m, f, append(at[:len(at):len(at)], key), inside)
			})
		}
		return func(m *machine, f frame) bool {
			v := value(m, f)
			if v == nil {
				return m.err == nil
			}
			return visit(m, f, nil, v)
		}
	}, nil
}
