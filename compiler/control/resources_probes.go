package control

// Probes is the ID of the control in this file.
const Probes ID = "resources.probes"

var probes = &Control{
	ID:       Probes,
	Title:    "Long-running containers must have the listed probes",
	Reason:   "Without probes, a process that hangs keeps running and keeps receiving requests.",
	Mappings: []string{"ATT&CK T1499"},
	Order:    DenySet, Type: Set, Scope: OfContainer, Element: oneOf("probe", "", ProbeNames...),
	InManifest: true, Immutable: true,
	Advice:  "How does the program tell that it works? Give the container each of these probes: VALUE.",
	encode:  inSet,
	Example: Example{Good: probed, Bad: notProbed},
}

// ProbeNames are the probes of a container, as resources.probes lists them; in a
// manifest the name is followed by "Probe".
var ProbeNames = []string{"liveness", "readiness", "startup"}

func probed(s Situation) (Patch, bool) {
	probes := Patch{}
	for _, name := range s.Value.Keys() {
		probes[name+"Probe"] = Patch{"tcpSocket": Patch{"port": 80}}
	}
	return inContainer(probes), true
}

func notProbed(s Situation) (out []Patch) {
	for _, name := range s.Value.Keys() {
		out = append(out, inContainer(Patch{name + "Probe": nil}))
	}
	return out
}
