package terraform_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/bulkhead-policy/bulkhead/compiler/target"
	"github.com/bulkhead-policy/bulkhead/targets/terraform/module"
)

// conditionLocal finds what a condition of a control is made of.
var conditionLocal = regexp.MustCompile(`for list in local\.(\w+) :`)

// withOutputs writes a module without its conditions and with what they are
// made of as outputs: a precondition that fails would end the plan, and so say
// nothing of the others. It gives the outputs in the order of the conditions;
// "" is one that is not of a control.
func withOutputs(t *testing.T, artifacts []target.Artifact, dir string) (files map[string]string, names []string) {
	t.Helper()
	files = map[string]string{}
	for _, a := range artifacts {
		if strings.HasSuffix(a.Path, ".tftest.hcl") {
			continue
		}
		file, diags := hclsyntax.ParseConfig(a.Body, a.Path, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		text := ""
		for _, b := range file.Body.(*hclsyntax.Body).Blocks {
			conditions := slices.Clone(b.Body.Blocks)
			for _, inner := range b.Body.Blocks {
				conditions = append(conditions, inner.Body.Blocks...)
			}
			for _, c := range conditions {
				attr := c.Body.Attributes["condition"]
				if attr == nil {
					continue
				}
				name := ""
				if m := conditionLocal.FindSubmatch(attr.Expr.Range().SliceBytes(a.Body)); m != nil {
					name = string(m[1])
					text += fmt.Sprintf("output %q {\n  value = local.%s\n}\n", name, name)
				}
				names = append(names, name)
			}
			if b.Type == "variable" || b.Type == "locals" {
				text += string(hcl.RangeBetween(b.Range(), b.CloseBraceRange).SliceBytes(a.Body)) + "\n"
			}
		}
		files[dir+"/"+filepath.Base(a.Path)] = text
	}
	return files, names
}

// tried is a pod that model and Terraform must agree on.
type tried struct {
	name, config string
	lists        int // of containers, that its form has
}

// pool is every pod of the tests, and the good ones with each value in turn
// known only after apply; the typed ones first, as the module orders them.
func pool(t *testing.T) []tried {
	t.Helper()
	var all []tried
	for _, form := range []string{"typed", "manifest"} {
		lists := map[string]int{"typed": 2, "manifest": 3}[form]
		for _, e := range changes {
			if r, ok := e.forms(t)[form]; ok {
				all = append(all, tried{e.name + "/" + form, config(t, form, r.values), lists})
			}
		}
		for _, leaf := range leaves(t, pods()[form].values) {
			switch last := leaf[strings.LastIndex(leaf, ".")+1:]; last {
			case "annotations", "supplemental_groups":
				continue // is no single value: Terraform sees by its type that U does not do
			case "kind", "apiVersion":
				continue // would hide all other pods; the tests of package module try that
			}
			all = append(all, tried{"unknown " + leaf + "/" + form, config(t, form, unknownAt(t, pods()[form].values, leaf)), lists})
		}
	}
	return all
}

// TestConditionsAgainstTerraform evaluates the conditions of the emitted module
// over every pod of the tests, known and with unknown values, and compares with
// what the real Terraform makes of them in one plan.
func TestConditionsAgainstTerraform(t *testing.T) {
	terraformBinary(t)
	artifacts := emit(t, resolve(t, document(strict())))
	files, names := withOutputs(t, artifacts, "policy")
	all := pool(t)
	root, list := "resource \"terraform_data\" \"u\" {}\n", ""
	for i := range all {
		root += fmt.Sprintf("resource \"terraform_data\" \"r%d\" {\n  input = %s\n}\n", i, all[i].config)
		list += fmt.Sprintf("terraform_data.r%d.input, ", i)
	}
	files["main.tf"] = root + "module \"policy\" {\n  source = \"./policy\"\n  resources = [" + list + "]\n}\noutput \"found\" {\n  value = module.policy\n}\n"
	data := planFiles(t, files)
	var theirs struct {
		OutputChanges struct {
			Found struct {
				After        map[string][]any `json:"after"`
				AfterUnknown map[string]any   `json:"after_unknown"`
			} `json:"found"`
		} `json:"output_changes"`
	}
	if err := json.Unmarshal(data, &theirs); err != nil {
		t.Fatal(err)
	}
	values := inputsOf(t, data)
	m := read(t, artifacts)
	counts := map[module.Outcome]int{}
	first := 0 // list of the pod's containers
	for i, p := range all {
		results, err := m.Evaluate(context.Background(), module.Inputs{"resources": cty.TupleVal([]cty.Value{values[fmt.Sprintf("terraform_data.r%d", i)]})})
		if err != nil {
			t.Fatal(err)
		}
		for n, r := range results {
			if names[n] == "" || names[n] == "updates_kubernetes" {
				continue
			}
			after, unknown := theirs.OutputChanges.Found.After[names[n]], theirs.OutputChanges.Found.AfterUnknown[names[n]]
			var want module.Outcome
			if len(after) == 1 { // one list, of pods
				want = worstOf(at2(after, 0, i), unknown2(unknown, 0, i))
			} else {
				want = module.Holds
				for l := first; l < first+p.lists; l++ {
					want = worse(want, worstOf(after[l], unknown1(unknown, l)))
				}
				if strings.HasPrefix(names[n], "image_") || names[n] == "resources_hugepages" { // what is of pods comes behind what is of all containers
					l := len(after) - len(all) + i
					want = worse(want, worstOf(after[l], unknown1(unknown, l)))
				}
			}
			counts[want]++
			if r.Outcome != want {
				t.Errorf("%s, %s: the model says %v (%s), Terraform %v", p.name, r.Place(), r.Outcome, r.Message, want)
			}
		}
		first += p.lists
	}
	if counts[module.Undecided] == 0 || counts[module.Fails] == 0 {
		t.Error("the comparison tried nothing:", counts)
	}
	t.Log(len(all), "pods,", counts)
}

// Parts of an output and of what is unknown in it.
func unknown1(v any, i int) any {
	if list, ok := v.([]any); ok && i < len(list) {
		return list[i]
	}
	return v
}
func unknown2(v any, i, j int) any { return unknown1(unknown1(v, i), j) }
func at2(v []any, i, j int) any    { return v[i].([]any)[j] }

// worstOf is what a list of findings, or one, comes to.
func worstOf(after, unknown any) module.Outcome {
	if unknown == true {
		return module.Undecided
	}
	if list, ok := after.([]any); ok {
		out := module.Holds
		for i, e := range list {
			out = worse(out, worstOf(e, unknown1(unknown, i)))
		}
		return out
	}
	if u, ok := unknown.(map[string]any); ok && u["bad"] == true {
		return module.Undecided
	}
	if after.(map[string]any)["bad"] == true {
		return module.Fails
	}
	return module.Holds
}

// worse is Fails before Undecided before Holds.
func worse(a, b module.Outcome) module.Outcome {
	for _, o := range []module.Outcome{module.Fails, module.Undecided} {
		if a == o || b == o {
			return o
		}
	}
	return module.Holds
}

// planFiles makes a plan of a configuration and gives its JSON form.
func planFiles(t *testing.T, files map[string]string) []byte {
	t.Helper()
	dir := t.TempDir()
	for name, body := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	runTerraform(t, dir, "init", "-no-color")
	runTerraform(t, dir, "plan", "-no-color", "-out=plan")
	return []byte(runTerraform(t, dir, "show", "-json", "plan"))
}

// inputsOf gives what each terraform_data of a plan was given.
func inputsOf(t *testing.T, data []byte) map[string]cty.Value {
	t.Helper()
	plan, err := module.ReadPlan(data)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]cty.Value{}
	for _, r := range plan.Resources {
		v, err := r.Value()
		if err != nil {
			t.Fatal(err)
		}
		values[r.Address] = v.GetAttr("input")
	}
	return values
}

// read reads the emitted module as package module does.
func read(t testing.TB, artifacts []target.Artifact) *module.Module {
	t.Helper()
	var files []module.File
	for _, a := range artifacts {
		files = append(files, module.File{Path: a.Path, Body: a.Body})
	}
	m, err := module.Read(files)
	if err != nil || len(m.Unread) > 0 {
		t.Fatal(err, m.Unread)
	}
	return m
}

// quoteHCL writes a text as a string of Terraform's language.
func quoteHCL(s string) string {
	quoted, _ := json.Marshal(s)
	return regexp.MustCompile(`([$%])\{`).ReplaceAllString(string(quoted), "$1$1{")
}

// leaves lists the paths of the single values of a JSON document.
func leaves(t *testing.T, doc string) []string {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(doc), &root); err != nil {
		t.Fatal(err)
	}
	var found []string
	var walk func(v any, path string)
	walk = func(v any, path string) {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				walk(e, path+"."+k)
			}
		case []any:
			for i, e := range v {
				walk(e, fmt.Sprintf("%s.%d", path, i))
			}
		default:
			found = append(found, strings.TrimPrefix(path, "."))
		}
	}
	walk(root, "")
	slices.Sort(found)
	return found
}

// unknownAt writes a document with one value that is known only after apply.
func unknownAt(t *testing.T, doc, leaf string) string {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(doc), &root); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(setAt(root, strings.Split(leaf, "."), "UNKNOWN", false))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// config writes a document as Terraform's language. The provider's resources
// have lists, maps and sets; what is decoded from YAML has tuples and objects.
func config(t *testing.T, form, doc string) string {
	t.Helper()
	var root any
	if err := json.Unmarshal([]byte(doc), &root); err != nil {
		t.Fatal(err)
	}
	return expression(root, "", form == "typed")
}

// maps are the attributes of the provider's resources that are maps.
var mapAttributes = []string{"labels", "annotations", "limits", "requests"}

func expression(v any, name string, typed bool) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for k, e := range v {
			parts = append(parts, quoteHCL(k)+" = "+expression(e, k, typed))
		}
		text := "{ " + strings.Join(parts, ", ") + " }"
		if typed && slices.Contains(mapAttributes, name) {
			return "tomap(" + text + ")"
		}
		return text
	case []any:
		var parts []string
		for _, e := range v {
			parts = append(parts, expression(e, "", typed))
		}
		text := "[" + strings.Join(parts, ", ") + "]"
		switch {
		case typed && name == "supplemental_groups":
			return "toset(" + text + ")"
		case typed && len(v) < 2: // the objects of the tests' longer lists are of different types
			return "tolist(" + text + ")"
		}
		return text
	case string:
		if v == "UNKNOWN" {
			return "terraform_data.u.id"
		}
		return quoteHCL(v)
	}
	out, _ := json.Marshal(v)
	return string(out)
}
