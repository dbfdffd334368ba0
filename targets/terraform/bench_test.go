package terraform_test

import (
	"fmt"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/targets/terraform"
)

// workloads is a policy of many workloads.
func workloads(b *testing.B, n int) *policy.Policy {
	doc := document(strict())
	doc.Workloads = nil
	for i := range n {
		name := fmt.Sprintf("w%d", i)
		doc.Workloads = append(doc.Workloads, &policy.WorkloadBlock{
			Name: name, Match: map[string]string{"app": name}, OS: "linux", Range: at(100 + i),
			Settings: policy.Settings{control.Memory: text(100+i, "256Mi")},
		})
	}
	return resolve(b, doc)
}

func BenchmarkEmit(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := workloads(b, n)
			for b.Loop() {
				if _, err := (terraform.Target{}).Emit(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{10, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			artifacts := emit(b, workloads(b, n))
			for b.Loop() {
				load(b, artifacts)
			}
		})
	}
}

// BenchmarkJudge judges plans of Deployments by a policy of 1,000 workloads.
func BenchmarkJudge(b *testing.B) {
	j := load(b, emit(b, workloads(b, 1000)))
	for _, bad := range []bool{false, true} {
		for _, n := range []int{1, 100, 1000} {
			b.Run(fmt.Sprintf("bad=%v/%d", bad, n), func(b *testing.B) {
				var all []planResource
				for i := range n {
					values := change(b, "typed", goodTyped, fmt.Sprintf(`M.labels={"app":"w%d"}`, i))
					if bad {
						values = change(b, "typed", values, "P.host_network=true")
					}
					all = append(all, planResource{typ: "kubernetes_deployment_v1", values: values})
				}
				plan := planOf(all...)
				for b.Loop() {
					judge(b, j, plan)
				}
			})
		}
	}
}
