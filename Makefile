# The two commands that set everything up: `make run` and `make test`. Python 3.11+ and PyPI are all they need.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: help run test test-integration check format bench docs lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

$(VENV)/.ready: pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Penstock needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(VENV)/.ready ## the daemon with config/penstock.yaml, and a receiver that plays its webhook
	@$(BIN)/python -m penstock.demo --config config/penstock.yaml

bench: $(VENV)/.ready ## events a second, CPU, memory and latency on this machine, by our own load and sink
	@$(BIN)/python -m tests.bench

test: $(VENV)/.ready ## the tests that need nothing but Python
	$(BIN)/pytest

test-integration: $(VENV)/.ready ## real processes, real clients, crashes
	$(BIN)/pytest -m integration --timeout 900

check: $(VENV)/.ready ## format, lint, types, import directions, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

format: $(VENV)/.ready ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.ready ## the generated files: JSON Schema and reference pages
	$(BIN)/python -m penstock.cli.docs
	$(BIN)/python -m penstock.admin.reference docs/reference/metrics.md

lock: ## pin what is installed, from pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet pip-tools hatchling editables
	$(BIN)/pip-compile --quiet --group dev --extra '' --strip-extras --no-header --output-file requirements.lock pyproject.toml

clean: ## back to a fresh clone
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis var
