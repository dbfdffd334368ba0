# Everything that is done here is done by one of these. `make demo` and
# `make test` are all that a newcomer needs.

GO       ?= go
BIN      := bin/bulkhead
PAYMENTS := policies/examples/payments
OUT      := build/payments

TIMEOUT  := 30m

# The packages that share state between goroutines and whose tests are short: these
# run with the race detector. Of the judges, TestJudgesAtOnce does.
RACE     := ./compiler/check ./compiler/control ./compiler/linux ./compiler/model/seccomp ./compiler/policy ./compiler/trial ./targets/falco/rules ./targets/terraform/module

.PHONY: demo test nightly flaky mutants check fix generate bench fuzz build tools

demo: build
	@echo '== compile $(PAYMENTS): one policy, seven kinds of artifact'
	$(BIN) compile $(PAYMENTS) --var env=prod -o $(OUT)
	@echo
	@echo '== test what was compiled'
	$(BIN) test $(PAYMENTS) --var env=prod
	@echo
	@echo '== check the manifests, the nodes and the plan that are deployed'
	$(BIN) check --policy $(PAYMENTS) --var env=prod $(PAYMENTS)/deploy
	@echo
	@echo '== check a manifest that must not be deployed (exit code 1 is what is wanted)'
	$(BIN) check --policy $(PAYMENTS) --var env=prod $(PAYMENTS)/fixtures/breakout.yaml; test $$? -eq 1

build:
	$(GO) build -trimpath -o $(BIN) ./cmd/bulkhead

# conftest, beside which bundles are judged where it is in PATH. CI builds it, which
# takes minutes the first time.
bin/conftest: tools.mod tools.sum
	$(GO) build -modfile=tools.mod -o $@ github.com/open-policy-agent/conftest

test: export PATH := $(CURDIR)/bin:$(PATH)

# -count=1: tests that ask the kernel, apparmor_parser and terraform are not
# answered from a cache. The timeout is for slow machines: no test measures time.
test: tools $(if $(filter true,$(CI)),bin/conftest)
	$(GO) vet ./...
	$(GO) test -count=1 -timeout $(TIMEOUT) ./...
	$(GO) test -race -count=1 -timeout $(TIMEOUT) $(RACE)
	$(GO) test -race -count=1 -timeout $(TIMEOUT) -run 'AtOnce$$' ./cmd/bulkhead
	cd testdata/oracles && $(GO) vet ./... && $(GO) test -count=1 -timeout $(TIMEOUT) ./...
	cd testdata/oracles/opa && $(GO) vet ./...

# What takes longer than anybody waits for: the presets beside Pod Security
# admission, on 100,000 random pods, and all that knows what controls mean, on 20,000.
nightly:
	AGREEMENT_PODS=20000 $(GO) test -count=1 -timeout 2h -run TestAgreement ./cmd/bulkhead
	cd testdata/oracles && PODSECURITY_PODS=100000 $(GO) test -count=1 -timeout 2h ./...

# The tests that draw at random, each COUNT times from fresh seeds, in the packages
# of FLAKY: make flaky COUNT=20 FLAKY=targets/rego
flaky:
	@sh testdata/flaky.sh

# Random one-line changes of the code, COUNT of them; prints those that no test
# notices: make mutants SEED=7 COUNT=12 MUTANTS=./targets/falco/...
mutants:
	@test -n "$(SEED)" || { echo 'Say which changes are drawn: make mutants SEED=7'; exit 2; }
	$(GO) run ./testdata/mutants -seed $(SEED) $(if $(COUNT),-count $(COUNT)) $(MUTANTS)

check: build
	@! git grep -nE '^(<{7}|>{7}) ' || { echo 'These files have conflict markers.'; exit 1; }
	@test -z "$$(gofmt -l cmd compiler policies targets testdata)" || { gofmt -l cmd compiler policies targets testdata; echo 'Not formatted. Fix with: make fix'; exit 1; }
	$(GO) vet ./...
	$(GO) tool -modfile=tools.mod staticcheck ./...
	$(BIN) fmt --check policies testdata
	@$(MAKE) --no-print-directory generate
	@test -z "$$(git status --porcelain -- docs compiler targets go.mod go.sum)" || { git status --porcelain -- docs compiler targets go.mod go.sum; echo 'Generated files are not current. Fix with: make generate'; exit 1; }

fix: build
	gofmt -w cmd compiler policies targets testdata
	$(BIN) fmt policies testdata
	@$(MAKE) --no-print-directory generate

generate:
	$(GO) generate ./...

bench:
	sh testdata/bench/run.sh

# Every fuzz target for a minute: make fuzz FUZZTIME=5m FUZZ=./targets/seccomp/...
fuzz:
	@sh testdata/fuzz.sh

# What the tests need besides Go. As root it is installed with apt; otherwise the
# missing are named with the tests that they leave out. With CI=true a missing
# tool is a failure.
tools:
	@sh testdata/tools.sh
