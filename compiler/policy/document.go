package policy

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/platform"
)

// Document is one policy as it is written, every expression evaluated and
// nothing decided yet. Settings hold only what is stated.
type Document struct {
	Source
	Owner      string
	Range      hcl.Range
	Namespaces []control.Item
	Delegate   []control.Item // what extending policies may make exceptions from: controls, blocks, or "*"
	Ignorable  []control.Item // what comments in manifests may ignore: controls or blocks
	Parents    []Parent
	Platform   platform.Facts
	Values     Settings
	Ceilings   Settings
	Workloads  []*WorkloadBlock
	Containers []*ContainerBlock // in every pod
	Flows      []*FlowBlock
	Exceptions []*Exception
	// Broken are controls with statements that could not be read. What they come
	// to cannot be told, so nothing is said of them beyond that.
	Broken map[control.ID]bool
}

// Parent is an extended policy.
type Parent struct {
	Document *Document
	Range    hcl.Range // the extends block
}

// WorkloadBlock is a workload as it is written.
type WorkloadBlock struct {
	Name       string
	Match      map[string]string
	OS         string
	Ports      map[string]control.Port // by name; nil where it states none
	Range      hcl.Range
	Settings   Settings
	Containers []*ContainerBlock
}

// ContainerBlock is a container as it is written.
type ContainerBlock struct {
	Name     string
	Range    hcl.Range
	Settings Settings
}

// FlowBlock is a flow as it is written: its workloads by name.
type FlowBlock struct {
	Name     string
	Range    hcl.Range
	From, To []EndRef
	Ports    []control.Port
}

// EndRef names one end of a flow.
type EndRef struct {
	Workload string // "" with a peer
	Peer     *Peer
	Range    hcl.Range
}

// delegates reports whether extending policies may loosen a control.
func (d *Document) delegates(id control.ID) bool {
	return slices.ContainsFunc(d.Delegate, func(it control.Item) bool {
		return it.Key == "*" || it.Covers(id)
	})
}

// holdsNothing reports whether the policy is there only to be extended.
func (d *Document) holdsNothing() bool { return len(d.Namespaces) == 0 && len(d.Workloads) == 0 }

// complete adds to each block of settings those that its statements set beside (control.Control.Sets). Doing it again
// changes nothing.
func (d *Document) complete() {
	d.Values.complete()
	d.Ceilings.complete()
	containers := slices.Clone(d.Containers)
	for _, w := range d.Workloads {
		w.Settings.complete()
		containers = append(containers, w.Containers...)
	}
	for _, c := range containers {
		c.Settings.complete()
	}
	for _, e := range d.Exceptions {
		e.Allow.complete()
	}
}

func (s Settings) complete() {
	for _, c := range control.Controls() {
		setting, stated := s[c.ID]
		if !stated {
			continue
		}
		for _, id := range c.Sets {
			if own, ok := s[id]; !ok || own.Via == c.ID {
				setting.Via = c.ID
				s[id] = setting
			}
		}
	}
}
