# `make` alone prints help. Every target makes its own environment in .venv and does nothing when that is up to date.
# Needs: Python 3.11 or newer (with its venv module) and make. Nothing else.

.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=

.PHONY: help
help: ## Print this help.
	@echo "Tanhui (碳惠). Targets (pass options with ARGS='...'):"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

.PHONY: up
up: .venv/runtime.stamp ## Start everything: PostgreSQL, Redis, API, worker and beat; print the URLs.
	@exec $(BIN)/tanhui up $(ARGS)

.PHONY: demo
demo: .venv/runtime.stamp ## Live one lively day in a demo city and print what it came to.
	@exec $(BIN)/tanhui demo $(ARGS)

.PHONY: test
test: .venv/dev.stamp ## Run the tests on embedded servers, one process a core (ARGS='tests/core -q' for some of them, in one).
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

.PHONY: check
check: .venv/dev.stamp ## Lint, formatting, types, walls between the parts, and templates.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint api workers --check --lint

.PHONY: fmt
fmt: .venv/dev.stamp ## Format the code and the templates, and fix what can be fixed safely.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	-$(BIN)/djlint api workers --reformat --quiet

.PHONY: bench
bench: .venv/dev.stamp ## Measure (ARGS='http' or ARGS='ledger').
	@exec $(BIN)/tanhui bench $(ARGS)

.PHONY: bench-peers
bench-peers: .venv/dev.stamp ## Install what the benchmarks compare with and nothing else needs (django-hordak).
	$(PIP) install --quiet --require-hashes --no-build-isolation --requirement requirements-bench.lock

.PHONY: revision
revision: .venv/dev.stamp ## Write a migration for what the tables have become (ARGS='add teams').
	$(BIN)/python -m migrations.revise $(ARGS)

# The dev lock is resolved first and constrains the others, so that all name the same versions.
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --annotation-style line
.PHONY: lock
lock: .venv/dev.stamp ## Pin the dependencies of pyproject.toml again (ARGS=--upgrade for the newest of each).
	$(LOCK) --extra build --extra dev --output-file requirements-dev.lock $(ARGS)
	$(LOCK) --extra build --constraint requirements-dev.lock --output-file requirements.lock $(ARGS)
	$(LOCK) --extra build --extra bench --constraint requirements-dev.lock --output-file requirements-bench.lock $(ARGS)

.PHONY: clean
clean: ## Remove the environment and every cache; data in .tanhui stays.
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Tanhui needs Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)." >&2; \
		echo "If it is installed under another name: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/runtime.stamp: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch .venv/runtime.stamp $@
