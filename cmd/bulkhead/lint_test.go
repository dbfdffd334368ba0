package main

import (
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/policies"
	"github.com/bulkhead-policy/bulkhead/targets"
)

// What ships compiles without a warning.
func TestNoWarningsOfWhatShips(t *testing.T) {
	for _, name := range []string{
		"bulkhead:privileged", "bulkhead:baseline", "bulkhead:restricted", "bulkhead:hardened", "../../policies/examples/quickstart", "../../policies/examples/payments",
		"../../testdata/cases/everything",
	} {
		t.Run(name, func(t *testing.T) {
			options := lang.Options{Open: openFolder, Presets: policies.FS, Now: testNow(), Version: version, Facts: target.Facts(targets.All()), Variables: []lang.Variable{
				{Name: "env", Text: "prod", Origin: "test", Optional: true},
			}}
			program, diags := lang.Load(name, options)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			b, diags, err := target.Compile(program.Policy, targets.All(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range diags {
				t.Error(d)
			}
			if b != nil && len(b.All()) == 0 {
				t.Error("nothing was compiled")
			}
		})
	}
}
