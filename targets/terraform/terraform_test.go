package terraform_test

import (
	"testing"
)

// TestModuleUnderTerraform has the real Terraform read, format and test the module.
func TestModuleUnderTerraform(t *testing.T) {
	dir := write(t, emit(t, resolve(t, document(strict()))))
	runTerraform(t, dir, "fmt", "-check", "-recursive", "-diff")
	runTerraform(t, dir, "init", "-no-color")
	runTerraform(t, dir, "validate", "-no-color")
	t.Log(runTerraform(t, dir, "test", "-no-color"))
}
