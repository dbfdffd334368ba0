package report

import (
	"bufio"
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/check"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
)

func init() { formats["sarif"] = sarif }

// The parts of SARIF 2.1.0 (OASIS) that GitHub's code scanning reads. Fields are
// in the order of the standard.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
		ColumnKind  string            `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"semanticVersion"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string           `json:"id"`
		ShortDescription sarifText        `json:"shortDescription"`
		FullDescription  sarifText        `json:"fullDescription"`
		Default          sarifDefault     `json:"defaultConfiguration"`
		HelpURI          string           `json:"helpUri,omitempty"`
		Help             sarifText        `json:"help"`
		Properties       *sarifProperties `json:"properties,omitempty"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifProperties struct {
		Tags []string `json:"tags"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool                `json:"executionSuccessful"`
		Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID              string             `json:"ruleId"`
		RuleIndex           int                `json:"ruleIndex"`
		Level               string             `json:"level"`
		Message             sarifText          `json:"message"`
		Locations           []sarifLocation    `json:"locations"`
		RelatedLocations    []sarifLocation    `json:"relatedLocations,omitempty"`
		PartialFingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int        `json:"startLine"`
		StartColumn int        `json:"startColumn,omitempty"`
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
)

// homepage is where people read about Bulkhead.
const homepage = "https://github.com/bulkhead-policy/bulkhead"

// sarif prints what GitHub's code scanning reads.
func sarif(w *bufio.Writer, r Result) error {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "bulkhead", Version: Version, InformationURI: homepage, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{invocation(r)}, Results: []sarifResult{}, ColumnKind: "unicodeCodePoints",
	}
	index, fingerprint := map[string]int{}, unique()
	for _, f := range r.all() {
		id := f.rule()
		if _, ok := index[id]; !ok {
			index[id] = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(f))
		}
		result := sarifResult{
			RuleID: id, RuleIndex: index[id], Level: f.Severity, Message: sarifText{Text: linkless(f.Message)},
			Locations:           []sarifLocation{{Physical: physical(Position{f.File, max(f.Line, 1)}, f.Column, f.Source)}}, // GitHub wants a line
			PartialFingerprints: map[string]string{"primaryLocationLineHash": fingerprint(f)},                                // the one that GitHub reads
		}
		if at := f.Related; at.File != "" && !strings.HasPrefix(at.File, "bulkhead:") {
			result.Message.Text += " ([the policy says so](1))" // GitHub shows related locations that a message leads to
			result.RelatedLocations = []sarifLocation{{ID: 1, Physical: physical(at, 0, ""), Message: &sarifText{Text: "The policy says so here."}}}
		}
		if f.Suppressed != nil {
			kind := "external"
			if f.Suppressed.By == check.ByComment {
				kind = "inSource"
			}
			result.Suppressions = []sarifSuppression{{kind, "accepted", f.suppression()}}
		}
		run.Results = append(run.Results, result)
	}
	return encode(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

// linkless takes the form of a link off names in a text: a manifest must not lead
// its reviewers anywhere (SARIF 2.1.0, 3.11.6).
func linkless(s string) string { return strings.ReplaceAll(s, "](", "] (") }

// sarifRuleOf explains the rule of a finding: a control as the catalogue does.
func sarifRuleOf(f Finding) sarifRule {
	if f.Lint {
		return sarifRule{ID: f.Rule, ShortDescription: sarifText{Text: f.Summary}, FullDescription: sarifText{Text: f.Summary + "."},
			Default: sarifDefault{f.Severity}, Help: sarifText{Text: "The finding says what to do."}}
	}
	id := f.rule()
	ref, _ := control.ParseRef(id)
	c, ok := control.Lookup(ref.ID)
	if !ok {
		const title = "What the policy's artifacts cannot decide"
		return sarifRule{ID: id, ShortDescription: sarifText{Text: title}, FullDescription: sarifText{Text: title + ". It counts as refused."},
			Default: sarifDefault{Error}, Help: sarifText{Text: "State the field in question plainly; what cannot be read is not allowed."}}
	}
	help := sarifText{
		Text:     c.Reason + "\nbulkhead explain " + string(c.ID) + " tells what the policy says of it, and where.",
		Markdown: c.Reason + "\n\n`bulkhead explain " + string(c.ID) + "` tells what the policy says of it, and where.\n",
	}
	for _, m := range c.Mappings {
		help.Markdown += "\n- " + m
	}
	return sarifRule{ID: id, ShortDescription: sarifText{Text: c.Title}, FullDescription: sarifText{Text: c.Reason},
		Default: sarifDefault{Error}, HelpURI: homepage + "/blob/v" + Version + "/docs/controls.md#" + anchor(c.ID), Help: help,
		Properties: &sarifProperties{Tags: append([]string{"security", "containers"}, c.Mappings...)}}
}

// anchor is what GitHub calls the heading of a control in the reference.
func anchor(id control.ID) string { return strings.ReplaceAll(string(id), ".", "") }

func physical(at Position, column int, source string) sarifPhysical {
	uri := url.URL{Path: filepath.ToSlash(at.File)}
	if filepath.IsAbs(at.File) {
		uri.Scheme = "file" // without it, the path would be one below the repository
	}
	out := sarifPhysical{Artifact: sarifArtifact{uri.String()}}
	if at.Line > 0 {
		out.Region = &sarifRegion{StartLine: at.Line, StartColumn: column}
		if source != "" {
			out.Region.Snippet = &sarifText{Text: source}
		}
	}
	return out
}

// invocation tells what was skipped and what could not be used.
func invocation(r Result) sarifInvocation {
	out := sarifInvocation{ExecutionSuccessful: len(r.Problems) == 0}
	for _, err := range r.Problems {
		n := sarifNotification{Level: "error", Message: sarifText{Text: linkless(err.Error())}}
		var known *input.Error
		if errors.As(err, &known) {
			n.Locations = []sarifLocation{{Physical: physical(Position{known.File, known.Line}, known.Column, "")}}
		}
		out.Notifications = append(out.Notifications, n)
	}
	for _, s := range r.Skipped {
		out.Notifications = append(out.Notifications, sarifNotification{
			Level: "note", Message: sarifText{Text: linkless("skipped: " + s.Reason)}, Locations: []sarifLocation{{Physical: physical(Position{s.File, s.Line}, 0, "")}},
		})
	}
	return out
}
