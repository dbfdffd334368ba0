package check

import (
	"encoding/binary"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// coder writes what is told of a file, or reads it: each part is described once,
// for both.
type coder struct {
	reading    bool
	out        []byte
	in         string // what is left of it
	broken     bool   // it is not what a coder has written, or cannot be written
	exceptions []*policy.Exception
}

// encode gives what is told of a file but its name, which is told of the whole.
func (c *Checker) encode(r Result) (answer []byte, ok bool) {
	w := coder{exceptions: c.policy.Exceptions}
	w.result(&r)
	return w.out, !w.broken
}

// decode gives what encode was given; ok is false of any other text.
func (c *Checker) decode(text, name string) (r Result, ok bool) {
	w := coder{reading: true, in: text, exceptions: c.policy.Exceptions}
	w.result(&r)
	if w.broken || w.in != "" {
		return Result{}, false
	}
	for i := range r.Findings {
		r.Findings[i].File = name
	}
	for i := range r.Skipped {
		r.Skipped[i].File = name
	}
	return r, true
}

func (w *coder) result(r *Result) {
	w.number(&r.Checked)
	elements(w, &r.Findings, w.finding)
	elements(w, &r.Skipped, func(s *input.Skipped) { w.number(&s.Line); w.text(&s.Reason) })
}

func (w *coder) finding(f *Finding) {
	for _, s := range []*string{
		&f.Control, &f.Severity, &f.Message, &f.Resource.Kind, &f.Resource.Namespace, &f.Resource.Name, &f.Container, &f.Source, &f.Subject, &f.Policy.Filename,
	} {
		w.text(s)
	}
	w.number(&f.Line)
	w.number(&f.Column)
	elements(w, &f.Path, w.text)
	w.place(&f.Policy.Start)
	w.place(&f.Policy.End)
	w.suppression(&f.Suppressed)
}

func (w *coder) place(p *hcl.Pos) {
	w.number(&p.Line)
	w.number(&p.Column)
	w.number(&p.Byte)
}

// suppression names an exception by its place in the policy, which is the same.
func (w *coder) suppression(s **Suppression) {
	there, exception := 0, -1
	if *s != nil {
		there = 1
		exception = slices.Index(w.exceptions, (*s).Exception)
		w.broken = w.broken || exception < 0 && (*s).Exception != nil
	}
	if w.number(&there); there == 0 {
		return
	}
	if w.reading {
		*s = &Suppression{}
	}
	w.text(&(*s).By)
	w.text(&(*s).Reason)
	exception++
	if w.number(&exception); w.reading && 0 < exception && exception <= len(w.exceptions) {
		(*s).Exception = w.exceptions[exception-1]
	}
}

// elements are those of a slice, whose number is one more; nil has none.
func elements[T any](w *coder, list *[]T, one func(*T)) {
	n := 0
	if *list != nil {
		n = len(*list) + 1
	}
	if w.number(&n); n == 0 {
		return
	}
	if w.reading {
		if n--; n > len(w.in) { // each takes a byte at least
			w.broken = true
			return
		}
		*list = make([]T, n)
	}
	for i := range *list {
		one(&(*list)[i])
	}
}

func (w *coder) text(s *string) {
	n := len(*s)
	w.number(&n)
	if !w.reading {
		w.out = append(w.out, *s...)
		return
	}
	if n > len(w.in) {
		w.broken = true
		return
	}
	*s, w.in = w.in[:n], w.in[n:]
}

// number writes or reads one that is not negative.
func (w *coder) number(n *int) {
	if !w.reading {
		w.broken = w.broken || *n < 0
		w.out = binary.AppendUvarint(w.out, uint64(*n))
		return
	}
	value, shift := uint64(0), 0
	for i := range min(len(w.in), binary.MaxVarintLen32) {
		value |= uint64(w.in[i]&0x7f) << shift
		if shift += 7; w.in[i] < 0x80 {
			*n, w.in = int(value), w.in[i+1:]
			return
		}
	}
	*n, w.in, w.broken = 0, "", true
}
