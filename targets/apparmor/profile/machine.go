package profile

// The operations of a compiled pattern.
const (
	opMatch    uint8 = iota // the end of the pattern
	opByte                  // one byte
	opNotSlash              // any byte but '/'
	opAny                   // any byte
	opClass                 // a byte of classes[x]
	opSplit                 // go on at x and at y
	opJump                  // go on at x
)

// instruction is one step of a compiled pattern. It is kept small: a file may hold megabytes of patterns.
type instruction struct {
	op   uint8
	byte byte
	x, y int32 // x is also the class of opClass
}

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) add(b byte)      { s[b>>6] |= 1 << (b & 63) }
func (s *byteSet) has(b byte) bool { return s[b>>6]&(1<<(b&63)) != 0 }
func (s *byteSet) invert() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// threads is the set of instructions that a pattern may be at: in the order they were reached, each once.
type threads struct {
	list []int32
	seen []bool
}

func newThreads(n int) *threads {
	return &threads{list: make([]int32, 0, n), seen: make([]bool, n)}
}

func (t *threads) clear() {
	for _, pc := range t.list {
		t.seen[pc] = false
	}
	t.list = t.list[:0]
}

// add reaches pc and everything that follows from it without reading a byte. It keeps a stack in the list itself
// rather than recursing: what a pattern nests must not nest calls.
func (t *threads) add(program []instruction, pc int32) {
	mark := func(pc int32) {
		if !t.seen[pc] {
			t.seen[pc] = true
			t.list = append(t.list, pc)
		}
	}
	next := len(t.list)
	mark(pc)
	for ; next < len(t.list); next++ {
		switch in := program[t.list[next]]; in.op {
		case opSplit:
			mark(in.x)
			mark(in.y)
		case opJump:
			mark(in.x)
		}
	}
}

// run says whether the program, from where the literal prefix ends (one instruction a byte), matches the whole of s,
// following all alternatives at once, so that no pattern can
// make it take more than len(s) times the length of the program.
func run(g *Glob, s string) bool {
	now, then := newThreads(len(g.program)), newThreads(len(g.program))
	now.add(g.program, int32(len(g.prefix)))
	for i := 0; i < len(s) && len(now.list) > 0; i++ {
		then.clear()
		for _, pc := range now.list {
			if accepts(g, pc, s[i]) {
				then.add(g.program, pc+1)
			}
		}
		now, then = then, now
	}
	return now.seen[len(g.program)-1]
}

func accepts(g *Glob, pc int32, b byte) bool {
	return reads(g.program[pc], g.classes, b)
}

// reads says whether an instruction takes a byte.
func reads(in instruction, classes []byteSet, b byte) bool {
	switch in.op {
	case opByte:
		return in.byte == b
	case opNotSlash:
		return b != '/'
	case opAny:
		return true
	case opClass:
		return classes[in.x].has(b)
	default:
		return false
	}
}
