package module

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
)

// Read reads a module. Its configuration is the .tf files of its folder; files
// for `terraform test` below tests/ are no part of what a caller gets and are
// passed over. An error names file and line: what is not HCL, is too large, or
// contradicts itself (a local stated twice, locals in a circle). A construct
// that is not modelled is no error, but Unread.
func Read(files []File) (*Module, error) {
	m := &Module{variables: map[string]*variable{}, locals: map[string]*expression{}}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	size, read, folder := 0, 0, ""
	for _, f := range files {
		if strings.HasSuffix(f.Path, ".tftest.hcl") {
			continue
		}
		if size += len(f.Body); size > MaxModuleBytes {
			return nil, fmt.Errorf("%s: the module is larger than %d bytes", f.Path, MaxModuleBytes)
		}
		if folder == "" {
			folder = path.Dir(f.Path)
		}
		if path.Dir(f.Path) != folder || path.Ext(f.Path) != ".tf" || strings.HasSuffix(f.Path, "override.tf") {
			m.Unread = append(m.Unread, Unread{hcl.Range{Filename: f.Path, Start: hcl.InitialPos}, "a file that is not modelled: only .tf files of one folder, and no overrides"})
			continue
		}
		if err := m.readFile(f); err != nil {
			return nil, err
		}
		read++
	}
	if read == 0 {
		return nil, fmt.Errorf("a module without a .tf file")
	}
	if err := m.checkReferences(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Module) readFile(f File) error {
	if err := checkComplexity(f.Path, f.Body); err != nil {
		return err
	}
	file, diags := hclsyntax.ParseConfig(f.Body, f.Path, hcl.InitialPos)
	if diags.HasErrors() {
		return diags
	}
	body := file.Body.(*hclsyntax.Body)
	for _, attr := range sorted(body.Attributes) {
		return fmt.Errorf("%s: an attribute outside of any block", hcltext.At(attr.SrcRange))
	}
	for _, block := range body.Blocks {
		if err := m.readBlock(block); err != nil {
			return err
		}
	}
	return nil
}

// readBlock reads a block at the top of a file.
func (m *Module) readBlock(b *hclsyntax.Block) error {
	switch {
	case b.Type == "terraform" && len(b.Labels) == 0:
		m.onlyIn(b.Body, []string{"required_version"}, nil)
	case b.Type == "locals" && len(b.Labels) == 0:
		return m.readLocals(b)
	case b.Type == "variable" && len(b.Labels) == 1:
		return m.readVariable(b)
	case b.Type == "output" && len(b.Labels) == 1:
		m.onlyIn(b.Body, []string{"value", "description", "sensitive", "depends_on"}, []string{"precondition"})
		return m.readConditions(KindPrecondition, "output."+b.Labels[0], b.Body, "precondition")
	case b.Type == "check" && len(b.Labels) == 1:
		m.onlyIn(b.Body, nil, []string{"assert"})
		return m.readConditions(KindCheck, "check."+b.Labels[0], b.Body, "assert")
	case b.Type == "resource" && len(b.Labels) == 2 && b.Labels[0] == "terraform_data":
		return m.readResource(b)
	default:
		m.unread(b.DefRange(), "a %q block is not modelled", b.Type)
	}
	return nil
}

func (m *Module) readLocals(b *hclsyntax.Block) error {
	m.onlyBlocks(b.Body, nil)
	for _, attr := range sorted(b.Body.Attributes) {
		if _, ok := m.locals[attr.Name]; ok {
			return fmt.Errorf("%s: local.%s is stated twice", hcltext.At(attr.NameRange), attr.Name)
		}
		e, err := m.newExpression(attr.Expr)
		if err != nil {
			return err
		}
		m.locals[attr.Name] = e
	}
	return nil
}

// readVariable reads an input variable. Its type is not enforced, except that
// only `any` is modelled where no default is given: a stated type converts.
func (m *Module) readVariable(b *hclsyntax.Block) error {
	m.onlyIn(b.Body, []string{"description", "type", "default", "nullable", "sensitive"}, []string{"validation"})
	name := b.Labels[0]
	if _, ok := m.variables[name]; ok {
		return fmt.Errorf("%s: variable %q is stated twice", hcltext.At(b.DefRange()), name)
	}
	v := &variable{rng: b.DefRange()}
	if attr := b.Body.Attributes["default"]; attr != nil {
		e, err := m.newExpression(attr.Expr)
		if err != nil {
			return err
		}
		v.def = e
	}
	if attr := b.Body.Attributes["type"]; attr != nil && hcl.ExprAsKeyword(attr.Expr) != "any" {
		m.unread(attr.SrcRange, "a type that converts what is given is not modelled; only any is")
	}
	m.variables[name] = v
	return m.readConditions(KindValidation, "var."+name, b.Body, "validation")
}

func (m *Module) readResource(b *hclsyntax.Block) error {
	m.onlyIn(b.Body, nil, []string{"lifecycle"})
	for _, inner := range b.Body.Blocks {
		if inner.Type != "lifecycle" {
			continue
		}
		m.onlyIn(inner.Body, nil, []string{"precondition"})
		if err := m.readConditions(KindPrecondition, "terraform_data."+b.Labels[1], inner.Body, "precondition"); err != nil {
			return err
		}
	}
	return nil
}

// readConditions reads the blocks of one name in a body, each with a condition
// and a message.
func (m *Module) readConditions(kind Kind, address string, body *hclsyntax.Body, name string) error {
	index := 0
	for _, b := range body.Blocks {
		if b.Type != name {
			continue
		}
		m.onlyIn(b.Body, []string{"condition", "error_message"}, nil)
		c := &Condition{Kind: kind, Address: address, Index: index, Range: b.DefRange()}
		for _, part := range []struct {
			name string
			to   **expression
		}{{"condition", &c.condition}, {"error_message", &c.message}} {
			attr := b.Body.Attributes[part.name]
			if attr == nil {
				return fmt.Errorf("%s: a %s without %s", c.Place(), name, part.name)
			}
			e, err := m.newExpression(attr.Expr)
			if err != nil {
				return err
			}
			*part.to = e
		}
		m.Conditions = append(m.Conditions, c)
		index++
	}
	return nil
}

// onlyIn records what a body holds besides the named attributes and blocks.
func (m *Module) onlyIn(body *hclsyntax.Body, attributes, blocks []string) {
	for _, attr := range sorted(body.Attributes) {
		if !slices.Contains(attributes, attr.Name) {
			m.unread(attr.NameRange, "the argument %q is not modelled here", attr.Name)
		}
	}
	m.onlyBlocks(body, blocks)
}

// onlyBlocks records the blocks that a body holds besides the named ones.
func (m *Module) onlyBlocks(body *hclsyntax.Body, blocks []string) {
	for _, b := range body.Blocks {
		if !slices.Contains(blocks, b.Type) || len(b.Labels) > 0 {
			m.unread(b.DefRange(), "a %q block is not modelled here", b.Type)
		}
	}
}

func (m *Module) unread(r hcl.Range, format string, args ...any) {
	m.Unread = append(m.Unread, Unread{r, fmt.Sprintf(format, args...)})
}

// sorted returns attributes in the order of the file: a map has none.
func sorted(attributes hclsyntax.Attributes) []*hclsyntax.Attribute {
	var all []*hclsyntax.Attribute
	for _, a := range attributes {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *hclsyntax.Attribute) int { return a.SrcRange.Start.Byte - b.SrcRange.Start.Byte })
	return all
}

// checkComplexity refuses bytes on which the parser, which recurses, would run out of stack.
func checkComplexity(path string, body []byte) error {
	switch at, excess := (hcltext.Limits{Nesting: MaxNesting, Operators: MaxChain}).Exceeds(body, path); excess {
	case hcltext.TooDeep:
		return fmt.Errorf("%s: nested deeper than %d brackets", hcltext.At(at), MaxNesting)
	case hcltext.TooManyOperators:
		return fmt.Errorf("%s: an expression of more than %d operators", hcltext.At(at), MaxChain)
	}
	return nil
}
