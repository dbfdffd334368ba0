#!/bin/sh
# Runs every fuzz target for a while, each on its own. FUZZTIME is for how long,
# and FUZZ a pattern of packages: make fuzz FUZZTIME=5m FUZZ=./targets/seccomp/...
# What it finds is kept below the package's testdata/fuzz, which go test replays;
# the other targets go on.
set -u

failed=
for file in $(go list -f '{{$dir := .Dir}}{{range .TestGoFiles}}{{$dir}}/{{.}} {{end}}{{range .XTestGoFiles}}{{$dir}}/{{.}} {{end}}' "${FUZZ:-./...}"); do
	for name in $(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(f \*testing\.F.*/\1/p' "$file"); do
		echo "== $name in ${file#"$PWD"/}"
		(cd "$(dirname "$file")" && go test -run '^$' -fuzz "^$name\$" -fuzztime "${FUZZTIME:-1m}" -fuzzminimizetime 1s .) || failed="$failed $name"
	done
done
[ -z "$failed" ] || { echo "These fail:$failed"; exit 1; }
