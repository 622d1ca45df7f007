# SPDX-License-Identifier: Apache-2.0
#
# Everything that one does with this tree, by name. `make help` lists it.
#
# Variables: CMD (what `make run` runs), SYSCALL (for check, conformance, new),
# ARGS (more arguments for the tool behind the target), REPEAT (for stress).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO ?= go
export CGO_ENABLED ?= 0
CMD ?= uname -a && id && ls / && head -3 /proc/self/status
REPEAT ?= 20
ARGS ?=

# The acceptance tests run real programs and need more than a compiler, so they are a step of their own, as are those that
# need a browser; other projects' suites take hours, and are for who asks for them.
UNIT = $(shell $(GO) list ./... | grep -v -e /runtime/acceptance -e /runtime/suites -e /conformance/browser)
CONFORMANCE = $(GO) run ./conformance/cmd/conformance

.PHONY: help
help: ## this list
	@echo 'usage: make TARGET [VARIABLE=VALUE...]'; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## bin/ditto, from Go alone (the stub's blob is checked in)
	$(GO) build -trimpath -o bin/ditto ./runtime/cmd/ditto

.PHONY: run
run: build ## run CMD in a sandbox: make run CMD='python3 -V'
	bin/ditto do sh -c '$(subst ','\'',$(CMD))'

.PHONY: deps
deps: ## install what the tests need (apt, as root), or name it
	@tools/deps/deps

.PHONY: test
test: deps unit conformance browser acceptance ## every test: unit, conformance, browser, acceptance

.PHONY: unit
unit: ## the Go packages' own tests
	$(GO) test $(UNIT)

.PHONY: race
race: ## the unit tests under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race $(UNIT) ./conformance/browser

.PHONY: conformance
conformance: build ## every syscall test natively and in the sandbox, compared: SYSCALL=, ARGS=
	$(CONFORMANCE) $(if $(SYSCALL),--syscall $(SYSCALL)) $(ARGS)

.PHONY: exercised
exercised: build ## record which flags, commands and errnos the suite's calls carry, for COVERAGE.md (SYSCALL= adds those of its cases to the record)
	@mkdir -p out && rm -f out/exercised
	$(if $(SYSCALL),cp fixtures/conformance/exercised.tsv out/exercised)
	$(CONFORMANCE) --sandbox 'ditto=$(CURDIR)/bin/ditto do --strace-counts $(CURDIR)/out/exercised' $(if $(SYSCALL),--results out/exercised.json --syscall $(SYSCALL))
	LC_ALL=C sort -u out/exercised >fixtures/conformance/exercised.tsv
	$(MAKE) exercised-native
	$(GO) generate ./...

.PHONY: exercised-native
exercised-native: ## the same on native Linux, by strace, for the calls that the sandbox lacks or refuses
	@mkdir -p out && rm -f out/native.strace
	$(CONFORMANCE) --sandbox 'strace=strace -f -qq -A -o $(CURDIR)/out/native.strace -e raw=all -e signal=none -e trace=$(shell $(GO) run ./tools/exercised --names ,?)' \
		--jobs 1 --results out/native.json --syscall $(shell $(GO) run ./tools/exercised --names ,) || echo 'what differs under strace is of no matter here'
	$(GO) run ./tools/exercised <out/native.strace >fixtures/conformance/exercised.native.tsv
	$(GO) generate ./...

.PHONY: coverage
coverage: ## what the suite covers: cases, flags, commands, errnos (ARGS=--list names what is not)
	@$(GO) run ./tools/coverage $(ARGS)

.PHONY: dashboard
dashboard: ## the last run's results as pages, into conformance/out/dashboard
	$(CONFORMANCE) dashboard --out conformance/out/dashboard $(ARGS)

.PHONY: browser
browser: ## the dashboard's tests in a real Chromium
	$(GO) test -count=1 ./conformance/browser $(ARGS)

.PHONY: pictures
pictures: ## pictures of the dashboard's pages, at two widths, light and dark, into conformance/out/pictures
	$(GO) run ./conformance/cmd/pictures $(ARGS)

.PHONY: check
check: build ## one syscall on both sides, differences side by side: make check SYSCALL=openat
	@: $${SYSCALL:?name it: make check SYSCALL=openat}
	$(CONFORMANCE) --syscall $(SYSCALL) $(ARGS)

.PHONY: acceptance
acceptance: ## real programs, natively and in the sandbox: ARGS='-run TestPrograms/node'
	$(GO) test -count=1 -timeout 20m ./runtime/acceptance $(ARGS)

.PHONY: suites
suites: ## other projects' test suites on both sides, for hours (not part of test): ARGS='-run TestPython/test_os'
	$(GO) test -count=1 -timeout 12h -v ./runtime/suites $(ARGS)

.PHONY: soak
soak: ## ten minutes of mixed load, hundreds of containers, many of them killed: nothing may be left; a million files (not part of test)
	DITTO_SOAK=10m $(GO) test -count=1 -timeout 60m -v -run 'TestNothingLeftBehind|TestManyContainersAtOnce|TestContainersComeAndGo|TestKilledAtAnyMoment|TestDockerManyContainers|TestFilesAtTheirLimits' ./runtime/acceptance $(ARGS)

.PHONY: images
images: ## servers of Debian's packages as containers (redis, nginx, postgres, ...) under runc and ditto, a Debian tree copied (not part of test)
	DITTO_IMAGES=1 $(GO) test -count=1 -timeout 30m -v -run 'TestImages|TestComposeWithRedis|TestDebianTree' ./runtime/acceptance $(ARGS)

.PHONY: fsoak
fsoak: build ## ten minutes of random file operations on both sides, step by step: ARGS='--seed N --places tmpfs'
	$(GO) run ./tools/fuzz --files --time 10m $(ARGS)

.PHONY: fuzz
fuzz: build ## random programs of system calls on both sides, what differs made small: ARGS='--seed N --time 3m'
	$(GO) run ./tools/fuzz --time 3m $(ARGS)

.PHONY: mutate
mutate: ## deliberate faults in the handlers, one at a time: does the suite see them? ARGS='--seed N --count 100 --record FILE'
	$(GO) run ./tools/mutate $(ARGS)

.PHONY: stress
stress: ## the platform's stress tests, REPEAT times, then once under the race detector
	$(GO) test -count=$(REPEAT) -timeout 60m -run Stress ./kernel/platform/...
	CGO_ENABLED=1 $(GO) test -race -count=1 -timeout 30m -run Stress ./kernel/platform/...

.PHONY: bench
bench: build ## speed and memory against native, in the same run
	$(GO) run ./tools/bench $(ARGS)

.PHONY: generate
generate: ## the files that are generated from the table and the directives
	$(GO) generate ./...

.PHONY: lint
lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "gofmt -w these:"; echo "$$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

.PHONY: pick
pick: ## what is worth doing next
	@$(GO) run ./tools/pick $(ARGS)

.PHONY: new
new: ## the files of a new syscall: make new SYSCALL=mseal
	@: $${SYSCALL:?name it: make new SYSCALL=mseal}
	$(GO) run ./tools/newsyscall $(SYSCALL)

.PHONY: man
man: ## the manual pages, into out/man
	$(GO) run ./runtime/cmd/ditto-man out/man

.PHONY: clean
clean: ## remove what was built
	rm -rf bin out
