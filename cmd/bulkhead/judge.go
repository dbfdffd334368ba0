package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bulkhead-policy/bulkhead/cmd/bulkhead/report"
	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/lang"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

type judgeFlags struct {
	attempts, arch, format string
}

func (a *app) judgeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "judge TARGET ARTIFACT...",
		Short: "Ask an artifact, ours or not, what it would do with an attempt",
		Long: `Read attempts, one JSON object a line, and print for each what the artifacts
would do with it: with --format jsonl, one JSON verdict a line. The artifacts may
be anybody's; a folder stands for the files in it. An attempt that cannot be judged
is reported, the others go on, and the exit code is 2. So is a file of a folder that
cannot be read: what the other files do not refuse is undecided. What of them has no effect is
reported on standard error. Where a manifest.json of the same build lies in a
folder above an artifact, the verdict names the lines of the policy that its
places come from.

What a target's artifacts are asked, and which facts they depend on, its help
says: bulkhead judge TARGET --help`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.noTarget(args[0]) },
	}
	for _, t := range a.targets {
		if j, ok := t.(target.Judger); ok {
			c.AddCommand(a.judgeOf(j))
		}
	}
	return c
}

// judgeOf is the command that asks artifacts of one target.
func (a *app) judgeOf(judger target.Judger) *cobra.Command {
	var flags judgeFlags
	info := judger.Info()
	c := &cobra.Command{
		Use:     info.Name + " ARTIFACT...",
		Short:   "Ask artifacts of " + info.Name,
		Long:    targetHelp("Ask artifacts of "+info.Name+", ours or not, what they would do with attempts.", info.Help, "Attempts:\n"+examples(judger)),
		Example: "  bulkhead judge " + info.Name + " build/" + info.Name + " --attempts attempts.jsonl",
		Args:    cobra.MinimumNArgs(1),
	}
	facts := addFactFlags(c, info)
	c.RunE = func(c *cobra.Command, paths []string) error {
		environment, err := facts.environment(c, a.now())
		if err != nil {
			return err
		}
		return a.judge(c, flags, judger, environment, paths)
	}
	c.Flags().StringVar(&flags.attempts, "attempts", "-", "read attempts from `FILE`, or - for standard input")
	formatFlag(c, &flags.format, "jsonl")
	if slices.ContainsFunc(attempt.Schemas(), func(s attempt.Schema) bool { return slices.Contains(judger.Kinds(), s.Kind) && hasField(s, "arch") }) {
		c.Flags().StringVar(&flags.arch, "arch", "", "the architecture `ARCH` of attempts that name none")
	}
	return c
}

func (a *app) judge(c *cobra.Command, flags judgeFlags, judger target.Judger, environment target.Environment, paths []string) error {
	if err := knownFormat(flags.format); err != nil {
		return err
	}
	artifacts, unusable, err := a.artifacts(judger.Info(), paths)
	if err != nil {
		return err
	}
	judge, artifacts, unread, err := a.judgeOfFiles(judger, environment, paths, artifacts)
	if err != nil {
		return err
	}
	for _, u := range unusable {
		fmt.Fprintf(a.err, "Error: %s\n", report.Printable(u.Error()))
		unread = append(unread, u.path)
	}
	origins, unexplained := a.origins(artifacts)
	if n, ok := judge.(target.Advisor); ok {
		for _, f := range n.Advice() {
			fmt.Fprintf(a.err, "%s %s: %s\n", report.Printable(f.Artifact), report.Printable(f.Location), report.Printable(f.Message))
		}
	}
	body, err := a.read(flags.attempts, lang.DefaultMaxBytes)
	if err != nil {
		return err
	}
	j := &judging{app: a, judger: judger, judge: judge, unread: unread, origins: origins, result: report.OfJudge()}
	if flags.arch != "" {
		j.defaults = map[string]any{"arch": flags.arch}
	}
	judged := j.lines(c, flags.attempts, body)
	if err := a.print(flags.format, j.result); err != nil {
		return err
	}
	if len(unread) > 0 {
		judged = errors.Join(judged, fmt.Errorf("not all files could be read, so that what the others do not refuse is %s: correct or remove %s", target.Undecided, firstOf(unread)))
	}
	return errors.Join(judged, unexplained)
}

// mostUnread is how many files of a folder may be unreadable: each costs loading the others once more.
const mostUnread = 20

// firstOf lists names, of many the first.
func firstOf(names []string) string {
	if len(names) <= mostUnread {
		return join(names)
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostUnread], ", "), len(names)-mostUnread)
}

// judgeOfFiles loads artifacts. A file of a folder that cannot be read is reported and left out, so that the others are judged; it gives
// those that were read, and the names of those that were not. A file that is named itself must be readable.
func (a *app) judgeOfFiles(judger target.Judger, environment target.Environment, paths []string, artifacts []target.Artifact) (judge target.Judge, read []target.Artifact, unread []string, err error) {
	for {
		judge, err := judger.Load(environment, artifacts)
		if err == nil {
			return judge, artifacts, unread, nil
		}
		// Each reader begins its errors with the file that it cannot read.
		i := slices.IndexFunc(artifacts, func(f target.Artifact) bool { return strings.HasPrefix(err.Error(), f.Path+":") })
		if i < 0 || len(artifacts) == 1 || len(unread) == mostUnread || slices.ContainsFunc(paths, func(p string) bool { return filepath.ToSlash(p) == artifacts[i].Path }) {
			return nil, nil, nil, err
		}
		fmt.Fprintf(a.err, "Error: %s\n", report.Printable(report.Cut(err.Error())))
		unread = append(unread, artifacts[i].Path)
		artifacts = slices.Delete(slices.Clone(artifacts), i, i+1)
	}
}

// hasField reports whether attempts of a kind have a field.
func hasField(s attempt.Schema, name string) bool {
	_, ok := s.Field(name)
	return ok
}

// lines judges attempts, one a line, as far as they can be read.
func (j *judging) lines(c *cobra.Command, name string, body []byte) error {
	lines := bufio.NewScanner(bytes.NewReader(body))
	lines.Buffer(nil, lang.DefaultMaxBytes)
	tried, failed := 0, 0
	for n := 1; lines.Scan(); n++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		tried++
		at := report.Position{File: name, Line: n}
		if err := j.line(c, at, lines.Bytes()); err != nil { // of this one; the others go on
			failed++
			fmt.Fprintf(j.err, "%s: %s\n", at, report.Cut(err.Error()))
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	switch {
	case failed > 0:
		return fmt.Errorf("%s: %d of %d attempts could not be judged, and have the outcome %s", name, failed, tried, target.Undecided)
	case tried == 0:
		return fmt.Errorf("%s holds no attempts; an attempt is a JSON object on a line (bulkhead judge %s --help)", name, j.judger.Info().Name)
	}
	return nil
}

// examples lists attempts that a target judges, as lines of JSON.
func examples(judger target.Judger) string {
	var lines []string
	for _, s := range attempt.Schemas() {
		if slices.Contains(judger.Kinds(), s.Kind) {
			lines = append(lines, s.Examples...)
		}
	}
	return "  " + strings.Join(lines, "\n  ")
}

// noTarget is the error of a name that no target has, or none of those that a
// command is for.
func (a *app) noTarget(name string) error {
	return fmt.Errorf("no target is called %q; there are %s", name, join(target.Names(a.targets)))
}

// unusable is a file of a folder that cannot be read.
type unusable struct {
	path string
	error
}

// artifacts reads files; a folder stands for those in it that have a target's extensions, by their paths below. What
// of a folder cannot be read is given beside the rest; a file that is named itself must be readable.
func (a *app) artifacts(info target.Info, paths []string) (out []target.Artifact, bad []unusable, err error) {
	for _, p := range paths {
		before := len(out) + len(bad)
		err := filepath.WalkDir(p, func(name string, d fs.DirEntry, err error) error {
			shown := filepath.ToSlash(name)
			switch {
			case err != nil && name == p:
				return fmt.Errorf("%s: %w", shown, cause(err))
			case err != nil:
				bad = append(bad, unusable{shown, fmt.Errorf("%s: %w", shown, cause(err))})
				return nil
			case d.IsDir() || name != p && !isArtifact(info, name):
				return nil
			}
			read := readRegular
			if name == p { // which may be a pipe of the shell
				read = func(name string) ([]byte, error) {
					body, err := a.read(name, lang.DefaultMaxBytes)
					return bounded(body, err)
				}
			}
			body, err := read(name)
			switch {
			case err == nil:
				out = append(out, target.Artifact{Path: shown, Body: body})
			case name == p:
				return fmt.Errorf("%s: %w", shown, err)
			default:
				bad = append(bad, unusable{shown, fmt.Errorf("%s: %w", shown, err)})
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		if len(out)+len(bad) == before {
			return nil, nil, fmt.Errorf("%s holds no file of %s%s", p, info.Name, endingIn(info.Extensions))
		}
	}
	if len(out) == 0 {
		var all []error
		for _, u := range bad[:min(len(bad), mostUnread)] {
			all = append(all, u.error)
		}
		return nil, nil, errors.Join(all...)
	}
	return out, bad, nil
}

func isArtifact(info target.Info, name string) bool {
	return len(info.Extensions) == 0 || slices.Contains(info.Extensions, path.Ext(filepath.ToSlash(name)))
}

func endingIn(extensions []string) string {
	if len(extensions) == 0 {
		return ""
	}
	return ": none that ends in " + strings.Join(extensions, ", ")
}

// origins reads, for artifacts that a manifest in a folder above them describes, which lines of the policy their places come from. A manifest
// of another build is passed over, and that is said. The error tells of manifests that cannot be read: the others are used.
func (a *app) origins(artifacts []target.Artifact) (map[string][]target.ManifestOrigin, error) {
	origins := map[string][]target.ManifestOrigin{}
	read := map[string]*described{} // by folder
	var problems []error
	for _, artifact := range artifacts {
		d, err := describedAbove(path.Dir(artifact.Path), read)
		if err != nil {
			problems = append(problems, err)
		}
		if d == nil {
			continue
		}
		f, ok := d.files[strings.TrimPrefix(strings.TrimPrefix(artifact.Path, d.dir), "/")]
		switch sum := sha256.Sum256(artifact.Body); {
		case !ok:
		case f.SHA256 != hex.EncodeToString(sum[:]):
			fmt.Fprintf(a.err, "%s: it is not the file that %s was written with: no lines of the policy are named\n", report.Printable(artifact.Path), report.Printable(path.Join(d.dir, target.ManifestName)))
		default:
			origins[artifact.Path] = d.OriginsOf(f)
		}
	}
	return origins, errors.Join(problems...)
}

// described is a folder with a manifest.
type described struct {
	target.Manifest
	dir   string
	files map[string]target.ManifestFile // by path
}

// describedAbove finds the folder with a manifest that is nearest above a folder, or is that; nil: none is, or it cannot be
// read, which is an error the first time. What is read is kept.
func describedAbove(dir string, read map[string]*described) (*described, error) {
	if d, ok := read[dir]; ok {
		return d, nil
	}
	name := path.Join(dir, target.ManifestName)
	body, err := readRegular(filepath.FromSlash(name))
	switch above := path.Dir(dir); {
	case errors.Is(err, fs.ErrNotExist) && above == dir:
		read[dir] = nil
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		d, err := describedAbove(above, read)
		read[dir] = d
		return d, err
	}
	read[dir] = nil
	var m target.Manifest
	if err == nil {
		m, err = target.ReadManifest(body)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; no lines of the policy are named", name, err)
	}
	d := &described{m, dir, map[string]target.ManifestFile{}}
	for _, f := range m.Artifacts {
		d.files[f.Path] = f
	}
	read[dir] = d
	return d, nil
}

type judging struct {
	*app
	judger  target.Judger
	judge   target.Judge
	unread  []string                           // files of the folder that could not be read
	origins map[string][]target.ManifestOrigin // by path of the artifact
	// defaults are fields of attempts that state none.
	defaults map[string]any
	result   report.Result
}

func (j *judging) line(c *cobra.Command, where report.Position, line []byte) error {
	attempts, err := attempt.FromJSON(line, func(name string) ([]byte, error) { return j.read(name, lang.DefaultMaxBytes) }, j.defaults)
	if err != nil {
		j.undecided(where, "", err)
		return err
	}
	var problems []error
	for _, at := range attempts {
		v, err := j.ask(c, at)
		if err != nil {
			problems = append(problems, err)
			j.undecided(where, string(at.Kind()), err)
			continue
		}
		if v.Outcome != target.Inapplicable { // of which the findings say so
			v.Findings = append(v.Findings, v.Skipped...)
		}
		j.result.AddVerdict(where, string(at.Kind()), j.judger.Info().Name, v, func(f target.Finding) []target.ManifestOrigin {
			return target.Statements(j.origins[f.Artifact], f)
		})
	}
	return errors.Join(problems...)
}

// ask judges one attempt.
func (j *judging) ask(c *cobra.Command, at attempt.Attempt) (target.Verdict, error) {
	if !slices.Contains(j.judger.Kinds(), at.Kind()) {
		return target.Verdict{}, fmt.Errorf("%s does not judge a %s", j.judger.Info().Name, at.Kind())
	}
	v, err := j.judge.Judge(c.Context(), at)
	if err == nil && len(j.unread) > 0 && v.Outcome != target.Deny && v.Outcome != target.Alert && v.Outcome != target.Undecided {
		v.Findings = append(v.Findings, target.Finding{Artifact: j.unread[0], Message: fmt.Sprintf("%s by the files that were read; this one could not be read", v.Outcome), Undecided: true})
		v.Outcome = target.Undecided
	}
	return v, err
}

// undecided is the verdict on what cannot be judged, so that each attempt has a line.
func (j *judging) undecided(where report.Position, kind string, err error) {
	v := target.Verdict{Outcome: target.Undecided, Findings: []target.Finding{{Message: err.Error()}}}
	j.result.AddVerdict(where, kind, j.judger.Info().Name, v, func(target.Finding) []target.ManifestOrigin { return nil })
}
