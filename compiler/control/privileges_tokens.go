package control

import (
	"fmt"
	"strings"
)

// Tokens is the ID of the control in this file.
const Tokens ID = "privileges.tokens"

var tokens = &Control{
	ID:       Tokens,
	Title:    "Pods may request service account tokens only for the listed audiences",
	Reason:   "An attacker in the container can act as its service account until the pod ends.",
	Mappings: []string{"ATT&CK T1528", "ATT&CK T1552.007"},
	Order:    AllowSet, Type: Set, Scope: OfPod, Element: audienceElement, Loosest: only("*"),
	InManifest: true, Immutable: true,
	Advice:  "Whom does the program talk to? Without the API server, state automountServiceAccountToken: false; project tokens only for VALUE.",
	Fix:     Fix{Kind: FixSet, Value: "false", Field: "automountServiceAccountToken"},
	encode:  audiences,
	Example: Example{Good: withoutToken, Bad: otherToken},
}

// APIServerToken stands in privileges.tokens for what the API server itself takes:
// the token that every pod is given, and those that name no audience.
const APIServerToken = "@kubernetes-api"

// audienceElement is an audience of tokens, as TokenRequests name it.
var audienceElement = func() *Element {
	e := words("audience")
	e.Parse = func(key string) (string, error) {
		if strings.HasPrefix(key, "@") && key != APIServerToken {
			return "", fmt.Errorf("an audience is what a token is for, such as \"sts.amazonaws.com\"; %q is the API server's", APIServerToken)
		}
		return words("audience").Parse(key)
	}
	return e
}()

func withoutToken(Situation) (Patch, bool) {
	return inSpec(Patch{"automountServiceAccountToken": false}), true
}

// otherToken gives a pod a token that it may not have: the API server's, and one for
// somebody else.
func otherToken(s Situation) []Patch {
	out := elements(func(audience string) Patch {
		source := Patch{"serviceAccountToken": Patch{"audience": audience, "path": "token"}}
		return inSpec(Patch{"volumes": []any{Patch{"name": "token", "projected": Patch{"sources": []any{source}}}}})
	}, free("example")...)(s)
	if !s.Value.Has(APIServerToken) {
		out = append(out, inSpec(Patch{"automountServiceAccountToken": nil}))
	}
	return out
}
