package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A reader copies what README shows. Each command of its console blocks is run, in their order, and must print what stands below it; a line "..." stands
// for any lines.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// testscript's main runs the command whose name the test binary was started by.
	if err := os.Symlink(self, filepath.Join(bin, "bulkhead")); err != nil {
		t.Fatal(err)
	}
	commands := consoleCommands(string(text))
	if len(commands) < 8 {
		t.Fatalf("README shows %d commands with their output; want at least 8", len(commands))
	}
	folder := t.TempDir()
	for _, c := range commands {
		if to, ok := strings.CutPrefix(c.line, "cd "); ok {
			folder = filepath.Join(folder, to)
			continue
		}
		shell := exec.Command("sh", "-c", c.line)
		shell.Dir = folder
		shell.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		out, _ := shell.CombinedOutput() // findings make the exit code 1
		if got := string(out); !c.printed.MatchString(got) {
			t.Errorf("$ %s\nprinted:\n%s\nREADME has:\n%s", c.line, got, c.shown)
		}
	}
}

type consoleCommand struct {
	line    string
	shown   string
	printed *regexp.Regexp // what shown stands for
}

func consoleCommands(text string) []consoleCommand {
	var out []consoleCommand
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(text, -1) {
		for _, part := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			line, shown, _ := strings.Cut(part, "\n")
			out = append(out, consoleCommand{line, shown, outputPattern(shown)})
		}
	}
	return out
}

func outputPattern(shown string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(strings.TrimSuffix(shown, "\n") + "\n")
	return regexp.MustCompile("^" + strings.ReplaceAll(quoted, `\.\.\.`+"\n", "(?s:.*)") + "$")
}
