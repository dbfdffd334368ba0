package terraform

// What tests try of the inside.
var (
	Quote   = quote
	Comment = comment
)
