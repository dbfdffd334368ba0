package input

// IsPlan reports a document that is what `terraform show -json` prints, of a plan or of a state.
func (d *Document) IsPlan() bool {
	if d.Root.Get("kind") != nil {
		return false
	}
	return d.Root.Get("planned_values") != nil || d.Root.Get("resource_changes") != nil ||
		d.Root.Get("format_version") != nil && d.Root.Get("terraform_version") != nil
}
