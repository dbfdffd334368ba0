package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format lays a policy file out in the one canonical way. A file that does not
// parse is left alone, with the reasons.
func Format(body []byte, name string) ([]byte, hcl.Diagnostics) {
	if _, diags := parseHCL(body, name); diags.HasErrors() {
		return nil, diags
	}
	return hclwrite.Format(body), nil
}
