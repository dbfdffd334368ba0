package control

import "github.com/hashicorp/hcl/v2"

// Detect is the ID of the control in this file.
const Detect ID = "monitoring.detect"

var detect = &Control{
	ID:       Detect,
	Title:    "Falco must report the events that the policy describes",
	Reason:   "Some behavior cannot be refused, only detected.",
	Mappings: []string{"ATT&CK T1059"},
	Order:    DenySet, Type: Blocks, Scope: OfContainer, Linux: true, LeastMode: Detects,
	Block: detectionBlock,
}

// Detection is a rule of the author's own in Falco's condition language.
type Detection struct {
	Priority       string // Falco's, in lower case
	Condition      string
	Description    string
	ConditionRange hcl.Range
	Range          hcl.Range
}

func (*Detection) body() {}

var detectionBlock = &BlockType{
	Schema: blockSchema(optional("priority"), required("condition"), optional("description")),
	Decode: decodeDetection,
	Within: sameDetection,
	Meet:   func(a, b Item) (Item, bool) { return a, sameDetection(a, b) },
}

func decodeDetection(r BlockReader, it *Item) bool {
	r.CheckName("detection")
	out := &Detection{Range: r.Range(), Priority: "warning"}
	if p, at, ok := r.Text("priority"); ok && r.OneOf(p, at, "priority", priorities) {
		out.Priority = p
	}
	out.Condition, out.ConditionRange, _ = r.Need("condition")
	if text, at, ok := r.Text("description"); ok && r.Sentence(text, at, "A description") {
		out.Description = text
	}
	it.Body = out
	return true
}

func sameDetection(x, y Item) bool {
	a, okA := x.Body.(*Detection)
	b, okB := y.Body.(*Detection)
	return okA && okB && a.Priority == b.Priority && a.Condition == b.Condition && a.Description == b.Description
}
