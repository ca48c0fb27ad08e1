# The commands of this repository. `make help` lists them.

SHELL := /bin/bash

# Pinned, so that a new linter release never turns an old commit red. Go builds it once (about two minutes
# on two cores) and starts it from the build cache afterwards.
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

FUZZTIME ?= 10s
N        ?= 25
DATABASE ?= sqlite
ARGS     ?=

.PHONY: help run test lint fmt vet golangci fuzz crash bench cover

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## run the backend; ARGS="--config FILE" and so on
	go run ./cmd/callboard serve $(ARGS)

test: ## all tests, with the race detector
	go test -race -timeout 30m ./...

lint: fmt vet golangci ## gofmt, go vet and golangci-lint

fmt:
	@files=$$(gofmt -l .) && if [ -n "$$files" ]; then echo "gofmt -w would change:" >&2; echo "$$files" >&2; exit 1; fi

vet:
	go vet ./...

golangci:
	go run $(GOLANGCI) run

fuzz: ## every fuzz target for FUZZTIME (default 10s)
	.ci/fuzz $(FUZZTIME)

crash: ## kill -9 the real binary N times (default 25) and check what it promised; DATABASE=postgres: N faults there
	CALLBOARD_CRASH_KILLS=$(N) CALLBOARD_CRASH_DATABASE=$(DATABASE) go test -count=1 -v -timeout 12h ./test/crash

bench: ## measure delivery beside what the machine can do; ARGS="--scenario drain --json FILE" and so on
	go run ./cmd/callboard bench --verbose $(ARGS)

cover: ## tests with coverage over all packages, in coverage.out
	go test -coverpkg=./... -coverprofile=coverage.out ./...
	go tool cover -func=coverage.out | tail -n 1
