//go:build linux

// Command gen writes runtime-default.json: the default seccomp profile of the
// moby/profiles version that go.mod pins. The library gives it on Linux only;
// Bulkhead also runs on its users' other machines.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/moby/profiles/seccomp"
)

func main() {
	body, err := json.MarshalIndent(seccomp.DefaultProfile(), "", "\t")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("runtime-default.json", append(body, '\n'), 0o644); err != nil {
		log.Fatal(err)
	}
}
