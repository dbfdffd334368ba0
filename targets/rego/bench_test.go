package rego

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/bulkhead-policy/bulkhead/compiler/attempt"
	"github.com/bulkhead-policy/bulkhead/compiler/control"
	"github.com/bulkhead-policy/bulkhead/compiler/input"
	"github.com/bulkhead-policy/bulkhead/compiler/policy"
	"github.com/bulkhead-policy/bulkhead/compiler/target"
)

// deployments are n two-container Deployments; every tenth breaks the policy.
func deployments(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		escalation := i%10 == 0
		fmt.Fprintf(&b, deployment, i, i, i, i%100, i, escalation)
	}
	return b.Bytes()
}

const deployment = `---
# Source: shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-%d
  namespace: shop
  labels: {app.kubernetes.io/name: app-%d, app.kubernetes.io/part-of: shop}
spec:
  replicas: 3
  selector:
    matchLabels: {app: app-%d}
  template:
    metadata:
      labels: {app: app-%d}
    spec:
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
      - name: app
        image: registry.example.com/shop/app-%d:1.4.2
        ports:
        - containerPort: 8080
        resources:
          limits: {cpu: 500m, memory: 256Mi}
        livenessProbe:
          httpGet: {path: /health, port: 8080}
        securityContext:
          allowPrivilegeEscalation: %v
          readOnlyRootFilesystem: true
          capabilities:
            drop: [ALL]
      - name: sidecar
        image: registry.example.com/shop/sidecar:2.0
        env:
        - name: LEVEL
          value: info
        resources:
          limits: {cpu: 100m, memory: 64Mi}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop: ["ALL"]
`

// shop is a policy beyond the restricted standard, with n workloads, some of which have values of their own.
func shop(n int) *policy.Document {
	values := restricted()
	values[control.ReadOnlyRoot] = boolean(true)
	values[control.Memory] = word("512Mi")
	values[control.CPU] = word("1")
	values[control.Registries] = keys("registry.example.com/shop/*")
	doc := document(values)
	doc.Namespaces = []control.Item{{Key: "shop"}}
	doc.Ceilings = settings(map[control.ID]control.Value{control.Memory: word("4Gi")})
	for i := range n {
		w := &policy.WorkloadBlock{Name: fmt.Sprintf("app-%d", i), Match: map[string]string{"app": fmt.Sprintf("app-%d", i)}, OS: "linux", Range: line(i + 100)}
		if i%10 == 0 {
			w.Settings = settings(map[control.ID]control.Value{control.Memory: word("1Gi")})
		}
		doc.Workloads = append(doc.Workloads, w)
	}
	return doc
}

// BenchmarkCheck reads and judges 2,000 Deployments on two workers, as `bulkhead check` does.
func BenchmarkCheck(b *testing.B) {
	j := load(b, emit(b, resolve(b, shop(100))))
	data := deployments(2000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if denied := denials(b, j, data, 2); denied != 200 {
			b.Fatal(denied)
		}
	}
}

func denials(t testing.TB, j target.Judge, data []byte, workers int) int {
	chunks, err := input.Split("f.yaml", data, input.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	denied := make([]int, workers)
	for w := range workers {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := w; i < len(chunks); i += workers {
				docs, err := chunks[i].Documents()
				if err != nil {
					t.Error(err)
					return
				}
				for _, d := range docs {
					v, err := j.Judge(context.Background(), attempt.Manifest{Document: d})
					if err != nil {
						t.Error(err)
					}
					if v.Outcome == target.Deny {
						denied[w]++
					}
				}
			}
		}()
	}
	group.Wait()
	sum := 0
	for _, d := range denied {
		sum += d
	}
	return sum
}

func BenchmarkJudge(b *testing.B) {
	j := load(b, emit(b, resolve(b, shop(100))))
	docs, err := input.Read("f.yaml", deployments(2), input.DefaultLimits())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := j.Judge(context.Background(), attempt.Manifest{Document: docs[1]}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEmit(b *testing.B) {
	p := resolve(b, shop(100))
	for b.Loop() {
		emit(b, p)
	}
}

func BenchmarkLoad(b *testing.B) {
	artifacts := emit(b, resolve(b, shop(100)))
	for b.Loop() {
		load(b, artifacts)
	}
}
