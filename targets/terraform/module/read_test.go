package module_test

import (
	"context"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/hcltext"
	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

func read(t testing.TB, text string) (*module.Module, error) {
	t.Helper()
	return module.Read([]module.File{{Path: "main.tf", Body: []byte(text)}})
}

func TestRead(t *testing.T) {
	m, err := read(t, `
variable "resources" {
  type = any
  validation {
    condition     = length(var.resources) > 0
    error_message = "empty"
  }
}
resource "terraform_data" "controls" {
  lifecycle {
    precondition {
      condition     = true
      error_message = "first"
    }
    precondition {
      condition     = false
      error_message = "second: ${length(var.resources)}"
    }
  }
}
check "soft" {
  assert {
    condition     = var.resources[0].bad != true
    error_message = "soft"
  }
}
output "n" {
  value = 1
  precondition {
    condition     = can(var.resources[0].bad)
    error_message = "third"
  }
}
`)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Unread) > 0 {
		t.Errorf("unread: %v", m.Unread)
	}
	bad := cty.TupleVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"bad": cty.True})})
	results, err := m.Evaluate(context.Background(), module.Inputs{"resources": bad})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"validation var.resources 0 main.tf:4 holds ",
		"precondition terraform_data.controls 0 main.tf:11 holds ",
		"precondition terraform_data.controls 1 main.tf:15 fails second: 1",
		"check check.soft 0 main.tf:22 fails soft",
		"precondition output.n 0 main.tf:29 holds ",
	}
	for i, r := range results {
		got := strings.Join([]string{r.Kind.String(), r.Address, string(rune('0' + r.Index)), r.Place(), r.Outcome.String(), r.Message}, " ")
		if got != want[i] {
			t.Errorf("got  %q\nwant %q", got, want[i])
		}
	}
	if results[3].Kind.Stops() || !results[4].Kind.Stops() {
		t.Error("a check warns, a precondition stops")
	}
}

// What is not modelled is kept with its place, whatever else the module says.
func TestUnread(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"module call", "module \"m\" {\n}\n", `main.tf:1: a "module" block is not modelled`},
		{"data", "\ndata \"x\" \"y\" {\n}\n", `main.tf:2: a "data" block is not modelled`},
		{"other resource", "resource \"null_resource\" \"x\" {\n}\n", `main.tf:1: a "resource" block is not modelled`},
		{"repeated resource", "resource \"terraform_data\" \"x\" {\n  count = 0\n}\n", `main.tf:2: the argument "count" is not modelled here`},
		{"postcondition", "resource \"terraform_data\" \"x\" {\n  lifecycle {\n    postcondition {\n    }\n  }\n}\n", `main.tf:3: a "postcondition" block is not modelled here`},
		{"provisioner", "resource \"terraform_data\" \"x\" {\n  provisioner \"local-exec\" {\n  }\n}\n", `main.tf:2: a "provisioner" block is not modelled here`},
		{"backend", "terraform {\n  backend \"s3\" {\n  }\n}\n", `main.tf:2: a "backend" block is not modelled here`},
		{"function", "locals {\n  a = file(\"x\")\n}\n", `main.tf:2: the function "file" is not modelled`},
		{"clock", "locals {\n  a = timestamp()\n}\n", `main.tf:2: the function "timestamp" is not modelled`},
		{"resource reference", "locals {\n  a = terraform_data.x.id\n}\n", `main.tf:2: a reference to "terraform_data" is not modelled; only local and var are`},
		{"whole object", "locals {\n  a = keys(var)\n}\n", `main.tf:2: a reference to the whole of "var" is not modelled`},
		{"typed variable", "variable \"x\" {\n  type = list(string)\n}\n", "main.tf:2: a type that converts what is given is not modelled; only any is"},
		{"data in a check", "check \"x\" {\n  data \"http\" \"y\" {\n  }\n}\n", `main.tf:2: a "data" block is not modelled here`},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := read(t, test.text)
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Unread) != 1 {
				t.Fatalf("got %v", m.Unread)
			}
			if got := hcltext.At(m.Unread[0].Range) + ": " + m.Unread[0].Reason; got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	m, err := module.Read([]module.File{{Path: "a.tf"}, {Path: "b.tf.json"}, {Path: "a_override.tf"}, {Path: "tests/x.tftest.hcl", Body: []byte("]")}})
	if err != nil || len(m.Unread) != 2 {
		t.Errorf("got %v, %v", m, err)
	}
}

func TestReadErrors(t *testing.T) {
	deep := strings.Repeat("[", module.MaxNesting+1)
	for _, test := range []struct{ name, text, want string }{
		{"syntax", "locals {", "main.tf:1"},
		{"attribute at the top", "\na = 1\n", "main.tf:2: an attribute outside of any block"},
		{"twice", "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n", "main.tf:5: local.a is stated twice"},
		{"variable twice", "variable \"a\" {\n}\nvariable \"a\" {\n}\n", `main.tf:3: variable "a" is stated twice`},
		{"no such local", "locals {\n  a = local.b\n}\n", "main.tf:2: there is no local.b"},
		{"no such variable", "locals {\n  a = var.b\n}\n", `main.tf:2: there is no variable "b"`},
		{"circle", "locals {\n  a = local.b\n  b = [local.a]\n}\n", "refers to itself"},
		{"no condition", "check \"x\" {\n  assert {\n    error_message = \"\"\n  }\n}\n", "main.tf:2: a assert without condition"},
		{"deep", "locals {\n  a = " + deep, "main.tf:2: nested deeper than 100 brackets"},
		{"long", "locals {\n  a = 1" + strings.Repeat(" + 1", module.MaxChain+1) + "\n}\n", "main.tf:2: an expression of more than 2000 operators"},
		{"many signs", "locals {\n  a = " + strings.Repeat("!", 1e6) + "true\n}\n", "main.tf:2: an expression of more than 2000 operators"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(t, test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) && !strings.Contains(err.Error(), strings.Replace(test.want, ":", ":1,", 1)) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
	if _, err := module.Read(nil); err == nil {
		t.Error("a module without files was read")
	}
	if _, err := module.Read([]module.File{{Path: "a.tf", Body: make([]byte, module.MaxModuleBytes+1)}}); err == nil {
		t.Error("a module over the limit was read")
	}
}

// A module that asks for endless work gets an error instead.
func TestBudget(t *testing.T) {
	loops := "locals {\n  a0 = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
	for i := 1; i < 12; i++ {
		loops += strings.NewReplacer("N", string(rune('a'+i)), "P", string(rune('a'+i-1))).Replace("  N0 = [for x in local.a0 : local.P0]\n")
	}
	doubling := "locals {\n  a0 = \"" + strings.Repeat("x", 1000) + "\"\n"
	for i := 1; i < 25; i++ {
		doubling += strings.NewReplacer("N", string(rune('a'+i)), "P", string(rune('a'+i-1))).Replace("  N0 = \"${local.P0}${local.P0}${local.P0}${local.P0}\"\n")
	}
	for name, text := range map[string]string{
		"flatten": loops + "}\ncheck \"x\" {\n  assert {\n    condition     = length(flatten(local.l0)) > 0\n    error_message = \"\"\n  }\n}\n",
		"hidden":  loops + "}\ncheck \"x\" {\n  assert {\n    condition     = try(length(flatten(local.l0)) < 0, true)\n    error_message = \"\"\n  }\n}\n",
		"text":    doubling + "}\ncheck \"x\" {\n  assert {\n    condition     = length(local.y0) > 0\n    error_message = \"\"\n  }\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			m, err := read(t, text)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Evaluate(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "steps") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A condition that cannot be evaluated is undecided, and says why.
func TestUndecided(t *testing.T) {
	for _, test := range []struct{ condition, want string }{
		{"var.u", "known only after apply"},
		{"null", "the condition is null"},
		{"[1]", "the condition is not true or false"},
		{"var.missing", `the condition cannot be evaluated: main.tf:4: Missing variable: Nothing is known to give the variable "missing".`},
		{"[][0]", "the condition cannot be evaluated: main.tf:8: Invalid index: "},
	} {
		m, err := read(t, "variable \"u\" {\n}\n\nvariable \"missing\" {\n}\ncheck \"x\" {\n  assert {\n    condition = "+test.condition+"\n    error_message = \"\"\n  }\n}\n")
		if err != nil {
			t.Fatal(err)
		}
		results, err := m.Evaluate(context.Background(), module.Inputs{"u": cty.UnknownVal(cty.Bool)})
		if err != nil {
			t.Fatal(err)
		}
		if r := results[0]; r.Outcome != module.Undecided || !strings.HasPrefix(r.Message, test.want) {
			t.Errorf("%s: got %v %q, want %q", test.condition, r.Outcome, r.Message, test.want)
		}
	}
}
