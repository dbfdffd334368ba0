#!/bin/sh
# Runs the tests that draw at random COUNT times (100), each time from a fresh seed:
# the functions of every test file that uses rapid, in the folders of FLAKY. A
# failure prints the seed that repeats it.
set -eu
cd "$(dirname "$0")/.."
status=0
for folder in $(grep -rl --include='*_test.go' pgregory.net/rapid ${FLAKY:-compiler targets cmd testdata/oracles} | xargs -n1 dirname | sort -u); do
	names=$(grep -l pgregory.net/rapid "$folder"/*_test.go | xargs sed -n 's/^func \(Test[A-Za-z0-9_]*\)(.*/\1/p' | paste -sd '|' -)
	# A folder may belong to a module of its own.
	(cd "$folder" && ${GO:-go} test -count="${COUNT:-100}" -timeout 4h -run "^($names)\$" .) || status=1
done
exit $status
