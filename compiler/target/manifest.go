package target

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
)

// ManifestName is the file that says what else lies in an output folder.
const ManifestName = "manifest.json"

// Manifest is the content of manifest.json. docs/manifest.md describes it.
type Manifest struct {
	Bulkhead   string           `json:"bulkhead"` // version of the compiler
	Policy     ManifestPolicy   `json:"policy"`
	Extends    []ManifestPolicy `json:"extends,omitempty"`
	Namespaces []string         `json:"namespaces"` // that the policy holds
	Inputs     []ManifestFile   `json:"inputs"`
	Artifacts  []ManifestFile   `json:"artifacts"`
	// Origins and Notes are those of all artifacts, each once: containers that are held to
	// the same have equal profiles.
	Origins    []ManifestOrigin    `json:"origins"`
	Notes      []ManifestNote      `json:"notes"`
	Supports   []ManifestSupport   `json:"supports"`
	Gaps       []ManifestGap       `json:"gaps"`
	Exceptions []ManifestException `json:"exceptions"`
	// ValidUntil is the last day on which every exception that the artifacts rest
	// on still holds.
	ValidUntil string `json:"validUntil,omitempty"`
}

// ManifestPolicy names a policy.
type ManifestPolicy struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Owner   string `json:"owner,omitempty"`
}

// ManifestFile is a file by its hash.
type ManifestFile struct {
	Path       string   `json:"path"`
	SHA256     string   `json:"sha256"`
	Containers []string `json:"containers,omitempty"`
	Origins    []int    `json:"origins,omitempty"` // indexes of Manifest.Origins
	Notes      []int    `json:"notes,omitempty"`   // indexes of Manifest.Notes
}

// ManifestNote is what should be known of an artifact beside what it holds.
type ManifestNote struct {
	Lint    string `json:"lint"`
	Place   string `json:"place,omitempty"`
	Message string `json:"message"`
	Warning bool   `json:"warning,omitempty"`
}

// ManifestOrigin says which places in an artifact come from one statement.
type ManifestOrigin struct {
	Control string `json:"control"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	// Places are as the target names them, in order, each with the subject, behind a
	// space, where the statement speaks of one thing decided there; none is the whole file.
	Places []string `json:"places,omitempty"`
}

// ManifestSupport says how a statement is held by each target.
type ManifestSupport struct {
	Control    string                  `json:"control,omitempty"`
	Flow       string                  `json:"flow,omitempty"`
	Value      string                  `json:"value,omitempty"`
	File       string                  `json:"file,omitempty"`
	Line       int                     `json:"line,omitempty"`
	Containers []string                `json:"containers,omitempty"`
	Targets    map[string]SupportEntry `json:"targets"`
}

// SupportEntry is the support of one target.
type SupportEntry struct {
	Level  string `json:"level"`
	Manner string `json:"manner,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// ManifestGap is what no target in force enforces, and why: an exception accepts it, or the policy chose its targets without
// those that would enforce it.
type ManifestGap struct {
	Control    string   `json:"control"`
	Containers []string `json:"containers,omitempty"`
	Exception  string   `json:"exception,omitempty"`
	Expires    string   `json:"expires,omitempty"`
	LeftOut    []string `json:"leftOut,omitempty"` // targets that are not in force
}

// ManifestException is an exception in force.
type ManifestException struct {
	Name     string `json:"name"`
	Workload string `json:"workload,omitempty"`
	Owner    string `json:"owner"`
	Reason   string `json:"reason"`
	Ticket   string `json:"ticket"`
	Expires  string `json:"expires"`
}

// Source is a file that a policy was read from.
type Source struct {
	Path string
	Body []byte
}

// Manifest describes the artifacts of some targets of the build.
func (b *Build) Manifest(version string, inputs []Source, artifacts []Artifact) Manifest {
	m := Manifest{
		Bulkhead: version, Inputs: []ManifestFile{}, Artifacts: []ManifestFile{}, Supports: []ManifestSupport{},
		Origins: []ManifestOrigin{}, Notes: []ManifestNote{}, Gaps: []ManifestGap{}, Exceptions: []ManifestException{}, ValidUntil: b.Policy.ValidUntil(), Namespaces: []string{},
	}
	for _, ns := range b.Policy.Namespaces {
		m.Namespaces = append(m.Namespaces, ns.Key)
	}
	for i, s := range b.Policy.Sources {
		p := ManifestPolicy{Name: s.Name, Version: s.Version}
		if i == 0 {
			p.Owner = b.Policy.Owner
			m.Policy = p
			continue
		}
		m.Extends = append(m.Extends, p)
	}
	for _, in := range inputs {
		m.Inputs = append(m.Inputs, ManifestFile{Path: in.Path, SHA256: hash(in.Body)})
	}
	known := index{}
	for _, a := range artifacts {
		f := ManifestFile{Path: a.Path, SHA256: hash(a.Body), Containers: a.Containers}
		for _, o := range origins(a.Mappings) {
			f.Origins = append(f.Origins, once(known, &m.Origins, o))
		}
		for _, n := range a.Diagnostics {
			f.Notes = append(f.Notes, once(known, &m.Notes, ManifestNote{n.Lint, n.Location, n.Message, n.Warning}))
		}
		m.Artifacts = append(m.Artifacts, f)
	}
	for _, row := range b.Coverage.Rows {
		m.Supports = append(m.Supports, row.manifest())
	}
	for _, g := range b.Coverage.Gaps {
		m.Gaps = append(m.Gaps, g.manifest())
	}
	for _, e := range b.Policy.Exceptions {
		m.Exceptions = append(m.Exceptions, ManifestException{e.Name, e.Workload, e.Owner, e.Reason, e.Ticket, e.Expires})
	}
	return m
}

func (r Row) manifest() ManifestSupport {
	s := r.Statement
	out := ManifestSupport{Containers: r.Containers, Targets: map[string]SupportEntry{}}
	at := s.Setting.Range
	if s.Flow != nil {
		out.Flow, at = s.Flow.Name, s.Flow.Range
	} else {
		out.Control, out.Value = string(s.Control.ID), s.Control.Show(s.Setting.Value)
	}
	out.File, out.Line = place(at)
	for _, t := range slices.Sorted(maps.Keys(r.Supports)) {
		if support := r.Supports[t]; support.Level != NotApplicable {
			out.Targets[t] = SupportEntry{support.Level.String(), support.Mode.String(), support.Reason}
		}
	}
	return out
}

// index says where in a list of the manifest something is.
type index map[string]int

// once gives the index of something in a list, to which it is added where it is not there.
func once[T interface{ key() string }](known index, list *[]T, it T) int {
	key := it.key()
	i, ok := known[key]
	if !ok {
		i = len(*list)
		known[key] = i
		*list = append(*list, it)
	}
	return i
}

func (o ManifestOrigin) key() string {
	return fmt.Sprintf("%q %q %d ", o.Control, o.File, o.Line) + strings.Join(o.Places, "\x00")
}

func (n ManifestNote) key() string {
	return fmt.Sprintf("%q %q %q %t", n.Lint, n.Place, n.Message, n.Warning)
}

func (g Gap) manifest() ManifestGap {
	out := ManifestGap{Control: string(g.Statement.Control.ID), Containers: g.Containers, LeftOut: g.LeftOut}
	if g.Accepted != nil {
		out.Exception, out.Expires = g.Accepted.Name, g.Accepted.Expires
	}
	return out
}

// origins groups the places of an artifact by the statement that they come from.
func origins(list []SourceMapping) []ManifestOrigin {
	type statement struct {
		control control.Ref
		file    string
		line    int
	}
	type part struct {
		of                int
		location, subject string
	}
	at, seen := map[statement]int{}, map[part]bool{}
	var out []ManifestOrigin
	for _, o := range list {
		file, line := place(o.Range)
		key := statement{o.Control, file, line}
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, ManifestOrigin{Control: o.Control.String(), File: file, Line: line})
		}
		if p := (part{i, o.Location, o.Subject}); o.Location != "" && !seen[p] {
			seen[p] = true
			out[i].Places = append(out[i].Places, within(o.Location, o.Subject))
		}
	}
	return out
}

// within names a place, or one of the things decided there.
func within(place, subject string) string {
	if subject == "" {
		return place
	}
	return place + " " + subject
}

// Statements gives those of an artifact's origins that are behind a finding, as
// Attribute does of origins that were not written down.
func Statements(origins []ManifestOrigin, f Finding) []ManifestOrigin {
	of := func(at string) (out []ManifestOrigin) {
		for _, o := range origins {
			if at != "" && slices.Contains(o.Places, at) {
				out = append(out, o)
			}
		}
		return out
	}
	out := of(within(f.Location, f.Subject))
	if len(out) == 0 {
		out = of(f.Location)
	}
	for _, o := range origins {
		if len(o.Places) == 0 {
			out = append(out, o)
		}
	}
	return out
}

func place(r hcl.Range) (string, int) {
	if r.Filename == "" {
		return "", 0
	}
	return r.Filename, r.Start.Line
}

// ReadManifest reads a manifest that this version of Bulkhead wrote.
func ReadManifest(body []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("it is no manifest that this version of Bulkhead wrote (compile again): %w", err)
	}
	for _, f := range m.Artifacts {
		for _, i := range f.Origins {
			if i < 0 || i >= len(m.Origins) {
				return m, fmt.Errorf("%s has the origin %d, and there are %d: compile again", f.Path, i, len(m.Origins))
			}
		}
	}
	return m, nil
}

// OriginsOf gives where an artifact comes from.
func (m Manifest) OriginsOf(f ManifestFile) []ManifestOrigin {
	var out []ManifestOrigin
	for _, i := range f.Origins {
		out = append(out, m.Origins[i])
	}
	return out
}

// Encode gives the manifest's bytes.
func (m Manifest) Encode() ([]byte, error) {
	body, err := json.MarshalIndent(m, "", "  ")
	return append(body, '\n'), err
}

func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
