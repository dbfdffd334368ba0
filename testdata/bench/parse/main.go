// Command parse reads the YAML files of a folder to nodes of go.yaml.in/yaml/v3
// and does nothing with them: what a check cannot cost less than.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"go.yaml.in/yaml/v3"
)

func main() {
	names, err := filepath.Glob(filepath.Join(os.Args[1], "*.yaml"))
	if err != nil {
		log.Fatal(err)
	}
	next := make(chan string)
	counts := make([]int, runtime.GOMAXPROCS(0))
	var workers sync.WaitGroup
	for i := range counts {
		workers.Go(func() {
			for name := range next {
				n, err := documents(name)
				if err != nil {
					log.Fatal(err)
				}
				counts[i] += n
			}
		})
	}
	for _, name := range names {
		next <- name
	}
	close(next)
	workers.Wait()
	sum := 0
	for _, n := range counts {
		sum += n
	}
	fmt.Println(sum, "documents")
}

func documents(name string) (n int, err error) {
	body, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	for d := yaml.NewDecoder(bytes.NewReader(body)); ; n++ {
		var root yaml.Node
		if err := d.Decode(&root); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return n, fmt.Errorf("%s: %w", name, err)
		}
	}
}
