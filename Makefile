# The commands of this project. `make run` and `make test` need Rust, Node and Python and install the rest themselves.

DATA ?= ./data
CARGO ?= cargo
# PORT=9000 listens on another port of this machine, LISTEN=0.0.0.0:8787 on any address.
LISTEN ?= $(if $(PORT),127.0.0.1:$(PORT))

# The browser that drives the console.
CHROMIUM ?= /usr/bin/chromium

CONSOLE_FILES = $(shell find console -name node_modules -prune -o -name dist -prune -o -type f -print 2>/dev/null)

.PHONY: run build console test rust-test lint console-test console-drive console-samples console-types console-types-check screenshots sdk-test bench-test bench bench-console fuzz clean help

help: ## what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(if $(and $(shell command -v npm),$(wildcard console/package.json)),console) build ## build all, serve on ./data, print the address, a ready key and a curl line (PORT=, LISTEN=, DATA=)
	@DATA='$(DATA)' scripts/run $(if $(LISTEN),--listen '$(LISTEN)')

console: console/dist/index.html ## the web console, which the program has inside from its next build on (needs Node 20.19 or newer)

console/dist/index.html: $(CONSOLE_FILES) console/node_modules/.package-lock.json
	npm --prefix console run build

console/node_modules/.package-lock.json: console/package-lock.json
	npm --prefix console ci --no-audit --no-fund

build: ## the program, optimised
	$(CARGO) build --release --package gateway

test: lint rust-test bench-test console-test console-types-check console-drive sdk-test console-samples ## everything: lints, Rust tests, the console, client packages against the running program

rust-test: ## all Rust tests (nextest where installed)
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --workspace --no-fail-fast; \
	else \
		$(CARGO) test --workspace --no-fail-fast; \
	fi

lint: ## formatting, clippy, rustdoc; cargo-deny and cargo-machete where installed
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps --quiet
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --log-level error check bans licenses sources; fi
	@if $(CARGO) machete --version >/dev/null 2>&1; then $(CARGO) machete; fi

sdk-test: ## the official client packages against the running program
	$(CARGO) build --package gateway --package testkit --bins
	sdk-tests/run

console-test: console ## the console: lints, types, unit tests, size
	npm --prefix console run --silent check
	npm --prefix console run --silent test

console-drive: console ## a browser (Debian's chromium, or CHROMIUM=) drives the console of the running program
	$(CARGO) build --package gateway
	@if [ -x "$(CHROMIUM)" ]; then CHROMIUM='$(CHROMIUM)' npm --prefix console run --silent drive -- --project=drive; \
	else echo "No browser at $(CHROMIUM) (Debian: apt install chromium): the console is NOT driven."; fi

console-samples: console ## every sample of code that the console shows, run against the program (after sdk-test, whose packages it takes)
	$(CARGO) build --package gateway --package testkit --bins
	npm --prefix console run --silent drive -- --project=samples

bench-console: console ## how quick the console is: long tasks, moves of the layout, a million records in the log
	$(CARGO) build --package gateway
	$(CARGO) build --package store --example fill_records
	npm --prefix console run --silent drive -- --project=bench

screenshots: console ## every screen, wide and on a phone, light and dark, to target/screenshots
	$(CARGO) build --package gateway
	npm --prefix console run --silent drive -- --project=screens

target/openapi.json: FORCE
	@mkdir -p target
	$(CARGO) run --quiet --package gateway --bin tollgate -- openapi >$@

console/openapi/node_modules/.package-lock.json: console/openapi/package-lock.json
	npm --prefix console/openapi ci --no-audit --no-fund

console-types: target/openapi.json console/openapi/node_modules/.package-lock.json ## the console's types, anew from the admin API's description
	npm --prefix console/openapi run generate

console-types-check: target/openapi.json console/openapi/node_modules/.package-lock.json ## whether they are as the description has it
	npm --prefix console/openapi run check

FORCE:

bench-test: ## tests of the bench's report
	python3 -m unittest discover -s bench

bench: ## Tollgate beside nginx and no gateway in one run; prints the table
	$(CARGO) build --profile dist --package gateway
	bench/run

fuzz: ## every decoder and framer with random input (SECONDS= for each, JOBS=, KEEP=1 to commit what was found)
	@$(CARGO) fuzz --version >/dev/null 2>&1 || $(CARGO) install cargo-fuzz --locked --version 0.13.2
	@rustup toolchain list | grep -q nightly || rustup toolchain install nightly --profile minimal
	fuzz/run --seconds $(or $(SECONDS),120) --jobs $(or $(JOBS),2) $(if $(KEEP),--keep)

clean: ## build output only; data folders stay
	$(CARGO) clean
