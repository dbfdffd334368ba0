// The command opa asks one release of OPA about bundles, for the tests of targets/rego. It reads questions as JSON from
// standard input and writes an answer to each.
//
// It is a module of its own, since a program holds one release of OPA, and that of Bulkhead is another one. go.mod requires
// the newest release; for go build -modfile, least.mod requires the oldest that bundles are for, and conftest.mod that of
// conftest.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/tester"
)

// question is a bundle, with its tests, and what it is asked about.
type question struct {
	Modules map[string]string `json:"modules"`
	Inputs  []json.RawMessage `json:"inputs"`
}

// answer is what OPA makes of them.
type answer struct {
	Error  string   `json:"error,omitempty"`  // why it does not take the bundle
	Main   []any    `json:"main"`             // the value of data.main for each input
	Tests  int      `json:"tests"`            // how many tests the bundle has
	Failed []string `json:"failed,omitempty"` // those that fail
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var q question
		err := in.Decode(&q)
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			err = out.Encode(asked(q))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func asked(q question) answer {
	var a answer
	if err := a.ask(context.Background(), q); err != nil {
		a.Error = err.Error()
	}
	return a
}

func (a *answer) ask(ctx context.Context, q question) error {
	modules := map[string]*ast.Module{}
	for name, text := range q.Modules {
		module, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true})
		if err != nil {
			return err
		}
		modules[name] = module
	}
	// As opa check --strict and conftest verify --strict ask.
	compiler := ast.NewCompiler().WithStrict(true)
	if compiler.Compile(modules); compiler.Failed() {
		return compiler.Errors
	}
	query, err := rego.New(rego.Compiler(compiler), rego.Query("data.main")).PrepareForEval(ctx)
	if err != nil {
		return err
	}
	for _, text := range q.Inputs {
		main, err := evaluated(ctx, query, text)
		if err != nil {
			return err
		}
		a.Main = append(a.Main, main)
	}
	return a.test(ctx, modules)
}

func evaluated(ctx context.Context, query rego.PreparedEvalQuery, text []byte) (any, error) {
	in, err := ast.ValueFromReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	results, err := query.Eval(ctx, rego.EvalParsedInput(in))
	if err != nil {
		return nil, err
	}
	if len(results) != 1 {
		return nil, fmt.Errorf("%d results", len(results))
	}
	return results[0].Expressions[0].Value, nil
}

func (a *answer) test(ctx context.Context, modules map[string]*ast.Module) error {
	results, err := tester.NewRunner().SetCompiler(ast.NewCompiler()).SetModules(modules).RunTests(ctx, nil)
	if err != nil {
		return err
	}
	for r := range results {
		a.Tests++
		if !r.Pass() {
			a.Failed = append(a.Failed, r.Name)
		}
	}
	slices.Sort(a.Failed)
	return nil
}
