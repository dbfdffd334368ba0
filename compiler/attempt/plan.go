package attempt

import "github.com/bulkhead-policy/bulkhead/compiler/input"

// KindPlan is the application of a Terraform plan.
const KindPlan Kind = "plan"

// Plan is a Terraform plan that is to be applied, as `terraform show -json`
// prints it.
type Plan struct {
	File string `attempt:"file,required,key" doc:"the plan as \x60terraform show -json\x60 prints it, relative to the policy's folder"`
	Body []byte
}

var plan = define[Plan](Schema{
	Title: "a Terraform plan that is to be applied", Key: "plan", Subject: ByItself, Outcomes: prevented,
	Examples: []string{`{"plan":"plan.json"}`},
	source:   &source{claims: (*input.Document).IsPlan, attempt: planOf, open: openPlan},
})

// Kind is KindPlan.
func (Plan) Kind() Kind { return KindPlan }

// planOf makes an attempt of a plan, which is the whole file.
func planOf(_ *input.Document, c Content) Attempt { return Plan{File: c.File, Body: c.Body} }

func openPlan(c Content) ([]Attempt, error) { return []Attempt{planOf(nil, c)}, nil }
