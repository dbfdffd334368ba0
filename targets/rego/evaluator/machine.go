// Package evaluator runs compiled Rego over documents faster than OPA's own topdown, to the same results.
//
// A Program is made of the modules that OPA has parsed, checked and compiled, so of the same artifact bytes, and is a
// tree of Go functions, one for each expression. It knows the part of Rego that bundles for admission need. What it does
// not know it says so, never guesses: New refuses rules with anything else in them, Eval gives ErrLeft for an input that
// leads to something else (two values of one rule, an object whose keys are no texts), and the caller asks OPA.
package evaluator

import (
	"context"
	"errors"
	"sync"
)

// ErrLeft is the error of an evaluation that has to be left to OPA.
var ErrLeft = errors.New("this evaluation is left to OPA")

// Program is a set of compiled rules. It is safe for concurrent use.
type Program struct {
	entries []*rule
	rules   int // all of them, which number the machine's memory
	pool    sync.Pool
}

// Eval gives the values of the rules that the program was made for, in their order; nil for one that is undefined.
func (p *Program) Eval(ctx context.Context, input *Value) ([]*Value, error) {
	m, ok := p.pool.Get().(*machine)
	if !ok {
		m = &machine{known: make([]result, p.rules), calls: map[string]*Value{}, expressions: map[string]*expression{}}
	}
	defer p.pool.Put(m)
	m.ctx, m.input, m.err, m.round = ctx, input, ctx.Err(), m.round+1
	m.stack = m.stack[:0]
	out := make([]*Value, len(p.entries))
	for i, r := range p.entries {
		out[i] = r.value(m)
	}
	m.ctx, m.input = nil, nil
	return out, m.err
}

// machine is the state of one evaluation. It is used again, for what does not depend on the input.
type machine struct {
	ctx   context.Context
	input *Value
	err   error
	round uint64
	known []result // by a rule's number
	stack []*Value
	steps uint
	calls map[string]*Value // what costly functions answered
	key   []byte
	// expressions are regular expressions that were compiled, by their texts, and numbered how many there were.
	expressions map[string]*expression
	numbered    uint64
}

type result struct {
	value *Value
	round uint64 // in which it was found
}

// frame holds the variables of one rule; nil is one without a value.
type frame []*Value

// step does what remains of a rule's body. It is false where nothing more is to be looked for.
type step func(m *machine, f frame) bool

// expr gives a term's value; nil where it has none.
type expr func(m *machine, f frame) *Value

// matcher gives a pattern's variables their values. It is false where the value is not of the pattern.
type matcher func(m *machine, f frame, v *Value) bool

func (m *machine) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}

// frame gives room for variables, until release.
func (m *machine) frame(size int) frame {
	at := len(m.stack)
	if cap(m.stack)-at < size {
		m.stack = make([]*Value, 0, 2*cap(m.stack)+size+256) // frames that are in use keep what they have
		at = 0
	}
	m.stack = m.stack[:at+size]
	f := m.stack[at : at+size : at+size]
	clear(f)
	return f
}

func (m *machine) release(f frame) {
	m.stack = m.stack[:max(len(m.stack)-len(f), 0)]
}

// ctxCheckInterval is how many elements are looked at between two looks at the context.
const ctxCheckInterval = 1 << 12

// tick is false where the caller has given up.
func (m *machine) tick() bool {
	if m.steps++; m.steps%ctxCheckInterval == 0 {
		if err := m.ctx.Err(); err != nil {
			m.fail(err)
		}
	}
	return m.err == nil
}

// undefinedRule is the number of rules that no module defines, which have no value.
const undefinedRule = -1

// rule is all that is said of one name: a value, a set, or a function.
type rule struct {
	number  int
	name    string
	set     bool
	lasting bool // it depends on no input
	clauses []*clause
	// one is the value of all clauses, where that is one constant, so that the first that holds will do.
	one       *Value
	otherwise expr // the default
}

// clause is one body with its head.
type clause struct {
	size int
	args []matcher
	body step    // ends in the frame's first variable, or adds to it
	next *clause // else
}

// value of a rule that is no function.
func (r *rule) value(m *machine) *Value {
	if r.number == undefinedRule {
		return nil
	}
	known := &m.known[r.number]
	if known.round == m.round || r.lasting && known.round != 0 {
		return known.value
	}
	var v *Value
	if r.set {
		v = r.elements(m)
	} else {
		v = r.call(m, nil)
	}
	if m.err == nil {
		*known = result{v, m.round}
	}
	return v
}

// elements of a set.
func (r *rule) elements(m *machine) *Value {
	var all *Value
	for _, c := range r.clauses {
		f := m.frame(c.size)
		f[0] = all
		c.body(m, f)
		all = f[0]
		m.release(f)
	}
	return collected(all, Set)
}

// call gives the value of a function, or of a rule without arguments.
func (r *rule) call(m *machine, args []*Value) *Value {
	var v *Value
	for _, c := range r.clauses {
		got := c.call(m, args)
		switch {
		case m.err != nil:
			return nil
		case got == nil:
		case r.one != nil:
			return got
		case v != nil && !equal(v, got):
			m.fail(ErrLeft)
			return nil
		default:
			v = got
		}
	}
	if v == nil && r.otherwise != nil {
		return r.otherwise(m, nil)
	}
	return v
}

func (c *clause) call(m *machine, args []*Value) *Value {
	for ; c != nil; c = c.next {
		f := m.frame(c.size)
		if matchAll(m, f, c.args, args) {
			c.body(m, f)
		}
		v := f[0]
		m.release(f)
		if v != nil || m.err != nil {
			return v
		}
	}
	return nil
}

func matchAll(m *machine, f frame, patterns []matcher, values []*Value) bool {
	for i, match := range patterns {
		if !match(m, f, values[i]) {
			return false
		}
	}
	return true
}
