package check

import (
	"crypto/sha256"
	"fmt"
	"time"
)

// Key tells all that an answer depends on from everything else.
type Key [sha256.Size]byte

// Answers are what was told of files before. They are safe for concurrent use,
// and may forget.
type Answers interface {
	// Get gives what was put under a key.
	Get(Key) (answer string, known bool)
	Put(key Key, answer []byte)
}

// Recall makes the checker tell of a file what it told before, and keep what it
// tells. The identity is its own, from Identity. Files with problems are looked at
// each time.
func (c *Checker) Recall(known Answers, identity Key) {
	c.known, c.identity = known, identity
}

// Identity tells the checker from every other whose answers may differ: by the
// artifacts and where they come from, by what of the policy is told beside them,
// by limits, namespace and conditions (of the time, the day), and by what the
// caller adds, such as the compiler's build and the policy's sources.
func (c *Checker) Identity(more ...string) Key {
	h := sha256.New()
	environment := c.environment
	environment.Now = environment.Now.UTC().Truncate(24 * time.Hour)
	fmt.Fprintf(h, "%q %+v %+v %q", more, environment, c.limits, c.namespace)
	for _, w := range c.policy.Workloads {
		fmt.Fprintf(h, "workload %q %q", w.Name, w.Match)
	}
	for _, it := range c.policy.Ignorable {
		fmt.Fprintf(h, "ignorable %q", it.Key)
	}
	for _, e := range c.policy.Exceptions {
		fmt.Fprintf(h, "exception %q %q %q %q %q", e.Name, e.Owner, e.Reason, e.Ticket, e.Expires)
	}
	for _, kind := range Kinds {
		for _, a := range c.judges[kind].artifacts {
			fmt.Fprintf(h, "%s %q %q %+v", kind, a.Path, a.Body, a.Mappings)
		}
	}
	return Key(h.Sum(nil))
}

// key tells a file.
func (c *Checker) key(name string, body []byte) Key {
	h := sha256.New()
	h.Write(c.identity[:])
	fmt.Fprintf(h, "%q", name)
	h.Write(body)
	return Key(h.Sum(nil))
}

// recall gives what was told of a file before.
func (c *Checker) recall(key Key, name string) (Result, bool) {
	if text, ok := c.known.Get(key); ok {
		return c.decode(text, name)
	}
	return Result{}, false
}

// keep puts away what is told of a file.
func (c *Checker) keep(key Key, r Result) {
	if len(r.Problems) > 0 {
		return
	}
	if answer, ok := c.encode(r); ok {
		c.known.Put(key, answer)
	}
}
