package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
)

// However long a value of an input is, no report of what is wrong with it is, and the end of the message stays.
func TestLongValues(t *testing.T) {
	long := strings.Repeat("1", 1<<20)
	name := filepath.Join(t.TempDir(), "pods.json")
	pod := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"hostPID":true,"volumes":[{"name":"a","hostPath":{"path":"/` + long + `"}}],"containers":[{"name":"a","image":"` + long +
		`","resources":{"limits":{"cpu":"` + long + `","memory":"` + long + `"}},"securityContext":{"capabilities":{"add":["` + long + `"]},"seccompProfile":{"type":"` + long + `"}}}]}}`
	if err := os.WriteFile(name, []byte(pod), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, format := range report.Formats() {
		out, err := exec.Command("bulkhead", "check", "--policy", "bulkhead:hardened", "--format", format, name).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitFindings || len(out) > 200_000 {
			t.Errorf("%s: %d bytes, %v, %.2000s", format, len(out), err, out)
		}
		if (format == "text" || format == "json") && !strings.Contains(string(out), "bytes left out") {
			t.Errorf("%s does not say that texts are cut", format)
		}
	}
}
