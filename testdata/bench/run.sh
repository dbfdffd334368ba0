#!/bin/sh
# Prints what Bulkhead costs, beside its peers, in one run. Ratios count; the
# seconds are this machine's.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOFLAGS=-trimpath

go build -o "$work/bulkhead" ./cmd/bulkhead
go build -o "$work/parse" ./testdata/bench/parse
go build -modfile=tools.mod -o "$work/conftest" github.com/open-policy-agent/conftest
go run ./testdata/bench/generate "$work"

PATH="$work:$PATH"
seconds() { # runs a command five times, prints the median of the seconds it took
	for _ in 1 2 3 4 5; do
		start=$(date +%s%N)
		"$@" >"$work/out" 2>&1 || true
		echo $(($(date +%s%N) - start))
	done | sort -n | sed -n 3p | awk '{ printf "%.3f", $1 / 1e9 }'
}
row() { printf '%-58s %8s s\n' "$1" "$2"; }

echo '== one run'
row 'bulkhead version' "$(seconds bulkhead version)"
row 'compile payments, all targets' "$(seconds bulkhead compile policies/examples/payments --var env=prod -o "$work/payments")"
row 'test payments, with ablation' "$(seconds bulkhead test policies/examples/payments --var env=prod)"

echo
echo '== compile N workloads (linear: the same time for each)'
for n in 10 100 1000; do
	s=$(seconds bulkhead compile "$work/policy-$n" -o "$work/build-$n")
	memory=$(/usr/bin/env python3 - "$work/bulkhead" compile "$work/policy-$n" -o "$work/build-$n" <<'PY' || echo '?'
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
PY
)
	row "compile $n workloads (${memory} MB)" "$s"
done

echo
go run ./testdata/bench/check "$work"

echo
echo '== what a program pays for its system calls (runc, gcc and root are needed)'
set --
for preset in baseline hardened restricted; do
	bulkhead compile "bulkhead:$preset" -o "$work/$preset" >/dev/null
	set -- "$@" "bulkhead:$preset=$work/$preset/seccomp/bulkhead.$preset.json"
done
go run ./testdata/bench/kernel "$@" || echo 'left out'

echo
echo '== go test -bench'
go test -run '^$' -bench . -benchtime 200ms ./... | grep -E '^(Benchmark|pkg:)'
