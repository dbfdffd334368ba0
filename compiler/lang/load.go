package lang

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

// Options are what loading depends on besides the files.
type Options struct {
	// Open gives a folder by the name that the user or an extends block knows it
	// by. What is read from it cannot lead out of it.
	Open func(dir string) (fs.FS, error)
	// Presets holds the policies that ship, as presets/NAME.hcl.
	Presets fs.FS
	// Variables are the values of the policy's variables, by name.
	Variables []Variable
	// Kubernetes is the version of the platform's, whatever the policy states; "":
	// what the policy states.
	Kubernetes string
	// Facts are those that a policy may state of its platform, beside the shared ones:
	// those of the targets.
	Facts []platform.Definition
	// Targets are the names of those that tests may name; none: any.
	Targets  []string
	Now      time.Time
	Version  string // of the compiler, which policies may require
	MaxBytes int64  // of one file; 0 is DefaultMaxBytes
}

// DefaultMaxBytes bounds a policy file. Policies of a thousand workloads have
// some 200 KB.
const DefaultMaxBytes = 64 << 20

// Variable is a value given from outside.
type Variable struct {
	Name string
	// Text is the value as on a command line: taken as it is for a variable of
	// type string, else an expression. Set Value instead where it is known.
	Text  string
	Value cty.Value
	// Origin tells where the value was given: "--var", "prod.tfvars".
	Origin string
	// Optional values (of the environment) may name variables that do not exist.
	Optional bool

	at *hcl.Range // the input of an extends block
}

// Program is a policy that was read, with its tests.
type Program struct {
	Document *policy.Document
	// Policy is the resolved policy; nil where there are errors.
	Policy *policy.Policy
	Tests  []*Test
	// Files are all that were read, by the names that diagnostics use.
	Files map[string]*hcl.File
	// Dir is the policy's folder; the names of files are as seen from it.
	Dir string

	inManifests []string // containers of the tests' manifests, once read
}

// Path gives a file as the caller knows it.
func (p *Program) Path(name string) string {
	if strings.HasPrefix(name, presetPrefix) {
		return name
	}
	return path.Join(p.Dir, name)
}

const presetPrefix = "bulkhead:"

// DefaultPreset holds where a policy extends nothing.
const DefaultPreset = presetPrefix + "baseline"

// Load reads a policy: a folder, one .hcl file, or a preset by its name
// ("bulkhead:restricted").
//
// Mistakes are errors among the diagnostics, in the order of their places and
// each said once, however many blocks a for_each makes of it.
func Load(name string, opts Options) (*Program, hcl.Diagnostics) {
	p, diags := load(name, opts)
	slices.SortStableFunc(diags, byPlace)
	return p, slices.CompactFunc(diags, func(a, b *hcl.Diagnostic) bool {
		return a.Severity == b.Severity && byPlace(a, b) == 0 && a.Subject != nil && b.Subject != nil
	})
}

// byPlace orders diagnostics as a reader meets their places.
func byPlace(a, b *hcl.Diagnostic) int {
	x, y := a.Subject, b.Subject
	if x == nil {
		x = &hcl.Range{}
	}
	if y == nil {
		y = &hcl.Range{}
	}
	return cmp.Or(cmp.Compare(x.Filename, y.Filename), cmp.Compare(x.Start.Byte, y.Start.Byte), cmp.Compare(a.Summary, b.Summary), cmp.Compare(a.Detail, b.Detail))
}

func load(name string, opts Options) (*Program, hcl.Diagnostics) {
	l := &loader{opts: opts, files: map[string]*hcl.File{}, folders: map[string]*folder{}, meter: &meter{left: maxWork}}
	if l.opts.MaxBytes == 0 {
		l.opts.MaxBytes = DefaultMaxBytes
	}
	if !strings.HasPrefix(name, presetPrefix) {
		name = path.Clean(name)
	}
	if opts.Kubernetes != "" {
		if _, err := platform.ParseKubernetes(opts.Kubernetes); err != nil {
			return &Program{}, hcl.Diagnostics{errorf(nil, "Unknown version", "--kubernetes: %v.", err)}
		}
		l.platform = platform.Kubernetes.With(l.platform, opts.Kubernetes)
	} else {
		l.survey(source{name: name})
	}
	read, diags := l.document(source{name: name}, l.opts.Variables, nil)
	p := &Program{Files: l.files, Dir: l.dir}
	if read == nil || read.doc.Name == "" {
		return p, diags
	}
	p.Document = read.doc
	diags = append(diags, l.settle(read.doc)...)
	resolved, more := policy.Resolve(read.doc, opts.Now)
	diags = append(diags, more...)
	if !diags.HasErrors() {
		p.Policy, p.Tests = resolved, read.tests
		diags = append(diags, p.bindTests()...)
		diags = append(diags, p.namesKnown(opts.Targets)...)
	}
	if diags.HasErrors() {
		p.Policy, p.Tests = nil, nil
	}
	return p, diags
}

// loader is what one load shares between all the policies that it reads.
type loader struct {
	opts      Options
	files     map[string]*hcl.File
	folders   map[string]*folder // by the name that they were read by
	meter     *meter
	platform  platform.Facts // what is known of it before policies are read
	surveying bool           // read no more than the platform
	instances int            // blocks made by for_each
	loaded    []*document    // extended policies, so that each is read once
	dir       string         // the folder of the policy itself, which files are named from
}

// document is an extended policy as it was read with some inputs. Policies that
// two others extend alike are one.
type document struct {
	name   string
	inputs []Variable
	read   *decoder
}

// source is where a policy is read from, and which extends block wanted it.
type source struct {
	name   string // folder, file, or preset
	at     *hcl.Range
	inputs *hcl.Range // where the values of its variables are given, or would be
}

func (s source) preset() bool { return strings.HasPrefix(s.name, presetPrefix) }

// Bounds on extending, which could otherwise go on for ever through links, or
// double with every policy.
const (
	maxExtends   = 20
	maxDocuments = 200
)

// document reads one policy and those that it extends. The stack holds the names
// of the policies being read, to tell a circle.
func (l *loader) document(src source, vars []Variable, stack []string) (*decoder, hcl.Diagnostics) {
	if i := slices.Index(stack, src.name); i >= 0 {
		circle := append(slices.Clone(stack[i:]), src.name)
		return nil, hcl.Diagnostics{errorf(src.at, "Policies extend each other",
			"These policies extend one another in a circle: %s. One of them has to stop.", strings.Join(circle, " -> "))}
	}
	if i := slices.IndexFunc(l.loaded, func(d *document) bool { return d.name == src.name && sameInputs(d.inputs, vars) }); i >= 0 {
		return l.loaded[i].read, nil
	}
	if len(stack) >= maxExtends || len(l.loaded) >= maxDocuments {
		return nil, hcl.Diagnostics{errorf(src.at, "Too many policies extended", "A policy extends at most %d others in a line, and %d in all.", maxExtends, maxDocuments)}
	}
	folder, diags := l.folders[src.name], hcl.Diagnostics(nil)
	if folder == nil {
		if folder, diags = l.read(src); diags.HasErrors() {
			return nil, diags
		}
		l.folders[src.name] = folder
	}
	d := &decoder{loader: l, folder: folder, stack: append(slices.Clone(stack), src.name), peers: map[string]*policy.Peer{},
		partial: map[string]bool{}, extendedAt: src.inputs,
		doc: &policy.Document{Source: policy.Source{Path: src.name, Preset: src.preset()}, Broken: map[control.ID]bool{}}}
	l.loaded = append(l.loaded, &document{src.name, vars, d})
	d.decode(vars)
	return d, append(diags, d.diags...)
}

// survey finds the platform's Kubernetes, by which presets differ, before anything
// is read that may ask for it. It says nothing of mistakes: they are met again.
func (l *loader) survey(src source) {
	l.surveying = true
	if read, _ := l.document(src, l.opts.Variables, nil); read != nil {
		l.platform = platform.Kubernetes.With(l.platform, read.doc.StatedKubernetes())
	}
	l.surveying, l.loaded, l.instances = false, nil, 0
	*l.meter = meter{left: maxWork}
}

// settle makes the platform that was surveyed that of the policy.
func (l *loader) settle(doc *policy.Document) hcl.Diagnostics {
	surveyed := platform.Kubernetes.Of(l.platform)
	if stated := doc.StatedKubernetes(); l.opts.Kubernetes == "" && stated != surveyed && stated != "" {
		return hcl.Diagnostics{errorf(doc.Platform.Range.Ptr(), "Version depends on itself",
			"platform.kubernetes is %q where it is asked without knowing it, and %q where kubernetes() answers for that. State it without the function.", surveyed, stated)}
	}
	doc.Platform = platform.Kubernetes.With(doc.Platform, surveyed)
	return nil
}

func sameInputs(a, b []Variable) bool {
	return slices.EqualFunc(a, b, func(x, y Variable) bool {
		return x.Name == y.Name && x.Value != cty.NilVal && y.Value != cty.NilVal && x.Value.RawEquals(y.Value)
	})
}

// resolveDir gives the folder that an extends block names, as seen from the
// policy's own.
func resolveDir(from, to string) string {
	if strings.HasPrefix(to, presetPrefix) || path.IsAbs(to) {
		return to
	}
	return path.Join(from, to)
}

// maxDetail bounds a message, which may quote what an author wrote.
const maxDetail = 2000

func errorf(at *hcl.Range, summary, format string, args ...any) *hcl.Diagnostic {
	detail := fmt.Sprintf(format, args...)
	if len(detail) > maxDetail {
		detail = strings.ToValidUTF8(detail[:maxDetail], "") + "..."
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: at}
}
