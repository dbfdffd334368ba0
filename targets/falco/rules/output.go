package rules

import (
	"fmt"
	"strings"
)

// checkOutput holds the fields that an output names ("%proc.name") to the table.
// Transformers and widths in an output are left to Falco.
func checkOutput(text string) error {
	for i := strings.IndexByte(text, '%'); i >= 0; i = strings.IndexByte(text, '%') {
		text = text[i+1:]
		p := parser{scanner: newScanner(strings.TrimPrefix(text, "*"))}
		if name, ok := p.fieldName(); ok {
			if name == "container.info" { // Falco 0.41 and later put nothing there
				continue
			}
			o, err := p.field(Pos{}, strings.TrimRight(name, "."))
			if err != nil {
				return fmt.Errorf("invalid formatting token '%%%s': %v", name, err)
			}
			if _, err := resolveField(o.(*Field)); err != nil {
				return fmt.Errorf("invalid formatting token '%%%s': %v", name, err)
			}
			continue
		}
		if _, ok := p.identifier(); ok && strings.HasPrefix(p.rest(), "(") || strings.HasPrefix(text, "[") {
			continue
		}
		return fmt.Errorf("'%%' in the output is not followed by a field")
	}
	return nil
}
