# Everything a newcomer, a developer and a packager need. `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:

# Overridable: make install PREFIX=/usr DESTDIR=/tmp/stage
PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
# A suite or test to run alone: make test FILTER=RoundingTests
FILTER ?=

# The release build carries the Swift runtime inside, so that what is installed runs without a toolchain.
# lld, because the other linkers warn about a function of the C library that nothing here calls.
RELEASE := --configuration release --static-swift-stdlib -Xswiftc -use-ld=lld
SCRIPTS := $(wildcard .make/*.sh) .ci/run
export SWIFT

##@ Try it

.PHONY: demo
demo: ## Build, start a private PostgreSQL, load a month of outages, run the job, show the result
	@.make/install.sh build server
	@RELEASE='$(RELEASE)' .make/demo.sh

.PHONY: demo-stop
demo-stop: ## End the demo's PostgreSQL; its data stays
	@if [ -d .demo/cluster ]; then .make/cluster.sh stop .demo/cluster; fi

.PHONY: demo-clean
demo-clean: ## End the demo's PostgreSQL and remove everything it made
	@if [ -d .demo/cluster ]; then .make/cluster.sh destroy .demo/cluster; fi
	@rm -rf .demo

##@ Develop

.PHONY: test
test: ## Run every test on a private PostgreSQL (one suite: make test FILTER=RoundingTests)
	@.make/install.sh $$(.make/needs.sh '$(FILTER)')
	@FILTER='$(FILTER)' .make/test.sh

.PHONY: test-rules
test-rules: ## Run the tests of the rules alone: no server, nothing installed, seconds once it is built
	@.make/test-rules.sh

.PHONY: check
check: ## Format check, lint, build without warnings, test: what a change must pass
	@.make/install.sh build server office mail browser pooler lint
	@echo '==> Format'
	@$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests sql
	@echo '==> Lint'
	@shellcheck $(SCRIPTS)
	@FILTER= .make/test.sh

.PHONY: format
format: ## Rewrite the Swift sources in the project's format
	@$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests sql

.PHONY: golden
golden: ## Renew expected files and the dumped schema from what the program does now; read the diff
	@.make/install.sh build server office
	@status=0; REDRESS_GOLDEN=renew FILTER='$(or $(FILTER),Scenario|Schema|ErrorCatalogue)' .make/test.sh || status=$$?; \
	  git status --short -- fixtures sql; git --no-pager diff --stat -- fixtures sql; exit $$status

# How long each fuzzer runs, and how many random scenarios a soak compares with the second engine.
SECONDS ?= 60
SCENARIOS ?= 2000

.PHONY: soak
soak: ## Run every test at full length: each fault at each message, thousands of random sources (hours)
	@.make/install.sh build server office mail browser pooler
	@REDRESS_SOAK='$(SCENARIOS)' FILTER='$(FILTER)' .make/test.sh

.PHONY: fuzz
fuzz: ## Feed random bytes to the policy reader, the COPY decoder and the CSV writer: make fuzz SECONDS=3600
	@.make/install.sh build
	@.make/fuzz.sh '$(SECONDS)'

.PHONY: sanitize
sanitize: ## Run the tests with the address sanitizer, and those it suits with the thread sanitizer
	@.make/install.sh build server office mail browser pooler
	@FILTER='$(FILTER)' .make/sanitize.sh address
	@FILTER='$(FILTER)' .make/sanitize.sh thread

.PHONY: citus-test
citus-test: ## Compare a month on three nodes of Citus with one server; CITUS_PG_CONFIG names an installation that has it
	@.make/citus-test.sh

.PHONY: clean
clean: ## Remove what building and testing made
	@if [ -d .test/cluster ]; then .make/cluster.sh destroy .test/cluster; fi
	@for node in .citus/*/; do if [ -d "$$node" ]; then .make/cluster.sh destroy "$${node%/}"; fi; done
	@rm -rf .test .build .citus

##@ Measure

# How large the data is (1 is 250,000 customers and 1,000,000 terms; fractions will do), and how often each contender
# runs. ONLY="first floor" measures some; BENCH_LARGE=1 adds a run at ten times the size.
SIZE ?= 1
REPEATS ?= 3

.PHONY: bench-data
bench-data: ## Fill redress_source of BENCH_DB, or of a private PostgreSQL, with a large month: make bench-data SIZE=1
	@.make/install.sh build server
	@SIZE='$(SIZE)' BENCH_DB='$(BENCH_DB)' RELEASE='$(RELEASE)' .make/bench-data.sh

.PHONY: bench
bench: ## Measure a night against SQL, a data frame, and what PostgreSQL needs to take its rows
	@.make/install.sh build server bench
	@SIZE='$(SIZE)' REPEATS='$(REPEATS)' RELEASE='$(RELEASE)' .make/bench.sh

.PHONY: bench-age
bench-age: ## Measure what three years of history cost a night (SIZE=0.05 unless it is given)
	@.make/install.sh build server bench
	@SIZE='$(if $(filter file,$(origin SIZE)),0.05,$(SIZE))' \
	  REPEATS='$(if $(filter file,$(origin REPEATS)),5,$(REPEATS))' RELEASE='$(RELEASE)' .make/bench-age.sh

.PHONY: bench-micro
bench-micro: ## Measure the calculator, the COPY codecs and the CSV writer one by one (some: FILTER='CSV.*')
	@.make/install.sh build
	@FILTER='$(FILTER)' .make/bench-micro.sh

.PHONY: bench-clean
bench-clean: ## End the PostgreSQL of the measurements and remove everything they made
	@if [ -d .bench/cluster ]; then .make/cluster.sh destroy .bench/cluster; fi
	@rm -rf .bench

##@ Install

.PHONY: build
build: ## Build the release binary and its manual page
	@.make/install.sh build
	@$(SWIFT) build $(RELEASE) --product redress
	@RELEASE='$(RELEASE)' .make/manual.sh .build/manual

.PHONY: install
install: build ## Install binary, manual page, completions and systemd units under PREFIX (and DESTDIR)
	@RELEASE='$(RELEASE)' PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' .make/place.sh install

.PHONY: uninstall
uninstall: ## Remove what `make install` put under the same PREFIX and DESTDIR
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' .make/place.sh uninstall

##@ About

.PHONY: help
help: ## List these targets
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
