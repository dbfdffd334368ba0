package check

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

// ahead is how many files may be checked before the one whose turn it is to be
// told of.
const ahead = 256

// Run checks the files, several at a time, and the documents of a long file too.
// The result is in the order of the files, whatever the number of processors. Of
// a file nothing is kept but what there is to tell, and objects that are judged
// together once all files are read.
func (c *Checker) Run(ctx context.Context, files []File, progress func(done, total int)) Result {
	pool := make(workerPool)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for task := range pool {
				task()
			}
		})
	}
	answers := make(chan chan *fileResult, ahead) // in the order of the files
	go func() {
		defer close(answers)
		for _, f := range files {
			answer := make(chan *fileResult, 1)
			answers <- answer
			pool <- func() { answer <- c.file(ctx, f, pool) }
		}
	}()
	var read []*fileResult
	for answer := range answers {
		if progress != nil {
			progress(len(read), len(files))
		}
		read = append(read, <-answer)
	}
	close(pool)
	workers.Wait()
	c.together(ctx, read)
	var all Result
	for _, r := range read {
		all.add(r.Result)
	}
	return all
}

// add appends what came of what follows.
func (r *Result) add(next Result) {
	r.Findings = append(r.Findings, next.Findings...)
	r.Checked += next.Checked
	r.Skipped = append(r.Skipped, next.Skipped...)
	r.Problems = append(r.Problems, next.Problems...)
}

// workerPool are workers that wait for tasks; nil has none.
type workerPool chan func()

// ForEach calls a function with each number below n. Idle workers help.
func (w workerPool) ForEach(n int, do func(i int)) {
	var taken atomic.Int64
	work := func(before func(i int)) {
		for i := int(taken.Add(1)) - 1; i < n; i = int(taken.Add(1)) - 1 {
			before(i)
			do(i)
		}
	}
	var helping sync.WaitGroup
	work(func(i int) {
		if i == n-1 {
			return
		}
		helping.Add(1)
		select {
		case w <- func() { defer helping.Done(); work(func(int) {}) }:
		default:
			helping.Done()
		}
	})
	helping.Wait()
}

// file checks a file.
func (c *Checker) file(ctx context.Context, f File, pool workerPool) *fileResult {
	body, err := f.Open()
	if err != nil {
		return &fileResult{Result: Result{Problems: []error{fmt.Errorf("%s: %w", f.Name, err)}}}
	}
	if f.Searched && isEmpty(body) {
		return &fileResult{Result: emptyFile(f.Name)}
	}
	if f.Partial != "" {
		return &fileResult{Result: c.part(ctx, f, body, pool)}
	}
	r := c.read(ctx, f.Name, body, pool)
	if len(r.additions) == 0 {
		c.finish(&r.Result, f.Name, body)
		return &r
	}
	r.name, r.body = f.Name, body
	return &r
}

func isEmpty(body []byte) bool { return len(bytes.TrimSpace(input.Unwrapped(body))) == 0 }

func emptyFile(name string) Result {
	return Result{Skipped: []input.Skipped{{File: name, Reason: "the file is empty"}}}
}

// part checks what a file states that holds parts of objects. Nothing of it counts
// as checked.
func (c *Checker) part(ctx context.Context, f File, body []byte, pool workerPool) Result {
	own := *c
	own.partial = true
	if own.namespace == "" { // all of the policy's are held alike, and parts need not name theirs
		own.namespace = c.policy.Namespaces[0].Key
	}
	r := own.text(ctx, f.Name, body, pool)
	r.Checked, r.Skipped = 0, []input.Skipped{{File: f.Name, Reason: f.Partial}}
	return r
}

// text checks what a file holds by itself.
func (c *Checker) text(ctx context.Context, name string, body []byte, pool workerPool) Result {
	r := c.read(ctx, name, body, pool)
	c.finish(&r.Result, name, body)
	return r.Result
}

// read checks what a file holds, but what is judged together with other files.
func (c *Checker) read(ctx context.Context, name string, body []byte, pool workerPool) fileResult {
	failed := func(err error) fileResult { return fileResult{Result: Result{Problems: []error{err}}} }
	if c.allowEmpty && isEmpty(body) {
		return fileResult{Result: emptyFile(name)}
	}
	if slices.Contains([]string{".tf", ".tofu"}, path.Ext(name)) {
		return failed(&input.Error{File: name, Problem: "the file is configuration and no plan: terraform plan -out plan.out, then terraform show -json plan.out | bulkhead check -"})
	}
	chunks, err := input.Split(name, body, c.limits)
	if err != nil {
		return failed(err)
	}
	r, read := c.chunks(ctx, chunks, body, pool)
	if read == 0 && len(r.Problems) == 0 {
		r.Skipped = append(r.Skipped, input.Skipped{File: name, Reason: "the file holds no document"})
	}
	return r
}

// finish does what needs all findings of a file: comments that ignore some, their lines and their order.
func (c *Checker) finish(r *Result, name string, body []byte) {
	c.ignore(r, name, body)
	sources(r.Findings, body)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Control, b.Control), cmp.Compare(a.Container, b.Container), cmp.Compare(a.Message, b.Message))
	})
}

// together is how many documents a worker takes at once.
const together = 16

// chunks checks the documents of a file, and gives their number.
func (c *Checker) chunks(ctx context.Context, chunks []input.Chunk, body []byte, pool workerPool) (r fileResult, read int) {
	parts := slices.Collect(slices.Chunk(chunks, together))
	results, reads := make([]fileResult, len(parts)), make([]int, len(parts))
	pool.ForEach(len(parts), func(i int) {
		for _, chunk := range parts[i] {
			reads[i] += c.chunk(ctx, &results[i], chunk, body)
		}
	})
	for i := range parts {
		r.add(results[i])
		read += reads[i]
	}
	return r, read
}

// chunk checks one document, or the JSON values that are written one after the
// other.
func (c *Checker) chunk(ctx context.Context, r *fileResult, chunk input.Chunk, body []byte) (read int) {
	docs, err := chunk.Documents()
	var unread *input.Error
	if errors.As(err, &unread) && unread.Foreign {
		r.Skipped = append(r.Skipped, input.Skipped{File: unread.File, Line: unread.Line, Reason: unread.Problem, Pods: unread.Pods})
		return 1
	}
	if err != nil {
		r.Problems = append(r.Problems, err)
		return 0
	}
	for _, d := range docs {
		content := attempt.Content{File: d.File, Body: body, Namespace: c.namespace, Limits: c.limits}
		switch a := attempt.FromDocument(d, content).(type) {
		case attempt.Manifest:
			c.manifest(ctx, r, a)
		default:
			c.whole(ctx, r, d, a)
		}
	}
	return len(docs)
}
