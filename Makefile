# What people do with a checkout. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run test test-browser lint format ui bench bench-serving truth clean

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PEERS ?= .venv-bench
LOAD ?= .venv-load
BIG_LAKE ?= bench/data/big
LAKE ?= lake
SAMPLE ?= sample
REPORT ?= report.html
CORPUS ?= $(or $(LORGNETTE_CORPUS),../shared/corpus)
TRUTH_LAKE ?= bench/data/truth
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
AXE := 4.14.1
TRUTH_RUNS ?= real-a real-a2 scale-c
export TZ := UTC

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.stamp ## Make .venv with everything in it (uv if there is one, else pip)

$(VENV)/.stamp: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; give one by make PYTHON=..." >&2; exit 1; }
	@$(call install,dev,$(VENV))
	@touch $@

$(VENV)/.stamp-ui: $(VENV)/.stamp
	@$(call install,ui,$(VENV))
	@touch $@

$(PEERS)/.stamp: pyproject.toml
	@$(call install,bench,$(PEERS))
	@touch $@

$(LOAD)/.stamp: pyproject.toml
	@$(call install,load,$(LOAD))
	@touch $@

$(VENV)/.stamp-browser: $(VENV)/.stamp
	@$(call install,browser,$(VENV))
	@npm install --silent --no-save --no-audit --no-fund --prefix $(VENV)/axe axe-core@$(AXE)
	@touch $@

# Dependency groups need pip 25.1, and a new venv may hold an older one.
define install
if command -v uv >/dev/null 2>&1; then \
  test -x $(2)/bin/python || uv venv --quiet --python "$(PYTHON)" $(2); \
  uv pip install --quiet --python $(2)/bin/python --editable . --group $(1); \
else \
  test -x $(2)/bin/python || "$(PYTHON)" -m venv $(2); \
  $(2)/bin/python -m pip install --quiet --upgrade 'pip>=25.1'; \
  $(2)/bin/python -m pip install --quiet --editable . --group $(1); \
fi
endef

run: setup ## Read the sample logs into ./lake, compute everything, write the report, print a summary
	@$(BIN)/lorgnette run $(SAMPLE) --cluster sample --lake $(LAKE) --report $(REPORT)

test: setup ## Run the tests
	@$(BIN)/python -m pytest $(ARGS)

test-browser: $(VENV)/.stamp-browser ## Run the tests of the workspace pages in headless Chromium, with axe
	@test -x "$(CHROMIUM)" || { echo "Chromium is not at '$(CHROMIUM)'; install it (Debian: apt-get install chromium) or say where by CHROMIUM=..." >&2; exit 1; }
	@LORGNETTE_CHROMIUM_PATH="$(CHROMIUM)" LORGNETTE_AXE_PATH="$(VENV)/axe/node_modules/axe-core/axe.min.js" $(BIN)/python -m pytest -m browser tests/browser $(ARGS)

lint: setup ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Put the code into its format
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

ui: $(VENV)/.stamp-ui ## Start the Dagster UI over ./lake
	@mkdir -p .dagster && cp dagster.yaml .dagster/dagster.yaml
	@DAGSTER_HOME="$(CURDIR)/.dagster" LORGNETTE_LAKE="$${LORGNETTE_LAKE:-$(CURDIR)/$(LAKE)}" $(BIN)/dg dev

bench: setup $(PEERS)/.stamp ## Compare with other engines and measure growth, on the recorded clusters in CORPUS; writes docs/benchmarks.md
	@test -d "$(CORPUS)" || { echo "The recorded clusters are not at $(CORPUS); say where by CORPUS=..." >&2; exit 1; }
	@$(BIN)/python -m bench.comparison --corpus "$(CORPUS)" --peers $(PEERS)/bin/python --page docs/benchmarks.md
	@$(BIN)/python -m bench.growth --corpus "$(CORPUS)" --page docs/benchmarks.md
	@$(BIN)/python -m bench.derivation --corpus "$(CORPUS)" --repeats 3 --page docs/benchmarks.md
	@$(BIN)/python -m bench.scale --corpus "$(CORPUS)"

bench-serving: setup $(LOAD)/.stamp ## Load the workspace over a million deliveries with 8 clients, then for half an hour with pauses; writes docs/benchmarks.md
	@test -d "$(BIG_LAKE)" || test -d "$(TRUTH_LAKE)" || $(MAKE) --no-print-directory truth
	@test -d "$(BIG_LAKE)" || { $(BIN)/python -m bench.big_lake "$(TRUTH_LAKE)" "$(BIG_LAKE).part" && mv "$(BIG_LAKE).part" "$(BIG_LAKE)"; }
	@$(BIN)/python -m bench.serving --lake "$(BIG_LAKE)" --locust $(LOAD)/bin/locust --seconds 300 --page docs/benchmarks.md --part serving
	@$(BIN)/python -m bench.serving --lake "$(BIG_LAKE)" --locust $(LOAD)/bin/locust --seconds 1830 --pause 1 --page docs/benchmarks.md --part serving-half-an-hour

truth: setup ## Compare the results with what is known to be true of the recorded clusters in CORPUS
	@test -d "$(CORPUS)" || { echo "The recorded clusters are not at $(CORPUS); say where by CORPUS=..." >&2; exit 1; }
	@for run in $(TRUTH_RUNS); do \
	  $(BIN)/lorgnette ingest "$(CORPUS)/$$run/audit" "$(CORPUS)/$$run/events-watch.jsonl.gz" --cluster "$$run" --lake $(TRUTH_LAKE) -o csv >/dev/null; \
	done
	@$(BIN)/lorgnette refresh --lake $(TRUTH_LAKE)
	@$(BIN)/python -m bench.truth --corpus "$(CORPUS)" --lake $(TRUTH_LAKE) $(ARGS)
	@$(BIN)/python -m bench.levels --corpus "$(CORPUS)" --guide docs/guide.md

clean: ## Remove what the other targets made
	@rm -rf $(VENV) $(PEERS) $(LOAD) $(LAKE) $(REPORT) .dagster .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
