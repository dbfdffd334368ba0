package profile

import (
	"encoding/binary"
	"slices"
	"sync"
)

// Limits of an index: larger profiles are matched pattern by pattern, and a full cache is begun anew.
const (
	maxIndexed = 1 << 16 // instructions of all patterns together
	maxStates  = 1 << 11
	maxHeld    = 1 << 20 // instructions of all states together
)

// hit is a file rule that speaks of a path. literal says that it does by a pattern without wildcards.
type hit struct {
	rule    int
	literal bool
}

// index finds the file rules that match a path, all of them in one walk, as the kernel's automaton does. Its states are made when
// a path first leads to them. Safe for concurrent use.
type index struct {
	program []instruction // of all patterns, one after another
	classes []byteSet
	owner   map[int32]hit // of each opMatch
	starts  []int32

	lock   sync.RWMutex
	states map[string]*indexState // by the instructions that they are at
	held   int                    // instructions of all of them
	first  *indexState
	at     *threads
}

type indexState struct {
	at   []int32 // instructions that read a byte
	hits []hit   // if the path ends here
	next [256]*indexState
}

// newIndex joins the patterns of the rules; nil if they are too many.
func newIndex(rules []fileRule) *index {
	x := &index{owner: map[int32]hit{}}
	for i := range rules {
		for _, g := range rules[i].globs {
			if len(x.program)+len(g.program) > maxIndexed {
				return nil
			}
			x.join(g, hit{i, g.literal})
		}
	}
	x.at = newThreads(len(x.program))
	x.states = map[string]*indexState{}
	for _, pc := range x.starts {
		x.at.add(x.program, pc)
	}
	x.first = x.state()
	return x
}

func (x *index) join(g *Glob, h hit) {
	base, classes := int32(len(x.program)), int32(len(x.classes))
	x.starts = append(x.starts, base)
	for _, in := range g.program {
		switch in.op {
		case opSplit, opJump:
			in.x += base
			in.y += base
		case opClass:
			in.x += classes
		case opMatch:
			x.owner[int32(len(x.program))] = h
		}
		x.program = append(x.program, in)
	}
	x.classes = append(x.classes, g.classes...)
}

// state gives the state of the instructions that x.at holds.
func (x *index) state() *indexState {
	slices.Sort(x.at.list)
	s := &indexState{}
	var key []byte
	for _, pc := range x.at.list {
		switch x.program[pc].op {
		case opSplit, opJump:
			continue
		case opMatch:
			s.meet(x.owner[pc])
		default:
			s.at = append(s.at, pc)
		}
		key = binary.LittleEndian.AppendUint32(key, uint32(pc))
	}
	if known, ok := x.states[string(key)]; ok {
		return known
	}
	if len(x.states) == maxStates || x.held > maxHeld { // all are let go: the first forgets where it led
		x.states, x.held = map[string]*indexState{}, 0
		if x.first != nil {
			x.first.next = [256]*indexState{}
		}
	}
	x.states[string(key)] = s
	x.held += len(s.at)
	return s
}

// meet notes a rule, once: the instructions of a rule's patterns follow each other.
func (s *indexState) meet(h hit) {
	if last := len(s.hits) - 1; last >= 0 && s.hits[last].rule == h.rule {
		s.hits[last].literal = s.hits[last].literal || h.literal
		return
	}
	s.hits = append(s.hits, h)
}

// find gives the rules that match a path, in their order.
func (x *index) find(path string) []hit {
	x.lock.RLock()
	s, i := x.first, 0
	for i < len(path) {
		next := s.next[path[i]]
		if next == nil {
			break
		}
		s, i = next, i+1
	}
	x.lock.RUnlock()
	if i == len(path) {
		return s.hits
	}
	x.lock.Lock()
	defer x.lock.Unlock()
	for ; i < len(path); i++ {
		if s.next[path[i]] == nil {
			s.next[path[i]] = x.step(s, path[i])
		}
		s = s.next[path[i]]
	}
	return s.hits
}

// step makes the state after one more byte.
func (x *index) step(s *indexState, b byte) *indexState {
	x.at.clear()
	for _, pc := range s.at {
		if reads(x.program[pc], x.classes, b) {
			x.at.add(x.program, pc+1)
		}
	}
	return x.state()
}

// matching gives the file rules that match a path, in their order.
func (p *Profile) matching(path string) []hit {
	if p.index != nil {
		return p.index.find(path)
	}
	var hits []hit
	for i := range p.files {
		if g := p.files[i].matching(path); g != nil {
			hits = append(hits, hit{i, g.Literal()})
		}
	}
	return hits
}
