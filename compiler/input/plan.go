package input

import (
	"fmt"

	tfjson "github.com/hashicorp/terraform-json"
)

// IsPlan reports a document that is what `terraform show -json` prints, of a plan or of a state.
func (d *Document) IsPlan() bool {
	if d.Root.Get("kind") != nil {
		return false
	}
	return d.Root.Get("planned_values") != nil || d.Root.Get("resource_changes") != nil ||
		d.Root.Get("format_version") != nil && d.Root.Get("terraform_version") != nil
}

// ReadPlan reads the JSON form of a Terraform plan, of a format version that terraform-json knows. Its limits are those
// of a document. It is an error to give it anything else.
func ReadPlan(file string, data []byte, limits Limits) (*tfjson.Plan, error) {
	docs, err := Read(file, data, limits)
	if err != nil {
		return nil, err
	}
	d := docs[0]
	switch {
	case len(docs) != 1 || !d.IsPlan():
		return nil, &Error{File: file, Problem: "not a Terraform plan; give the output of `terraform show -json PLAN`"}
	case d.Root.Get("planned_values") == nil && d.Root.Get("resource_changes") == nil:
		return nil, &Error{File: file, Problem: "a Terraform state, not a plan; give the output of `terraform show -json PLAN`"}
	}
	var plan tfjson.Plan
	if err := plan.UnmarshalJSON(data); err != nil {
		line, column, _ := d.Position("format_version")
		return nil, &Error{File: file, Line: line, Column: column, Problem: fmt.Sprintf("the plan cannot be read: %v", err)}
	}
	return &plan, nil
}
