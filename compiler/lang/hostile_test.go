package lang_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bulkhead-policy/bulkhead/compiler/lang"
)

const hostileHeader = "policy \"p\" { version = \"1.0.0\" }\n"

// TestHostile gives what exhausts a reader without limits: each has to end with
// an error, in memory and time that a test run does not notice.
func TestHostile(t *testing.T) {
	rep := strings.Repeat
	local := func(expr string) string { return "locals {\n  a = " + expr + "\n}\n" }
	chain := func(n int, first, format string) string {
		var out strings.Builder
		fmt.Fprintf(&out, "locals {\n  a0 = %s\n", first)
		for i := 1; i <= n; i++ {
			fmt.Fprintf(&out, "  a%d = %s\n", i, strings.ReplaceAll(format, "X", fmt.Sprintf("local.a%d", i-1)))
		}
		return out.String() + "}\n"
	}
	reversed := func(n int) string { // the first needs all others
		out := ""
		for i := range n {
			out += fmt.Sprintf("  a%05d = local.a%05d\n", i, i+1)
		}
		return fmt.Sprintf("locals {\n%s  a%05d = 1\n}\n", out, n)
	}
	big := chain(11, `["x", "y"]`, "concat(X, X)") // 4096 elements
	tests := map[string]string{
		"brackets":             local(rep("[", 100_000)),
		"closed brackets":      local(rep("[", 100_000) + rep("]", 100_000)),
		"parentheses":          local(rep("(", 100_000) + "1" + rep(")", 100_000)),
		"blocks":               rep("a {\n", 100_000),
		"objects":              local(rep("{a=", 100_000)),
		"nots":                 local(rep("!", 400_000) + "true"),
		"minuses":              local(rep("-", 400_000) + "1"),
		"named minuses":        local(rep("-a ", 200_000)),
		"questions":            local(rep("true ? 1 : ", 100_000) + "2"),
		"sums":                 local("1" + rep("+1", 200_000)),
		"sums on lines":        local("(1\n" + rep("+1\n", 100_000) + ")"),
		"ands":                 local("true" + rep("&&true", 200_000)),
		"indices":              local("b" + rep("[0]", 150_000)),
		"splats":               local("b" + rep("[*]", 150_000)),
		"templates":            local(rep(`"${`, 100_000)),
		"template ifs":         local(`"` + rep("%{if true}", 50_000) + `"`),
		"template fors":        local(`"` + rep("%{for a in b}", 50_000) + `"`),
		"heredocs":             local(rep("<<A\n${", 50_000)),
		"calls":                local(rep("abs(", 100_000)),
		"fors":                 local(rep("[for a in ", 50_000)),
		"many tokens":          local("[" + rep("1,", 2_000_000) + "]"),
		"many attributes":      "locals {\n" + rep("a = 1\n", 300_000) + "}\n",
		"lists that double":    chain(40, `["x"]`, "concat(X, X)"),
		"tuples that double":   chain(40, `["x"]`, "[X, X]"),
		"objects that double":  chain(40, `{ x = 1 }`, "{ a = X, b = X }"),
		"texts that double":    chain(40, `"x"`, `"${X}${X}"`),
		"joins that double":    chain(40, `"x"`, `join(X, [X, X, X])`),
		"replaces that double": chain(40, `"xx"`, `replace(X, "x", X)`),
		"products":             chain(40, "10", "X * X"),
		"nested values":        chain(900, "[]", "[X]"),
		"long chain":           reversed(5_000),
		"cube of fors":         big + "locals {\n  a = [for a in local.a11 : [for b in local.a11 : [for c in local.a11 : 1]]]\n}\n",
		"silent fors":          big + "locals {\n  a = [for a in local.a11 : a if length([for b in local.a11 : b if length([for c in local.a11 : c]) < 0]) > 0]\n}\n",
		"fors over texts":      big + "locals {\n  t = join(\"\", local.a11)\n  a = [for a in local.a11 : \"${local.t}${local.t}\"]\n}\n",
		"comparisons":          big + "locals {\n  a = [for a in local.a11 : [for b in local.a11 : local.a11 == local.a10]]\n}\n",
		"template loops":       big + "locals {\n  a = \"%{for a in local.a11}%{for b in local.a11}%{for c in local.a11}x%{endfor}%{endfor}%{endfor}\"\n}\n",
		"distinct":             chain(15, `[for i in range(30) : "x${i}"]`, "concat(X, X)") + "locals {\n  a = distinct(local.a15)\n}\n",
		"wide formats":         local(`format("%999999999d", 1)`),
		"wide lists":           local(`formatlist("%99999s", ["a", "b"])`),
		"precise formats":      local(`format("%.999999999f", 1.5)`),
		"ranges":               local("range(0, 1000000000)"),
		"deep JSON":            local(`jsondecode(join("", [for i in range(20) : join("", [for j in range(1000) : "["])]))`),
		"regular expressions":  local(`regex("` + rep("(a{0,900}){0,900}", 10) + `", "a")`),
		"long numbers":         local("tostring(1e99999999)"),
		"numbers in templates": local(`"${1e99999999} x"`),
		"numbers as keys":      local(`{ (1e99999999) = 1 }`),
		"numbers as users":     "privileges { users = [1e999999999] }\n",
		"numbers as arguments": "seccomp {\n  rule \"x\" {\n    syscalls = [\"clone\"]\n    arg {\n      index = 1e999999999\n      eq    = 1e999999999\n    }\n  }\n}\n",
		"numbers in tests":     "test \"x\" {\n  event {\n    fields = { \"evt.num\" = 1e999999999 }\n    expect = \"silent\"\n  }\n}\n",
		"amounts":              "resources { memory = \"1e999999999999\" }\n",
		"versions":             "updates {\n  kernel { min = \"" + rep("9", 100_000) + "\" }\n}\n",
		"for_each":             big + "workload \"w\" {\n  for_each = toset([for a in range(1000) : \"a${a}\"])\n  match { labels = { a = each.key } }\n  container \"c\" {\n    for_each = toset([for a in range(1000) : \"a${a}\"])\n  }\n}\n",
		"types":                "variable \"v\" { type = " + rep("list(", 100_000) + "string" + rep(")", 100_000) + " }\n",
		"deep types":           "variable \"v\" { type = " + rep("list(", 200) + "nothing" + rep(")", 200) + " }\n",
		"escapes":              local(`"`+rep(`\u0000`, 100_000)+`"`) + "image { registries = [local.a] }\n",
		"long paths":           "filesystem { write = [\"/" + rep("*a", 100_000) + "\"] }\n",
		"garbage":              rep("\x7f \\ ` ' ; & | ~ ", 5_000),
		"quotes":               rep("\"", 100_001),
		"comments":             rep("/*", 100_000),
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, diags := lang.Load(".", options(fstest.MapFS{"policy.hcl": {Data: []byte(hostileHeader + body)}}))
			if !diags.HasErrors() {
				t.Fatal("no error")
			}
			if len(diags) > 200 {
				t.Errorf("%d diagnostics", len(diags))
			}
			for _, d := range diags {
				if len(d.Detail) > 4000 {
					t.Errorf("a detail of %d bytes: %s...", len(d.Detail), d.Detail[:200])
				}
			}
		})
	}
}

// TestLarge holds that limits leave room for what is large and honest.
func TestLarge(t *testing.T) {
	program, diags := lang.Load(".", options(fstest.MapFS{"policy.hcl": {Data: manyWorkloads(1000)}}))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if n := len(program.Policy.Workloads); n != 1000 {
		t.Errorf("%d workloads", n)
	}
}

func manyWorkloads(n int) []byte {
	var out bytes.Buffer
	out.WriteString("policy \"p\" {\n  version = \"1.0.0\"\n  namespaces = [\"shop\"]\n}\nlocals {\n  registry = \"registry.example.com\"\n}\n")
	for i := range n {
		fmt.Fprintf(&out, `workload "w%[1]d" {
  match { labels = { app = "w%[1]d" } }
  image { registries = ["${local.registry}/w%[1]d"] }
  capabilities { add = ["NET_BIND_SERVICE"] }
  container "init" {
    filesystem { write = ["/var/w%[1]d/**"] }
  }
}
flow "f%[1]d" {
  from  = workload.w%[1]d
  to    = workload.w%[2]d
  ports = ["tcp/443"]
}
`, i, (i+1)%n)
	}
	return out.Bytes()
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			opts := options(fstest.MapFS{"policy.hcl": {Data: manyWorkloads(n)}})
			b.ReportAllocs()
			for b.Loop() {
				if _, diags := lang.Load(".", opts); diags.HasErrors() {
					b.Fatal(diags)
				}
			}
		})
	}
}
