// Command generate writes the inputs of benchmarks: policies of 10, 100 and
// 1,000 workloads; Deployments with two containers each that keep to
// bulkhead:hardened but for every tenth, 2,000 and 20,000 in files of their own
// and 2,000 in one; 2,000 that were written before anybody asked for it; and a
// document of 50 MB.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	dir := os.Args[1]
	for _, n := range []int{10, 100, 1000} {
		write(filepath.Join(dir, fmt.Sprintf("policy-%d", n), "policy.hcl"), policy(n))
	}
	var stream strings.Builder
	for i := range 20_000 {
		body := deployment(i)
		write(filepath.Join(dir, "many", fmt.Sprintf("d%05d.yaml", i)), body)
		if i < 2000 {
			write(filepath.Join(dir, "deployments", fmt.Sprintf("d%04d.yaml", i)), body)
			write(filepath.Join(dir, "before", fmt.Sprintf("d%04d.yaml", i)), before.Replace(body))
			stream.WriteString("---\n" + body)
		}
	}
	write(filepath.Join(dir, "stream.yaml"), stream.String())
	write(filepath.Join(dir, "large.yaml"), large(50<<20))
}

func write(name, body string) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(body), 0o644); err != nil {
		log.Fatal(err)
	}
}

// policy has n workloads, each with a named container, a value of its own and a
// flow to the next.
func policy(n int) string {
	var b strings.Builder
	b.WriteString("policy \"many\" {\n  version    = \"1.0.0\"\n  owner      = \"bench\"\n  namespaces = [\"many\"]\n}\n\nextends \"preset\" { source = \"bulkhead:restricted\" }\n")
	for i := range n {
		fmt.Fprintf(&b, "\nworkload \"w%d\" {\n  match { labels = { app = \"w%d\" } }\n  filesystem { write = [\"/tmp/**\", \"/var/lib/w%d/**\"] }\n  container \"side\" {\n    capabilities { add = [\"NET_BIND_SERVICE\"] }\n  }\n}\n", i, i, i)
		fmt.Fprintf(&b, "\nflow \"f%d\" {\n  from  = workload.w%d\n  to    = workload.w%d\n  ports = [\"tcp/%d\"]\n}\n", i, i, (i+1)%n, 1024+i)
	}
	return b.String()
}

// large is one object of a size, in annotations of a mebibyte.
func large(size int) string {
	line := "      " + strings.Repeat("x", 1<<10) + "\n"
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\nmetadata:\n  name: large\n  annotations:\n")
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "    part-%d: |\n%s", i, strings.Repeat(line, 1<<10))
	}
	b.WriteString("spec:\n  containers: [{name: main, image: registry.example.com/large}]\n")
	return b.String()
}

// before takes off what hardened asks for and few state of their own accord.
var before = strings.NewReplacer(
	"      hostUsers: false\n      automountServiceAccountToken: false\n", "", "        appArmorProfile: {type: RuntimeDefault}\n", "",
	", ephemeral-storage: 1Gi", "", "@sha256:"+digest, "", "            readOnlyRootFilesystem: true # proxy\n", "",
)

var digest = strings.Repeat("0123456789abcdef", 4)

// deployment keeps to bulkhead:hardened; every tenth breaks a rule.
func deployment(i int) string {
	privileged := ""
	if i%10 == 0 {
		privileged = "\n            privileged: true"
	}
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-%[1]d
  namespace: team-%[2]d
  labels: {app: app-%[1]d, part-of: bench}
spec:
  replicas: 3
  selector:
    matchLabels: {app: app-%[1]d}
  template:
    metadata:
      labels: {app: app-%[1]d, part-of: bench}
    spec:
      serviceAccountName: app-%[1]d
      hostUsers: false
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile: {type: RuntimeDefault}
        appArmorProfile: {type: RuntimeDefault}
      containers:
        - name: main
          image: registry.example.com/team-%[2]d/app-%[1]d:1.%[1]d.0@sha256:%[4]s
          ports:
            - {name: http, containerPort: 8080}
          env:
            - {name: LOG_LEVEL, value: info}
            - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {cpu: 500m, memory: 256Mi, ephemeral-storage: 1Gi}
          readinessProbe:
            httpGet: {path: /ready, port: http}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}%[3]s
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
        - name: proxy
          image: registry.example.com/mesh/proxy:2.4.1@sha256:%[4]s
          ports:
            - {name: admin, containerPort: 15000}
          resources:
            limits: {cpu: 200m, memory: 128Mi, ephemeral-storage: 1Gi}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true # proxy
            runAsUser: 1337
            capabilities: {drop: [ALL]}
      volumes:
        - {name: tmp, emptyDir: {}}
        - {name: config, configMap: {name: app-%[1]d}}
`, i, i%20, privileged, digest)
}
