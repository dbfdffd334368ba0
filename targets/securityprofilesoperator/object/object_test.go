package object_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bulkhead-policy/bulkhead/targets/securityprofilesoperator/object"
)

const head = `apiVersion: security-profiles-operator.x-k8s.io/v1
kind: SeccompProfile
metadata:
  name: web
`

const whole = head + `  annotations: {who: us}
spec:
  state: Enabled
  baseProfileName: ""
  defaultAction: SCMP_ACT_ERRNO
  architectures: [SCMP_ARCH_X86_64]
  flags:
  - SECCOMP_FILTER_FLAG_LOG
  listenerPath: /var/run/security-profiles-operator/agent.sock
  syscalls:
  # reads
  - names: ["read", 'pread64']
    action: SCMP_ACT_ALLOW
  - action: SCMP_ACT_ERRNO
    names: [ptrace]
    errnoRet: 0
  - action: SCMP_ACT_ERRNO
    errnoRet: 38
    names:
    - clone
    args:
    - {index: 0, value: 9223372036854775807, valueTwo: 2, op: SCMP_CMP_MASKED_EQ}
status:
  path: /var/lib/kubelet/seccomp/operator/web.json
`

// The lines are those of the object.
const wholeOCI = `{
"defaultAction": "SCMP_ACT_ERRNO",
"architectures":["SCMP_ARCH_X86_64"],"flags":
["SECCOMP_FILTER_FLAG_LOG"],
"listenerPath":"/var/run/security-profiles-operator/agent.sock","syscalls":

[{"names":["read","pread64"],
"action":"SCMP_ACT_ALLOW"},
{"action":"SCMP_ACT_ERRNO",
"names":["ptrace"]},

{"action":"SCMP_ACT_ERRNO",
"errnoRet":38,"names":
["clone"],"args":

[{"index":0,"value":9223372036854775807,"valueTwo":2,"op":"SCMP_CMP_MASKED_EQ"}]}]}
`

// only reads a file of one object.
func only(t *testing.T, body string) *object.Profile {
	t.Helper()
	profiles, err := object.Parse([]byte(body))
	if err != nil || len(profiles) != 1 {
		t.Fatalf("%d objects, %v", len(profiles), err)
	}
	return profiles[0]
}

// TestParseTakesSeveral reads a file of several objects, whose profiles stand on the lines of the file, and passes over documents that are empty.
func TestParseTakesSeveral(t *testing.T) {
	second := strings.ReplaceAll(whole, "name: web", "name: second")
	profiles, err := object.Parse([]byte("# objects\n---\n" + whole + "---\n# nothing\n---\n" + second + "---\n"))
	if err != nil || len(profiles) != 2 || profiles[0].Name != "web" || profiles[1].Name != "second" {
		t.Fatalf("%+v, %v", profiles, err)
	}
	want := "\n\n" + string(only(t, whole).OCI)
	if string(profiles[0].OCI) != want {
		t.Errorf("the first is\n%s\nwant\n%s", profiles[0].OCI, want)
	}
	want = strings.Repeat("\n", 2+strings.Count(whole, "\n")+3) + string(only(t, whole).OCI)
	if string(profiles[1].OCI) != want {
		t.Errorf("the second is\n%s\nwant\n%s", profiles[1].OCI, want)
	}
}

func TestParse(t *testing.T) {
	p := only(t, whole)
	if p.Name != "web" || object.Localhost(p.Name) != "operator/web.json" || object.Localhost("web.json") != "operator/web.json" {
		t.Errorf("%q is %s", p.Name, object.Localhost(p.Name))
	}
	var got, want any
	if err := json.Unmarshal(p.OCI, &got); err != nil {
		t.Fatalf("%v\n%s", err, p.OCI)
	}
	if err := json.Unmarshal([]byte(wholeOCI), &want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	lines, oci := strings.Split(whole, "\n"), strings.Split(string(p.OCI), "\n")
	for i, line := range lines[:len(oci)-1] {
		for _, word := range []string{"SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW", "pread64", "38", "SCMP_CMP_MASKED_EQ"} {
			if strings.Contains(line, word) != strings.Contains(oci[i], word) {
				t.Errorf("line %d is %q, and %q in what is made of it", i+1, line, oci[i])
			}
		}
	}
}

func TestParseTakesJSON(t *testing.T) {
	p := only(t, `{"apiVersion":"security-profiles-operator.x-k8s.io/v1","kind":"SeccompProfile","metadata":{"name":"web"},"spec":{"defaultAction":"SCMP_ACT_ALLOW"}}`)
	if got := strings.TrimSpace(string(p.OCI)); got != `{"defaultAction":"SCMP_ACT_ALLOW"}` {
		t.Errorf("%s", got)
	}
}

func TestParseRefuses(t *testing.T) {
	spec := func(lines string) string { return head + "spec:\n  defaultAction: SCMP_ACT_ERRNO\n" + lines }
	rule := func(lines string) string { return spec("  syscalls:\n  - action: SCMP_ACT_ALLOW\n" + lines) }
	for name, test := range map[string]struct{ body, want string }{
		"nothing":                {"", "the file is empty"},
		"a comment":              {"# nothing\n", "the file is empty"},
		"no text":                {"\xff", "not UTF-8"},
		"no YAML":                {"a: [", "did not find"},
		"a list":                 {"- a\n", "line 1, column 1: must be an object, is a list"},
		"much":                   {strings.Repeat("#", 8<<20+1), "the limit is"},
		"one name twice":         {whole + "---\n" + whole, `metadata.name: "web" is the name of another object of the file`},
		"one of another kind":    {whole + "---\nkind: Pod\napiVersion: v1\n", `kind: is "Pod"`},
		"a second without YAML":  {whole + "---\na: [", "did not find"},
		"an older version":       {strings.Replace(whole, "/v1", "/v1beta1", 1), `line 1, column 13: apiVersion: is "security-profiles-operator.x-k8s.io/v1beta1"`},
		"AppArmor":               {strings.Replace(whole, "SeccompProfile", "AppArmorProfile", 1), `line 2, column 7: kind: is "AppArmorProfile"`},
		"no kind":                {strings.Replace(whole, "kind: SeccompProfile\n", "", 1), "kind: is missing"},
		"no name":                {strings.Replace(whole, "  name: web\n", "", 1), "metadata.name: is missing"},
		"no object's name":       {strings.Replace(whole, "name: web", "name: a.-.b", 1), `"a.-.b" is not the name of an object`},
		"a namespace":            {strings.Replace(whole, "name: web", "name: web\n  namespace: shop", 1), "line 5, column 3: metadata.namespace"},
		"a part of a recording":  {strings.Replace(whole, "name: web", "name: web\n  labels: {spo.x-k8s.io/partial: \"true\"}", 1), "does not install"},
		"disabled":               {strings.Replace(whole, "Enabled", "Disabled", 1), `line 7, column 10: spec.state: is "Disabled"`},
		"a base":                 {strings.Replace(whole, `""`, "runc", 1), `line 8, column 20: spec.baseProfileName: the calls of "runc"`},
		"no default":             {head + "spec: {}\n", "line 5, column 7: spec.defaultAction: is missing"},
		"no specification":       {head, "spec: is missing"},
		"an unknown field":       {spec("  defaultErrnoRet: 38\n"), "line 7, column 3: spec.defaultErrnoRet: there is no such field"},
		"an unknown rule field":  {rule("    names: [read]\n    comment: x\n"), "line 10, column 5: spec.syscalls[0].comment: there is no such field"},
		"a field twice":          {spec("  defaultAction: SCMP_ACT_ALLOW\n"), "line 7, column 3: spec.defaultAction: stands twice"},
		"a name twice":           {rule("    names: [read, read]\n"), `spec.syscalls[0].names[1]: "read" stands twice`},
		"no names":               {rule(""), "spec.syscalls[0].names: is missing"},
		"a name for a list":      {rule("    names: read\n"), "line 9, column 12: spec.syscalls[0].names: must be a list, is str"},
		"a number for a name":    {rule("    names: [1]\n"), "must be a string, is int"},
		"a text for a number":    {rule("    names: [read]\n    errnoRet: \"38\"\n"), "must be a number, is str"},
		"a negative number":      {rule("    names: [read]\n    errnoRet: -1\n"), "is not a decimal number from 0 to 2147483647"},
		"a hexadecimal number":   {rule("    names: [read]\n    errnoRet: 0x10\n"), "is not a decimal number"},
		"a value of 64 bits":     {rule("    names: [read]\n    args: [{index: 0, op: SCMP_CMP_EQ, value: 18446744073709551615}]\n"), "is not a decimal number from 0 to 9223372036854775807"},
		"an argument too many":   {rule("    names: [read]\n    args: [{index: 6, op: SCMP_CMP_EQ}]\n"), "from 0 to 5"},
		"an argument without op": {rule("    names: [read]\n    args: [{index: 0}]\n"), "spec.syscalls[0].args[0].op: is missing"},
		"an alias":               {rule("    names: &n [read]\n  - action: SCMP_ACT_ALLOW\n    names: *n\n"), "must be a list, is an alias"},
		"a merge":                {spec("  <<: {state: Enabled}\n"), "spec.<<: there is no such field"},
		"quotes":                 {rule("    names: ['a\"b']\n"), "has characters"},
		"deep":                   {strings.Repeat("[", 20000), ""},
	} {
		if _, err := object.Parse([]byte(test.body)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// TestParseLimitsWhatItMakes holds that many objects far down a file, each of which would begin with the lines above it, are an error.
func TestParseLimitsWhatItMakes(t *testing.T) {
	body := strings.Repeat("\n", 7<<20)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		body += "---\n" + strings.Replace(whole, "name: web", "name: "+name, 1)
	}
	if _, err := object.Parse([]byte(body)); err == nil || !strings.Contains(err.Error(), "the file has too many objects; split it") {
		t.Errorf("%v", err)
	}
}

// FuzzParse holds the reader to giving JSON, of about the size of the object and within its lines, or an error.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(head + "spec: {defaultAction: SCMP_ACT_ALLOW, syscalls: [{names: [\n\n\nread], action: SCMP_ACT_LOG}]}"))
	f.Add([]byte(head + "spec:\n  defaultAction: |-\n    SCMP_ACT_ALLOW\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		profiles, err := object.Parse(body)
		if err != nil {
			return
		}
		for _, p := range profiles {
			if !json.Valid(p.OCI) {
				t.Fatalf("no JSON: %q of %q", p.OCI, body)
			}
			if len(p.OCI) > 4*len(body)+64 || strings.Count(string(p.OCI), "\n") > strings.Count(string(body), "\n")+1 {
				t.Fatalf("%d bytes of %d: %q of %q", len(p.OCI), len(body), p.OCI, body)
			}
		}
	})
}
