package main

import (
	"fmt"
	"strings"
	"testing"
)

// manyWorkloads is a policy of n workloads, each with a named container, a value
// of its own and a flow to the next.
func manyWorkloads(n int) string {
	var b strings.Builder
	b.WriteString("policy \"many\" {\n  version = \"1.0.0\"\n  owner = \"bench\"\n  namespaces = [\"many\"]\n}\nextends \"preset\" { source = \"bulkhead:restricted\" }\n")
	for i := range n {
		fmt.Fprintf(&b, "workload \"w%d\" {\n  match { labels = { app = \"w%d\" } }\n  filesystem { write = [\"/tmp/**\", \"/var/lib/w%d/**\"] }\n  container \"side\" {\n    capabilities { add = [\"NET_BIND_SERVICE\"] }\n  }\n}\n", i, i, i)
		fmt.Fprintf(&b, "flow \"f%d\" {\n  from = workload.w%d\n  to = workload.w%d\n  ports = [\"tcp/%d\"]\n}\n", i, i, (i+1)%n, 1024+i)
	}
	return b.String()
}

// Compiling is linear in the number of workloads: the time per workload is the
// same for each size.
func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("workloads=%d", n), func(b *testing.B) {
			compile := compiler(b, manyWorkloads(n))
			b.ReportAllocs()
			for b.Loop() {
				compile()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/workload")
		})
	}
}
