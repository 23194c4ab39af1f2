# The two commands that set everything up: `make run` and `make test`. Python 3.11+ and PyPI are all they need.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: help run test test-integration lint check format bench docs lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

$(VENV)/.ready: pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Penstock needs Python 3.11 or newer; set PYTHON=")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(VENV)/.ready ## the daemon with config/penstock.yaml, the services it delivers to, and made-up lines
	@$(BIN)/python -m penstock.demo --config config/penstock.yaml

bench: $(VENV)/.ready ## events a second, CPU, memory and latency on this machine, by our own load and sink
	@$(BIN)/python -m tests.bench

test: $(VENV)/.ready ## the tests that need nothing but Python
	$(BIN)/pytest

$(VENV)/.clients: $(VENV)/.ready requirements-clients.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-clients.lock
	@touch $@

test-integration: $(VENV)/.clients ## real processes, real servers, real clients, crashes
	$(BIN)/pytest -m integration --timeout 900 || [ $$? -eq 5 ] # 5: there are none

lint: $(VENV)/.ready ## format, lint, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test ## all that must be well before a commit

format: $(VENV)/.ready ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.ready ## the generated files: JSON Schema and reference pages
	$(BIN)/python -m penstock.cli.docs
	$(BIN)/python -m penstock.admin.reference docs/reference/metrics.md

lock: ## pin anew what the product, its tests and its build need, from pyproject.toml
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(PYTHON) -c 'import tomllib; all = tomllib.load(open("pyproject.toml", "rb")); \
		print(*all["dependency-groups"]["dev"], *all["build-system"]["requires"], "editables", sep="\n")' > $(VENV)-lock/dev.in
	$(VENV)-lock/bin/pip-compile --quiet --upgrade --strip-extras --no-header --no-annotate --no-emit-options \
		--extra aws --output-file requirements.lock pyproject.toml $(VENV)-lock/dev.in
	$(PYTHON) -c 'import tomllib; all = tomllib.load(open("pyproject.toml", "rb")); \
		print("-c requirements.lock", *all["dependency-groups"]["clients"], sep="\n")' > $(VENV)-lock.in
	$(VENV)-lock/bin/pip-compile --quiet --upgrade --strip-extras --no-header --no-annotate --no-emit-options \
		--output-file requirements-clients.lock $(VENV)-lock.in
	rm -f $(VENV)-lock.in
	rm -rf $(VENV)-lock

clean: ## back to a fresh clone
	rm -rf $(VENV) $(VENV)-lock .mypy_cache .pytest_cache .ruff_cache .hypothesis var
