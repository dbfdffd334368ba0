package apparmor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/apparmor/profile"
)

// Kinds are the attempts that a profile decides.
func (Target) Kinds() []attempt.Kind {
	return []attempt.Kind{attempt.KindFile, attempt.KindCapability, attempt.KindSocket, attempt.KindMount,
		attempt.KindPtrace, attempt.KindSignal, attempt.KindUnix, attempt.KindUserns, attempt.KindIOUring, attempt.KindMqueue}
}

// Load reads profiles. An error names the file, the line and the column.
func (Target) Load(environment target.Environment, artifacts []target.Artifact) (target.Judge, error) {
	var j judge
	for _, a := range artifacts {
		file, err := profile.ParseIn(environment.Includes, a.Path, a.Body)
		if err != nil {
			return nil, err
		}
		for _, p := range file.Profiles {
			j.profiles = append(j.profiles, loaded{a.Path, p})
		}
	}
	if len(j.profiles) == 0 {
		return nil, fmt.Errorf("there is no AppArmor profile to judge by")
	}
	return j, nil
}

// judge answers by profiles that were loaded together.
type judge struct{ profiles []loaded }

type loaded struct {
	artifact string
	profile  *profile.Profile
}

// question is one thing to ask of a profile. An attempt may take several: each letter of an access, and both sides of
// a signal within one profile. All must be allowed.
type question struct {
	subject string // of what is denied because nothing allows it
	ask     func(*profile.Profile) profile.Decision
}

// Judge asks every profile, each nested one left out, since a process gets there only by a rule of its own. Where the
// profiles disagree the attempt is undecided: nothing says which of them the process has.
func (j judge) Judge(_ context.Context, a attempt.Attempt) (target.Verdict, error) {
	questions, err := ask(a)
	if err != nil {
		return target.Verdict{}, err
	}
	if questions == nil {
		return target.Verdict{Outcome: target.Inapplicable}, nil
	}
	verdicts := make([]target.Verdict, len(j.profiles))
	for i, l := range j.profiles {
		verdicts[i] = l.judge(questions)
	}
	all := verdicts[0]
	for _, v := range verdicts[1:] {
		if v.Outcome != all.Outcome {
			all.Outcome = target.Undecided
		}
		all.Findings = append(all.Findings, v.Findings...)
	}
	return all, nil
}

// judge puts the answers together: one denial denies, else one that is undecided leaves the whole so.
func (l loaded) judge(questions []question) target.Verdict {
	byOutcome := map[profile.Outcome][]target.Finding{}
	for _, q := range questions {
		d := q.ask(l.profile)
		byOutcome[d.Outcome] = append(byOutcome[d.Outcome], l.findings(q, d)...)
	}
	for _, o := range []struct {
		from profile.Outcome
		to   target.Outcome
	}{{profile.Deny, target.Deny}, {profile.Undecided, target.Undecided}, {profile.Allow, target.Allow}} {
		if findings, ok := byOutcome[o.from]; ok {
			return target.Verdict{Outcome: o.to, Findings: findings}
		}
	}
	return target.Verdict{Outcome: target.Undecided}
}

func (l loaded) findings(q question, d profile.Decision) []target.Finding {
	if len(d.Places) == 0 {
		return []target.Finding{{Artifact: l.artifact, Message: d.Reason}}
	}
	findings := make([]target.Finding, len(d.Places))
	for i, at := range d.Places {
		findings[i] = target.Finding{Artifact: l.artifact, Location: place(at.Line), Message: d.Reason + ": " + at.Text}
		if d.Absent {
			findings[i].Subject = q.subject
		}
	}
	return findings
}

// ask gives the questions that an attempt comes to; none if it is of another layer.
func ask(a attempt.Attempt) ([]question, error) {
	switch a := a.(type) {
	case attempt.File:
		return askFile(a), nil
	case attempt.Capability:
		name := strings.ToLower(a.Name)
		return []question{{subjectCapability + a.Name, func(p *profile.Profile) profile.Decision { return p.Capability(name) }}}, nil
	case attempt.Socket:
		kind := a.Type
		if kind == "" {
			kind = "stream"
		}
		return []question{{subjectNetwork, func(p *profile.Profile) profile.Decision { return p.Network(a.Family, kind) }}}, nil
	case attempt.Mount:
		return askMount(a)
	case attempt.Unix:
		return askUnix(a), nil
	case attempt.Userns:
		return []question{{subjectUserns, (*profile.Profile).Userns}}, nil
	case attempt.IOUring:
		return []question{{subjectIOUring, func(p *profile.Profile) profile.Decision { return p.IOUring(a.Access, peerOr(a.Peer, p)) }}}, nil
	case attempt.Mqueue:
		return askMqueue(a), nil
	case attempt.Ptrace:
		return askPtrace(a), nil
	case attempt.Signal:
		return askSignal(a), nil
	}
	return nil, nil
}

// askMqueue asks for the queue, and for the file that kernels see in it.
func askMqueue(a attempt.Mqueue) []question {
	questions := []question{{subjectMqueue, func(p *profile.Profile) profile.Decision { return p.Mqueue(a.Access, a.Name, peerOr(a.Peer, p)) }}}
	file := func(p *profile.Profile) profile.Decision {
		d, _ := p.QueueFile(a.Access, a.Name)
		return d
	}
	switch a.Access {
	case "create", "write":
		return append(questions, question{subjectFile + "write", file})
	case "open", "read":
		return append(questions, question{subjectFile + "read", file})
	}
	return questions
}

// accessNames are the accesses as subjects name them. To append takes what to write takes.
var accessNames = map[rune]string{'r': "read", 'w': "write", 'a': "write", 'x': "execute", 'm': "map", 'k': "lock", 'l': "link"}

func askFile(a attempt.File) []question {
	if a.Target != "" {
		return []question{{subjectFile + "link", func(p *profile.Profile) profile.Decision { return p.Link(a.Path, a.Target, a.Owner) }}}
	}
	var questions []question
	for _, letter := range a.Access {
		questions = append(questions, question{subjectFile + accessNames[letter], func(p *profile.Profile) profile.Decision {
			return p.File(a.Path, string(letter), a.Owner)
		}})
	}
	return questions
}

func askMount(a attempt.Mount) ([]question, error) {
	q := question{subject: subjectMount}
	switch a.Operation {
	case "", "mount":
		q.ask = func(p *profile.Profile) profile.Decision { return p.Mount(mountRequest(a)) }
	case "remount":
		request := mountRequest(a)
		if !slices.Contains(request.Options, "remount") {
			request.Options = append(slices.Clone(request.Options), "remount")
		}
		q.ask = func(p *profile.Profile) profile.Decision { return p.Mount(request) }
	case "umount":
		q.ask = func(p *profile.Profile) profile.Decision { return p.Umount(a.Target) }
	case "pivot_root":
		q.ask = func(p *profile.Profile) profile.Decision { return p.PivotRoot(a.Target, a.Source) }
	default:
		return nil, fmt.Errorf("%q is no change to the mount tree: mount, remount, umount or pivot_root", a.Operation)
	}
	return []question{q}, nil
}

func mountRequest(a attempt.Mount) profile.MountRequest {
	return profile.MountRequest{Source: a.Source, Target: a.Target, FSType: a.FSType, Options: a.Options}
}

// otherSide is what the other process does or suffers.
var otherSide = map[string]string{"trace": "tracedby", "tracedby": "trace", "read": "readby", "readby": "read",
	"send": "receive", "receive": "send"}

// sides gives the accesses to ask for: the process's own, and the peer's where the peer has the same profile.
func sides(access, peer, own string) []string {
	if peer != "" && peer != own {
		return []string{access}
	}
	return []string{access, otherSide[access]}
}

// peerOr gives the peer, or the profile's own name where none is given.
func peerOr(peer string, p *profile.Profile) string {
	if peer == "" {
		return p.Name
	}
	return peer
}

func askUnix(a attempt.Unix) []question {
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	return []question{{subjectNetwork, func(p *profile.Profile) profile.Decision {
		return p.Unix(profile.UnixRequest{Access: a.Access, Type: or(a.Type, "stream"), Address: or(a.Address, "none"),
			PeerAddress: or(a.PeerAddress, "none"), PeerLabel: peerOr(a.Peer, p)})
	}}}
}

func askPtrace(a attempt.Ptrace) []question {
	return []question{{subjectPtrace, func(p *profile.Profile) profile.Decision {
		return bothSides(p, a.Access, a.Peer, p.Ptrace)
	}}}
}

func askSignal(a attempt.Signal) []question {
	return []question{{subjectSignal, func(p *profile.Profile) profile.Decision {
		return bothSides(p, a.Access, a.Peer, func(access, peer string) profile.Decision {
			return p.Signal(access, a.Signal, peer)
		})
	}}}
}

// bothSides asks for one side, or for both where the peer has the same profile, and gives the stricter answer.
func bothSides(p *profile.Profile, access, peer string, ask func(access, peer string) profile.Decision) profile.Decision {
	peer = peerOr(peer, p)
	worst := profile.Decision{}
	for _, side := range sides(access, peer, p.Name) {
		worst = stricter(worst, ask(side, peer))
	}
	return worst
}

// stricter prefers a denial to what is undecided, and that to what is allowed.
func stricter(a, b profile.Decision) profile.Decision {
	rank := map[profile.Outcome]int{profile.Allow: 1, profile.Undecided: 2, profile.Deny: 3}
	if rank[b.Outcome] > rank[a.Outcome] {
		return b
	}
	return a
}
