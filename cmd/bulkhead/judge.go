package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets"
)

type judgeFlags struct {
	attempts, runtime, arch string
}

func (a *app) judgeCommand() *cobra.Command {
	var flags judgeFlags
	c := &cobra.Command{
		Use:   "judge TARGET ARTIFACT...",
		Short: "Ask an artifact, ours or not, what it would do with an attempt",
		Long: `Read attempts, one JSON object a line, and print for each what the artifacts
would do with it, one JSON verdict a line. The artifacts may be anybody's; a
folder stands for the files in it.

Attempts by target:
  seccomp        {"syscall":"unshare","args":["CLONE_NEWUSER"],"arch":"amd64"}
  apparmor       {"file":"/etc/shadow","access":"r","owner":false}
                 {"capability":"SYS_ADMIN"}   {"network":{"family":"packet","type":"raw"}}
                 {"mount":{...}}   {"ptrace":{...}}   {"signal":{...}}
  networkpolicy  {"from":{"namespace":"web","labels":{"app":"web"}},"to":{"ip":"203.0.113.7"},"port":"tcp/443"}
  falco          {"event":{"evt.type":"execve","proc.name":"bash"}}
  rego           {"manifest":"deploy.yaml"}   or the object itself
  terraform      {"plan":"plan.json"}         or the object itself`,
		Example: `  echo '{"syscall":"ptrace"}' | bulkhead judge seccomp build/seccomp/bulkhead.payments.api.json
  bulkhead judge rego build/rego --attempts attempts.jsonl`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return a.judge(c, flags, args[0], args[1:]) },
	}
	c.Flags().StringVar(&flags.attempts, "attempts", "-", "read attempts from `FILE`, or - for standard input")
	c.Flags().StringVar(&flags.runtime, "runtime", "", "the `RUNTIME` that uses the artifact, such as \"containerd 2.0\"")
	c.Flags().StringVar(&flags.arch, "arch", "", "the architecture `ARCH` of attempts that name none")
	return c
}

func (a *app) judge(c *cobra.Command, flags judgeFlags, name string, paths []string) error {
	judger, err := findJudger(name)
	if err != nil {
		return err
	}
	artifacts, err := a.artifacts(paths)
	if err != nil {
		return err
	}
	conditions := target.Conditions{Now: a.now()}
	conditions.Runtime = flags.runtime
	judge, err := judger.Load(conditions, artifacts)
	if err != nil {
		return err
	}
	body, err := a.read(flags.attempts, lang.DefaultMaxBytes)
	if err != nil {
		return err
	}
	j := &judging{app: a, judger: judger, judge: judge, arch: flags.arch, out: json.NewEncoder(a.out)}
	j.out.SetEscapeHTML(false)
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, lang.DefaultMaxBytes)
	n, tried := 0, 0
	for lines.Scan() {
		n++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		tried++
		if err := j.line(c, lines.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: %w", flags.attempts, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if tried == 0 {
		return fmt.Errorf("%s holds no attempts; an attempt is a JSON object on a line (bulkhead judge --help)", flags.attempts)
	}
	return nil
}

func findJudger(name string) (target.Judger, error) {
	for _, t := range targets.All() {
		if j, ok := t.(target.Judger); ok && t.Name() == name {
			return j, nil
		}
	}
	return nil, fmt.Errorf("no target is called %q; there are %s", name, join(target.Names(targets.All())))
}

// artifacts reads files; a folder stands for those in it, by their paths below.
func (a *app) artifacts(paths []string) ([]target.Artifact, error) {
	var out []target.Artifact
	for _, p := range paths {
		before := len(out)
		err := filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			body, err := os.ReadFile(name)
			out = append(out, target.Artifact{Path: filepath.ToSlash(name), Body: body})
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(out) == before {
			return nil, fmt.Errorf("%s holds no file", p)
		}
	}
	return out, nil
}

type judging struct {
	*app
	judger target.Judger
	judge  target.Judge
	arch   string
	out    *json.Encoder
}

// verdictLine is one line of output.
type verdictLine struct {
	Outcome string `json:"outcome"`
	Reason  string `json:"reason"`
	Where   string `json:"where"`
}

func (j *judging) line(c *cobra.Command, line []byte) error {
	attempts, err := attempt.FromJSON(line, func(name string) ([]byte, error) { return j.read(name, lang.DefaultMaxBytes) })
	if err != nil {
		return err
	}
	for _, at := range attempts {
		if !slices.Contains(j.judger.Kinds(), at.Kind()) {
			return fmt.Errorf("%s does not judge a %s", j.judger.Name(), at.Kind())
		}
		if call, ok := at.(attempt.Syscall); ok {
			call.Arch = cmp.Or(call.Arch, j.arch)
			at = call
		}
		v, err := j.judge.Judge(c.Context(), at)
		if err != nil {
			return err
		}
		if err := j.out.Encode(lineOf(v)); err != nil {
			return err
		}
	}
	return nil
}

func lineOf(v target.Verdict) verdictLine {
	var reasons, places []string
	for _, f := range v.Findings {
		if !slices.Contains(reasons, f.Message) {
			reasons = append(reasons, f.Message)
		}
		if place := strings.TrimSpace(f.Artifact + " " + f.Place); !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	return verdictLine{v.Outcome.String(), strings.Join(reasons, "; "), strings.Join(places, "; ")}
}
