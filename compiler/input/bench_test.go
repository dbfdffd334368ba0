package input

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"go.yaml.in/yaml/v3"
)

// deployments are n two-container Deployments as `helm template` would print them.
func deployments(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, deployment, i, i, i, i, i, i)
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
      containers:
      - name: app
        image: registry.example.com/shop/app-%d:1.4.2
        ports:
        - containerPort: 8080
        resources:
          limits: {cpu: 500m, memory: 256Mi}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          runAsNonRoot: true
          capabilities:
            drop: [ALL]
      - name: sidecar
        image: registry.example.com/shop/sidecar-%d:2.0
        env:
        - name: LEVEL
          value: info
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop: ["ALL"]
`

func BenchmarkSplit(b *testing.B) {
	data := deployments(2000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		chunks, err := Split("f.yaml", data, DefaultLimits())
		if err != nil || len(chunks) != 2000 {
			b.Fatal(len(chunks), err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	data := deployments(200)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		docs, err := Read("f.yaml", data, DefaultLimits())
		if err != nil || len(docs) != 200 {
			b.Fatal(len(docs), err)
		}
	}
}

// BenchmarkBareYAML is what BenchmarkRead is measured against: the same bytes into yaml.v3's nodes alone.
func BenchmarkBareYAML(b *testing.B) {
	data := deployments(200)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		dec := yaml.NewDecoder(bytes.NewReader(data))
		for {
			var n yaml.Node
			if err := dec.Decode(&n); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
