package lang

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
)

func workloadSchema() *hcl.BodySchema {
	return controlBlocks(attributes("os", "ports"), "match", "container name")
}

func containerSchema() *hcl.BodySchema { return controlBlocks(nil) }

func (d *decoder) workload(in instance) *policy.WorkloadBlock {
	s := in.full(d)
	w := &policy.WorkloadBlock{Name: in.label, OS: "linux", Range: in.block.DefRange}
	d.name(in.label, in.at, "workload")
	if os, at, ok := d.text(in.body, "os", s); ok && d.oneOf(os, at, "os", []string{"linux", "windows"}) {
		w.OS = os
	}
	w.Ports = d.ports(in.body, s)
	clean := d.watch()
	match, ok := d.singletons(in.body.Blocks.OfType("match"))["match"]
	if ok {
		body := d.content(match.Body, &hcl.BodySchema{Attributes: attributes("labels!")})
		w.Match = d.labels(body, "labels", s)
	}
	if !clean() {
		w.Match = nil
	} else if len(w.Match) == 0 {
		d.error(in.block.DefRange, "Workload without labels", "The workload %q does not say which pods it is: match { labels = { app = %q } }.", in.label, in.label)
	}
	w.Settings = d.settings(in.body.Blocks, s, inWorkload)
	for _, c := range d.uniquely("container", in.body.Blocks, s, containerSchema()) {
		w.Containers = append(w.Containers, d.container(c, false))
	}
	d.windows(w)
	return w
}

// ports reads what the names of a workload's ports mean.
func (d *decoder) ports(body *hcl.BodyContent, s *scope) map[string]control.Port {
	attr, ok := body.Attributes["ports"]
	if !ok {
		return nil
	}
	elements, ok := d.object(attr.Expr, s, "ports")
	if !ok {
		return nil
	}
	out := map[string]control.Port{}
	for _, e := range elements {
		text, ok := d.asText(e.value, e.at, "The port of a name")
		if !ok {
			continue
		}
		name, err := control.ParsePort(e.key.AsString())
		if err != nil || name.Name == "" || name.Name == anyPort {
			d.error(e.at, "Not the name of a port", "A container names its ports with up to 15 lower-case letters, digits and '-', at least one of them a letter; %q is no such name, or has a meaning of its own.", e.key.AsString())
			continue
		}
		port, err := control.ParsePort(text)
		if err != nil || port.Name != "" || port.From != port.To {
			d.error(e.at, "Not a port", "The name %q stands for one port, such as \"tcp/5432\"; %q is none.", name.Name, text)
			continue
		}
		out[name.Name] = port
	}
	return out
}

// windows refuses what a Windows workload states and Windows does not have.
func (d *decoder) windows(w *policy.WorkloadBlock) {
	if w.OS != "windows" {
		return
	}
	stated := []policy.Settings{w.Settings}
	for _, c := range w.Containers {
		stated = append(stated, c.Settings)
	}
	for _, settings := range stated {
		for id, s := range settings {
			if c, _ := control.Lookup(id); c.Linux {
				d.error(s.Range, "Control unknown to Windows", "%s means nothing to a Windows container, and %q is one. Take it out of the workload; what the policy states of it does not hold there either.", id, w.Name)
			}
		}
	}
}

// container decodes a container block. One at the top speaks of a container in
// every pod, and a name alone proves nothing: it has to say whose image it is.
func (d *decoder) container(in instance, top bool) *policy.ContainerBlock {
	d.name(in.label, in.at, "container")
	clean := d.watch()
	c := &policy.ContainerBlock{Name: in.label, Range: in.block.DefRange, Settings: d.settings(in.body.Blocks, in.scope, inContainer)}
	if _, ok := c.Settings[control.Registries]; top && !ok && clean() {
		d.error(in.block.DefRange, "Container without registries", "The container %q holds in every pod, so anyone could use its name. State where its image comes from: image { registries = [...] }.", in.label)
	}
	return c
}

func exceptionSchema() *hcl.BodySchema {
	return &hcl.BodySchema{
		Attributes: attributes("workload", "images", "warn", "unheld", "owner!", "reason!", "ticket!", "expires!"), Blocks: blocks("allow"),
	}
}

func (d *decoder) exception(in instance) *policy.Exception {
	s := in.full(d)
	e := &policy.Exception{Name: in.label, Range: in.block.DefRange, Policy: d.doc.Name}
	d.title(in.label, in.at, "an exception")
	if attr, ok := in.body.Attributes["workload"]; ok {
		if r, ok := d.reference(attr.Expr, s, "workload"); ok {
			e.Workload = r.name
		}
	}
	kinds := 0
	if allow, ok := d.singletons(in.body.Blocks)["allow"]; ok {
		kinds++
		e.Kind = policy.ExceptionAllow
		clean := d.watch()
		e.Allow = d.settings(d.controls(allow.Body), s, inException)
		if len(e.Allow) == 0 && clean() {
			d.error(allow.DefRange, "Exception allows nothing", "State in allow what the workload may ask for: allow { capabilities { add = [...] } }.")
		}
	}
	for _, kind := range []policy.ExceptionKind{policy.ExceptionWarn, policy.ExceptionUnheld} {
		name := map[policy.ExceptionKind]string{policy.ExceptionWarn: "warn", policy.ExceptionUnheld: "unheld"}[kind]
		if attr, ok := in.body.Attributes[name]; ok {
			kinds++
			e.Kind = kind
			clean := d.watch()
			if e.Controls = d.controlNames(in.body, name, s, false); len(e.Controls) == 0 && clean() {
				d.error(attr.Range, "Exception names nothing", "State in %s which controls are meant: %s = [\"filesystem.read_only_root\"].", name, name)
			}
		}
	}
	if kinds != 1 {
		d.error(in.block.DefRange, "One kind of exception wanted", "An exception says exactly one of allow { ... }, warn = [...] and unheld = [...]; this one says %d of them.", kinds)
	}
	e.Images = d.images(in.body, e, s)
	e.Owner, e.Reason, e.Ticket = d.line(in.body, "owner", s), d.line(in.body, "reason", s), d.line(in.body, "ticket", s)
	if day, at, ok := d.need(in.body, "expires", s); ok {
		if _, err := time.Parse("2006-01-02", day); err != nil {
			d.error(at, "Not a day", "expires is the last day on which the exception holds, in UTC: \"2027-01-31\"; %q is not a day.", day)
		}
		e.Expires = day
	}
	return e
}

// images decodes whose images an exception is about. What only warns can be told
// of single images, since what is allowed is told by labels and names.
func (d *decoder) images(body *hcl.BodyContent, e *policy.Exception, s *scope) []control.Item {
	attr, ok := body.Attributes["images"]
	if !ok {
		return nil
	}
	clean := d.watch()
	var out []control.Item
	registries, _ := control.Lookup(control.Registries) // whose patterns these are
	for _, it := range d.texts(body, "images", s) {
		key, err := registries.Element.Parse(it.Key)
		if err != nil {
			d.error(it.Range, "Not an image", "images: %v.", err)
			continue
		}
		it.Key = key
		out = append(out, it)
	}
	switch {
	case !clean():
	case len(out) == 0:
		d.error(attr.Range, "No images", "Without an image the exception would be about nothing. Leave the attribute out for whatever image runs.")
	case e.Kind != policy.ExceptionWarn:
		d.error(attr.Range, "Images of another exception", "images goes with warn. allow raises the ceiling of what a workload states, and unheld accepts what no layer holds; both are told by the labels and names of pods, which layers that never see an image act upon too.")
	default:
		d.ofContainers(e)
	}
	return out
}

// ofContainers demands that an exception for images names controls that are
// judged where images are seen, of single containers.
func (d *decoder) ofContainers(e *policy.Exception) {
	for _, it := range e.Controls {
		for _, c := range control.Controls() {
			if !it.Covers(c.ID) || c.ShowsImage() {
				continue
			}
			why := fmt.Sprintf("of the %s, and a pod has containers of several images", c.Scope)
			if c.Scope == control.OfContainer {
				why = "held by a layer that sees no images"
			}
			d.error(it.Range, "Not of an image", "%s is %s. Name controls of containers that a manifest shows, or make the exception for a workload.", c.ID, why)
			break
		}
	}
}

// line reads a sentence that has to be there.
func (d *decoder) line(body *hcl.BodyContent, name string, s *scope) string {
	text, at, ok := d.need(body, name, s)
	if ok {
		d.sentence(text, at, name)
	}
	return text
}
