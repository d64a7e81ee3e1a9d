# `make help` lists the targets. Needs make and Python 3.11 or later; everything else is installed.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PYTHON3 ?= $(firstword $(foreach one,python3.11 python3.12 python3.13 python3.14 python3,$(shell command -v $(one) 2>/dev/null)))
STAMP := $(VENV)/.installed
ASSETS := hub/web/static/vendor/.fetched
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# One file is one process's; in the order of the tree, so that the long ones are not all last.
SHARED := -n auto --dist loadfile --no-loadscope-reorder
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-header --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --no-emit-options

.PHONY: help setup demo stack test test-stack test-proofs differential proofs check bench docs soak oracle requirements constraints

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) $(ASSETS)  ## build the environment in .venv; does nothing when it stands

$(STAMP): constraints.txt pyproject.toml
	@test -n "$(PYTHON3)" || { echo "Python 3.11 or later is needed." >&2; exit 2; }
	@"$(PYTHON3)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; set PYTHON3 to one." >&2; exit 2; }
	@test -x $(BIN)/python || { echo "Making $(VENV) with $(PYTHON3)"; "$(PYTHON3)" -m venv $(VENV); }
	@echo "Installing what constraints.txt lists (a few minutes the first time)"
	@$(PIP) install --require-hashes -r constraints.txt
	@PYTHONWARNINGS=ignore $(PIP) install --no-build-isolation --no-deps -e . 2>/dev/null
	@touch $@

# The pages read well without the design system's style sheet, so a machine that cannot fetch it goes on.
$(ASSETS): $(STAMP) hub/web/assets/package-lock.json hub/web/assets/build.py
	@mkdir -p $(@D)
	@bash hub/web/assets/fetch.sh "$(abspath $(BIN))" && touch $@ || echo "The pages will use their own style sheet alone."

demo: setup  ## play the scenarios through a hub on this machine and leave its pages open
	@$(BIN)/hub demo $(ARGS)

stack: setup  ## start what docker-compose.yml describes, without containers, and play scenario A into it
	@$(BIN)/python -m tests.stack $(ARGS)

test: setup  ## the default test suite
	@$(BIN)/python -m pytest $(SHARED) -rs -m "not slow and not stack and not proofs" $(ARGS)

test-stack: setup  ## the tests that start brokers, providers or many servers, kill parts, cut wires, restore
	@$(BIN)/python -m pytest $(SHARED) -rs -m "stack and not slow" $(ARGS)

test-proofs: setup  ## the tests that prove the disclosure rules and look whether a changed rule is noticed
	@$(BIN)/python -m pytest $(SHARED) -rs -m "proofs and not slow" $(ARGS)

differential: setup  ## the compiled disclosure rules against Cedar on 100,000 generated questions
	@$(BIN)/python -m tests.differential $(ARGS)

check: setup  ## style, types, import directions, advisories, generated documents
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict hub agencies schemas
	@$(BIN)/lint-imports
	@$(BIN)/python -m docs.generate --check
	@bash .ci/advisories "$(BIN)"

bench: setup  ## measure, print a table and write bench/results.json
	@$(BIN)/python -m bench $(ARGS)

docs: setup  ## write the generated documents again
	@$(BIN)/python -m docs.generate

proofs: setup  ## prove the disclosure rules, and find every change to one of them that nothing would notice
	@$(BIN)/hub policy prove --mutants $(ARGS)

soak: setup  ## the long forms of the tests that have one, 1,000,000 decisions against the oracle, and 1,000 seeded kills (goes on where it was stopped)
	@$(BIN)/python -m pytest $(SHARED) -m slow $(ARGS)
	@$(BIN)/python -m tests.oracle 1000000 1000000
	@$(BIN)/python -m tests.faults $(KILLS)

oracle: setup  ## compare 100,000 decisions with the naive oracle of the disclosure rules
	@$(BIN)/python -m tests.oracle $(or $(CASES),100000) $(FIRST)

requirements: setup  ## which requirement ids the tests carry
	@$(BIN)/python -m tests.requirement_coverage $(ARGS)

constraints:  ## resolve constraints.txt again from pyproject.toml (needs pip-tools in .venv)
	@$(COMPILE) --all-extras --all-build-deps --allow-unsafe --upgrade -o $(VENV)/constraints.txt pyproject.toml
	@{ head -1 constraints.txt; cat $(VENV)/constraints.txt; } > $(VENV)/constraints.new
	@mv $(VENV)/constraints.new constraints.txt
