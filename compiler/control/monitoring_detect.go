package control

// Detect is the ID of the control in this file.
const Detect ID = "monitoring.detect"

var detect = &Control{
	ID:       Detect,
	Title:    "Detections of the author's own",
	Reason:   "Some behaviour cannot be refused, only noticed.",
	Mappings: []string{"ATT&CK T1059"},
	Order:    DenySet, Type: Blocks, Scope: OfContainer, Linux: true, LeastMode: Detects,
}
