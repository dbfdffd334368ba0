// Package object reads SeccompProfile objects of the Security Profiles Operator (security-profiles-operator.x-k8s.io/v1), and gives
// the profile of the OCI runtime specification that the operator makes of one on every node. It is written from the operator's
// version 1.0.0, and knows nothing of how Bulkhead writes objects.
package object

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const (
	// APIVersion is the one that is read. The operator serves it since 1.0.0.
	APIVersion = "security-profiles-operator.x-k8s.io/v1"
	// Kind is that of seccomp profiles.
	Kind = "SeccompProfile"

	// maxBytes is of a file. etcd takes 1.5 MiB of an object by default.
	maxBytes = 8 << 20
	// maxOCI is of what is made of all objects of a file.
	maxOCI = 4 * maxBytes
	// partialLabel marks a recording that is not complete, which the operator does not install.
	partialLabel = "spo.x-k8s.io/partial"
)

// Profile is a SeccompProfile that was read.
type Profile struct {
	Name string // of the object
	// OCI is what the operator writes to the node: a profile in JSON. Every value stands on the line that it has in the object, so that
	// positions in the one are positions in the other.
	OCI []byte
}

// Localhost is what a pod states as localhostProfile to have the profile: the operator keeps the files of objects, which are in no
// namespace, right below its folder, and adds .json to names that do not end in it.
func Localhost(name string) string {
	return "operator/" + strings.TrimSuffix(name, ".json") + ".json"
}

// Parse reads the objects of a file, in YAML or JSON; empty documents are none. It refuses what the API server refuses or drops, what the operator would not
// install, and an object that rests on another one (baseProfileName), as what it allows is not in it. An error names line, column and field.
func Parse(body []byte) ([]*Profile, error) {
	roots, err := documents(body)
	if err != nil {
		return nil, err
	}
	var profiles []*Profile
	size := 0
	for _, root := range roots {
		p, err := parse(root)
		if err != nil {
			return nil, err
		}
		if size += len(p.OCI); size > maxOCI { // each begins with the lines above it
			return nil, fail(root, "", "the file has too many objects; split it")
		}
		if slices.ContainsFunc(profiles, func(o *Profile) bool { return o.Name == p.Name }) {
			return nil, fail(root, "metadata.name", "%q is the name of another object of the file", p.Name)
		}
		profiles = append(profiles, p)
	}
	return profiles, nil
}

func parse(root *yaml.Node) (*Profile, error) {
	r := reader{line: 1, column: 1}
	p := &Profile{}
	err := r.fields(root, "", map[string]field{
		"apiVersion": r.constant(APIVersion),
		"kind":       r.constant(Kind),
		"metadata":   r.metadata(p),
		"spec":       r.spec,
		"status":     ignore, // written by the operator
	}, "apiVersion", "kind", "metadata", "spec")
	p.OCI = append(r.out.Bytes(), '\n')
	return p, err
}

// documents reads the nodes of the documents that are not empty.
func documents(body []byte) ([]*yaml.Node, error) {
	switch {
	case len(body) > maxBytes:
		return nil, fmt.Errorf("the file has %d bytes, the limit is %d", len(body), maxBytes)
	case !utf8.Valid(body):
		return nil, errors.New("the file is not UTF-8 text")
	}
	decoder := yaml.NewDecoder(bytes.NewReader(body))
	var roots []*yaml.Node
	for {
		var document yaml.Node
		switch err := decoder.Decode(&document); {
		case errors.Is(err, io.EOF) && len(roots) == 0:
			return nil, errors.New("the file is empty: it must have one SeccompProfile or more")
		case errors.Is(err, io.EOF):
			return roots, nil
		case err != nil:
			return nil, err
		}
		if root := document.Content[0]; root.ShortTag() != "!!null" {
			roots = append(roots, root)
		}
	}
}

// field reads the value of one field. The path is for messages.
type field func(n *yaml.Node, path string) error

// reader writes the OCI profile while it reads the object.
type reader struct {
	out          bytes.Buffer
	line, column int // where the next byte goes
	quiet        bool
}

// at moves on to where a value stands in the object, as far as what is written has not got beyond.
func (r *reader) at(n *yaml.Node) {
	for ; r.line < n.Line; r.line++ {
		r.out.WriteByte('\n')
		r.column = 1
	}
	if r.line == n.Line && r.column < n.Column {
		r.write(strings.Repeat(" ", n.Column-r.column))
	}
}

// write adds a part of one line.
func (r *reader) write(s string) {
	if !r.quiet {
		r.out.WriteString(s)
		r.column += len(s)
	}
}

func fail(n *yaml.Node, path, format string, args ...any) error {
	if path != "" {
		format = strings.ReplaceAll(path, "%", "%%") + ": " + format
	}
	return fmt.Errorf("line %d, column %d: "+format, append([]any{n.Line, n.Column}, args...)...)
}

func ignore(*yaml.Node, string) error { return nil }

// fields reads a mapping in which each field stands once, is known, and is there where it is required.
func (r *reader) fields(n *yaml.Node, path string, known map[string]field, required ...string) error {
	if n.Kind != yaml.MappingNode {
		return fail(n, path, "must be an object, is %s", kindOf(n))
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		read, ok := known[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode || !ok:
			return fail(key, at, "there is no such field")
		case seen[key.Value]:
			return fail(key, at, "stands twice")
		}
		seen[key.Value] = true
		if err := read(value, at); err != nil {
			return err
		}
	}
	for _, key := range required {
		if !seen[key] {
			return fail(n, strings.TrimPrefix(path+"."+key, "."), "is missing")
		}
	}
	return nil
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "an object"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias, which is not read"
	}
	return strings.TrimPrefix(n.ShortTag(), "!!")
}

func text(n *yaml.Node, path string) (string, error) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		return "", fail(n, path, "must be a string, is %s", kindOf(n))
	}
	return n.Value, nil
}

func (r *reader) constant(want string) field {
	return func(n *yaml.Node, path string) error {
		got, err := text(n, path)
		if err == nil && got != want {
			err = fail(n, path, "is %q; %q is read", got, want)
		}
		return err
	}
}

// subdomain is what the API server takes for the name of an object (RFC 1123).
var subdomain = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// metadata reads the name, and refuses what makes the operator pass over the object. All else means nothing to a profile.
func (r *reader) metadata(p *Profile) field {
	return func(n *yaml.Node, path string) error {
		if n.Kind != yaml.MappingNode {
			return fail(n, path, "must be an object, is %s", kindOf(n))
		}
		for i := 0; i < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			at := path + "." + key.Value
			switch key.Value {
			case "name":
				name, err := text(value, at)
				switch {
				case err != nil:
					return err
				case p.Name != "":
					return fail(key, at, "stands twice")
				case len(name) > 253 || !subdomain.MatchString(name):
					return fail(value, at, "%q is not the name of an object", name)
				}
				p.Name = name
			case "namespace":
				return fail(key, at, "profiles are objects of the cluster, in no namespace")
			case "labels":
				for j := 0; j+1 < len(value.Content); j += 2 {
					if value.Kind == yaml.MappingNode && value.Content[j].Value == partialLabel {
						return fail(value.Content[j], at, "the label %s marks a part of a recording, which the operator does not install", partialLabel)
					}
				}
			}
		}
		if p.Name == "" {
			return fail(n, path+".name", "is missing")
		}
		return nil
	}
}

// spec writes the profile. The operator's own fields are not of OCI, and runtimes pass over them.
func (r *reader) spec(n *yaml.Node, path string) error {
	return r.object(n, path, map[string]field{
		"architectures":    r.set,
		"baseProfileName":  r.base,
		"defaultAction":    r.text,
		"flags":            r.set,
		"listenerMetadata": r.text,
		"listenerPath":     r.text,
		"state":            r.state,
		"syscalls":         r.list(r.syscall),
	}, "defaultAction")
}

func (r *reader) base(n *yaml.Node, path string) error {
	name, err := text(n, path)
	if err == nil && name != "" {
		err = fail(n, path, "the calls of %q are added to this profile's, and are not in this object", name)
	}
	return err
}

func (r *reader) state(n *yaml.Node, path string) error {
	state, err := text(n, path)
	if err == nil && state != "Enabled" {
		err = fail(n, path, "is %q: the operator installs what is Enabled", state)
	}
	return err
}

func (r *reader) syscall(n *yaml.Node, path string) error {
	return r.object(n, path, map[string]field{
		"action":   r.text,
		"args":     r.list(r.argument),
		"errnoRet": r.number(1<<31 - 1),
		"names":    r.set,
	}, "action", "names")
}

func (r *reader) argument(n *yaml.Node, path string) error {
	return r.object(n, path, map[string]field{
		"index":    r.number(5),
		"op":       r.text,
		"value":    r.number(1<<63 - 1),
		"valueTwo": r.number(1<<63 - 1),
	}, "index", "op")
}

// dropped reports whether a field of an object is not in what the operator writes, or means nothing to a runtime: its own fields, and an
// errnoRet of 0, which leaves EPERM.
func dropped(name string, value *yaml.Node) bool {
	return name == "baseProfileName" || name == "state" || name == "errnoRet" && value.Value == "0"
}

// object reads a mapping and writes it as JSON.
func (r *reader) object(n *yaml.Node, path string, known map[string]field, required ...string) error {
	r.at(n)
	r.write("{")
	first := true
	members := map[string]field{}
	for name, read := range known {
		members[name] = func(value *yaml.Node, at string) error {
			if dropped(name, value) {
				r.quiet = true
				defer func() { r.quiet = false }()
				return read(value, at)
			}
			if !first {
				r.write(",")
			}
			first = false
			r.write(strconv.Quote(name) + ":")
			return read(value, at)
		}
	}
	err := r.fields(n, path, members, required...)
	r.write("}")
	return err
}

func (r *reader) list(element field) field {
	return func(n *yaml.Node, path string) error {
		if n.Kind != yaml.SequenceNode {
			return fail(n, path, "must be a list, is %s", kindOf(n))
		}
		r.at(n)
		r.write("[")
		for i, item := range n.Content {
			if i > 0 {
				r.write(",")
			}
			if err := element(item, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		r.write("]")
		return nil
	}
}

// set reads a list of strings in which the API server takes each once.
func (r *reader) set(n *yaml.Node, path string) error {
	seen := map[string]bool{}
	return r.list(func(item *yaml.Node, at string) error {
		if err := r.text(item, at); err != nil {
			return err
		}
		if seen[item.Value] {
			return fail(item, at, "%q stands twice", item.Value)
		}
		seen[item.Value] = true
		return nil
	})(n, path)
}

// plain is a string of which JSON and Go have the same opinion. No name of a system call, an action or a path of a socket is another.
var plain = regexp.MustCompile(`^[ !#-\[\]-~]*$`)

func (r *reader) text(n *yaml.Node, path string) error {
	s, err := text(n, path)
	if err != nil {
		return err
	}
	if !plain.MatchString(s) {
		return fail(n, path, "%q has characters that nothing here is named with", s)
	}
	r.at(n)
	r.write(`"` + s + `"`)
	return nil
}

// decimal is how numbers are read: what YAML has besides, its versions read differently.
var decimal = regexp.MustCompile(`^(0|[1-9][0-9]*)$`)

func (r *reader) number(most uint64) field {
	return func(n *yaml.Node, path string) error {
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!int" {
			return fail(n, path, "must be a number, is %s", kindOf(n))
		}
		value, err := strconv.ParseUint(n.Value, 10, 64)
		if err != nil || !decimal.MatchString(n.Value) || value > most {
			return fail(n, path, "%s is not a decimal number from 0 to %d", n.Value, most)
		}
		r.at(n)
		r.write(n.Value)
		return nil
	}
}
